import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import type { IssuedCertificate } from './certificates.ts'
import type { GitHttp } from './git-http.ts'

/** Servers on free ports of 127.0.0.1 that break off, refuse and mislead in every way that HTTP and TLS know. */
export interface MisbehavingWeb {
  /**
   * `http://127.0.0.1:port`; the first part of the path tells what it does. `404` answers with this status, `page` with a login page, `reset` with
   * nothing. `refuse-504` and `cut` serve the refs of the real server and answer requests for more with this status, or with half.
   */
  readonly origin: string
  /** The same with TLS: its own certificate, one for another name, and one that has expired. */
  readonly secure: Readonly<Record<'selfSigned' | 'otherName' | 'expired', string>>
  /** HTTP/2, which gives up the answer to each request for more. */
  readonly http2: string
  /** Takes connections and closes them, where TLS would begin. */
  readonly closing: string
  /** `http://127.0.0.1:port` of a proxy that refuses every connection (403). */
  readonly proxy: string
  /** `http://127.0.0.1:port`, at which no server listens. */
  readonly nobody: string
  stop(): Promise<void>
}

/** @param git whose refs are shown, and whose login is used for it */
export async function startMisbehavingWeb(
  git: GitHttp,
  certificates: Readonly<Record<'selfSigned' | 'otherName' | 'expired', IssuedCertificate>>,
): Promise<MisbehavingWeb> {
  const answer = (message: IncomingMessage, response: ServerResponse): void => respond(git, message, response)
  const { selfSigned, otherName, expired } = certificates
  const proxy = createServer((_, response) => void response.writeHead(403).end()).on('connect', (_, socket: Socket) =>
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'),
  )
  const http2 = createSecureServer({ ...selfSigned, allowHTTP1: true }, (message, response) => {
    if (message.method === 'GET') return void passOn(git, message as unknown as IncomingMessage, response as unknown as ServerResponse)
    response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' })
    response.write('0', () => response.stream.close(1)) // PROTOCOL_ERROR (RFC 9113 §7)
  })
  const closing = createTcpServer(socket => socket.once('data', () => socket.end()))
  const servers = [
    createServer(answer),
    ...[selfSigned, otherName, expired].map(one => createTlsServer(one, answer)),
    http2,
    closing,
    proxy,
  ]
  const [plain = 0, own = 0, other = 0, old = 0, two = 0, ends = 0, refuses = 0] = await Promise.all(servers.map(listen))
  const nobody = createServer()
  const free = await listen(nobody)
  await close(nobody)
  const at = (port: number, scheme = 'https'): string => `${scheme}://127.0.0.1:${port}`
  return {
    origin: at(plain, 'http'),
    secure: { selfSigned: at(own), otherName: at(other), expired: at(old) },
    http2: at(two),
    closing: at(ends),
    proxy: at(refuses, 'http'),
    nobody: at(free, 'http'),
    stop: async () => void (await Promise.all(servers.map(close))),
  }
}

function respond(git: GitHttp, message: IncomingMessage, response: ServerResponse): void {
  const [, how = '', ...rest] = message.url?.split('/') ?? []
  if (how === 'reset') return void message.socket.resetAndDestroy()
  if (how === 'page') return void response.end('<html>\n<title>Log in</title>\n</html>\n')
  if (/^\d{3}$/.test(how)) return void response.writeHead(Number(how), { location: '/nowhere', ...ASKS_FOR_LOGIN }).end()
  if (message.method === 'GET') return void passOn(git, message, response, rest.join('/'))
  if (how !== 'cut') return void response.writeHead(Number(how.replace('refuse-', ''))).end()
  response.writeHead(200, { 'content-type': `application/x-${rest.at(-1)}-result` })
  response.write('0', () => message.socket.destroy())
}

const ASKS_FOR_LOGIN = { 'www-authenticate': 'Basic realm="git"' }

/** To the real server, with its login. @param path below its repositories */
function passOn(git: GitHttp, message: IncomingMessage, response: ServerResponse, path = message.url?.slice(1) ?? ''): void {
  const headers = { 'git-protocol': message.headers['git-protocol'] ?? '' }
  request(`${git.plainOrigin}/git/${path}`, { auth: `${git.user}:${git.token}`, headers }, from => {
    response.writeHead(from.statusCode ?? 502, { 'content-type': from.headers['content-type'] })
    from.pipe(response)
  })
    .on('error', () => response.destroy())
    .end()
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function close(server: Server): Promise<void> {
  if ('closeAllConnections' in server) (server.closeAllConnections as () => void)()
  await new Promise(resolve => server.close(resolve))
}
