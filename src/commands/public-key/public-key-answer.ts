import { bitsOf, keyFacts } from '../../host-keys/detection.ts'
import { md5Fingerprint, sha256Fingerprint } from '../../keys/public-key.ts'
import { type Access, type KeyPlace, type KeyPlaceOptions, keyPlace } from '../../remote/deploy-keys.ts'
import type { RemoteUrl } from '../../remote/url.ts'
import type { Answer } from '../../report/answer.ts'
import { code, codeBlock, link, prose } from '../../report/markdown.ts'
import type { KeyRequest, PrivateKeyTarget } from '../keygen/keygen-command.ts'

/** The public half of a private key, and the place to register it. */
export interface ShownKey {
  /** `type base64`, as it is registered at a server. */
  readonly line: string
  /** URL of the repository, without credentials; null = not given. */
  readonly url: string | null
  readonly access: Access
  /** The page where it is registered; null without a repository. */
  readonly place: KeyPlace | null
  /** Whether the URL is an ssh URL; the key has no effect with others. */
  readonly isUsable: boolean
  /** The public half has lines of the secret, so a runner, which hides a secret line by line, hides them, too. */
  readonly isMaskedByRunner: boolean
}

/** A public half for a repository. @param line `type base64` */
export const shownKey = (line: string, url: RemoteUrl | null, access: Access, options: KeyPlaceOptions): ShownKey => ({
  line,
  url: url === null ? null : url.toString(),
  access,
  place: url === null ? null : keyPlace(url, access, options),
  isUsable: url === null || url.protocol === 'ssh',
  isMaskedByRunner: false,
})

export interface PublicKeysAnswer extends Answer {
  readonly keys: readonly ShownKey[]
  /** For programs. */
  readonly json: string
}

/** Public keys in each output format. It holds no server text: names come from the user, and keys are base64. */
export function publicKeysAnswer(keys: readonly ShownKey[]): PublicKeysAnswer {
  return {
    keys,
    text: `${keys.map(key => [key.line, '', ...publicKeyNotes(key), ...runnerNotes(key)].join('\n')).join('\n\n')}\n`,
    json: publicKeysJson(keys),
    summary: `${keys.map(summaryOf).join('\n\n')}\n`,
    // The first is the key of the mirror.
    outputs: { 'ssh-public-key': keys[0]?.line ?? '' },
    problem: null,
  }
}

/** Lines about a key: fingerprints, repository, where to register it. */
export function publicKeyNotes(key: ShownKey): string[] {
  const { place } = key
  return [
    `fingerprint: ${fingerprintsOf(key.line).join(', ')}`,
    ...(key.url === null ? [] : [`for: ${key.url}, ${roleOf(key.access)}`]),
    ...(place === null
      ? [`what to do: ${WHERE_UNKNOWN}`]
      : [...(place.page === null ? [] : [`where: ${place.page}`]), `what to do: ${place.advice}`]),
    ...(key.isUsable ? [] : [NOT_OVER_HTTPS]),
  ]
}

/** Lines about a key that was just made: the same, and the place of its private half. */
export function generatedKeyNotes({ target, passphrase }: Pick<KeyRequest, 'target' | 'passphrase'>, shown: ShownKey): string[] {
  return [
    ...publicKeyNotes(shown),
    ...whereNotes(target),
    ...(passphrase === null
      ? []
      : ['the private half is encrypted: store its passphrase as a secret, too, and give it as `ssh-key-passphrase`']),
  ]
}

function whereNotes(target: PrivateKeyTarget): string[] {
  switch (target.to) {
    case 'file':
      return [
        `private half: ${target.path}, readable by you only; public half: ${target.path}.pub`,
        `next: store it with \`gh secret set MIRROR_SSH_KEY < ${target.path}\`, give it as \`auth-secret\`, then delete both files`,
      ]
    case 'secret':
      return [
        `private half: the secret ${target.name} of ${target.repository}, and nowhere else`,
        `next: give it as \`auth-secret: \${{ secrets.${target.name} }}\``,
      ]
    case 'stdout':
      return ['private half: on stdout, and nowhere else', 'next: store it as a secret, and give it as `auth-secret`']
  }
}

/** For programs, docs/ssh-keys.md: always the same names, a newline at the end. */
function publicKeysJson(keys: readonly ShownKey[]): string {
  const value = keys.map(({ line, url, access, place }) => ({
    key: line,
    ...keyFacts(blobOf(line)),
    url,
    access,
    page: place?.page ?? null,
    advice: place?.advice ?? null,
  }))
  return `${JSON.stringify({ version: 1, keys: value }, null, 2)}\n`
}

function summaryOf(key: ShownKey): string {
  const { place } = key
  const [sha256 = '', md5 = ''] = fingerprintsOf(key.line)
  return [
    `### 🔑 Public key${key.url === null ? '' : ` for ${code(key.url)}`}`,
    codeBlock(key.line),
    `${code(sha256)} · ${code(md5)}`,
    `**What to do**: ${place === null ? prose(WHERE_UNKNOWN) : `${prose(place.advice)}${place.page === null ? '' : `: ${link(prose(place.page), place.page)}`}`}`,
    ...(key.url === null ? [] : [`The mirror is ${prose(roleOf(key.access))}.`]),
    ...[...(key.isUsable ? [] : [NOT_OVER_HTTPS]), ...runnerNotes(key)].map(note => `ℹ️ ${prose(note)}`),
  ].join('\n\n')
}

const WHERE_UNKNOWN = 'register it at the server of the repository as a deploy key; give the URL of the repository to get the page'
const NOT_OVER_HTTPS = 'the URL is not an ssh URL: the key works only with the ssh URL of the repository'

const runnerNotes = ({ isMaskedByRunner }: ShownKey): string[] =>
  isMaskedByRunner
    ? [
        'a runner hides parts of this public key, because the secret has the same text; for the whole key, run `public-key` on a terminal, or store the file as base64',
      ]
    : []

const roleOf = (access: Access): string =>
  access === 'write' ? 'the destination: the key needs write access' : 'the source: the key need only read'

function fingerprintsOf(line: string): string[] {
  const blob = blobOf(line)
  return [`${bitsOf(blob)} ${sha256Fingerprint(blob)}`, md5Fingerprint(blob)]
}

const blobOf = (line: string): Buffer => Buffer.from(line.split(' ')[1] ?? '', 'base64')
