import { execFileSync } from 'node:child_process'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import type { ObjectFormat } from '../../src/refs/ref.ts'
import { type EntryHeader, inflateAt, PACK_HEADER_LENGTH, parseEntryHeader } from '../../src/wire/pack-entry.ts'
import { readPackObjects } from '../../src/wire/pack-objects.ts'
import { commitAll, createBare, git, gitEnvironment, writeBlob } from '../support/git-repository.ts'
import { withoutStacks } from '../support/stacks.ts'

/* Our reading of small packs that git has made, against what git says is in them. */

const PLENTY = 2 ** 24
const FORMATS = ['sha1', 'sha256'] as const
/** Of each object besides its bytes. */
const OVERHEAD = 256

const packOf = (directory: string, args: readonly string[], revs: readonly string[]): Buffer =>
  execFileSync('git', ['pack-objects', '-q', '--revs', '--stdout', ...args], {
    ...{ cwd: directory, env: gitEnvironment(), input: revs.map(rev => `${rev}\n`).join('') },
    stdio: ['pipe', 'pipe', 'inherit'],
  })

/** A pack without its checksum, which nobody reads: bytes of it change nothing. */
const withoutChecksum = (pack: Buffer, format: ObjectFormat): Buffer => pack.subarray(0, format === 'sha1' ? -20 : -32)

/** How git wrote each object. */
function headersOf(pack: Buffer, format: ObjectFormat): EntryHeader[] {
  const headers: EntryHeader[] = []
  for (let at = PACK_HEADER_LENGTH; headers.length < pack.readUInt32BE(8); ) {
    const header = parseEntryHeader(pack, at, format)
    const inflated = header && inflateAt(pack, at + header.length, header.size)
    if (!header || !inflated) throw new Error('the pack is too short')
    headers.push(header)
    at += header.length + inflated.length
  }
  return headers
}

const read = (pack: Buffer, format: ObjectFormat, most = PLENTY): string[] | string | null => {
  try {
    return readPackObjects(pack, format, most)?.map(({ oid, type }) => `${oid} ${type}`) ?? null
  } catch (error) {
    if (error instanceof Failure) return error.kind
    throw error
  }
}

describe.each(FORMATS)('%s', format => {
  let directory: string
  beforeAll(async () => {
    directory = await createBare(undefined, { objectFormat: format })
    const lines = Array.from({ length: 60 }, (_, index) => `line ${index * 7919}`)
    await commitAll(
      directory,
      Array.from({ length: 12 }, (_, index) => ({
        branch: 'main',
        message: `${lines.slice(0, 30).join('\n')}\n${index}\n`,
        files: { [`f${index}`]: `${lines.join('\n')}\n${index}\n`, 'deep/a': `${index}\n` },
      })),
    )
    await git(directory, ['tag', '-a', '-m', 'a tag', 'v1', 'main'])
    await git(directory, ['repack', '-adfq', '--window=20', '--depth=20'])
  })

  /** All objects, as git lists them. */
  const all = async (): Promise<string[]> =>
    (await git(directory, ['cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)'])).stdout.split('\n').sort()

  test.each([
    ['by distance', ['--delta-base-offset'], 'ofs-delta'],
    ['by name', [], 'ref-delta'],
    ['without deltas', ['--window=0', '--no-reuse-delta'], 'blob'],
  ] as const)('every object of a pack with bases %s', async (_, args, type) => {
    const pack = packOf(directory, args, ['v1'])
    expect(new Set(headersOf(pack, format).map(header => header.type))).toContain(type)
    const objects = readPackObjects(pack, format, PLENTY) ?? []
    expect(objects.map(object => `${object.oid} ${object.type}`).sort()).toEqual(await all())
    const [some] = objects.filter(object => object.type === 'blob').slice(-1)
    const { stdout } = await git(directory, ['cat-file', 'blob', some?.oid ?? ''])
    expect(some?.data.toString().replace(/\n$/, '')).toBe(stdout)
  })

  test('without objects', () => expect(readPackObjects(packOf(directory, [], []), format, 0)).toEqual([]))

  test('a pack that leans on what is not in it', () => {
    const pack = packOf(directory, ['--thin', '--delta-base-offset'], ['main', '^main~1'])
    expect(headersOf(pack, format).map(header => header.type)).toContain('ref-delta')
    expect(read(pack, format)).toBe('protocol-error')
  })

  test.each([['by distance', ['--delta-base-offset']] as const, ['by name', []] as const])(
    'a pack that was damaged, bases %s, is a failure, or not what it was',
    async (_, args) => {
      const pack = withoutChecksum(packOf(directory, args, ['main', '^main~3']), format)
      expect(headersOf(pack, format).some(({ type }) => type.endsWith('-delta'))).toBe(true)
      const whole = read(pack, format)
      expect(whole).toBeInstanceOf(Array)
      const lengths = [...pack.keys()]
      const unnoticed = await withoutStacks(() => lengths.filter(length => read(pack.subarray(0, length), format) !== 'protocol-error'))
      expect(unnoticed).toEqual([])
      let unharmed = 0
      await withoutStacks(() => {
        for (const at of lengths) {
          const damaged = Buffer.from(pack)
          damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << (at % 8)), at)
          if (String(read(damaged, format)) === String(whole)) unharmed += 1
        }
      })
      // What is deflated ends with some bits that mean nothing.
      expect(unharmed).toBeLessThanOrEqual(whole?.length ?? 0)
    },
  )

  test('a pack that says that it has more objects than it has', () => {
    const pack = packOf(directory, [], ['v1'])
    pack.writeUInt32BE(pack.readUInt32BE(8) + 1, 8)
    expect(read(withoutChecksum(pack, format), format)).toBe('protocol-error')
  })

  test('no more bytes than are wanted, before deltas are applied and after', () => {
    const pack = packOf(directory, ['--delta-base-offset'], ['v1'])
    const objects = readPackObjects(pack, format, PLENTY) ?? []
    const sizes = objects.map(({ data }, index) => {
      const header = headersOf(pack, format)[index]
      return OVERHEAD + (header?.size ?? 0) + (header?.type === 'ofs-delta' ? data.length : 0)
    })
    const least = sizes.reduce((sum, size) => sum + size, 0)
    expect(readPackObjects(pack, format, least)).toHaveLength(objects.length)
    expect(readPackObjects(pack, format, least - 1)).toBeNull()
  })

  test('an object that says that it is huge is not waited for', async () => {
    const blob = await writeBlob(directory, 'x')
    const pack = packOf(directory, [], [blob])
    const headerOf = (size: bigint): Buffer => {
      const bytes = [Number(size & 15n) | (3 << 4)]
      for (let rest = size >> 4n; rest > 0n; rest >>= 7n) {
        bytes.push((bytes.pop() ?? 0) | 128)
        bytes.push(Number(rest & 127n))
      }
      return Buffer.from(bytes)
    }
    const start = pack.subarray(0, PACK_HEADER_LENGTH)
    const rest = pack.subarray(PACK_HEADER_LENGTH + 1)
    expect(read(Buffer.concat([start, headerOf(1n), rest]), format)).toEqual([`${blob} blob`])
    expect(read(Buffer.concat([start, headerOf(2n ** 40n), rest]), format)).toBeNull()
  })
})
