const BLOCK = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----\s*([\s\S]*?)\s*-----END \1-----/
const BLOCKS = new RegExp(BLOCK, 'g')
/** The headers of an encrypted PEM key (RFC 1421 §4.6), and the base64 after them. */
const HEADERS = /^((?:[A-Za-z-]+:\s*[^\s,]+(?:,[^\s,]+)?\s+)+)([\s\S]*)$/
/** Invisible characters that are copied along from web pages and chats. */
const INVISIBLE = /[\u00ad\u200b-\u200d\u2060\ufeff]/g
/** The body of an OpenSSH key begins with `openssh-key-v1` and a zero byte in base64. */
const OPENSSH_BODY = /^\s*b3BlbnNzaC1rZXktdjEA/

/** Whether a secret is meant to be a private key, complete or not: it has the first line of one (PEM, OpenSSH, ssh.com, PuTTY), or only the rest. */
export const looksLikePrivateKey = (secret: string): boolean => {
  const text = unwrapSecret(secret)
  return /-{2,5} ?BEGIN [A-Z0-9 ]*PRIVATE KEY|-----END [A-Z0-9 ]*PRIVATE KEY|\bPuTTY-User-Key-File-\d/.test(text) || OPENSSH_BODY.test(text)
}

/** Whether a secret is a private key, or a public key or certificate pasted instead; no password or token looks like that. */
export const looksLikeKey = (secret: string): boolean => {
  const text = unwrapSecret(secret)
  return looksLikePrivateKey(secret) || /^(?:ssh|ecdsa|sk)-\S+ AAAA/m.test(text) || /-{2,5} ?BEGIN [A-Z0-9 ]+-{2,5}/.test(text)
}

/** The number of different private keys in a text, mended or not. */
export const countPrivateKeys = (text: string): number =>
  new Set([...unwrapSecret(text).matchAll(BLOCKS)].map(([, , body = '']) => body.replace(/\s+/g, ''))).size

/** Whether a passphrase is needed: PKCS#8 (RFC 5958), PEM with headers (RFC 1421), or OpenSSH's own format with a cipher. */
export const isEncrypted = (mended: string): boolean => cipherOf(mended) !== 'none'

/** How a mended key is encrypted: `none`, the cipher that an OpenSSH file or the header of a PEM file names, or `other`. */
export function cipherOf(mended: string): string {
  if (mended.startsWith('-----BEGIN ENCRYPTED PRIVATE KEY-----')) return 'other'
  if (mended.includes('Proc-Type: 4,ENCRYPTED')) return /^DEK-Info: ([A-Za-z0-9-]+)/m.exec(mended)?.[1] ?? 'other'
  if (!mended.startsWith('-----BEGIN OPENSSH PRIVATE KEY-----')) return 'none'
  // PROTOCOL.key of OpenSSH: a magic of 15 bytes, then the cipher's name, length first.
  const blob = Buffer.from(mended.split('\n').slice(1, -2).join(''), 'base64')
  return blob.length < 19 ? 'none' : blob.subarray(19, 19 + blob.readUInt32BE(15)).toString('latin1')
}

/**
 * A pasted private key as ssh-keygen would have written it. Mends base64 of the whole file, CRLF, `\n` spelled out, spaces instead of line breaks,
 * indentation, quotes, text around the key and a missing last newline. A text without a complete key is only unwrapped.
 */
export function mendPrivateKey(secret: string): string {
  const text = unwrapSecret(secret)
  const [, label, body] = BLOCK.exec(text) ?? []
  if (label === undefined || body === undefined) return text
  const [, headers = '', base64 = body] = HEADERS.exec(body) ?? []
  const head = headers.trim().replace(/\s*([A-Za-z-]+):\s*/g, '\n$1: ')
  // Base64 contains no spaces, so each one was a line break. If all are lost, the lines get the usual length of the format.
  const lines = base64.trim().split(/\s+/)
  const width = label === 'OPENSSH PRIVATE KEY' ? 70 : 64
  const whole = lines.some(line => line.length > MAX_LINE) ? (lines.join('').match(new RegExp(`.{1,${width}}`, 'g')) ?? []) : lines
  return `-----BEGIN ${label}-----\n${head === '' ? '' : `${head.trimStart()}\n\n`}${whole.join('\n')}\n-----END ${label}-----\n`
}

/** RFC 2045 §6.8. */
const MAX_LINE = 76

/** The text of a secret with `\n` as line ends, and without the escapes, quotes or base64 that were wrapped around it. */
export function unwrapSecret(secret: string): string {
  const text = unquote(secret)
  return unquote(decodeFile(text) ?? text)
}

const unquote = (text: string): string =>
  text
    .replace(INVISIBLE, '')
    .replaceAll('\\r', '')
    .replaceAll('\\n', '\n')
    .replaceAll('\\/', '/')
    .replace(/\r\n?/g, '\n')
    .trim()
    .replace(/^(["'`])([\s\S]*)\1$/, '$2')
    .trim()

/** The content of a base64 text, wrapped or not; null unless it is a key or the like. Windows writes text in UTF-16. */
function decodeFile(text: string): string | null {
  const base64 = text.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/_-]{40,}={0,2}$/.test(base64)) return null
  const bytes = Buffer.from(base64, 'base64')
  const file = bytes.includes(0) ? bytes.toString('utf16le') : bytes.toString('utf8')
  return /-{4,5} ?BEGIN [A-Z0-9 ]+|\bPuTTY-User-Key-File-\d|^(?:ssh|ecdsa|sk)-\S+ AAAA/m.test(file) ? file : null
}
