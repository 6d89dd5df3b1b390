import { Failure } from '../errors/failure.ts'
import { hostName } from '../host-keys/known-hosts.ts'
import { NEEDS_KEY, unusable } from '../host-keys/refusal.ts'
import { algorithmsOf, HOST_KEY_ALGORITHMS, type HostKeyAlgorithm } from '../keys/public-key.ts'
import { SCAN_MS } from '../limits/limits.ts'
import { openSocket, type SshTarget } from './client.ts'
import { connectionFailure, firstStage, listenForSsh } from './connection-failure.ts'
import { offeredHostKeys } from './server-offer.ts'
import { Client } from './ssh2.ts'

/** `connectTimeoutMs`: for one connection. */
type ScanTarget = Pick<SshTarget, 'host' | 'port' | 'connectTimeoutMs'>

const KEY_TYPES = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa'] as const

/**
 * All host keys of a server, ed25519 first. Like ssh-keyscan(1), makes one connection per type at the same time, and ends each once the server has shown
 * its key. No key becomes trusted by that.
 * @throws Failure host-not-found, connection-refused, connection-lost, timed-out, remote-error (no SSH server), host-key-algorithm (no key that can be checked)
 */
export async function scanHostKeys(target: ScanTarget): Promise<readonly Buffer[]> {
  let algorithms: readonly string[] = []
  const ask = (types: readonly string[]) => askFor(target, algorithmsOf(types), offered => (algorithms = offered))
  const answers = await Promise.allSettled(KEY_TYPES.map(type => ask([type])))
  const keys: (Buffer | null)[] = []
  for (const [index, answer] of answers.entries()) {
    if (answer.status === 'fulfilled') keys.push(answer.value)
    // Some servers take only a few connections at once. If all have failed, a retry would fail, too.
    else if (answers.every(({ status }) => status === 'rejected')) throw answer.reason
    else keys.push(await ask(KEY_TYPES.slice(index, index + 1)))
  }
  const found = keys.filter(key => key !== null)
  if (found.length > 0) return found
  throw new Failure('host-key-algorithm', unusable(hostName(target.host, target.port), algorithms), {
    detail: `asked for: ${HOST_KEY_ALGORITHMS.join(', ')}`,
    hint: NEEDS_KEY,
  })
}

/** The key that the server shows when asked for these; null where it has none of them. @param onOther gets its algorithms then */
function askFor(
  { host, port, connectTimeoutMs = SCAN_MS }: ScanTarget,
  algorithms: readonly HostKeyAlgorithm[],
  onOther: (offered: readonly string[]) => void,
): Promise<Buffer | null> {
  const client = new Client()
  const socket = openSocket({ host, port })
  const destination = hostName(host, port)
  const stage = firstStage({ destination, limitMs: connectTimeoutMs, remarks: [], refusal: () => null })
  const otherProtocol = listenForSsh(client, socket, stage)
  let offered: Buffer | null = null
  return new Promise((resolve, reject) => {
    const end = (error: Error): void => {
      if (offered !== null) resolve(offered)
      else if (/no matching host key format/.test(error.message)) {
        onOther(offeredHostKeys(stage.greeting))
        resolve(null)
      } else reject(otherProtocol() ?? connectionFailure(error, stage))
      socket.destroySoon()
    }
    client.on('error', end)
    client.on('close', () => end(new Error('the server closed the connection')))
    client.connect({
      sock: socket,
      username: 'nobody',
      algorithms: { serverHostKey: [...algorithms] },
      hostVerifier: (key: Buffer) => {
        offered = key
        return false
      },
      readyTimeout: connectTimeoutMs,
    })
  })
}
