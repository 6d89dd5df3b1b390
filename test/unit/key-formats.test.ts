// Every type of key in every format, through every mistake of pasting that is mended. Keys are made, and public halves judged, by the real ssh-keygen.
import { beforeAll, describe, expect, test } from '@jest/globals'
import { secretForms } from '../../src/credentials/secret-forms.ts'
import { countPrivateKeys, isEncrypted, looksLikePrivateKey, mendPrivateKey } from '../../src/keys/private-key.ts'
import { publicHalfOf } from '../../src/keys/public-half.ts'
import { publicHalf, readPrivateKey } from '../../src/ssh/key-pair.ts'
import { utils } from '../../src/ssh/ssh2.ts'
import { KEY_CASES, KEY_FORMATS, type MadeKey, makeKey, PASSPHRASE } from '../support/private-keys.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64')
const wrapped = (text: string, width: number, lineEnd: string): string => text.replace(new RegExp(`.{${width}}`, 'g'), `$&${lineEnd}`)
const hasHeaders = (key: string): boolean => key.includes('Proc-Type:')

/** What happens to a key between ssh-keygen and the secret. */
const DAMAGES: readonly (readonly [string, (key: string) => string])[] = [
  ['nothing', key => key],
  ['CRLF', key => key.replaceAll('\n', '\r\n')],
  ['CR', key => key.replaceAll('\n', '\r')],
  ['no last newline', key => key.trimEnd()],
  ['newlines spelled out', key => key.replaceAll('\n', '\\n')],
  ['CRLF spelled out', key => key.replaceAll('\n', '\\r\\n')],
  ['newlines lost to blanks', key => key.replaceAll('\n', ' ')],
  ['newlines lost', key => (hasHeaders(key) ? `${key}\n` : key.replaceAll('\n', ''))],
  ['indented', key => key.replaceAll(/^/gm, '    ')],
  ['a block of YAML', key => `key: |\n${key.replaceAll(/^/gm, '  ')}`],
  ['trailing blanks', key => key.replaceAll('\n', '  \n')],
  ['blank lines', key => key.replaceAll('\n', '\n\n')],
  ['blanks around it', key => `\n\t  ${key}\n  \n`],
  ['double quotes', key => `"${key}"`],
  ['single quotes around one line', key => `'${key.replaceAll('\n', '\\n')}'`],
  ['a string of JSON', key => JSON.stringify(key).replaceAll('/', '\\/')],
  ['byte order mark', key => `\uFEFF${key}`],
  ['invisible characters', key => key.replaceAll('\n', '\u200b\n')],
  ['no-break spaces', key => key.replaceAll('\n', '\u00a0\n')],
  ['text around it', key => `my key:\n${key}\n-- \nme`],
  ['twice the same', key => `${key}\n${key}`],
  ['base64 of the file', key => base64(key)],
  ['base64 of the file, wrapped', key => wrapped(base64(key), 76, '\n')],
  ['base64 of the file, wrapped with CRLF and quoted', key => `"${wrapped(base64(key), 64, '\r\n')}"`],
  ['base64 of the file, newlines spelled out', key => wrapped(base64(key), 60, '\\n')],
  ['base64 of the file with CRLF', key => base64(key.replaceAll('\n', '\r\n'))],
  ['base64 of the file in UTF-16', key => base64(Buffer.from(`\uFEFF${key}`, 'utf16le'))],
  ['base64 for URLs', key => Buffer.from(key).toString('base64url')],
]

const directory = temporaryDirectory()
const made = new Map<string, MadeKey>()
const keyOf = (type: string, format: string): MadeKey => {
  const key = made.get(`${type} ${format}`)
  if (key === undefined) throw new Error(`no ${type} as ${format}`)
  return key
}

beforeAll(async () => {
  for (const [type, format] of KEY_CASES) made.set(`${type} ${format}`, await makeKey(directory, type, format))
}, 60_000)

describe.each(KEY_CASES)('%s as %s', (type, format) => {
  test.each(DAMAGES)('%s', (_, damage) => {
    const { text, passphrase, publicHalf: expected } = keyOf(type, format)
    const damaged = damage(text)
    expect(looksLikePrivateKey(damaged)).toBe(true)
    expect(mendPrivateKey(damaged)).toBe(text)
    expect(countPrivateKeys(damaged)).toBe(1)
    // All types derive from the same text. Deriving the key of an encrypted file is slow on purpose, and slower for the other types.
    const isQuick = !KEY_FORMATS[format].encrypted && (type === 'ed25519' || type === 'ecdsa-256')
    if (!isQuick && damage !== DAMAGES[0]?.[1]) return
    expect(publicHalf(readPrivateKey(damaged, passphrase))).toBe(expected)
    expect(publicHalfOf(damaged, passphrase)).toBe(expected)
    expect(isEncrypted(mendPrivateKey(damaged))).toBe(KEY_FORMATS[format].encrypted)
  })

  test('every line of it is masked in every form, and its public half in none', () => {
    const { text, publicHalf: expected } = keyOf(type, format)
    const secretLines = text
      .trim()
      .split('\n')
      .filter(line => line.length >= 8 && !line.startsWith('-----') && !expected.includes(line))
    expect(secretLines.length).toBeGreaterThan(0)
    for (const [, damage] of DAMAGES) {
      const forms = secretForms(damage(text), ['git'])
      expect(secretLines.filter(line => !forms.includes(line))).toEqual([])
      expect(forms).toContain(text.trim())
      expect(forms).toContain(base64(text.trim()))
      expect(forms.filter(form => expected.includes(form))).toEqual([])
    }
  })

  test('a passphrase that ends with a line end, as from a file, or that is not needed: the key is read, and signs what its public half verifies', () => {
    const { text, publicHalf: expected } = keyOf(type, format)
    const key = readPrivateKey(text, `${PASSPHRASE}\r\n`)
    expect(publicHalf(key)).toBe(expected)
    const half = utils.parseKey(expected)
    if (half instanceof Error) throw half
    const signature = key.sign('words')
    if (signature instanceof Error) throw signature
    expect([half.verify('words', signature), half.verify('word', signature)]).toEqual([true, false])
  })
})
