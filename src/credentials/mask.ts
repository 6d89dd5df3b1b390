import { looksLikePrivateKey, mendPrivateKey, unwrapSecret } from '../keys/private-key.ts'
import { publicHalfOf } from '../keys/public-half.ts'

/** Shorter lines of a longer secret are too common to hide: masking `-` or `ab` would blot out the log. */
const SHORTEST_LINE = 8

/**
 * Every form in which a secret could come to light: as given, trimmed, line by line (also where `\n` was written for a line's end),
 * URL-encoded as browsers and as curl write it, in base64 alone and as `user:secret` of HTTP's Basic scheme; a private key also as it is once it is
 * decoded and mended. Lines that stand in the key's public half are no secret: that half is shown, and the runner drops an output that holds a masked text.
 */
export function secretForms(secret: string, users: readonly string[]): string[] {
  const trimmed = secret.trim()
  if (trimmed === '') return []
  const isKey = looksLikePrivateKey(secret)
  const texts = [...new Set([secret, trimmed, ...(isKey ? [unwrapSecret(secret), mendPrivateKey(secret).trim()] : [])])]
  const lines = texts.flatMap(text => text.split(/\r\n|\r|\n|\\r\\n|\\n/)).map(line => line.trim())
  const publicHalf = isKey ? (publicHalfOf(secret, null) ?? '') : ''
  const isSecret = (line: string): boolean =>
    line.length >= SHORTEST_LINE && !publicHalf.includes(line) && !/^-----[A-Z ]+-----$/.test(line)
  const plain = [...texts, ...lines.filter(isSecret)]
  const encoded = texts.flatMap(form => {
    const url = encodeURIComponent(form)
    const strict = url.replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    return [url, strict, strict.replace(/%[0-9A-F]{2}/g, code => code.toLowerCase()), strict.replaceAll('%20', '+')]
  })
  const base64 = texts.flatMap(form =>
    [form, ...users.map(user => `${user}:${form}`)].map(text => Buffer.from(text, 'utf8').toString('base64')),
  )
  return [...new Set([...plain, ...encoded, ...base64])].filter(form => form !== '').sort((a, b) => b.length - a.length)
}
