import { secretForms as formsOfMasks } from '../../src/credentials/secret-forms.ts'

// Shorter ones are also found by chance.
const SHORTEST = 8

/**
 * Every form in which a secret could be printed: as it is, each line, URL-encoded, and in base64 whatever stands before it (`user:`).
 * Lines that say nothing, such as a key's first one, are left out.
 */
export function secretForms(secret: string): string[] {
  const whole = secret.trim()
  const parts = [whole, ...whole.split(/\r?\n/).map(line => line.trim())].filter(part => !/^-----[A-Z ]+-----$/.test(part))
  const forms = parts.flatMap(part => [
    part,
    encodeURIComponent(part),
    new URLSearchParams([['', part]]).toString().slice(1),
    ...base64Forms(part),
  ])
  return [...new Set([...forms, whole.replaceAll('\n', '\\n'), whole.replaceAll('\n', '%0A')])].filter(form => form.length >= SHORTEST)
}

// The characters that depend on the neighbours are cut off: one form for each of the three places at which a group can begin.
function base64Forms(text: string): string[] {
  const length = Buffer.byteLength(text)
  const encoded = [0, 1, 2].map(before => {
    const all = Buffer.from('\0'.repeat(before) + text).toString('base64')
    return all.slice(Math.ceil((before * 8) / 6), Math.floor(((before + length) * 8) / 6))
  })
  return encoded.flatMap(form => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
}

/** The places at which a text shows one of the secrets in any form: `line 3: <form, shortened>`. */
export function findSecrets(text: string, secrets: readonly string[]): string[] {
  const forms = [...new Set(secrets.filter(secret => secret.trim().length >= SHORTEST).flatMap(secretForms))]
  return forms.flatMap(form => {
    const at = text.indexOf(form)
    return at === -1 ? [] : [`line ${text.slice(0, at).split('\n').length}: ${JSON.stringify(form.slice(0, 12))}…`]
  })
}

/** Whether a text shows one of the secrets, in a form that our masks know, or in one that the tests know. @param usernames that stand before a secret in base64 */
export function searchFor(secrets: readonly string[], usernames: readonly string[]): (text: string) => boolean {
  const all = secrets.map(secret => new Set([...secretForms(secret), ...formsOfMasks(secret, usernames)]))
  // A form that two secrets have in common belongs to their format, such as the first line of every key of one type.
  const forms = all.flatMap(one => [...one].filter(form => all.every(other => other === one || !other.has(form))))
  // The environments of a machine's other processes are searched again and again.
  const clean = new Set<string>()
  return text => {
    if (clean.has(text)) return false
    if (forms.some(form => text.includes(form))) return true
    clean.add(text)
    return false
  }
}
