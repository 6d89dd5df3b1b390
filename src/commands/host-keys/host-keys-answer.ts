import { KINDS } from '../../errors/kinds.ts'
import {
  alarmOf,
  bitsOf,
  type DetectedKey,
  type Detection,
  type KeyComparison,
  keyFacts,
  knownHostsLines,
} from '../../host-keys/detection.ts'
import type { KnownHostKey } from '../../host-keys/known-hosts.ts'
import { md5Fingerprint, sha256Fingerprint } from '../../keys/public-key.ts'
import type { Answer } from '../../report/answer.ts'
import { code, codeBlock, prose } from '../../report/markdown.ts'
import { paragraphs } from '../../report/paragraphs.ts'
import { showCount } from '../../text/quantity.ts'

export interface HostKeysAnswer extends Answer {
  /** For programs. */
  readonly json: string
  /** The text without the lines to paste, which go to stdout. */
  readonly notes: string
}

/** The host keys of a server in each output format. It holds no server text: names come from the user, and keys are base64. */
export function hostKeysAnswer(detection: Detection): HostKeysAnswer {
  const lines = knownHostsLines(detection)
  const alarm = alarmOf(detection)
  return {
    text: hostKeysText(detection, lines.length === 0 ? [] : [LINES, '', ...lines]),
    notes: hostKeysText(detection, []),
    json: hostKeysJson(detection),
    summary: hostKeysSummary(detection),
    outputs: { 'host-keys': lines.join('\n') },
    problem: alarm === null ? null : { title: KINDS[`host-key-${alarm}`].title, message: headline(detection) },
  }
}

/** For a terminal or a log, ending with a newline. @param lines the section with the lines to paste */
function hostKeysText(detection: Detection, lines: readonly string[]): string {
  const sections = [
    [headline(detection)],
    ...detection.keys.map(key => [...keygenLines(detection, key), ...standingsOf(detection, key).map(text => `  ${text}`)]),
    detection.missing.map(entry => missingLine(entry)),
    detection.warnings,
    [`what to do: ${advice(detection)}`],
    lines,
    knownHostsLines(detection).length === 0 ? [] : STORE.map(({ what, command }) => `${what}: ${command}`),
  ]
  return `${paragraphs(sections.map(section => section.join('\n')))}\n`
}

/** The same as Markdown. */
function hostKeysSummary(detection: Detection): string {
  const lines = knownHostsLines(detection)
  const rows = detection.keys.map(key => {
    const standing = standingsOf(detection, key).map(prose).join('<br>')
    return `| ${code(NAMES[key.type] ?? key.type)} | ${bitsOf(key.blob)} | ${code(sha256Fingerprint(key.blob))}<br>${code(md5Fingerprint(key.blob))} | ${standing || '–'} |`
  })
  return `${paragraphs([
    `### ${ICONS[alarmOf(detection) ?? 'none']} ${prose(headline(detection))}`,
    ['| Type | Bits | Fingerprints | Compared |', '|---|---|---|---|', ...rows].join('\n'),
    [...detection.missing.map(missingLine), ...detection.warnings].map(text => `- ℹ️ ${prose(text)}`).join('\n'),
    `**What to do**: ${prose(advice(detection))}`,
    lines.length === 0 ? '' : `The lines for ${code('known-host-keys')}:\n\n${codeBlock(lines.join('\n'))}`,
    lines.length === 0 ? '' : STORE.map(({ what, command }) => `${prose(what)}:\n\n${codeBlock(command)}`).join('\n\n'),
  ])}\n`
}

/** For programs, docs/host-keys.md: always the same keys, a newline at the end. */
function hostKeysJson(detection: Detection): string {
  const { host, port, provider, keys, missing, warnings } = detection
  const value = {
    version: 1,
    host,
    port,
    provider: provider && { name: provider.provider, docs: provider.docs },
    keys: keys.map(({ blob, published, configured, revocation }) => ({
      ...keyFacts(blob),
      key: blob.toString('base64'),
      published,
      configured,
      reason: revocation && revocationText(revocation),
    })),
    missing: missing.map(entry => ({
      from: entry.published ? 'published' : 'configured',
      line: entry.line,
      type: entry.kind === 'key' ? entry.type : null,
      fingerprint: fingerprintOf(entry),
    })),
    knownHosts: knownHostsLines(detection),
    warnings,
  }
  return `${JSON.stringify(value, null, 2)}\n`
}

const NAMES: Readonly<Record<string, string>> = {
  'ssh-ed25519': 'ED25519',
  'ecdsa-sha2-nistp256': 'ECDSA',
  'ecdsa-sha2-nistp384': 'ECDSA',
  'ecdsa-sha2-nistp521': 'ECDSA',
  'ssh-rsa': 'RSA',
}

const ICONS = { none: '🔎', changed: '❌', revoked: '❌' } as const

function headline(detection: Detection): string {
  const { name, keys, provider } = detection
  const alarm = alarmOf(detection)
  const bad = keys.filter(({ published, configured }) => published === alarm || configured === alarm)
  const fingerprints = bad.map(({ type, blob }) => `${type} ${sha256Fingerprint(blob)}`).join(', ')
  if (alarm === 'revoked') return `"${name}" offers a revoked host key: ${fingerprints}`
  if (alarm === 'changed') return `a host key of "${name}" is not the known one: ${fingerprints}`
  const count = `${showCount(keys.length, 'host key')} of "${name}"`
  if (keys.every(({ published }) => published === 'same')) return `${count}: all are published by ${provider?.provider}`
  if (keys.every(({ configured }) => configured === 'same')) return `${count}: all are configured`
  return `${count}, not verified yet`
}

/** As `ssh-keygen -l` prints a line of known_hosts, with both kinds of fingerprint. */
const keygenLines = ({ name }: Detection, { type, blob }: DetectedKey): string[] =>
  [sha256Fingerprint(blob), md5Fingerprint(blob)].map(text => `${bitsOf(blob)} ${text} ${name} (${NAMES[type] ?? type})`)

const WORDS: Readonly<Record<KeyComparison, string>> = {
  same: 'the same',
  new: 'new: no key of this type is known',
  changed: 'CHANGED: another key is known',
  revoked: 'REVOKED',
}

function standingsOf({ provider }: Detection, { published, configured, revocation }: DetectedKey): string[] {
  return [
    ...(revocation ? [`REVOKED: ${revocationText(revocation)}`] : []),
    ...(published === null || published === 'revoked' || !provider ? [] : [`published by ${provider.provider}: ${WORDS[published]}`]),
    ...(configured === null ? [] : [`known-host-keys: ${WORDS[configured]}`]),
  ]
}

const revocationText = ({ provider, reason, docs }: NonNullable<DetectedKey['revocation']>): string =>
  `a key of ${provider} that was ${reason} (${docs})`

const fingerprintOf = (entry: KnownHostKey): string => (entry.kind === 'key' ? sha256Fingerprint(entry.blob) : entry.fingerprint)

function missingLine(entry: KnownHostKey): string {
  const key = entry.kind === 'key' ? `${entry.type} ${fingerprintOf(entry)}` : fingerprintOf(entry)
  if (entry.published) return `missing: the server does not offer ${key}, which ${entry.published.provider} publishes`
  const another = entry.hosts === null ? '; it may be the key of another server' : ''
  return `missing: the server does not offer ${key} (known-host-keys, line ${entry.line})${another}`
}

function advice(detection: Detection): string {
  const { provider, keys } = detection
  const alarm = alarmOf(detection)
  const compare = provider
    ? `compare the fingerprints with those that ${provider.provider} publishes at ${provider.docs}`
    : 'compare the fingerprints with those that the owner of the server gives you over another channel; on the server, `ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub` shows one'
  if (alarm === 'revoked') return "do not connect: another server may use a revoked key; ask the server's owner"
  if (alarm === 'changed')
    return `ask the server's owner whether its key was replaced, and ${compare}. If they differ, do not connect: someone may be intercepting the connection`
  if (keys.every(({ published }) => published === 'same'))
    return 'leave `known-host-keys` empty, which takes the published keys, or store the lines'
  if (keys.some(({ configured }) => configured === 'same')) return `a mirror would connect. Before you store a new key, ${compare}`
  return `these keys are not verified yet: ${compare}. If they match, store the lines`
}

const LINES = 'The lines for `known-host-keys`:'

const STORE = [
  {
    what: 'with the lines in a file `hosts`, store them as a variable of the repository',
    command: 'gh variable set MIRROR_HOST_KEYS < hosts',
  },
  { what: 'or as a secret, though they are none', command: 'gh secret set MIRROR_HOST_KEYS < hosts' },
] as const
