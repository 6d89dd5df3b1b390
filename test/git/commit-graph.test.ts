import { execFileSync } from 'node:child_process'
import { deflateSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from '@jest/globals'
import type { Pair } from '../../src/plan/plan.ts'
import type { ObjectFormat, Oid, RefName } from '../../src/refs/ref.ts'
import { proveRelations } from '../../src/transfer/relay/ancestry.ts'
import { packStream, readCommits } from '../../src/transfer/relay/pack-stream.ts'
import type { Fetched } from '../../src/transfer/relay/upload-pack.ts'
import { CommitGraph } from '../../src/wire/commit-graph.ts'
import { type EntryHeader, inflateAt, PACK_HEADER_LENGTH, parseEntryHeader, parsePackHeader } from '../../src/wire/pack-entry.ts'
import { commitAll, createBare, git, gitEnvironment, type NewCommit } from '../support/git-repository.ts'
import { withoutStacks } from '../support/stacks.ts'

/*
 * What our reading of a pack's head says of a random history, against what `git rev-list` says of it. The commits are long and alike, so that git
 * writes most of them as deltas.
 */

const COMMITS = 240
/** Otherwise git passes parts of its own pack on as they lie there, with deltas of objects that a receiver of a thin pack has. */
const ANEW = '--no-use-bitmap-index'

/** Of these, the older ones; what a destination might have. */
const OLDER = 100

/** Numbers from 0 up to 1, the same in every run (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** First commits, lines, merges and octopus merges; a file or two changes now and then. */
function randomHistory(seed: number): NewCommit[] {
  const random = numbersFrom(seed)
  const pick = (most: number) => Math.floor(random() * most)
  const text = Array.from({ length: 40 }, () => random().toString(36).slice(2, 7)).join('\n')
  return Array.from({ length: COMMITS }, (_, index) => {
    const wanted = index === 0 || random() < 0.03 ? 0 : random() < 0.75 ? 1 : 2 + pick(6)
    const parents = new Set(Array.from({ length: wanted }, () => Math.max(0, index - 1 - pick(Math.min(index, 25)))))
    return {
      branch: `b${pick(8)}`,
      parents: [...parents],
      message: `${text}\n${index} ${random()}\n`,
      ...(random() < 0.3 && { files: { [`f${pick(5)}`]: `${text}\n${random()}\n` } }),
    }
  })
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

const fetched = (pack: Buffer, size: number): Fetched => ({
  common: new Set(),
  shallow: false,
  hasPack: true,
  pack: inPieces(pack, size),
  abort: () => {},
})

/** How git wrote the first so many objects. */
function typesOf(pack: Buffer, count: number, format: ObjectFormat): Set<EntryHeader['type']> {
  const types = new Set<EntryHeader['type']>()
  for (let at = PACK_HEADER_LENGTH, index = 0; index < count; index++) {
    const header = parseEntryHeader(pack, at, format)
    const inflated = header && inflateAt(pack, at + header.length, header.size)
    if (!header || !inflated) throw new Error('the pack is too short')
    types.add(header.type)
    at += header.length + inflated.length
  }
  return types
}

describe.each(['sha1', 'sha256'] as const)('%s', format => {
  let directory: string
  let oids: readonly Oid[]
  let newest: Oid
  /** Annotated tags, of whatever. */
  const TAGS = ['commit', 'merge', 'tag', 'tree', 'blob']

  beforeAll(async () => {
    directory = await createBare(undefined, { objectFormat: format })
    oids = (await commitAll(directory, randomHistory(format === 'sha1' ? 1 : 2))) as Oid[]
    newest = oids.at(-1) as Oid
    const octopus = (await git(directory, ['rev-list', '--min-parents=3', '-1', '--all'])).stdout
    const objects = [oids[OLDER] ?? '', octopus, 'refs/tags/commit', `${newest}^{tree}`, `${newest}:f0`]
    for (const [index, name] of TAGS.entries()) await git(directory, ['tag', '-a', '-m', `a tag of a ${name}`, name, objects[index] ?? ''])
    await git(directory, ['repack', '-adfq', '--window=20', '--depth=20'])
  })

  /** The commits of a range, each with its parents. @param revs as `git rev-list` takes them from standard input */
  async function revList(revs: readonly string[]): Promise<Map<string, string[]>> {
    const all = revs.length === 0 ? ['--all'] : []
    const { stdout } = await git(directory, ['rev-list', '--parents', ...all, '--stdin'], { input: revs.map(rev => `${rev}\n`).join('') })
    const lines = stdout.split('\n').filter(line => line !== '')
    return new Map(lines.map(line => line.split(' ')).map(([oid = '', ...parents]) => [oid, parents]))
  }

  function packOf(args: readonly string[], revs: readonly string[]): Buffer {
    const all = revs.length === 0 ? ['--all'] : []
    return execFileSync('git', ['pack-objects', '-q', '--revs', '--stdout', ...args, ...all], {
      cwd: directory,
      env: gitEnvironment(),
      input: revs.map(rev => `${rev}\n`).join(''),
      stdio: ['pipe', 'pipe', 'inherit'],
      maxBuffer: 2 ** 26,
    })
  }

  const asMap = (graph: CommitGraph): Map<string, readonly string[]> => new Map([...graph.parents].sort())
  const sorted = (commits: ReadonlyMap<string, readonly string[]>) => new Map([...commits].sort())
  const range = () => [newest, ...TAGS.slice(0, 2), `^${oids[OLDER]}`]

  test('the history is as wild as it should be', async () => {
    const parents = [...(await revList([])).values()].map(list => list.length)
    expect(Math.max(...parents)).toBeGreaterThan(3)
    expect(parents.filter(count => count === 0).length).toBeGreaterThan(1)
    expect(parents.filter(count => count === 2).length).toBeGreaterThan(5)
  })

  describe.each<[string, readonly string[], () => readonly string[], EntryHeader['type'] | null]>([
    ['everything, as it lies there, deltas by distance', ['--delta-base-offset'], () => [], 'ofs-delta'],
    ['everything, deltas by distance', [ANEW, '--delta-base-offset'], () => [], 'ofs-delta'],
    ['everything, deltas by name', [ANEW], () => [], 'ref-delta'],
    ['everything, without deltas', [ANEW, '--window=0', '--no-reuse-delta'], () => [], null],
    ['commits and tags alone', [ANEW, '--delta-base-offset', '--filter=tree:0'], () => [], 'ofs-delta'],
    ['a thin pack, deltas by distance', [ANEW, '--thin', '--delta-base-offset'], range, 'ofs-delta'],
    ['a thin pack, deltas by name', [ANEW, '--thin'], range, 'ref-delta'],
    ['a thin pack of commits and tags', [ANEW, '--thin', '--filter=tree:0'], range, 'ref-delta'],
  ])('%s', (_, args, revs, delta) => {
    const isFiltered = args.includes('--filter=tree:0')

    test('all of its commits are read, with all of their parents', async () => {
      const expected = sorted(await revList(revs()))
      const pack = packOf(args, revs())
      // Tags, and what they lead to, are among the commits.
      const types = typesOf(pack, Math.min(expected.size, parsePackHeader(pack)), format)
      expect(delta === null ? types.has('ofs-delta') || types.has('ref-delta') : !types.has(delta)).toBe(false)
      expect(expected.size).toBeGreaterThan(50)
      for (const size of [1, 1000, 65_536]) {
        const graph = await withoutStacks(() => packStream(fetched(pack, size), 'here').readHead(format))
        expect(asMap(graph)).toEqual(expected)
        expect(graph.ended).toBe(true)
        const { parents, whole } = await withoutStacks(() => readCommits(fetched(pack, size), format))
        expect(sorted(parents)).toEqual(expected)
        if (isFiltered) expect(whole).toBe(true)
      }
    })

    test('cut off anywhere, what was read is right', async () => {
      const expected = await revList(revs())
      const pack = packOf(args, revs())
      for (let length = 0; length < pack.length; length += Math.ceil(pack.length / 30)) {
        const graph = new CommitGraph(format)
        await withoutStacks(() => {
          graph.push(pack.subarray(0, length))
          graph.finish()
        })
        expect([...graph.parents].filter(([oid, parents]) => parents.join() !== expected.get(oid)?.join())).toEqual([])
      }
    })
  })

  test('what the head of a pack proves is so', async () => {
    const random = numbersFrom(3)
    const reachable = [...(await revList([])).keys()] as Oid[]
    const pick = () => reachable[Math.floor(random() * reachable.length)] as Oid
    const packs = [packOf([], []), packOf(['--thin'], range())]
    const graphs = await Promise.all(packs.map(pack => packStream(fetched(pack, 65_536), 'here').readHead(format)))
    const seen = new Set<string>()
    for (let round = 0; round < 12; round++) {
      const into = pick()
      const contained = await revList([into])
      const pairs: Pair[] = Array.from({ length: 60 }, (_, index) => ({ ref: `refs/heads/${index}` as RefName, tip: pick(), into }))
      for (const [which, { parents }] of graphs.entries()) {
        const proofs = [...proveRelations(parents, pairs)].map(([{ tip }, proof]) => ({ tip, proof }))
        for (const { proof } of proofs) seen.add(`${which} ${proof}`)
        const proven = proofs.filter(({ proof }) => proof !== 'open')
        expect(proven).toEqual(proven.map(({ tip }) => ({ tip, proof: contained.has(tip) ? 'ancestor' : 'diverged' })))
      }
    }
    // All of the history leaves no question open.
    expect([...seen].filter(one => one.startsWith('0')).sort()).toEqual(['0 ancestor', '0 diverged'])
    expect(seen).toContain('1 ancestor')
    expect(seen).toContain('1 open')
  })

  test('a commit that is a delta of one outside is passed over, and so is what is a delta of that', async () => {
    const list = [...(await revList([])).keys()]
    const [outside = '', first = '', second = '', third = '', fourth = ''] = list
    const text = (oid: string): Buffer => execFileSync('git', ['cat-file', 'commit', oid], { cwd: directory, env: gitEnvironment() })
    const size = (length: number): number[] => (length < 128 ? [length] : [(length & 127) | 128, ...size(length >> 7)])
    const head = (type: number, length: number): Buffer =>
      Buffer.from(length < 16 ? [(type << 4) | length] : [(type << 4) | (length & 15) | 128, ...size(length >> 4)])
    const whole = (oid: string): Buffer => Buffer.concat([head(1, text(oid).length), deflateSync(text(oid))])
    // Puts all of it in, a piece at a time, and takes nothing from its base.
    const deltaOf = (base: string, oid: string): Buffer => {
      const bytes = text(oid)
      const parts = Array.from({ length: Math.ceil(bytes.length / 127) }, (_, index) => bytes.subarray(127 * index, 127 * (index + 1)))
      const delta = Buffer.concat([
        Buffer.from([...size(text(base).length), ...size(bytes.length)]),
        ...parts.flatMap(part => [Buffer.of(part.length), part]),
      ])
      return Buffer.concat([head(7, delta.length), Buffer.from(base, 'hex'), deflateSync(delta)])
    }
    const header = Buffer.from('5041434b0000000200000005', 'hex')
    const pack = Buffer.concat([
      header,
      whole(first),
      deltaOf(first, second),
      deltaOf(outside, third),
      whole(outside),
      deltaOf(third, fourth),
    ])
    const expected = await revList([])
    for (const length of [1, 100, 65_536]) {
      const graph = await withoutStacks(() => readCommits(fetched(pack, length), format))
      expect(asMap(graph)).toEqual(sorted(new Map([first, second, outside].map(oid => [oid, expected.get(oid) ?? []]))))
      expect(graph.whole).toBe(false)
    }
  })
})
