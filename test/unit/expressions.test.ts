import { describe, expect, test } from '@jest/globals'
import { ERROR_TABLE } from '../../src/errors/error-table.ts'
import { SERVER_WARNINGS } from '../../src/errors/warnings.ts'
import { expressionsOfSource } from '../support/expressions-of-source.ts'
import { findSlowText } from '../support/super-linear.ts'

/** Expressions that are not linear, by the text that they read, which nobody but the user writes, and which is short. */
const BOUNDED: Readonly<Record<string, string>> = {
  '/-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----\\s*([\\s\\S]*?)\\s*-----END \\1-----/': "the user's secret, at GitHub 48 KiB at the most",
  '/\\s*([A-Za-z-]+):\\s*/g': "the header lines of the user's private key",
}

/** Expressions that are built at run time, each as one of those that it becomes. */
const BUILT: Readonly<Record<string, RegExp>> = {
  "new RegExp(BLOCK, 'g')": /a/,
  "new RegExp(`.{1,${width}}`, 'g')": /.{1,70}/g,
}

const all = expressionsOfSource()
const literals = new Map(all.flatMap(({ text, expression }) => (expression === null ? [] : [[text, expression] as const])))

describe('the work of an expression grows as its text does', () => {
  test('all of src/', () => {
    expect(literals.size).toBeGreaterThan(400)
    // A comment before an expression is no part of it.
    expect([...literals.keys()].filter(text => !/^\/(?![/*])/.test(text))).toEqual([])
    const slow = [...literals].flatMap(([text, expression]) => (findSlowText(expression) === null ? [] : [text]))
    expect(slow.sort()).toEqual(Object.keys(BOUNDED).sort())
  })

  test('those that are built at run time', () => {
    const built = all.flatMap(({ text, expression }) => (expression === null ? [text] : []))
    expect(new Set(built)).toEqual(new Set(Object.keys(BUILT)))
    expect(Object.values(BUILT).filter(expression => findSlowText(expression) !== null)).toEqual([])
  })

  test('the tables of known texts have literals alone', () => {
    const known = new Set([...literals.values()].map(String))
    expect([...ERROR_TABLE, ...SERVER_WARNINGS].map(({ match }) => String(match)).filter(text => !known.has(text))).toEqual([])
  })
})

describe('what the check finds', () => {
  test.each([
    [/refusing to allow .* to create/],
    [/:\/\/\S*\/([0-9a-f]{64})/],
    [/=+$/],
    [/^(a+)+$/],
    [/^(?:a|a)*$/],
    [/^(\w+\s?)*$/],
    [/^\s*x*\s*$/],
    [/^.*a.*b$/],
    [/a(?=.*c)/],
    [/(?<=^\d+)\./g],
    [/^[^\S\n]*:/m],
    [/^(a*)\1b$/],
    [/<[^>]*>[^,]*;/],
    [/x.*?y/],
  ])('%s is not linear', expression => expect(findSlowText(expression)).not.toBeNull())

  test.each([
    [/refusing to allow .{1,200} to create/],
    [/\s+/g],
    [/^\s*x+\s*$/],
    [/(?<!\/)\/+$/],
    [/'[^']*' was refused/],
    [/^(?:[a-z]+ )*$/],
    [/[0-9a-f]{64}/],
    [/a(?:(?!a).)*b/],
  ])('%s is linear', expression => expect(findSlowText(expression)).toBeNull())
})
