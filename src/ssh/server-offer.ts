import { Failure } from '../errors/failure.ts'
import { readStrings } from '../keys/public-key.ts'
import { oneLine } from '../text/escape.ts'
import { shortened } from '../text/names.ts'

/** The lists of names in SSH_MSG_KEXINIT, in their order (RFC 4253 §7.1). */
const LISTS = [
  'kex',
  'hostKey',
  'cipherUp',
  'cipherDown',
  'macUp',
  'macDown',
  'compressionUp',
  'compressionDown',
  'languageUp',
  'languageDown',
]
const KEXINIT = 20
/** Type and cookie in front of the lists, and a boolean and a number behind them. */
const [BEFORE_LISTS, AFTER_LISTS] = [17, 5]

/** Each thing for which no algorithm is in common, by ssh2's name: its list, its name, the setting in sshd_config, and a current algorithm. */
const WANTED: Readonly<Record<string, readonly [list: string, name: string, setting: string, current: string]>> = {
  'key exchange algorithm': ['kex', 'key exchange', 'KexAlgorithms', 'curve25519-sha256'],
  'C->S cipher': ['cipherUp', 'cipher', 'Ciphers', 'aes256-gcm@openssh.com'],
  'S->C cipher': ['cipherDown', 'cipher', 'Ciphers', 'aes256-gcm@openssh.com'],
  'C->S MAC': ['macUp', 'MAC', 'MACs', 'hmac-sha2-256-etm@openssh.com'],
  'S->C MAC': ['macDown', 'MAC', 'MACs', 'hmac-sha2-256-etm@openssh.com'],
  'C->S compression': ['compressionUp', 'compression', 'Compression', 'none'],
  'S->C compression': ['compressionDown', 'compression', 'Compression', 'none'],
}

const POST_QUANTUM = /^(?:mlkem|sntrup|kyber)|kyber|mlkem/
/** Markers among the key exchanges, which are no algorithms. */
const MARKER = /^(?:ext-info-[cs]|kex-strict-[cs]-.*)$/

/** The algorithms of one list that a server offers; empty if they are not known. @param greeting its first bytes, as Latin-1 */
function offered(greeting: string, list: string): readonly string[] {
  const line = /^SSH-[^\n]*\n/m.exec(greeting)
  let packets = Buffer.from(line === null ? '' : greeting.slice(line.index + line[0].length), 'latin1')
  while (packets.length > BEFORE_LISTS) {
    const end = 4 + packets.readUInt32BE(0)
    const payload = packets.subarray(5, Math.max(5, end - (packets[4] ?? 0)))
    if (payload[0] === KEXINIT) {
      const names = readStrings(payload.subarray(BEFORE_LISTS, -AFTER_LISTS))?.[LISTS.indexOf(list)]?.toString('latin1') ?? ''
      return names.split(',').flatMap(name => (name === '' || MARKER.test(name) ? [] : [oneLine(name)]))
    }
    packets = packets.subarray(end)
  }
  return []
}

/** The host key algorithms that a server offers. @param greeting its first bytes, as Latin-1 */
export const offeredHostKeys = (greeting: string): readonly string[] => offered(greeting, 'hostKey')

/** The failure of a key exchange without an algorithm in common; null for any other error. @param greeting as above */
export function noAlgorithm({ message }: Error, greeting: string, destination: string): Failure | null {
  const wanted = WANTED[/^Handshake failed: no matching (.+)$/.exec(message)?.[1] ?? '']
  if (wanted === undefined) return null
  const [list, name, setting, current] = wanted
  const names = offered(greeting, list)
  const isNew = names.length > 0 && names.every(one => POST_QUANTUM.test(one))
  const only = names.length === 0 ? '' : `, only ${shortened(names)}`
  const hint = `let the server also offer \`${current}\` (\`${setting}\` in its sshd_config), or use an https URL`
  return new Failure('ssh-algorithms', `the server offers no ${name} that is supported here${only}: "${destination}"`, {
    detail: message,
    hint: isNew ? `post-quantum key exchange alone is not supported: ${hint}` : hint,
  })
}
