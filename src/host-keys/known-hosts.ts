import { createHmac } from 'node:crypto'
import { looksLikePrivateKey } from '../keys/private-key.ts'
import { isKeyType, parseKeyBlob } from '../keys/public-key.ts'

/** The source of a key that the user did not give: well-known.ts. */
export interface Publication {
  /** The owner of the key, e.g. `GitHub`. */
  readonly provider: string
  /** Web page of the provider about its keys. */
  readonly docs: string
  /** For a revoked key the reason, to follow "was"; otherwise null. */
  readonly reason: string | null
}

interface Entry {
  /** Number of its line in the text, from 1; null where it was not given but published. */
  readonly line: number | null
  /** null where it was given. */
  readonly published: Publication | null
  /** Marked `@revoked`: a server with this key is refused. */
  readonly revoked: boolean
  /** The host field of a known_hosts line (patterns, or one hashed name); null where the entry stands for any host. */
  readonly hosts: string | null
}

/** A known_hosts line (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT) or a bare public key. */
export interface KnownKey extends Entry {
  readonly kind: 'key'
  readonly type: string
  readonly blob: Buffer
}

export interface KnownFingerprint extends Entry {
  readonly kind: 'fingerprint'
  readonly hash: 'SHA256' | 'MD5'
  readonly fingerprint: string
}

export type KnownHostKey = KnownKey | KnownFingerprint

const ALLOWED = 'allowed: known_hosts lines ("host type base64"), public keys ("type base64"), fingerprints ("SHA256:…")'

/** Reads known_hosts lines, bare public keys and fingerprints, one a line; empty lines and comments (`#`) are fine. */
export function parseKnownHostKeys(text: string) {
  if (looksLikePrivateKey(text)) return { entries: [], problems: [`a private key stands where host keys belong; ${ALLOWED}`], warnings: [] }
  const entries: KnownHostKey[] = []
  // Lines that cannot be used: the number of each and what is allowed, but not its text, which may be secret.
  const problems: string[] = []
  const warnings: string[] = []
  text.split(/\r\n|\n|\r/).forEach((content, index) => {
    const fields = content.trim().split(/[ \t]+/)
    if (fields[0] === '' || fields[0]?.startsWith('#')) return
    const line = index + 1
    const entry = parseLine(fields, line)
    if (typeof entry === 'string') {
      problems.push(`line ${line}: ${entry}`)
      return
    }
    entries.push(entry)
    if (entry.kind === 'fingerprint' && entry.hash === 'MD5')
      warnings.push(`line ${line}: MD5 no longer proves which key it was made of; use the SHA256 fingerprint`)
  })
  return { entries, problems, warnings }
}

/** The entry of a line, or its problem. */
function parseLine(fields: readonly string[], line: number): KnownHostKey | string {
  if (fields[0] === '@cert-authority') return 'host certificates (@cert-authority) cannot be checked; name the host key itself'
  const revoked = fields[0] === '@revoked'
  const [first = '', second = '', third = ''] = revoked ? fields.slice(1) : fields
  if (first.startsWith('@')) return `unknown marker; ${ALLOWED}, with "@revoked" before them`
  if (/^(SHA256|MD5):/.test(first)) return parseFingerprint(first, line, revoked)

  const bare = isKeyType(first) && !isKeyType(second)
  const [hosts, type, base64] = bare ? [null, first, second] : [first, second, third]
  if (!isKeyType(type)) return `not a host key; ${ALLOWED}`
  if (hosts?.startsWith('|') && !isHashed(hosts)) return 'damaged hashed host name; copy the whole line'
  const blob = parseKeyBlob(type, base64)
  if (blob === null) return `the key is damaged, or not of the type before it ("${type}"); copy the whole line`
  return { kind: 'key', line, published: null, revoked, hosts, type, blob }
}

function parseFingerprint(word: string, line: number, revoked: boolean): KnownFingerprint | string {
  const entry = { kind: 'fingerprint', line, published: null, revoked, hosts: null } as const
  const sha256 = /^SHA256:([A-Za-z0-9+/]{43})=?$/.exec(word)?.[1]
  // Decoded and encoded again, because the last character has two bits that mean nothing.
  if (sha256)
    return { ...entry, hash: 'SHA256', fingerprint: `SHA256:${Buffer.from(sha256, 'base64').toString('base64').replace('=', '')}` }
  if (/^MD5:[0-9a-f]{2}(:[0-9a-f]{2}){15}$/i.test(word)) return { ...entry, hash: 'MD5', fingerprint: `MD5:${word.slice(4).toLowerCase()}` }
  return 'damaged fingerprint; allowed: "SHA256:" and 43 characters of base64, "MD5:" and 16 pairs of hex digits'
}

const SHA1_BYTES = 20

/** `|1|salt|hash`, as ssh-keygen -H writes it. */
function isHashed(hosts: string): boolean {
  const [, salt, hash] = /^\|1\|([A-Za-z0-9+/]+=*)\|([A-Za-z0-9+/]+=*)$/.exec(hosts) ?? []
  return [salt, hash].every(part => Buffer.from(part ?? '', 'base64').length === SHA1_BYTES)
}

/**
 * The entries that speak of a host, in their order, by OpenSSH's rules. A port other than 22 is looked up as `[host]:port`, then as `host`
 * if no key is known by that name. A revoked key counts under either name. Bare keys and fingerprints speak of every host.
 */
export function matchingEntries(entries: readonly KnownHostKey[], host: string, port: number): readonly KnownHostKey[] {
  const name = host.toLowerCase()
  const full = hostName(host, port)
  const named = (entry: KnownHostKey, by: string): boolean => entry.hosts !== null && matchesHost(entry.hosts, by)
  const known = entries.some(entry => !entry.revoked && named(entry, full))
  return entries.filter(entry => entry.hosts === null || named(entry, full) || ((entry.revoked || !known) && named(entry, name)))
}

/** A host as known_hosts names it: lower-case, in brackets with its port where that is not 22. */
export const hostName = (host: string, port: number): string => (port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`)

/** Whether the host field of a line covers a name, which is lower-case: any pattern does, and no negated one does. */
export function matchesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) {
    const [, , salt = '', hash = ''] = hosts.split('|')
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest().equals(Buffer.from(hash, 'base64'))
  }
  const patterns = hosts.toLowerCase().split(',')
  if (patterns.some(pattern => pattern.startsWith('!') && matchesPattern(pattern.slice(1), name))) return false
  return patterns.some(pattern => !pattern.startsWith('!') && matchesPattern(pattern, name))
}

/** `*` is any characters, `?` is one; nothing else is special (ssh_config(5), PATTERNS). It goes back only to the last `*`, so no pattern is slow. */
function matchesPattern(pattern: string, name: string): boolean {
  let [at, star, from] = [0, -1, 0]
  for (let index = 0; index < name.length; ) {
    if (pattern[at] === '*') [star, from, at] = [at, index, at + 1]
    else if (pattern[at] === '?' || pattern[at] === name[index]) [at, index] = [at + 1, index + 1]
    else if (star >= 0) [at, from, index] = [star + 1, from + 1, from + 1]
    else return false
  }
  return pattern.slice(at).replaceAll('*', '') === ''
}
