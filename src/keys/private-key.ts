const BLOCK = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----\s*([\s\S]*?)\s*-----END \1-----/
const BLOCKS = new RegExp(BLOCK, 'g')
/** The headers of an encrypted PEM key (RFC 1421 §4.6), each with what is left of its line, and the base64 after them. */
const HEADERS = /^((?:[A-Za-z-]+:\s*[^\s,]+(?:,[^\s,]+)?\s+)+)([\s\S]*)$/
/** Copied from web pages and chats, they stand between the letters and cannot be seen. */
const INVISIBLE = /[\u00ad\u200b-\u200d\u2060\ufeff]/g
/** `openssh-key-v1` and its zero byte in base64: how the body of an OpenSSH key begins. */
const OPENSSH_BODY = /^\s*b3BlbnNzaC1rZXktdjEA/

/** Whether a secret is meant to be a private key, whole or not: it has the first line of one (PEM, OpenSSH, ssh.com, PuTTY), or the rest without that line. */
export const looksLikePrivateKey = (secret: string): boolean => {
  const text = unwrapSecret(secret)
  return /-{2,5} ?BEGIN [A-Z0-9 ]*PRIVATE KEY|-----END [A-Z0-9 ]*PRIVATE KEY|\bPuTTY-User-Key-File-\d/.test(text) || OPENSSH_BODY.test(text)
}

/** Whether a secret is a private key or what people take for one: a public key or a certificate. Nothing of that kind is a password or token. */
export const looksLikeKey = (secret: string): boolean => {
  const text = unwrapSecret(secret)
  return looksLikePrivateKey(secret) || /^(?:ssh|ecdsa|sk)-\S+ AAAA/m.test(text) || /-{2,5} ?BEGIN [A-Z0-9 ]+-{2,5}/.test(text)
}

/** How many different private keys a mended or unmended text holds. */
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
 * A pasted private key as ssh-keygen would have written it: base64 of the whole file, CRLF, `\n` spelled out, line breaks lost to spaces, indentation,
 * quotes, text around it and a missing last newline are mended. A text without a whole key in it is only unwrapped.
 */
export function mendPrivateKey(secret: string): string {
  const text = unwrapSecret(secret)
  const [, label, body] = BLOCK.exec(text) ?? []
  if (label === undefined || body === undefined) return text
  const [, headers = '', base64 = body] = HEADERS.exec(body) ?? []
  const head =
    headers === ''
      ? ''
      : `${headers
          .trim()
          .replace(/\s*([A-Za-z-]+):\s*/g, '\n$1: ')
          .trimStart()}\n\n`
  // There is nothing but base64, so every blank was a line break once; where all are gone, lines are as long as the label's own program makes them.
  const lines = base64.trim().split(/\s+/)
  const whole = lines.some(line => line.length > LONGEST_LINE) ? wrap(lines.join(''), label === 'OPENSSH PRIVATE KEY' ? 70 : 64) : lines
  return `-----BEGIN ${label}-----\n${head}${whole.join('\n')}\n-----END ${label}-----\n`
}

/** RFC 2045 §6.8. */
const LONGEST_LINE = 76

const wrap = (text: string, width: number): string[] =>
  Array.from({ length: Math.ceil(text.length / width) }, (_, index) => text.slice(index * width, (index + 1) * width))

/** The text that a secret stands for: line ends are `\n`, what was wrapped around it on its way (escapes, quotes, base64 of the whole file) is gone. */
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

/** What a base64 text, wrapped or not, holds; null unless that is a key or the like. Windows writes text in UTF-16. */
function decodeFile(text: string): string | null {
  const base64 = text.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/_-]{40,}={0,2}$/.test(base64)) return null
  const bytes = Buffer.from(base64, 'base64')
  const file = bytes.includes(0) ? bytes.toString('utf16le') : bytes.toString('utf8')
  return /-{4,5} ?BEGIN [A-Z0-9 ]+|\bPuTTY-User-Key-File-\d|^(?:ssh|ecdsa|sk)-\S+ AAAA/m.test(file) ? file : null
}
