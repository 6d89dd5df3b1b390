import { looksLikePrivateKey } from '../../keys/private-key.ts'
import type { Access } from '../../remote/deploy-keys.ts'
import type { RemoteUrl } from '../../remote/url.ts'
import type { SettingsContext } from '../../settings/context.ts'
import type { InputName, RawInputs } from '../../settings/inputs.ts'
import { type Problem, settingsFailure } from '../../settings/problems.ts'
import { parseUrl } from '../../settings/url.ts'

/** One private key whose public half is asked for, and the repository that it is to open. */
export interface KeyQuestion {
  readonly secret: string
  readonly passphrase: string | null
  /** null where no repository is named. */
  readonly url: RemoteUrl | null
  /** Who logs in over SSH. */
  readonly username: string
  /** What the mirror does there. */
  readonly access: Access
}

/**
 * Which keys to show: that of `auth-secret`, for `remote-url` where it is given, and that of `token`, where it holds a key for `repository-url`. Pure.
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
    const url = parseUrl(text, context, true)
    if (!('problem' in url)) return url.protocol === 'file' ? null : url
    problems.push({ text: `${nameOf(input)}: ${url.problem}` })
    return null
  }
  const ask = (secret: string, url: RemoteUrl | null, username: string, access: Access): KeyQuestion => ({
    ...{ secret, passphrase, url, access },
    username: url?.user ?? (username || 'git'),
  })
  const there = read('remote-url')
  const questions: KeyQuestion[] = []
  const secret = raw['auth-secret'] ?? ''
  if (secret.trim() !== '') questions.push(ask(secret, there, raw.username?.trim() ?? '', 'write'))
  // Mostly it is the token of the run.
  const token = raw.token ?? ''
  if (looksLikePrivateKey(token)) questions.push(ask(token, read('repository-url'), '', 'read'))
  if (questions.length === 0)
    problems.push({
      text: `${nameOf('auth-secret')}: is missing: give the private key whose public half is to be shown`,
      kind: 'credentials-missing',
    })
  if (problems.length > 0) throw settingsFailure(problems)
  return questions
}
