import { connect as connectSocket, type Socket } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import type { ClientCallback, ClientChannel, Client as Ssh2Client } from 'ssh2'
import { Failure } from '../errors/failure.ts'
import type { KnownHostKey } from '../host-keys/known-hosts.ts'
import { hostKeyFailure } from '../host-keys/refusal.ts'
import { nextAlgorithms, type Refusal, verifyHostKey, wantedAlgorithms } from '../host-keys/verify.ts'
import { algorithmsOf, type HostKeyAlgorithm, keyType, sha256Fingerprint } from '../keys/public-key.ts'
import { ADDRESS_MS, BANNER_CHARACTERS, COMMAND_MS, CONNECT_MS, KEEPALIVE_MS, KEEPALIVE_QUESTIONS } from '../limits/limits.ts'
import { bracketed } from '../remote/server.ts'
import { awaitedLater } from '../tasks/later.ts'
import { keysOfAgent } from './agent.ts'
import { authentication, type PreparedLogin, passwordExpired, type SshLogin } from './authentication.ts'
import { limitMemory } from './bounds.ts'
import { connectionFailure, firstStage, listenForSsh, tooLate } from './connection-failure.ts'
import { offeredHostKeys } from './server-offer.ts'
import { Client } from './ssh2.ts'

export interface SshTarget {
  /** Name or address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly family?: 4 | 6 | null
  readonly username: string
  readonly login: SshLogin
  readonly knownHostKeys: readonly KnownHostKey[]
  /** For one connection from its start to the end of the login. */
  readonly connectTimeoutMs?: number
  /** How often a silent server is asked whether it is still there; the third question without an answer ends the connection. */
  readonly keepaliveMs?: number
  /** Gets the server's host key and the kind of login. */
  readonly debug?: (message: string) => void
  /** Ends the connection at once, with its reason, a Failure. */
  readonly signal?: AbortSignal | undefined
}

export type SshConnection = ReturnType<typeof connectionOver>

export interface SshCommand {
  /** The command's stdin and stdout. */
  readonly stream: Duplex
  /** Must be read, as the server's window is one for both outputs. */
  readonly stderr: Readable
  /** How the command ended, once both outputs were read to their end. Rejects with a Failure when the connection was lost before. */
  readonly exit: Promise<SshExit>
  /** Ends the command at once, without waiting for the server. */
  readonly cut: () => void
}

/** An exit code, or the name of the signal (`SIGTERM`) that ended the command. */
export type SshExit = { readonly code: number; readonly signal: null } | { readonly code: null; readonly signal: string }

// ssh2 would choose it before the codes with SHA-2 that old servers have. `hmac-sha1` stays, as the last choice.
const WITHOUT_EARLY_SHA1 = { remove: ['hmac-sha1-etm@openssh.com' as const], append: [], prepend: [] }
// A compressed packet can become a thousand times as large.
const UNCOMPRESSED = ['none' as const]

/**
 * Connects to a server whose host key is known, and logs in in the one way that is configured. Nothing of ours is sent before the host key is verified.
 * If the known key may be of several types, the server is asked for one after the other, each on a connection of its own.
 * @throws Failure of the kinds host-key-*, ssh-key-refused, ssh-password-refused, ssh-agent-unusable, host-not-found, connection-refused, connection-lost, timed-out, remote-error
 */
export async function connectSsh(target: SshTarget): Promise<SshConnection> {
  const query = { entries: target.knownHostKeys, host: target.host, port: target.port }
  // Before anything is connected, as an agent may be of no use.
  const login: PreparedLogin = target.login.by === 'agent' ? { by: 'agent', keys: await keysOfAgent(target.login.socket) } : target.login
  const refusals: Refusal[] = []
  const tried: HostKeyAlgorithm[] = []
  let algorithms: readonly string[] = []
  const wanted = wantedAlgorithms(query)
  let asked = wanted.length > 0 ? wanted : nextAlgorithms(query, tried, refusals)
  while (asked.length > 0) {
    const answer = await dial(target, login, asked)
    if ('exec' in answer) return answer
    if ('algorithms' in answer) {
      algorithms = answer.algorithms
      tried.push(...asked)
    } else {
      refusals.push(answer)
      tried.push(...algorithmsOf([keyType(answer.offered)]))
    }
    asked = nextAlgorithms(query, tried, refusals)
  }
  throw hostKeyFailure(query, refusals, algorithms)
}

/** Without `noDelay` each small packet of the handshake waits for the answer to the one before. Family 0 is any. */
export function openSocket({ host, port, family }: Pick<SshTarget, 'host' | 'port' | 'family'>): Socket {
  const socket = connectSocket({ host, port, family: family ?? 0, noDelay: true, autoSelectFamilyAttemptTimeout: ADDRESS_MS })
  // ssh2 ends its side when the server says farewell, but would read on as long as there is more.
  return socket.once('finish', () => socket.destroy())
}

/** Keeps what a server prints before the login. @param giveUp gets the failure of a server that does not end */
function keepBanners(kept: string[], destination: string, giveUp: (failure: Failure) => void): (text: string) => void {
  let length = 0
  return text => {
    kept.push(text.trim())
    // A text counts as one character more, because it may be empty.
    length += text.length + 1
    if (length > BANNER_CHARACTERS) giveUp(new Failure('answer-too-large', `"${destination}" prints text without end before the login`))
  }
}

/** The algorithms are those of the server's host keys, none of which was asked for. */
type Dialled = SshConnection | Refusal | { readonly algorithms: readonly string[] }

/** Makes one connection, which the login or the host key ends. */
function dial(target: SshTarget, login: PreparedLogin, algorithms: readonly HostKeyAlgorithm[]): Promise<Dialled> {
  const { host, port, username, connectTimeoutMs: limitMs = CONNECT_MS } = target
  const client = new Client()
  const socket = openSocket(target)
  const destination = `${username}@${bracketed(host)}${port === 22 ? '' : `:${port}`}`
  const remarks: string[] = []
  let refusal: Refusal | null = null
  return new Promise((resolve, reject) => {
    // The first error is the reason; later ones (a closed socket, lost channels) follow from it.
    let failure: Failure | null = null
    const stage = firstStage({ destination, limitMs, remarks, refusal: detail => auth.refusal(detail) })
    const otherProtocol = listenForSsh(client, socket, stage)
    const fail = (error: Error & { level?: string }): void => {
      // A key of an agent that does not sign; the next one is tried.
      if (error.level === 'agent') return void remarks.push(error.message)
      if (failure !== null) return
      failure = target.signal?.aborted ? Failure.from(target.signal.reason) : (otherProtocol() ?? connectionFailure(error, stage))
      if (refusal !== null) resolve(refusal)
      else if (/no matching host key format/.test(error.message)) resolve({ algorithms: offeredHostKeys(stage.greeting) })
      else reject(failure)
      socket.destroySoon()
    }
    const auth = authentication({ login, username, destination, giveUp: fail })
    const giveUp = (reason: unknown) => {
      fail(Failure.from(reason))
      // Not `destroySoon`, which would wait for the server to take all that is queued.
      socket.destroy()
    }
    target.signal?.addEventListener('abort', () => giveUp(target.signal?.reason))
    if (target.signal?.aborted) giveUp(target.signal.reason)
    client.on('error', fail)
    client.on('close', () => fail(new Error('the server closed the connection')))
    client.on('banner', keepBanners(remarks, destination, giveUp))
    client.on('change password', prompt => fail(passwordExpired(destination, prompt)))
    client.on('ready', () => {
      stage.phase = 'command'
      target.debug?.(`logged in at ${destination} by ${login.by}`)
      const lost = (error: Error): Failure => failure ?? connectionFailure(error, stage)
      const late = () => giveUp(tooLate(stage, COMMAND_MS))
      resolve(connectionOver(client, socket, { lost, isLost: () => failure !== null, late, limit }))
    })
    client.connect({
      sock: socket,
      username,
      algorithms: { serverHostKey: [...algorithms], hmac: WITHOUT_EARLY_SHA1, compress: UNCOMPRESSED },
      hostVerifier: (offered: Buffer) => {
        const verdict = verifyHostKey({ entries: target.knownHostKeys, host, port, offered })
        target.debug?.(`${destination} shows the host key ${keyType(offered)} ${sha256Fingerprint(offered)}: ${verdict}`)
        if (verdict !== 'trusted') refusal = { verdict, offered }
        return verdict === 'trusted'
      },
      authHandler: auth.handler,
      readyTimeout: limitMs,
      keepaliveInterval: target.keepaliveMs ?? KEEPALIVE_MS,
      keepaliveCountMax: KEEPALIVE_QUESTIONS,
    })
    const unasked = () => giveUp(new Failure('answer-too-large', `"${destination}" sends more than it was asked for`))
    const limit = limitMemory(client, socket, unasked)
  })
}

/** The connection of a command may break, or be ended. */
interface Losses {
  /** The failure for an error of the connection. */
  readonly lost: (error: Error) => Failure
  /** The connection is gone, which ssh2 also reports as a refusal. */
  readonly isLost: () => boolean
  /** Ends the connection, because the command has not started in time. */
  readonly late: () => void
  /** Limits the channel of the command. */
  readonly limit: (channel: ClientChannel) => void
}

/** The connection after its login. */
const connectionOver = (client: Ssh2Client, socket: Socket, { lost, isLost, late, limit }: Losses) => ({
  /** Starts a command. @throws Failure when the server refuses it, or the connection is lost */
  exec: (command: string, env: Readonly<Record<string, string>> = {}): Promise<SshCommand> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(late, COMMAND_MS)
      const started: ClientCallback = (error, channel) => {
        clearTimeout(timer)
        if (error) {
          const refused = !isLost() && /^(Unable to exec|\(SSH\) Channel open failure)/.test(error.message)
          if (!refused) return reject(lost(error))
          return reject(new Failure('remote-error', 'the server does not run the command', { detail: error.message, cause: error }))
        }
        limit(channel)
        let ended: SshExit | null = null
        channel.once('exit', (code: number | null, signal?: string) => {
          ended = code === null ? { code, signal: signal ?? 'SIGKILL' } : { code, signal: null }
        })
        const exit = new Promise<SshExit>((resolveExit, rejectExit) => {
          channel.once('close', () => (ended === null ? rejectExit(lost(new Error('no exit status'))) : resolveExit(ended)))
        })
        const cut = () => {
          channel.destroy()
          // Otherwise only the server's answer would end what waits for the channel.
          channel.emit('close')
        }
        // A reader of the stream may see the loss there, and never await the exit.
        resolve({ stream: channel, stderr: channel.stderr, exit: awaitedLater(exit), cut })
      }
      try {
        client.exec(command, { env }, started)
      } catch (error) {
        clearTimeout(timer)
        // Thrown, not handed to the callback, when the connection is gone already.
        reject(lost(error instanceof Error ? error : new Error(String(error))))
      }
    }),
  end: () => {
    client.end()
    socket.destroySoon()
    // A server that reads nothing more must not keep the process from its end.
    socket.unref()
  },
})
