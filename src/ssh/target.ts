import { problemOfSshSecret } from '../credentials/secret-problem.ts'
import { Failure } from '../errors/failure.ts'
import { parseKnownHostKeys } from '../host-keys/known-hosts.ts'
import { trustedEntries } from '../host-keys/well-known.ts'
import { looksLikeKey } from '../keys/private-key.ts'
import type { SshSession } from '../session/ssh-session.ts'
import type { SshLogin } from './authentication.ts'
import type { SshTarget } from './client.ts'
import { readPrivateKey } from './key-pair.ts'

/** The server and the login, from the user's settings. @throws Failure `settings-invalid`, `secret-not-a-key`, `credentials-missing` */
export function sshTarget(session: Omit<SshSession, 'failureFile' | 'notesFile'>): SshTarget {
  const { host, port, username } = session
  const { entries, problems } = parseKnownHostKeys(session.knownHostKeys)
  if (problems.length > 0) throw new Failure('settings-invalid', 'the known host keys cannot be read', { detail: problems.join('\n') })
  const login = loginOf(session)
  return { host: host.toLowerCase(), port: port ?? 22, username, login, knownHostKeys: trustedEntries(entries) }
}

/** The kind is detected from the content: a key, even a damaged one, is never sent as a password. The agent is used only without a secret. */
function loginOf({ secret, passphrase, agentSocket }: Pick<SshSession, 'secret' | 'passphrase' | 'agentSocket'>): SshLogin {
  if (secret !== null && secret.trim() !== '') {
    if (looksLikeKey(secret)) return { by: 'key', key: readPrivateKey(secret, passphrase) }
    const problem = problemOfSshSecret(secret)
    if (problem !== null) throw new Failure('secret-not-a-key', `the secret ${problem}`)
    // A line end after a pasted password is not part of it; blanks are.
    return { by: 'password', password: secret.replace(/(?<![\r\n])[\r\n]+$/, '') }
  }
  if (agentSocket !== null) return { by: 'agent', socket: agentSocket }
  throw new Failure('credentials-missing', 'there is no private key, no password and no SSH agent')
}
