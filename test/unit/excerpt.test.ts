import { describe, expect, test } from '@jest/globals'
import { classify, pushLimitIn } from '../../src/errors/error-table.ts'
import { remoteFailure } from '../../src/git/remote-failure.ts'
import { readLfsWords } from '../../src/lfs/words.ts'
import { cutLine, excerptLines, excerptOf } from '../../src/text/excerpt.ts'

const REASON = 'remote: GH013: Repository rule violations found'

describe('what is read of a text', () => {
  test('a short text whole, with its empty lines', () => expect(excerptOf('a\n\nb\r\n')).toBe('a\n\nb\r\n'))

  test('both ends of a long line', () => {
    const cut = cutLine(`begin${'x'.repeat(1_000_000)}end`)
    expect([cut.length < 8300, cut.startsWith('begin'), cut.endsWith('end'), cutLine('x'.repeat(8192))]).toEqual([
      true,
      true,
      true,
      'x'.repeat(8192),
    ])
  })

  test('the first and the last lines', () => {
    const lines = excerptLines(Array.from({ length: 5000 }, (_, index) => `line ${index}`).join('\r\n'))
    expect(lines).toHaveLength(401)
    expect([lines[0], ...lines.slice(199, 202), lines.at(-1)]).toEqual(['line 0', 'line 199', '…', 'line 4800', 'line 4999'])
  })

  test.each([
    ['one line', 'x'.repeat(5_000_000)],
    ['long lines', `${'x'.repeat(50_000)}\n`.repeat(100)],
    ['empty lines', '\n'.repeat(5_000_000)],
    ['short lines', 'x\n'.repeat(2_500_000)],
  ])('never more than 66,000 characters: %s', (_, text) => expect(excerptOf(text).length).toBeLessThan(66_000))
})

describe('a reason in a long text is found', () => {
  const noise = `${'refusing to allow '.repeat(100)}\n`.repeat(2000)
  test.each([
    ['at the beginning', `${REASON}\n${noise}`],
    ['at the end', `${noise}${REASON}\n`],
    ['at the beginning of a long line', `${REASON}${'x'.repeat(500_000)}`],
    ['at the end of a long line', `${'x'.repeat(500_000)}${REASON}`],
  ])('%s', (_, text) => {
    expect(classify(text)?.kind).toBe('ruleset-violation')
    expect(remoteFailure(text, 'there')).toMatchObject({ kind: 'ruleset-violation' })
  })

  test('a limit of refs', () => expect(pushLimitIn(`${noise}cannot update more than 7 branches`)).toBe(7))

  test('an object in a long line of git-lfs', () => {
    const oid = 'a'.repeat(64)
    const { objects, rest } = readLfsWords(`${'://'.repeat(120_000)} [404] https://lfs.example.com/${oid}\nx\n${'://'.repeat(120_000)}`)
    expect([[...objects.keys()], rest.length]).toEqual([[oid], 360_002])
  })
})
