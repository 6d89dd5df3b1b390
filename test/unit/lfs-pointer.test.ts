// git-lfs itself says what a pointer is: `pointer --check` for a file, `ls-files` for the blobs of a commit, as when it looks for what to push.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { collectPointers, type Pointer, parsePointer } from '../../src/lfs/pointer.ts'
import { POINTER_BYTES } from '../../src/limits/limits.ts'
import { cutIntoBatches } from '../../src/tasks/batches.ts'
import { createScratch, git } from '../support/git-repository.ts'

const A = 'a'.repeat(64)
const B = '0123456789abcdef'.repeat(4)
const V = 'version https://git-lfs.github.com/spec/v1'
const whole = `${V}\noid sha256:${A}\nsize 12\n`
const pointer = (size = 12, oid = A): Pointer => ({ oid, size })
/** A pointer of exactly so many bytes, filled up with an extension's name. */
const filled = (bytes: number): string => {
  const empty = `${V}\next-0- sha256:${B}\noid sha256:${A}\nsize 12\n`
  return empty.replace('ext-0-', `ext-0-${'x'.repeat(bytes - empty.length)}`)
}

const ROWS: readonly (readonly [what: string, contents: string, pointer: Pointer | null])[] = [
  ['as git-lfs writes it', whole, pointer()],
  ['no last line end', whole.trimEnd(), pointer()],
  ['line ends of Windows', whole.replaceAll('\n', '\r\n'), pointer()],
  ['a lone carriage return in a line', whole.replace('\noid', '\r\r\noid'), null],
  ['blanks around it', ` \n\t\u00a0\u0085${whole}\n \u2003`, pointer()],
  ['a byte order mark', `\ufeff${whole}`, null],
  ['a zero byte after it', `${whole}\0`, null],
  ['blank lines in between', whole.replaceAll('\n', '\n\n'), pointer()],
  ['a line of one blank in between', whole.replace('\noid', '\n \noid'), null],
  ['a blank after a value', whole.replace('\noid', ' \noid'), null],
  ['two blanks after a key', whole.replace('size ', 'size  '), null],
  ['a tab after a key', whole.replace('size ', 'size\t'), null],
  ['the version of the alpha', whole.replace(V, 'version http://git-media.io/v/2'), pointer()],
  ['the version before the release', whole.replace(V, 'version https://hawser.github.com/spec/v1'), pointer()],
  ['an unknown version', whole.replace('spec/v1', 'spec/v2'), null],
  ['the version over http', whole.replace('https:', 'http:'), null],
  ['no version', whole.replace(`${V}\n`, ''), null],
  ['a version without a value', whole.replace(V, 'version'), null],
  ['size before oid', `${V}\nsize 12\noid sha256:${A}\n`, null],
  ['no size', `${V}\noid sha256:${A}\n`, null],
  ['no oid', `${V}\nsize 12\n`, null],
  ['a fourth key', `${whole}note x\n`, null],
  ['a key in between', whole.replace('size', 'note x\nsize'), null],
  ['the same key twice', whole.replace('size', `oid sha256:${B}\nsize`), null],
  ['a key in capitals', whole.replace('oid', 'OID'), null],
  ['an oid in capitals', whole.replace(A, A.toUpperCase()), null],
  ['an oid that is too short', whole.replace(A, A.slice(1)), null],
  ['an oid that is too long', whole.replace(A, `${A}a`), null],
  ['another kind of oid', whole.replace('sha256', 'sha512'), null],
  ['an oid without its kind', whole.replace('sha256:', ''), null],
  ['size 0', whole.replace('12', '0'), pointer(0)],
  ['a size with a plus', whole.replace('12', '+12'), pointer()],
  ['size -0', whole.replace('12', '-0'), pointer(0)],
  ['a negative size', whole.replace('12', '-1'), null],
  ['a size in hexadecimal', whole.replace('12', '0x12'), null],
  ['a size with a point', whole.replace('12', '12.0'), null],
  ['a size with zeros in front', whole.replace('12', '0012'), pointer()],
  ['the largest size', whole.replace('12', '9223372036854775807'), pointer(Number(2n ** 63n - 1n))],
  ['a size that is larger', whole.replace('12', '9223372036854775808'), null],
  ['an extension', whole.replace('oid', `ext-0-crypt sha256:${B}\noid`), pointer()],
  ['two extensions, out of order', whole.replace('oid', `ext-1-b sha256:${B}\next-0-a sha256:${B}\noid`), pointer()],
  ['an extension before the version', `ext-0-a sha256:${B}\n${whole}`, pointer()],
  ['an extension before the size', whole.replace('size', `ext-0-a sha256:${B}\nsize`), pointer()],
  ['an extension at the end', `${whole}ext-0-a sha256:${B}\n`, null],
  ['two extensions of one priority', whole.replace('oid', `ext-0-a sha256:${B}\next-0-b sha256:${B}\noid`), null],
  ['one extension twice, the last right', whole.replace('oid', `ext-0-a nothing\next-0-a sha256:${B}\noid`), pointer()],
  ['an extension without an oid', whole.replace('oid', 'ext-0-a nothing\noid'), null],
  ['an extension without a name', whole.replace('oid', `ext-0- sha256:${B}\noid`), null],
  ['an extension with two digits', whole.replace('oid', `ext-10-a sha256:${B}\noid`), null],
  ['a pointer in a text', `See this:\n${whole}`, null],
  ['a script', '#!/bin/sh\n# git-lfs\nexit 0\n', null],
  ['as long as may be', filled(POINTER_BYTES - 1), pointer()],
]

const TOO_LONG: readonly (readonly [what: string, contents: string])[] = [
  ['one byte too long', filled(POINTER_BYTES)],
  ['followed by a whole file', `${whole}${'\n'.repeat(5000)}`],
]

describe('a blob is a pointer as git-lfs reads it', () => {
  let scratch = ''
  beforeAll(async () => {
    scratch = await createScratch()
  })

  test.each(ROWS)('%s', async (_, contents, expected) => {
    expect(parsePointer(Buffer.from(contents))).toEqual(expected)
    const file = join(scratch, 'checked')
    writeFileSync(file, contents)
    const { code } = await git(scratch, ['lfs', 'pointer', '--check', '--file', file], { allowFailure: true })
    expect(code).toBe(expected === null ? 1 : 0)
  })

  test.each(TOO_LONG)('%s', (_, contents) => expect(parsePointer(Buffer.from(contents))).toBeNull())

  test('an empty blob needs nothing moved', () => expect(parsePointer(Buffer.alloc(0))).toBeNull())

  test('and finds the same in a commit, with the same oids', async () => {
    const repository = await createScratch()
    const blobs = [...ROWS, ...TOO_LONG].map(([, contents], index) => ({ name: `row-${index}`, contents }))
    for (const { name, contents } of blobs) writeFileSync(join(repository, name), contents)
    await git(repository, ['add', '.'])
    await git(repository, ['commit', '-qm', 'rows'])
    const { stdout } = await git(repository, ['lfs', 'ls-files', '--long'])
    const found = stdout.split('\n').map(line => line.split(' '))
    const ours = blobs.flatMap(({ name, contents }) => {
      const read = parsePointer(Buffer.from(contents))
      // It lists none for which there is nothing to move.
      return read === null || read.size === 0 ? [] : [[name, read.oid]]
    })
    expect(Object.fromEntries(found.map(([oid, , name]) => [name, oid]))).toEqual(Object.fromEntries(ours))
    expect(ours.length).toBeGreaterThan(10)
  })

  test.each([1, 1023, 70_000])('what git-lfs makes of a file of %d bytes', async size => {
    const contents = Buffer.alloc(size, 'mirror')
    const file = join(scratch, 'file')
    writeFileSync(file, contents)
    const { stdout } = await git(scratch, ['lfs', 'pointer', '--file', file])
    const oid = createHash('sha256').update(contents).digest('hex')
    expect(parsePointer(Buffer.from(`${stdout}\n`))).toEqual({ oid, size })
  })
})

test('as many pointers as the limit allows are collected', async () => {
  async function* contents(...oids: string[]) {
    for (const oid of oids) yield Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 1\n`)
  }
  expect([...(await collectPointers(contents(A, B, A), 2)).keys()]).toEqual([A, B])
  await expect(collectPointers(contents(A, B), 1)).rejects.toMatchObject({
    kind: 'answer-too-large',
    message: 'the changes bring more than 1 LFS object',
  })
})

describe('batches', () => {
  const sizes = (batches: readonly (readonly Pointer[])[]) => batches.map(batch => batch.map(({ size }) => size))
  const sizeOf = ({ size }: Pointer) => size
  const of = (...all: number[]) => all.map(size => pointer(size))

  test.each<[number[], { size: number; items: number }, number[][]]>([
    [[], { size: 10, items: 10 }, []],
    [[4, 6, 1], { size: 10, items: 10 }, [[4, 6], [1]]],
    [[1, 1, 1, 1, 1], { size: 10, items: 2 }, [[1, 1], [1, 1], [1]]],
    [[1, 99, 1], { size: 10, items: 10 }, [[1], [99], [1]]],
    [[99, 99], { size: 10, items: 10 }, [[99], [99]]],
    [[5, 0, 5, 0, 1], { size: 10, items: 10 }, [[5, 0, 5, 0], [1]]],
  ])('%j within %j', (all, limits, batches) => {
    expect(sizes(cutIntoBatches(of(...all), sizeOf, limits))).toEqual(batches)
  })

  test('any iterable, in order', () => {
    const objects = new Set([pointer(3), pointer(3, B)])
    expect(cutIntoBatches(objects, sizeOf, { size: 100, items: 100 })).toEqual([[...objects]])
  })
})
