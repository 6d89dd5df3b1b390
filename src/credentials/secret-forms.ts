import { looksLikePrivateKey, mendPrivateKey, unwrapSecret } from '../keys/private-key.ts'
import { publicHalfOf } from '../keys/public-half.ts'
import { shellQuote } from '../text/quote.ts'

/** Shorter lines of a longer secret are too common: masking `-` or `ab` would make the log unreadable. */
const MIN_LINE = 8

/**
 * Every form in which a secret could be printed: as given, trimmed, by line (also if `\n` was written for a line break), URL-encoded like browsers and
 * curl. Also in base64 and base64url, alone and as `user:secret` of HTTP's Basic scheme; escaped for JSON, HTML and a shell; and a private key decoded and
 * mended. Lines of the key's public half are not masked: that half is shown, and the runner drops an output that contains a masked text.
 */
export function secretForms(secret: string, users: readonly string[]): string[] {
  const trimmed = secret.trim()
  if (trimmed === '') return []
  const isKey = looksLikePrivateKey(secret)
  const texts = [...new Set([secret, trimmed, ...(isKey ? [unwrapSecret(secret), mendPrivateKey(secret).trim()] : [])])]
  const lines = texts.flatMap(text => text.split(/\r\n|\r|\n|\\r\\n|\\n/)).map(line => line.trim())
  const publicHalf = isKey ? (publicHalfOf(secret, null) ?? '') : ''
  const isSecret = (line: string): boolean => line.length >= MIN_LINE && !publicHalf.includes(line) && !/^-----[A-Z ]+-----$/.test(line)
  const plain = [...texts, ...lines.filter(isSecret)]
  const encoded = texts.flatMap(form => {
    const url = encodeURIComponent(form)
    const strict = url.replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    return [url, strict, strict.replace(/%[0-9A-F]{2}/g, code => code.toLowerCase()), strict.replaceAll('%20', '+')]
  })
  const base64 = texts.flatMap(form =>
    [form, ...users.map(user => `${user}:${form}`)].map(text => Buffer.from(text, 'utf8').toString('base64')),
  )
  const base64url = base64.map(form =>
    form
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/={1,2}$/, ''),
  )
  const escaped = texts.flatMap(form => {
    const json = JSON.stringify(form).slice(1, -1)
    const html = form.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    const quoted = html.replaceAll('"', '&quot;')
    return [
      json,
      json.replaceAll('/', '\\/'),
      // Servers in Go and Ruby escape these as well.
      json.replace(/[<>&]/g, char => `\\u00${char.charCodeAt(0).toString(16)}`),
      html,
      quoted,
      quoted.replaceAll("'", '&#39;'),
      html.replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
      quoted.replaceAll("'", '&#x27;'),
      shellQuote(form).slice(1, -1),
    ]
  })
  return [...new Set([...plain, ...encoded, ...base64, ...base64url, ...escaped])]
    .filter(form => form !== '')
    .sort((a, b) => b.length - a.length)
}
