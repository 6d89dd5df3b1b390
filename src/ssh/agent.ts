import type { Duplex } from 'node:stream'
import type { GetStreamCallback, IdentityCallback, ParsedKey, BaseAgent as Ssh2Agent } from 'ssh2'
import { Failure } from '../errors/failure.ts'
import { sha256Fingerprint } from '../keys/public-key.ts'
import { AGENT_MS } from '../limits/limits.ts'
import { createAgent } from './ssh2.ts'

/** The name of a key in messages: its type and fingerprint, which a server's log shows, too. */
export const nameOfKey = (key: ParsedKey): string => `${key.type} ${sha256Fingerprint(key.getPublicSSH())}`

/** A key of an agent, which signs with it and never gives the private half away. */
export interface AgentKey {
  /** Type and fingerprint. */
  readonly name: string
  /** The agent for ssh2, with this key alone. */
  readonly agent: Ssh2Agent<ParsedKey>
}

/**
 * Asks an agent for its keys, in its own order (draft-miller-ssh-agent, SSH_AGENTC_REQUEST_IDENTITIES).
 * @param socket path of its socket, as in SSH_AUTH_SOCK
 * @param limitMs an agent lists its keys without asking its user, so one that is silent for longer is dead
 * @throws Failure `ssh-agent-unusable` when it does not answer, or holds no key that can be used here
 */
export async function keysOfAgent(socket: string, limitMs = AGENT_MS): Promise<AgentKey[]> {
  const agent = createAgent(socket)
  const keys = await identitiesOf(agent, limitMs).catch((cause: unknown) => {
    throw new Failure('ssh-agent-unusable', `the SSH agent does not answer: "${socket}"`, { detail: String(cause), cause })
  })
  if (keys.length > 0) return keys.map(key => ({ name: nameOfKey(key), agent: withOneKey(agent, key) }))
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
    // ssh2 cannot cancel the request, and the open connection would keep the process from ending.
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

/** The agent with one key alone, so that we know which keys a server was offered. */
const withOneKey = (agent: Ssh2Agent, key: ParsedKey): Ssh2Agent<ParsedKey> =>
  Object.create(agent, { getIdentities: { value: (done: IdentityCallback<ParsedKey>) => done(undefined, [key]) } })
