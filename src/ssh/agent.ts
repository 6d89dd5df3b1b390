import type { Duplex } from 'node:stream'
import type { GetStreamCallback, IdentityCallback, ParsedKey, SignCallback, SigningRequestOptions, BaseAgent as Ssh2Agent } from 'ssh2'
import { Failure } from '../errors/failure.ts'
import { sha256Fingerprint } from '../keys/fingerprint.ts'
import { BaseAgent, createAgent } from './ssh2.ts'

/** The name of a key in messages: its type and fingerprint, which a server's log shows, too. */
export const nameOfKey = (key: ParsedKey): string => `${key.type} ${sha256Fingerprint(key.getPublicSSH())}`

/** A key that an agent holds: it signs, and keeps the private half to itself. */
export interface AgentKey {
  /** Type and fingerprint. */
  readonly name: string
  /** The agent as ssh2 takes it, with this key alone. */
  readonly agent: Ssh2Agent<ParsedKey>
}

/**
 * Asks an agent for its keys, in its own order (draft-miller-ssh-agent, SSH_AGENTC_REQUEST_IDENTITIES).
 * @param socket path of its socket, as in SSH_AUTH_SOCK
 * @param limitMs an agent names its keys without asking its user, so one that is silent for so long is dead
 * @throws Failure `ssh-agent-unusable` when it does not answer, or holds no key that can be used here
 */
export async function keysOfAgent(socket: string, limitMs = 10_000): Promise<AgentKey[]> {
  const agent = createAgent(socket)
  const keys = await identitiesOf(agent, limitMs).catch((cause: unknown) => {
    throw new Failure('ssh-agent-unusable', `the SSH agent does not answer: "${socket}"`, { detail: String(cause), cause })
  })
  if (keys.length > 0) return keys.map(key => ({ name: nameOfKey(key), agent: new SingleKeyAgent(agent, key) }))
  throw new Failure('ssh-agent-unusable', `the SSH agent holds no key that can be used: "${socket}"`, {
    detail: 'ed25519, ECDSA and RSA keys can be used; certificates and security keys (sk-…) cannot',
  })
}

function identitiesOf(agent: Ssh2Agent, limitMs: number): Promise<ParsedKey[]> {
  return new Promise((resolve, reject) => {
    let connection: Duplex | undefined
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${limitMs / 1000} s`))
      connection?.destroy()
    }, limitMs)
    const open = agent.getStream?.bind(agent)
    // ssh2 cannot stop what it asks, and the open connection would keep the process from ending.
    const asked: Ssh2Agent = Object.create(agent, {
      getStream: {
        value: (done: GetStreamCallback) =>
          open?.((error, stream) => {
            connection = stream
            done(error, stream)
          }),
      },
    })
    asked.getIdentities((error, keys) => {
      clearTimeout(timer)
      if (error) reject(error)
      // ssh2's own agents give parsed keys; its types allow other agents, too.
      else resolve((keys ?? []).filter((key): key is ParsedKey => typeof key === 'object' && 'getPublicSSH' in key))
    })
  })
}

/** One key at a time, so that we know which ones a server was offered. */
class SingleKeyAgent extends BaseAgent<ParsedKey> {
  readonly #agent: Ssh2Agent
  readonly #key: ParsedKey

  constructor(agent: Ssh2Agent, key: ParsedKey) {
    super()
    this.#agent = agent
    this.#key = key
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    done(undefined, [this.#key])
  }

  override sign(key: ParsedKey, data: Buffer, options: SigningRequestOptions | SignCallback, done?: SignCallback): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options)
    else this.#agent.sign(key, data, options, done)
  }
}
