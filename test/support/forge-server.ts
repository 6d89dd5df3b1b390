import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** The answer of the API to one path with its query. */
export interface Answered {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; a text as it is. */
  readonly body: unknown
}

export interface ForgeServer {
  /** `http://127.0.0.1:port`, or `https://…` */
  readonly origin: string
  /** By path and query. Everything else is answered with 404. */
  answers: Readonly<Record<string, Answered>>
  /** Asked before `answers`; null = it has none, `silence` = nothing is ever answered. @param body JSON; null = none was sent */
  respond: ((method: string, path: string, body: unknown) => Answered | 'silence' | null) | null
  /** Everything asked of the API so far, with the header `Authorization`. */
  readonly asked: { readonly path: string; readonly authorization: string | null }[]
  stop(): Promise<void>
}

/** A forge: recorded answers of its API, and behind them, if given, a server for git. @param gitOrigin of a server that speaks http, for every path that holds `.git/` @param tls PEM: speaks https */
export async function startForge(
  gitOrigin: string | null = null,
  tls: { readonly cert: string; readonly key: string } | null = null,
): Promise<ForgeServer> {
  const forge = {
    answers: {} as Readonly<Record<string, Answered>>,
    respond: null as ForgeServer['respond'],
    asked: [] as ForgeServer['asked'],
  }
  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = message.url ?? ''
    if (gitOrigin !== null && path.includes('.git/')) return pass(gitOrigin, message, response)
    forge.asked.push({ path, authorization: message.headers.authorization ?? null })
    const text = await textOf(message)
    const answered = forge.respond?.(message.method ?? '', path, text === '' ? null : JSON.parse(text)) ?? forge.answers[path]
    if (answered === 'silence') return
    const { status = 200, headers = {}, body } = answered ?? { status: 404, body: { message: 'Not Found' } }
    response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
  const answer = (message: IncomingMessage, response: ServerResponse) => void serve(message, response)
  const server: Server = tls === null ? createServer(answer) : createTlsServer(tls, answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(forge, {
    origin: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  })
}

async function textOf(message: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of message) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('utf8')
}

function pass(origin: string, message: IncomingMessage, response: ServerResponse): void {
  const onward = request(`${origin}${message.url}`, { method: message.method ?? 'GET', headers: message.headers }, answer => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  message.pipe(onward)
}
