import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { AuthContext, Connection, ParsedKey, ServerChannel, Session } from 'ssh2'
import type { GitProcess, Service } from '../git/process.ts'
import { generateKeyFiles, type KeyFiles } from './key-generation.ts'
import { Server, utils } from './ssh2.ts'

/** Runs a git service on a repository; `protocol` is what the client asks for in GIT_PROTOCOL. */
type Serve = (service: Service, path: string, protocol: string | null) => GitProcess

/** A git server on 127.0.0.1 with keys of its own, one of which may log in. */
export type DemoServer = Awaited<ReturnType<typeof startDemoServer>>

/** Starts a server that accepts only `git-upload-pack` and `git-receive-pack` over SSH, with one key. */
export async function startDemoServer({ serve }: { readonly serve: Serve }) {
  const makeKey = () => generateKeyFiles('ed25519', '', null)
  const [hostKey, otherHostKey, userKey] = [makeKey(), makeKey(), makeKey()] as const
  const allowed = utils.parseKey(userKey.publicKey)
  if (allowed instanceof Error) throw allowed
  const connections = new Set<Connection>()

  const server = new Server({ hostKeys: [hostKey.privateKey] }, connection => {
    connections.add(connection)
    connection.on('close', () => connections.delete(connection))
    // A client may go away at any time.
    connection.on('error', () => connection.end())
    connection.on('authentication', context => (mayEnter(context, allowed) ? context.accept() : context.reject(['publickey'])))
    connection.on('session', accept => openSession(accept(), serve))
  })
  // A listener of our own: ssh2's leaves Nagle's algorithm on, which holds back each small answer for a delayed ACK.
  const listener = createServer({ noDelay: true }, socket => server.injectSocket(socket))
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const line = ({ publicKey: key }: KeyFiles): string => `[127.0.0.1]:${port} ${key.trim()}`

  return {
    port,
    /** A known_hosts line with the server's host key. */
    hostKeyLine: line(hostKey),
    /** The same with a key that the server does not have. */
    otherHostKeyLine: line(otherHostKey),
    /** In OpenSSH format; any user name will do with it. */
    userPrivateKey: userKey.privateKey,
    /** Ends all connections. */
    close: async () => {
      const closed = once(listener, 'close')
      listener.close()
      for (const connection of connections) connection.end()
      await closed
    },
  }
}

/** Whether this is the allowed key and, once the client has signed, its signature; a first question without one only asks for the key. */
function mayEnter(context: AuthContext, allowed: ParsedKey): boolean {
  if (context.method !== 'publickey') return false
  const expected = allowed.getPublicSSH()
  const { key, blob, signature, hashAlgo } = context
  if (key.algo !== allowed.type || key.data.length !== expected.length || !timingSafeEqual(key.data, expected)) return false
  return signature === undefined || (blob !== undefined && allowed.verify(blob, signature, hashAlgo) === true)
}

function openSession(session: Session, serve: Serve): void {
  let protocol: string | null = null
  session.on('env', (accept, _reject, { key, val }) => {
    if (key === 'GIT_PROTOCOL') protocol = val
    // Missing if the client wants no answer.
    accept?.()
  })
  session.on('exec', (accept, reject, { command }) => {
    const [, service, quoted] = /^git-(upload-pack|receive-pack) '(.*)'$/s.exec(command) ?? []
    if (quoted === undefined) return reject()
    // git quotes for a shell: each ' becomes '\'' and each ! becomes '\!'.
    const path = quoted.replace(/'\\(['!])'/g, '$1')
    join(accept(), serve(service as Service, path, protocol))
  })
}

/** Gives a channel to a process as its stdin, stdout and stderr, and the process's exit code to the client. */
function join(channel: ServerChannel, { stdin, stdout, stderr, exit }: GitProcess): void {
  // One side may end before the other; the exit code reports it.
  for (const stream of [channel, stdin]) stream.on('error', () => {})
  channel.pipe(stdin)
  stdout.pipe(channel, { end: false })
  stderr.pipe(channel.stderr, { end: false })
  const end = (code: number): void => {
    channel.exit(code)
    channel.end()
  }
  exit.then(end, () => end(1))
}
