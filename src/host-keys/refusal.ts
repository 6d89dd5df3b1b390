import { Failure } from '../errors/failure.ts'
import type { Kind } from '../errors/kinds.ts'
import { HOST_KEY_ALGORITHMS, keyType, md5Fingerprint, sha256Fingerprint } from '../keys/public-key.ts'
import { shortened } from '../text/names.ts'
import { hostName, type KnownHostKey, matchingEntries, type Publication } from './known-hosts.ts'
import { type HostQuery, isKey, type Refusal } from './verify.ts'
import { providerOf, publishedEntries } from './well-known.ts'

const KIND_OF: Readonly<Record<Refusal['verdict'], Kind>> = {
  revoked: 'host-key-revoked',
  changed: 'host-key-changed',
  'other-type': 'host-key-algorithm',
  unknown: 'host-key-unknown',
}

/** The facts about a refused server that a message needs. */
interface Facts {
  readonly query: HostQuery
  readonly name: string
  readonly offered: readonly Buffer[]
  /** Keys and fingerprints that would have been trusted. */
  readonly expected: readonly KnownHostKey[]
  /** The server's host key algorithms, if none of them is supported here; empty if they are not known. */
  readonly algorithms: readonly string[]
  readonly provider: Pick<Publication, 'provider' | 'docs'> | null
}

/** The failure for the refused keys; without any, the server has no key of a type that can be checked here. @param algorithms those that it offers instead */
export function hostKeyFailure(query: HostQuery, refusals: readonly Refusal[], algorithms: readonly string[] = []): Failure {
  // The worst verdict counts: all keys but the first were only asked for in search of the known one.
  const revoked = refusals.find(({ verdict }) => verdict === 'revoked')
  const verdict = (revoked ?? refusals[0])?.verdict ?? 'other-type'
  const { host, port } = query
  const facts: Facts = {
    query,
    name: hostName(host, port),
    offered: revoked ? [revoked.offered] : refusals.map(({ offered }) => offered),
    expected: matchingEntries(query.entries, host, port).filter(entry => !entry.revoked),
    provider: providerOf(host, port),
    algorithms,
  }
  return new Failure(KIND_OF[verdict], MESSAGES[verdict](facts), { hint: hintFor(verdict, facts), detail: detailOf(verdict, facts) })
}

const MESSAGES: Readonly<Record<Refusal['verdict'], (facts: Facts) => string>> = {
  revoked: facts => `the host key of "${facts.name}" is revoked: it offers ${shortly(facts.offered)}, ${revocation(facts)}`,
  changed: ({ name, offered, expected }) => {
    const instead = comparable(expected, offered).map(named).join(' or ')
    return `the host key of "${name}" is not the known one: it offers ${shortly(offered)}, and not ${instead}`
  },
  'other-type': ({ name, offered, expected, algorithms }) => {
    const known = expected.map(named).join(', ')
    if (offered.length === 0) return `${unusable(name, algorithms)}${known && `; known: ${known}`}`
    return `"${name}" has no host key of a known type: it offers ${shortly(offered)}, known is only ${known}`
  },
  unknown: ({ name, offered }) => `the host key of "${name}" is not known: it offers ${shortly(offered)}`,
}

/** @param algorithms those that the server offers; empty if they are not known */
export const unusable = (name: string, algorithms: readonly string[]): string =>
  `"${name}" has no host key of a type that can be checked here${algorithms.length === 0 ? '' : `, only ${shortened(algorithms)}`}`

/** Advice for the owner of such a server. */
export const NEEDS_KEY =
  'let the server have an ed25519 key, too (`HostKey` in its sshd_config): host certificates, security keys and DSA keys alone cannot be checked; or use an https URL'

/** The entries that an offered key contradicts: keys of other types do not. */
const comparable = (expected: readonly KnownHostKey[], offered: readonly Buffer[]): KnownHostKey[] =>
  expected.filter(entry => entry.kind === 'fingerprint' || offered.some(blob => keyType(blob) === entry.type))

const short = (blob: Buffer): string => `${keyType(blob)} ${sha256Fingerprint(blob)}`
const shortly = (blobs: readonly Buffer[]): string => blobs.map(short).join(', ')
const whole = (blob: Buffer): string => `${short(blob)} ${md5Fingerprint(blob)}`

const placeOf = ({ line, published }: KnownHostKey): string => (published ? `published by ${published.provider}` : `line ${line}`)
const named = (entry: KnownHostKey): string => `${entry.kind === 'key' ? short(entry.blob) : entry.fingerprint} (${placeOf(entry)})`

const revokedBy = ({ query, offered }: Facts): KnownHostKey | undefined =>
  matchingEntries(query.entries, query.host, query.port).find(entry => entry.revoked && offered.some(blob => isKey(entry, blob)))

function revocation(facts: Facts): string {
  const entry = revokedBy(facts)
  if (entry === undefined) return 'which must not be trusted'
  if (entry.published === null) return `which line ${entry.line} of the known host keys revokes`
  return `a key of ${entry.published.provider} that was ${entry.published.reason}`
}

/** The checks and steps to take; the lines to paste, if any, follow on lines of their own. */
function hintFor(verdict: Refusal['verdict'], facts: Facts): string | undefined {
  const { offered, provider, expected, name } = facts
  if (verdict === 'revoked') {
    const page = revokedBy(facts)?.published?.docs ?? provider?.docs
    return `do not connect: a server that shows this key may be an impostor; ask its owner for the present key${page ? `, see ${page}` : ''}`
  }
  if (offered.length === 0) return NEEDS_KEY
  const isPublished = offered.every(blob =>
    publishedEntries().some(entry => entry.published?.provider === provider?.provider && isKey(entry, blob)),
  )
  const compare = provider
    ? `compare the fingerprint with those that ${provider.provider} publishes at ${provider.docs}`
    : "compare the fingerprint with one that the server's owner gives you over another channel"
  const paste = offered.length === 1 ? 'this line' : 'the line of the right key'
  const lines = linesFor(name, offered).join('\n')
  if (verdict === 'changed') {
    const old = comparable(expected, offered)
      .flatMap(({ line }) => line ?? [])
      .join(', ')
    const where = old === '' ? `add ${paste} to \`known-host-keys\`` : `replace line ${old} of \`known-host-keys\` with ${paste}`
    return `ask whether the server's key was replaced, and ${compare}. If it was not, or they differ, do not connect: someone may be intercepting the connection. Otherwise ${where}:\n${lines}`
  }
  if (provider && isPublished)
    return `it is the key that ${provider.provider} publishes (${provider.docs}), but \`known-host-keys\` is given and does not have it: add ${paste}, or leave the input empty:\n${lines}`
  return `${compare}; if they are equal, add ${paste} to \`known-host-keys\`:\n${lines}`
}

function detailOf(verdict: Refusal['verdict'], { name, offered, expected, provider }: Facts): string {
  const known = expected.map(entry => `${entry.kind === 'key' ? whole(entry.blob) : entry.fingerprint} (${placeOf(entry)})`)
  const lines = verdict === 'revoked' ? [] : linesFor(name, offered)
  return [
    ...list('offered', offered.length > 0 ? offered.map(whole) : [`none of ${HOST_KEY_ALGORITHMS.join(', ')}`]),
    ...list('expected', known.length > 0 ? known : ['nothing is known for this host']),
    ...(provider ? [`${provider.provider} publishes its fingerprints at ${provider.docs}`] : []),
    ...(lines.length > 0 ? ['to trust the offered key, as a line of `known-host-keys`:', ...lines] : []),
  ].join('\n')
}

const linesFor = (name: string, offered: readonly Buffer[]): string[] =>
  offered.map(blob => `${name} ${keyType(blob)} ${blob.toString('base64')}`)

const list = (title: string, items: readonly string[]): string[] => [`${title}:`, ...items.map(item => `  ${item}`)]
