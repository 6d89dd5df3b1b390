import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { oidOf } from '../../src/wire/pack-entry.ts'
import { commit, commitAll, commitEntries, createBare, git, refsOf, writeBlob } from '../support/git-repository.ts'
import { pointer } from '../support/lfs-repository.ts'
import { serverOf, type TransferOptions, withTransfer } from '../support/transfers.ts'

/* Which LFS objects changes bring: the same by both transfers, whether they are asked of one by one or together, and what git itself lists. */

const WAYS = ['relay', 'git'] as const

/** The text of a pointer; told by its size, which makes its oid, too. */
const text = (size: number): string => pointer(createHash('sha256').update(String(size)).digest('hex'), size)

/** Ref without `refs/` → sizes of the objects that it brings. */
type Brought = Readonly<Record<string, readonly number[]>>

const sorted = (sizes: Iterable<number>): number[] => [...new Set(sizes)].sort((a, b) => a - b)

/** What a transfer says that each change brings, and all of them. */
async function askOf(name: (typeof WAYS)[number], sides: readonly [string, string], options: TransferOptions = {}) {
  return await withTransfer(
    name,
    sides,
    async ({ transfer, changes }) => {
      const sizesOf = async (some: typeof changes) =>
        sorted([...(await transfer.lfsPointers(some)).entries()].map(([oid, { size, ...rest }]) => (rest.oid === oid ? size : -1)))
      const alone: [string, number[]][] = []
      for (const change of changes) alone.push([change.ref.replace(/^refs\//, ''), await sizesOf([change])])
      return { alone: Object.fromEntries(alone), together: await sizesOf(changes) }
    },
    options,
  )
}

/** Blobs of pointers by their oids. */
const SIZES = new Map([1, 2, 3, 4, 5, 6].map(size => [oidOf('blob', Buffer.from(text(size)), 'sha1') as string, size]))

/**
 * The same by `git rev-list` in the source: `most` is what it lists, `least` only what no tip of the destination leads to. Of those tips it looks at the
 * files of few: of commits where new history begins.
 */
async function listed([source, destination]: readonly [string, string]) {
  const [ours, theirs] = [await refsOf(source), await refsOf(destination)]
  const held = (await git(source, ['cat-file', '--batch-check'], { input: [...theirs.values()].join('\n') })).stdout.split('\n')
  const common = held.flatMap(line => (line === '' || line.endsWith(' missing') ? [] : (line.split(' ')[0] ?? [])))
  const list = async (tips: readonly string[], without: readonly string[]): Promise<number[]> => {
    if (tips.length === 0) return []
    const input = [...tips, ...without.map(tip => `^${tip}`)].join('\n')
    const { stdout } = await git(source, ['rev-list', '--objects', '--no-object-names', '--stdin'], { input })
    return sorted(stdout.split('\n').flatMap(oid => SIZES.get(oid) ?? []))
  }
  const present = await list(common, [])
  const changed = [...new Set([...ours.keys(), ...theirs.keys()])].filter(ref => ours.get(ref) !== theirs.get(ref)).sort()
  const groups = [...changed.map(ref => [ref.replace(/^refs\//, ''), [ref]] as const), ['together', changed] as const]
  const [most, least]: [Record<string, number[]>, Record<string, number[]>] = [{}, {}]
  for (const [name, refs] of groups) {
    const tips = refs.flatMap(ref => ours.get(ref) ?? [])
    most[name] = await list(tips, common)
    least[name] = (await list(tips, [])).filter(size => !present.includes(size))
  }
  return { most, least }
}

interface Both {
  readonly source: string
  readonly destination: string
  /** Brings the destination to what the source has now. */
  readonly send: () => Promise<unknown>
}

type Build = (both: Both) => Promise<unknown>

const CASES: readonly (readonly [string, Build, Brought])[] = [
  [
    'a first mirror',
    ({ source }) =>
      commitAll(
        source,
        [1, 2].map(size => ({ branch: 'main', files: { [`${size}.bin`]: text(size), 'a.txt': 'text\n' } })),
      ),
    { 'heads/main': [1, 2] },
  ],
  [
    'a new branch from old history',
    async ({ source, send }) => {
      const main = await commit(source, 'main', { files: { 'a.bin': text(1) } })
      await send()
      await commit(source, 'feature', { parents: [main], files: { 'b.bin': text(2) } })
    },
    { 'heads/feature': [2] },
  ],
  [
    'a new branch at an old commit',
    async ({ source, send }) => {
      const [old = ''] = await commitAll(
        source,
        [1, 2].map(size => ({ branch: 'main', files: { 'a.bin': text(size) } })),
      )
      await send()
      await git(source, ['branch', 'feature', old])
    },
    { 'heads/feature': [] },
  ],
  [
    'a merge of which the destination has one parent',
    async ({ source, send }) => {
      const first = await commit(source, 'main', { files: { 'a.bin': text(1) } })
      await send()
      const other = await commit(source, 'other', { parents: [first], files: { 'b.bin': text(2) } })
      await git(source, ['branch', '-D', 'other'])
      await commit(source, 'main', { parents: [first, other], files: { 'b.bin': text(2), 'c.bin': text(3) } })
    },
    { 'heads/main': [2, 3] },
  ],
  [
    'a file that was moved',
    async ({ source, send }) => {
      await commit(source, 'main', { files: { 'a.bin': text(1) } })
      await send()
      await commit(source, 'main', { files: { 'a.bin': null, 'deep/b.bin': text(1) } })
    },
    { 'heads/main': [] },
  ],
  [
    'a file that was deleted again',
    async ({ source, send }) => {
      await commit(source, 'main', { files: { 'a.bin': text(1) } })
      await send()
      await commit(source, 'main', { files: { 'b.bin': text(2) } })
      await commit(source, 'main', { files: { 'b.bin': null } })
    },
    { 'heads/main': [2] },
  ],
  [
    'by tags alone: of a commit, of a tag, of a tree and of a file',
    async ({ source, send }) => {
      await commit(source, 'main', { files: { 'a.bin': text(1) } })
      await send()
      const tag = (name: string, object: string) => git(source, ['tag', '-a', '-m', name, name, object])
      await commit(source, 'other', { files: { 'b.bin': text(2) } })
      await tag('inner', 'other')
      await tag('outer', 'inner')
      await commit(source, 'other', { files: { 'c.bin': text(3) } })
      await git(source, ['tag', 'light', 'other'])
      await commit(source, 'other', { parents: [], files: { 'deep/d.bin': text(4) } })
      await tag('tree', 'other^{tree}')
      await tag('file', await writeBlob(source, text(5)))
      await git(source, ['tag', 'bare', await writeBlob(source, text(6))])
      await git(source, ['branch', '-D', 'other'])
      await git(source, ['tag', '-d', 'inner'])
    },
    { 'tags/bare': [6], 'tags/file': [5], 'tags/light': [2, 3], 'tags/outer': [2], 'tags/tree': [4] },
  ],
  [
    'a branch that was made anew',
    async ({ source, send }) => {
      const first = await commit(source, 'main', { files: { 'a.bin': text(1) } })
      await commit(source, 'main', { files: { 'b.bin': text(2) } })
      await send()
      await commit(source, 'main', { parents: [first], files: { 'c.bin': text(3) } })
      // Then nobody can tell that the first commit is at the destination.
      await git(source, ['repack', '-adq'])
      await git(source, ['prune', '--expire=now'])
    },
    { 'heads/main': [1, 3] },
  ],
  [
    'what an unrelated branch of the destination has, too, and git does not look for there',
    async ({ source, send }) => {
      await commit(source, 'main', { files: { 'a.bin': text(1) } })
      await commit(source, 'old', { parents: [], files: { 'b.bin': text(2) } })
      await send()
      await commit(source, 'main', { files: { 'b.bin': text(2), 'c.bin': text(3) } })
    },
    { 'heads/main': [2, 3] },
  ],
  [
    'tips of the destination that the source has not',
    async ({ source, destination, send }) => {
      await commit(source, 'main', { files: { 'a.bin': text(1) } })
      await send()
      await commit(destination, 'theirs', { files: { 'b.bin': text(2) } })
      await commit(source, 'main', { files: { 'b.bin': text(2) } })
    },
    { 'heads/main': [2], 'heads/theirs': [] },
  ],
  [
    'files of 1,023 bytes and of 1,024',
    ({ source }) =>
      commit(source, 'main', {
        files: { 'a.bin': `${text(1)}${'\n'.repeat(1023 - text(1).length)}`, 'b.bin': `${text(2)}${'\n'.repeat(1024 - text(2).length)}` },
      }),
    { 'heads/main': [1] },
  ],
  [
    'what an empty pointer names is nothing',
    ({ source }) => commit(source, 'main', { files: { 'a.bin': text(0), 'b.bin': '', 'c.bin': text(3) } }),
    { 'heads/main': [3] },
  ],
  [
    'a program and a symbolic link',
    async ({ source }) => {
      const [program, link] = [await writeBlob(source, text(1)), await writeBlob(source, text(2))]
      await commitEntries(source, 'main', { link: ['120000', link], program: ['100755', program], sub: ['160000', 'a'.repeat(40)] })
    },
    { 'heads/main': [1, 2] },
  ],
  [
    'several branches, some with the same files',
    async ({ source, send }) => {
      const main = await commit(source, 'main', { files: { 'a.bin': text(1) } })
      await commit(source, 'gone', { parents: [main], files: { 'z.bin': text(9) } })
      await send()
      await git(source, ['branch', '-D', 'gone'])
      await commitAll(source, [
        { branch: 'one', parents: [main], files: { 'b.bin': text(2) } },
        { branch: 'two', parents: [main], files: { 'b.bin': text(2), 'c.bin': text(3) } },
        { branch: 'three', parents: [1], files: { 'd.bin': text(4) } },
        { branch: 'main', files: { 'a.txt': 'text\n' } },
      ])
    },
    { 'heads/gone': [], 'heads/main': [], 'heads/one': [2], 'heads/three': [2, 3, 4], 'heads/two': [2, 3] },
  ],
]

/** Repositories that tests only read, so they are made once. */
type Sides = readonly [source: string, destination: string]

async function buildBoth(build: Build, objectFormat: 'sha1' | 'sha256' = 'sha1'): Promise<Sides> {
  const [source, destination] = [await createBare(undefined, { objectFormat }), await createBare(undefined, { objectFormat })]
  const send = () => git(source, ['push', '-q', '--mirror', destination])
  await build({ source, destination, send })
  return [source, destination]
}

const whole = (brought: Brought) => ({ alone: brought, together: sorted(Object.values(brought).flat()) })

describe.each(CASES)('%s', (_, build, brought) => {
  let sides: Sides
  beforeAll(async () => {
    sides = await buildBoth(build)
  })

  test.each(WAYS)('by %s', async name => expect(await askOf(name, sides)).toEqual(whole(brought)))
})

const SEVERAL = CASES.find(([title]) => title.startsWith('several branches')) ?? (['', async () => {}, {}] as const)

describe('with longer names of objects', () => {
  const [, build, brought] = SEVERAL
  let sides: Sides
  beforeAll(async () => {
    sides = await buildBoth(build, 'sha256')
  })

  test.each(WAYS)('by %s', async name => expect(await askOf(name, sides)).toEqual(whole(brought)))
})

describe('a server', () => {
  const [, build, brought] = SEVERAL
  let sides: Sides
  beforeAll(async () => {
    sides = await buildBoth(build)
  })

  const way = (source: string, ...rest: readonly string[]) => ({
    way: () => serverOf(source, { settings: [`uploadpack.allowFilter=${rest.length > 0}`, ...rest] }),
  })

  test('that sends no single trees is asked all the same', async () => {
    const options = way(sides[0], 'uploadpackfilter.tree.allow=false')
    const answers = await withTransfer(
      'relay',
      sides,
      async ({ transfer, changes }) => [
        await transfer.lfsUsage(),
        [...(await transfer.lfsPointers(changes)).values()].map(({ size }) => size),
      ],
      options,
    )
    expect(answers).toEqual([{ isUsed: null, config: null }, expect.arrayContaining(whole(brought).together)])
  })

  test.each([
    ['leaves nothing out', []],
    ['refuses to leave files out', ['uploadpackfilter.blob:limit.allow=false']],
  ] as const)('that %s gives all of them', async (_, settings) => {
    expect(await askOf('relay', sides, way(sides[0], ...settings))).toEqual(whole(brought))
  })
})

const COMMITS = 8
const FILES = ['a', 'b', 'c/d', 'c/e']
const NAMES = ['heads/main', 'heads/a', 'heads/b', 'tags/t']

const index = fc.nat({ max: COMMITS - 1 })
const refs = fc.dictionary(fc.constantFrom(...NAMES), index, { noNullPrototype: true })
const histories = fc.record({
  commits: fc.tuple(
    ...Array.from({ length: COMMITS }, (_, position) =>
      fc.record({
        parents:
          position === 0
            ? fc.constant([])
            : fc.uniqueArray(fc.nat({ max: position - 1 }), { minLength: position % 4 === 3 ? 0 : 1, maxLength: 2 }),
        files: fc.dictionary(fc.constantFrom(...FILES), fc.option(fc.integer({ min: 1, max: 6 })), { noNullPrototype: true, maxKeys: 3 }),
      }),
    ),
  ),
  source: refs,
  destination: refs,
})

test('random histories: git says what it lists, and the relay no more and no less than is needed', async () => {
  const property = fc.asyncProperty(histories, async ({ commits, source: ours, destination: theirs }) => {
    const sides = await buildBoth(async ({ source, destination }) => {
      const oids = await commitAll(
        source,
        commits.map(({ parents, files }, position) => ({
          branch: `build${position}`,
          parents,
          files: Object.fromEntries(Object.entries(files).map(([path, size]) => [path, size === null ? null : text(size)])),
        })),
      )
      const specs = (all: Readonly<Record<string, number>>) => Object.entries(all).map(([ref, position]) => `${oids[position]}:refs/${ref}`)
      if (Object.keys(theirs).length > 0) await git(source, ['push', '-q', destination, ...specs(theirs)])
      const updates = [
        ...oids.map((_, position) => `delete refs/heads/build${position}\n`),
        ...Object.entries(ours).map(([ref, position]) => `create refs/${ref} ${oids[position]}\n`),
      ]
      await git(source, ['update-ref', '--stdin'], { input: updates.join('') })
      // What the destination alone has must not be here by accident.
      await git(source, ['repack', '-adq'])
      await git(source, ['prune', '--expire=now'])
    })
    const expected = await listed(sides)
    const { alone, together } = await askOf('git', sides)
    expect({ ...alone, together }).toEqual(expected.most)
    const relayed = await askOf('relay', sides)
    for (const [name, sizes] of Object.entries({ ...relayed.alone, together: relayed.together })) {
      expect({ name, sizes }).toEqual({ name, sizes: expect.arrayContaining(expected.least[name] ?? [NaN]) })
      expect({ name, most: expected.most[name] }).toEqual({ name, most: expect.arrayContaining(sizes) })
    }
  })
  await fc.assert(property, { numRuns: 6, seed: 20_240_101 })
})
