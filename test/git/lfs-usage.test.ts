import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from '@jest/globals'
import type { LfsUsage } from '../../src/lfs/usage.ts'
import { commit, commitAll, commitEntries, createBare, git, writeBlob } from '../support/git-repository.ts'
import { serverOf, type TransferOptions, withTransfer } from '../support/transfers.ts'

/* What the roots of a source say of LFS: the same by both transfers, as far as each can know. */

const LFS = '*.bin filter=lfs diff=lfs merge=lfs -text\n'
const OTHER = '*.txt text\n'
const CONFIG = '[lfs]\n\turl = https://lfs.example.org/o/r\n'

/** @param destination left out: an empty one */
async function usageBy(name: 'relay' | 'git', source: string, options: TransferOptions = {}, destination?: string): Promise<LfsUsage> {
  const sides = [source, destination ?? (await createBare())] as const
  return await withTransfer(name, sides, ({ transfer }) => transfer.lfsUsage(), options)
}

type Build = (source: string) => Promise<unknown>

const tagged = async (source: string, tag: string, object: string): Promise<void> =>
  void (await git(source, ['tag', '-a', '-m', tag, tag, object]))

const USAGES: readonly (readonly [string, Build, LfsUsage])[] = [
  ['nothing at all', async () => {}, { isUsed: false, config: null }],
  ['no attributes', source => commit(source, 'main', { files: { a: '1\n' } }), { isUsed: false, config: null }],
  ['an empty root', source => commit(source, 'main'), { isUsed: false, config: null }],
  ['attributes at the root', source => commit(source, 'main', { files: { '.gitattributes': LFS } }), { isUsed: true, config: null }],
  ['other attributes', source => commit(source, 'main', { files: { '.gitattributes': OTHER } }), { isUsed: false, config: null }],
  [
    'attributes in a folder alone',
    source => commit(source, 'main', { files: { 'a/.gitattributes': LFS } }),
    { isUsed: false, config: null },
  ],
  [
    'no longer in use',
    source =>
      commitAll(
        source,
        [null, LFS, OTHER].map(text => ({ branch: 'main', files: { '.gitattributes': text ?? '' } })),
      ),
    { isUsed: false, config: null },
  ],
  [
    'in use on another branch',
    source =>
      commitAll(source, [
        { branch: 'main', files: { a: '1\n' } },
        { branch: 'other', parents: [], files: { '.gitattributes': LFS } },
      ]),
    { isUsed: true, config: null },
  ],
  [
    'a symbolic link to attributes',
    async source => {
      const [link, file] = [await writeBlob(source, 'attributes'), await writeBlob(source, LFS)]
      await commitEntries(source, 'main', { '.gitattributes': ['120000', link], attributes: ['100644', file] })
    },
    { isUsed: false, config: null },
  ],
  [
    'an executable file',
    async source => commitEntries(source, 'main', { '.gitattributes': ['100755', await writeBlob(source, LFS)] }),
    { isUsed: true, config: null },
  ],
  [
    'folders of these names',
    source => commit(source, 'main', { files: { '.gitattributes/a': LFS, '.lfsconfig/a': CONFIG } }),
    { isUsed: false, config: null },
  ],
  [
    'a submodule of that name',
    source => commitEntries(source, 'main', { '.gitattributes': ['160000', 'a'.repeat(40)] }),
    { isUsed: false, config: null },
  ],
  [
    'in use by an annotated tag alone',
    async source => {
      const [main, , tip] = await commitAll(source, [
        { branch: 'main', files: { a: '1\n' } },
        { branch: 'other', parents: [], files: { a: '2\n' } },
        { branch: 'other', files: { '.gitattributes': LFS } },
      ])
      await tagged(source, 'v1', tip ?? '')
      await git(source, ['update-ref', 'refs/heads/other', main ?? ''])
    },
    { isUsed: true, config: null },
  ],
  [
    'in use by a tag of a tag',
    async source => {
      await commit(source, 'other', { files: { '.gitattributes': LFS } })
      await tagged(source, 'v1', 'other')
      await tagged(source, 'v2', 'v1')
      await git(source, ['update-ref', '-d', 'refs/tags/v1'])
      await git(source, ['update-ref', '-d', 'refs/heads/other'])
      await commit(source, 'main', { files: { a: '1\n' } })
    },
    { isUsed: true, config: null },
  ],
  [
    'in use by a tag of a tree',
    async source => {
      await commit(source, 'other', { files: { '.gitattributes': LFS } })
      await tagged(source, 'v1', 'other^{tree}')
      await git(source, ['update-ref', '-d', 'refs/heads/other'])
      await commit(source, 'main', { files: { a: '1\n' } })
    },
    { isUsed: true, config: null },
  ],
  [
    'a tag of a file',
    async source => {
      await commit(source, 'main', { files: { a: '1\n' } })
      await tagged(source, 'v1', await writeBlob(source, LFS))
    },
    { isUsed: false, config: null },
  ],
  [
    'the place of the default branch',
    source => commit(source, 'main', { files: { '.gitattributes': LFS, '.lfsconfig': CONFIG } }),
    { isUsed: true, config: CONFIG },
  ],
  ['a place without attributes', source => commit(source, 'main', { files: { '.lfsconfig': CONFIG } }), { isUsed: false, config: CONFIG }],
  [
    'the place that another branch names',
    source =>
      commitAll(source, [
        { branch: 'main', files: { '.gitattributes': LFS } },
        { branch: 'other', files: { '.lfsconfig': CONFIG } },
      ]),
    { isUsed: true, config: null },
  ],
]

const WAYS = ['relay', 'git'] as const

/** A server may send a tree by its own name alone: then the tips are asked for without trees first. What is in a root is read in the same way. */
const OF_TIPS = new Set([
  'nothing at all',
  'an empty root',
  'in use on another branch',
  'in use by an annotated tag alone',
  'in use by a tag of a tag',
  'in use by a tag of a tree',
  'a tag of a file',
  'the place of the default branch',
])
const SERVER = { settings: ['uploadpack.allowFilter=true', 'uploadpackfilter.tree.maxDepth=0'] }
const BY_NAME = 'relay, where a tree is sent by its own name alone' as const

describe.each(USAGES)('%s', (title, build, expected) => {
  let source: string
  beforeAll(async () => {
    source = await createBare()
    await build(source)
  })

  test.each(OF_TIPS.has(title) ? [...WAYS, BY_NAME] : WAYS)('by %s', async way => {
    const usage = way === BY_NAME ? usageBy('relay', source, { way: () => serverOf(source, SERVER) }) : usageBy(way, source)
    expect(await usage).toEqual(expected)
  })
})

describe.each(WAYS)('by %s', name => {
  test('with longer names of objects', async () => {
    const source = await createBare(undefined, { objectFormat: 'sha256' })
    await commit(source, 'main', { files: { '.gitattributes': LFS, '.lfsconfig': CONFIG } })
    const destination = await createBare(undefined, { objectFormat: 'sha256' })
    expect(await usageBy(name, source, {}, destination)).toEqual({ isUsed: true, config: CONFIG })
  })

  test('of a default branch that does not change, too', async () => {
    const source = await createBare()
    const [main, other] = await commitAll(source, [
      { branch: 'main', files: { '.gitattributes': LFS, '.lfsconfig': CONFIG } },
      { branch: 'other', parents: [], files: { a: '1\n' } },
    ])
    const destination = await createBare()
    await git(source, ['push', '-q', destination, `${main}:refs/heads/main`])
    expect(await usageBy(name, source, { wants: [other ?? ''] }, destination)).toEqual({ isUsed: true, config: CONFIG })
  })

  test('nothing is asked for where there is nothing to want', async () => {
    expect(await usageBy(name, await createBare(), { wants: [] })).toEqual({ isUsed: false, config: null })
  })
})

describe('by relay', () => {
  /** By a server of its own, and what it was asked for: `tree:1 1 true` is the filter, how many objects, and with a depth. */
  async function usageOf(source: string, server: Parameters<typeof serverOf>[1] = {}): Promise<{ usage: LfsUsage; asked: string[] }> {
    const asked: string[] = []
    const told = (request: string) => {
      if (!request.includes('command=fetch')) return
      const filter = /filter (\S+)/.exec(request)?.[1] ?? 'whole'
      if (filter !== 'whole') asked.push(`${filter} ${request.split('want ').length - 1} ${request.includes('deepen 1\n')}`)
    }
    const allowed = { ...server, settings: server.settings ?? ['uploadpack.allowFilter=true'] }
    const usage = await usageBy('relay', source, { way: () => serverOf(source, allowed, told) })
    return { usage, asked }
  }

  test('of a thousand tips in two requests', async () => {
    const source = await createBare()
    await commitAll(
      source,
      Array.from({ length: 1000 }, (_, index) => ({
        branch: `b${index}`,
        parents: [],
        files: { '.gitattributes': index === 700 ? LFS : `*.${index} text\n` },
      })),
    )
    const { usage, asked } = await usageOf(source)
    expect(usage).toEqual({ isUsed: true, config: null })
    expect(asked).toEqual(['tree:1 1000 true', 'tree:0 1000 false'])
  })

  test('without attributes in one request', async () => {
    const source = await createBare()
    await commitAll(source, [
      { branch: 'main', files: { a: '1\n' } },
      { branch: 'main', files: { b: '2\n' } },
    ])
    expect(await usageOf(source)).toEqual({ usage: { isUsed: false, config: null }, asked: ['tree:1 1 true'] })
  })

  test.each<[string, Parameters<typeof serverOf>[1]]>([
    ['leaves nothing out', { settings: ['uploadpack.allowFilter=false'] }],
    ['knows no depth', { version: 0 }],
    ['refuses to send no trees', { settings: ['uploadpack.allowFilter=true', 'uploadpackfilter.tree.allow=false'] }],
    ['refuses whatever is to be left out', { settings: ['uploadpack.allowFilter=true', 'uploadpackfilter.allow=false'] }],
  ])('a server that %s', async (_, server) => {
    const source = await createBare()
    await commit(source, 'main', { files: { '.gitattributes': LFS } })
    const { usage } = await usageOf(source, server)
    expect(usage).toEqual({ isUsed: null, config: null })
  })

  /** A source whose attributes are a large file. */
  const withAttributes = async (contents: Buffer, compression: string): Promise<string> => {
    const source = await createBare()
    const { stdout: file } = await git(source, ['-c', compression, 'hash-object', '-w', '--stdin'], { input: contents })
    await commitEntries(source, 'main', { '.gitattributes': ['100644', file] })
    return source
  }

  test('attributes that are too large as they are sent', async () => {
    // git would try for a second of a processor to make it smaller.
    const compression = 'core.compression=0'
    const source = await withAttributes(randomBytes(17 * 2 ** 20), compression)
    const { usage } = await usageOf(source, { settings: ['uploadpack.allowFilter=true', compression] })
    expect(usage).toEqual({ isUsed: null, config: null })
  })

  test('attributes that are too large as they are, which git sees, too', async () => {
    const compression = 'core.compression=1'
    const source = await withAttributes(Buffer.alloc(17 * 2 ** 20), compression)
    const { usage } = await usageOf(source, { settings: ['uploadpack.allowFilter=true', compression] })
    expect([usage, await usageBy('git', source)]).toEqual([
      { isUsed: null, config: null },
      { isUsed: null, config: null },
    ])
  })
})
