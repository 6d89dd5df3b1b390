import { Failure } from '../failure.ts'
import { parseKnownHostKeys } from '../host-keys/known-hosts.ts'
import type { SshTarget } from './client.ts'
import { readPrivateKey } from './key-pair.ts'
import type { SshSession } from './session-file.ts'

/** Whom to connect to, and how, from what the user gave. @throws Failure `settings-invalid`, `secret-not-a-key` */
export function sshTarget(session: Omit<SshSession, 'failureFile'>): SshTarget {
  const { host, port, username, passphrase, connectTimeoutMs } = session
  const { entries, problems } = parseKnownHostKeys(session.knownHostKeys)
  if (problems.length > 0) throw new Failure('settings-invalid', 'the known host keys cannot be read', { detail: problems.join('\n') })
  const privateKey = readPrivateKey(session.privateKey, passphrase)
  return { host: host.toLowerCase(), port: port ?? 22, username, privateKey, knownHostKeys: entries, connectTimeoutMs }
}
