// git itself says what a line gives: `git check-attr filter` for a file that its pattern fits.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { usesLfs } from '../../src/lfs/usage.ts'
import { createScratch, git } from '../support/git-repository.ts'

const ROWS: readonly (readonly [attributes: string, file: string, uses: boolean])[] = [
  ['', 'a.bin', false],
  ['*.bin filter=lfs diff=lfs merge=lfs -text', 'a.bin', true],
  ['*.bin -text merge=lfs filter=lfs', 'a.bin', true],
  ['*.bin\tfilter=lfs\r\n', 'a.bin', true],
  ['  \t*.bin filter=lfs', 'a.bin', true],
  ['\ufeff*.bin filter=lfs', 'a.bin', true],
  ['*.txt text\n\n*.bin filter=lfs\n', 'a.bin', true],
  ['# *.bin filter=lfs', 'a.bin', false],
  ['  # *.bin filter=lfs', 'a.bin', false],
  ['# x filter=lfs', 'x', false],
  ['\ufeff# x filter=lfs', 'x', false],
  ['*.bin # filter=lfs', 'a.bin', false],
  ['*.bin fil*er filter=lfs', 'a.bin', false],
  ['*.bin -filter', 'a.bin', false],
  ['*.bin !filter', 'a.bin', false],
  ['*.bin filter', 'a.bin', false],
  ['*.bin -filter=lfs', 'a.bin', false],
  ['*.bin filter=', 'a.bin', false],
  ['*.bin filter=lfs-x', 'a.bin', false],
  ['*.bin filter=LFS', 'a.bin', false],
  ['*.bin Filter=lfs', 'a.bin', false],
  ['*.bin diff=lfs merge=lfs', 'a.bin', false],
  ['*.bin filter=lfs -filter', 'a.bin', false],
  ['*.bin filter=lfs filter=crypt', 'a.bin', false],
  ['*.bin -filter filter=lfs', 'a.bin', true],
  ['filter=lfs text', 'filter=lfs', false],
  ['"a b.bin" filter=lfs', 'a b.bin', true],
  ['"a\\"b filter=lfs" text', 'a"b filter=lfs', false],
  ['"a filter=lfs', '"a', true],
  ['!*.bin filter=lfs', 'a.bin', false],
  ['[attr]big filter=lfs -text\n*.bin big', 'a.bin', true],
  ['[attr]big diff=lfs\n*.bin big', 'a.bin', false],
  [`*.bin ${'x '.repeat(1019)}filter=lfs`, 'a.bin', false],
]

describe('a .gitattributes uses LFS where git sees the filter', () => {
  let scratch = ''
  beforeAll(async () => {
    scratch = await createScratch()
  })

  test.each(ROWS)('%j', async (attributes, file, uses) => {
    expect(usesLfs(attributes)).toBe(uses)
    writeFileSync(join(scratch, '.gitattributes'), attributes)
    const { stdout } = await git(scratch, ['check-attr', '-z', 'filter', '--', file])
    expect(stdout.split('\0')[2] === 'lfs').toBe(uses)
  })
})

test('also where another line takes it away again, or no pattern has the macro', () => {
  expect(usesLfs('*.bin filter=lfs\n*.bin -filter\n')).toBe(true)
  expect(usesLfs('[attr]big filter=lfs\n')).toBe(true)
})
