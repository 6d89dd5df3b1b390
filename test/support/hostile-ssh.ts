import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { AcceptConnection, AuthContext, Connection, RejectConnection, ServerChannel, ServerConfig, Session } from 'ssh2'
import { parseKnownHostKeys } from '../../src/host-keys/known-hosts.ts'
import type { SshTarget } from '../../src/ssh/client.ts'
import { generateKeyFiles } from '../../src/ssh/key-generation.ts'
import { readPrivateKey } from '../../src/ssh/key-pair.ts'
import { Server } from '../../src/ssh/ssh2.ts'
import { gitEnvironment } from './git-repository.ts'
import { isForObjects, type Noted, type Only, type Script, type ServicePlan, say, TOO_MUCH } from './hostile-bytes.ts'

/** The faults of a server. In all else it is a good one. */
export interface SshPlan extends ServicePlan, Only {
  /** Sent in the place of all of SSH. */
  readonly raw?: Script
  /** Called when a client wants to log in, for the first time. @param send a packet of this type */
  readonly login?: (context: AuthContext, wire: Wire) => void
  /** Called when a client opens a channel. */
  readonly session?: (accept: AcceptConnection<Session>, reject: RejectConnection, wire: Wire) => void
  /** Called when a client starts a command. */
  readonly exec?: (accept: AcceptConnection<ServerChannel>, reject: RejectConnection, wire: Wire) => void
  /** The same of `git-receive-pack` alone, where it differs. */
  readonly receive?: ServicePlan
  /** The output of `git-lfs-authenticate`. Then the other commands are those of git itself, at the repository. */
  readonly lfs?: Script
  /** A bare repository of this machine. */
  readonly repository?: string
}

/** Packets that ssh2's server would not send. */
export interface Wire {
  /** One packet. @returns whether the client has taken it already */
  send(type: number, body: Buffer): boolean
  /** The same packet, again and again, until the client is gone. @param isTimed time alone ends it; otherwise too much of it cuts the connection */
  flood(type: number, body: Buffer, isTimed: boolean): void
  /** Nothing more comes. */
  wait(): void
}

export interface HostileSsh {
  readonly target: SshTarget
  /** For `known-host-keys`. */
  readonly knownHosts: string
  /** The key that it accepts. */
  readonly privateKey: string
  readonly noted: Noted
  /** Connections that are open. */
  readonly open: () => number
  /** Its faults towards the connections that follow. */
  plan: SshPlan
  /** For the next row: nothing is noted, and no connection is left of a row that failed. */
  reset(): void
  stop(): void
}

/** Parts of ssh2 that it keeps to itself. */
interface Protocol {
  readonly _cipher: { encrypt(packet: Buffer): void }
  readonly _packetRW: { readonly write: { allocStart: number; alloc(length: number): Buffer; finalize(packet: Buffer): Buffer } }
}

/** @param algorithms that it offers */
export async function startHostileSsh(algorithms: ServerConfig['algorithms'] = {}): Promise<HostileSsh> {
  const [hostKey, userKey] = [generateKeyFiles('ed25519', '', null), generateKeyFiles('ed25519', '', null)]
  const sockets = new Set<Socket>()
  const noted: Noted = { taken: 0, isWaiting: false }
  let latest: Socket | null = null
  const server = new Server({ hostKeys: [hostKey.privateKey], algorithms }, connection => {
    serve(connection, hostile.plan, wireOf(connection, latest, noted), noted)
  })
  const listener = createServer({ noDelay: true }, socket => {
    sockets.add(socket.on('error', () => {}))
    socket.once('close', () => sockets.delete(socket))
    if (hostile.plan.raw !== undefined) return void say(socket.resume(), hostile.plan.raw, noted)
    latest = socket
    server.injectSocket(socket)
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const knownHosts = `[127.0.0.1]:${port} ${hostKey.publicKey.trim()}`
  const hostile = {
    knownHosts,
    privateKey: userKey.privateKey,
    target: {
      host: '127.0.0.1',
      port,
      username: 'git',
      login: { by: 'key', key: readPrivateKey(userKey.privateKey, null) } as const,
      knownHostKeys: parseKnownHostKeys(knownHosts).entries,
    },
    noted,
    open: () => sockets.size,
    plan: {} as SshPlan,
    reset: () => {
      for (const socket of sockets) socket.destroy()
      Object.assign(noted, { taken: 0, isWaiting: false })
    },
    stop: () => {
      listener.close()
      hostile.reset()
    },
  }
  return hostile
}

function serve(connection: Connection, plan: SshPlan, wire: Wire, noted: Noted): void {
  connection.on('error', () => {})
  connection.on('authentication', context => (plan.login === undefined ? context.accept() : plan.login(context, wire)))
  connection.on('session', (accept, reject) => {
    if (plan.session !== undefined) return plan.session(accept, reject, wire)
    const session = accept()
    session.on('env', accepted => accepted?.())
    session.on('exec', (accepted, rejected, { command }) => {
      if (plan.lfs !== undefined) void answerWithLfs(accepted(), command, plan.lfs, plan.repository, noted)
      else if (plan.exec !== undefined && command.includes(plan.only ?? '')) plan.exec(accepted, rejected, wire)
      else talk(accepted(), (command.startsWith('git-receive-pack') ? plan.receive : null) ?? plan, noted)
    })
  })
}

async function answerWithLfs(
  channel: ServerChannel,
  command: string,
  script: Script,
  repository: string | undefined,
  noted: Noted,
): Promise<void> {
  channel.on('error', () => {})
  const [service = ''] = command.split(' ')
  const end = (code: number): void => {
    if (!channel.writable) return
    channel.exit(code)
    channel.end()
  }
  if (service === 'git-lfs-authenticate') {
    await say(channel, script, noted, false)
    end(0)
  } else if (repository !== undefined && /^git-(?:upload|receive)-pack$/.test(service)) {
    const git = spawn(service, [repository], { env: gitEnvironment(), stdio: ['pipe', 'pipe', 'ignore'] })
    git.stdin.on('error', () => {})
    channel.pipe(git.stdin)
    git.stdout.pipe(channel, { end: false })
    git.once('close', code => end(code ?? 1))
  } else end(127)
}

/** A service of git: its greeting, and an answer to each request. */
function talk(channel: ServerChannel, { greeting = [], answers = [], objects }: ServicePlan, noted: Noted): void {
  channel.on('error', () => {})
  const left = [...answers]
  void sayTo(channel, greeting, noted, left.length === 0)
  channel.on('data', (request: Buffer) => {
    if (objects !== undefined && isForObjects(request)) return void endWith(channel, objects, noted)
    const next = left.shift()
    if (next !== undefined) void sayTo(channel, next, noted, left.length === 0)
  })
}

/** As a good server ends: it says first that its command has ended well. */
async function endWith(channel: ServerChannel, script: Script, noted: Noted): Promise<void> {
  await say(channel, script, noted, false)
  if (!channel.writable) return
  channel.exit(0)
  channel.end()
}

async function sayTo(channel: ServerChannel, script: Script, noted: Noted, isLast: boolean): Promise<void> {
  await say(channel, script, noted, isLast)
  if (!channel.writableEnded) return
  channel.exit(0)
  channel.close()
}

function wireOf(connection: Connection, socket: Socket | null, noted: Noted): Wire {
  const { _protocol: protocol } = connection as unknown as { readonly _protocol: Protocol }
  const isGone = () => socket === null || socket.destroyed || !socket.writable
  const isFull = () => (socket?.writableLength ?? 0) >= 65_536
  const wire: Wire = {
    send: (type, body) => {
      if (isGone()) return false
      const { write } = protocol._packetRW
      const packet = write.alloc(1 + body.length)
      packet[write.allocStart] = type
      body.copy(packet, write.allocStart + 1)
      protocol._cipher.encrypt(write.finalize(packet))
      noted.taken += body.length
      return !isFull()
    },
    flood: (type, body, isTimed) => {
      noted.isWaiting = isTimed
      const isLeft = () => noted.taken < (noted.most ?? TOO_MUCH)
      const more = (): void => {
        if (isGone()) return
        // More than the client takes would only fill our own memory.
        while (isLeft() && !isFull() && wire.send(type, body));
        if (isLeft()) setImmediate(more)
        else if (isTimed) noted.goOn = () => void wire.send(type, body)
        else socket?.destroy()
      }
      more()
    },
    wait: () => {
      noted.isWaiting = true
    },
  }
  return wire
}
