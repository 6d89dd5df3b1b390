import { looksLikePrivateKey } from '../../keys/private-key.ts'
import type { Access } from '../../remote/deploy-keys.ts'
import type { RemoteUrl } from '../../remote/url.ts'
import type { SettingsContext } from '../../settings/context.ts'
import { type CommandLine, environmentName, parseFlags } from '../../settings/flags.ts'
import type { InputName, RawInputs } from '../../settings/inputs.ts'
import { type Problem, settingsFailure } from '../../settings/problems.ts'
import { parseUrl } from '../../settings/url.ts'

export const PUBLIC_KEY_HELP = `Show the public half of a private key, and where to register it. Connects to no server.

Usage:
  repository-mirroring public-key [URL] [flags]

URL is that of the mirror; with it, the page where the key is registered can be named.

Flags:
  --username NAME
      user name at the mirror, if its URL has none. Default: git
  --json
      print everything as JSON

Secrets are never flags. Set each in a variable, or in a file:
  ${environmentName('auth-secret')}, --auth-secret-file PATH
      the private key: OpenSSH, PEM or PKCS#8, or base64 of such a file
  ${environmentName('ssh-key-passphrase')}, --ssh-key-passphrase-file PATH
      its passphrase, if it has one

The public half goes to stdout, everything else to stderr.

Exit codes:
  0 success · 2 invalid settings, or a key that cannot be used · 3 no key is given · 70 a bug in this program
`

/** Reads `[URL] [flags]`; the URL becomes the input `remote-url`. Pure. */
export function parsePublicKeyCommand(args: readonly string[]): CommandLine {
  const line = parseFlags(args, { inputs: ['username', 'auth-secret', 'ssh-key-passphrase'], switches: ['json'], positional: 1 })
  return { ...line, raw: { ...line.raw, 'remote-url': line.positional[0] ?? '' } }
}

/** A private key whose public half is shown, and its repository. */
export interface KeyQuestion {
  readonly secret: string
  readonly passphrase: string | null
  /** null = not given. */
  readonly url: RemoteUrl | null
  /** The login over SSH. */
  readonly username: string
  readonly access: Access
}

/**
 * The keys to show: `auth-secret` for `remote-url`, and `token` for `repository-url` if it holds a key. Pure.
 * @param earlier problems found while the inputs were read
 * @throws Failure `settings-invalid` or `credentials-missing` with every problem at once
 */
export function parsePublicKeyQuestion(raw: RawInputs, context: SettingsContext, earlier: readonly string[] = []): KeyQuestion[] {
  const { nameOf } = context
  const problems: Problem[] = earlier.map(text => ({ text }))
  const passphrase = raw['ssh-key-passphrase'] || null
  const read = (input: InputName): RemoteUrl | null => {
    const text = raw[input]?.trim() ?? ''
    if (text === '') return null
    const url = parseUrl(text, context)
    if (!('problem' in url)) return url.protocol === 'file' ? null : url
    problems.push({ text: `${nameOf(input)}: ${url.problem}` })
    return null
  }
  const ask = (secret: string, url: RemoteUrl | null, username: string, access: Access): KeyQuestion => ({
    secret,
    passphrase,
    url,
    access,
    username: url?.user ?? (username || 'git'),
  })
  const there = read('remote-url')
  const questions: KeyQuestion[] = []
  const secret = raw['auth-secret'] ?? ''
  if (secret.trim() !== '') questions.push(ask(secret, there, raw.username?.trim() ?? '', 'write'))
  // Usually it is the token of the run, which is no key.
  const token = raw.token ?? ''
  if (looksLikePrivateKey(token)) questions.push(ask(token, read('repository-url'), '', 'read'))
  if (questions.length === 0)
    problems.push({
      text: `${nameOf('auth-secret')} is missing; give the private key whose public half is to be shown`,
      kind: 'credentials-missing',
    })
  if (problems.length > 0) throw settingsFailure(problems)
  return questions
}
