import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import type { Direction } from '../../src/settings/direction.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { commit, createBare, fsck, git, refsOf } from '../support/git-repository.ts'
import { type Mirrored, type MirrorOptions, runMirror } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/**
 * The one-way table, one ref a row: what becomes of it with `keep-divergent: false` and with `true`, or, for what is only at the destination, with the
 * deletions `merged`, `all` and `none`. All of them are in the same two repositories, so that each combination is a single run.
 */
const DIFFERENT: readonly (readonly [ref: string, off: string, on: string])[] = [
  ['heads/absent', 'created', 'created'],
  ['heads/behind', 'updated', 'updated'],
  ['heads/diverged', 'forced', 'kept diverged'],
  ['heads/main', 'up-to-date', 'up-to-date'],
  ['heads/rewound', 'forced', 'kept diverged'],
  ['heads/unrelated', 'forced', 'kept diverged'],
  ['tags/absent', 'created', 'created'],
  ['tags/annotated-now', 'forced', 'kept diverged'],
  ['tags/behind', 'forced', 'kept diverged'],
  ['tags/diverged', 'forced', 'kept diverged'],
  ['tags/of-a-blob-now', 'forced', 'kept diverged'],
  ['tags/same', 'up-to-date', 'up-to-date'],
]

const EXTRA: readonly (readonly [ref: string, merged: string, all: string, none: string])[] = [
  ['heads/extra-merged', 'deleted', 'deleted', 'kept not-pruned'],
  ['heads/extra-unmerged', 'kept not-merged', 'deleted', 'kept not-pruned'],
  ['heads/room', 'deleted', 'deleted', 'kept not-pruned'],
  ['heads/room/for-this', 'created', 'created', 'rejected ref-conflict'],
  // The default branch of the destination.
  ['heads/trunk', 'kept default-branch', 'kept default-branch', 'kept default-branch'],
  ['tags/extra-merged', 'deleted', 'deleted', 'kept not-pruned'],
  ['tags/extra-unmerged', 'kept not-merged', 'deleted', 'kept not-pruned'],
]

const DELETIONS = ['merged', 'all', 'none'] as const

let sample: string
beforeAll(async () => {
  sample = temporaryDirectory()
  const [source, destination] = [await createBare(join(sample, 'source')), await createBare(join(sample, 'destination'))]
  const first = await commit(source, 'main', { files: { a: '1' } })
  const second = await commit(source, 'main', { files: { a: '2' } })
  const third = await commit(source, 'main', { files: { a: '3' } })
  const refs = (directory: string, list: Readonly<Record<string, string>>) =>
    git(directory, ['update-ref', '--stdin'], {
      input: Object.entries(list)
        .map(([name, oid]) => `create refs/${name} ${oid}\n`)
        .join(''),
    })
  await git(destination, ['fetch', '-q', source, 'refs/heads/main:refs/heads/main'])
  const theirs = await commit(destination, 'diverged', { parents: [first], files: { theirs: '1' } })
  await commit(destination, 'unrelated', { parents: [], files: { own: '1' } })
  const ours = await commit(source, 'diverged', { parents: [first], files: { ours: '1' } })
  const blob = (await git(source, ['rev-parse', 'main:a'])).stdout
  await refs(source, {
    'heads/absent': ours,
    'heads/behind': third,
    'heads/rewound': first,
    'heads/unrelated': second,
    'heads/room/for-this': first,
    'tags/absent': second,
    'tags/behind': third,
    'tags/diverged': ours,
    'tags/of-a-blob-now': blob,
    'tags/same': third,
  })
  await git(source, ['tag', '-m', 'annotated', 'annotated-now', second])
  await refs(destination, {
    'heads/behind': first,
    'heads/rewound': third,
    'heads/extra-merged': second,
    'heads/extra-unmerged': theirs,
    'heads/room': first,
    'heads/trunk': second,
    'tags/annotated-now': second,
    'tags/behind': first,
    'tags/diverged': theirs,
    'tags/of-a-blob-now': first,
    'tags/same': third,
  })
  await git(destination, ['tag', '-m', 'annotated', 'extra-merged', second])
  await git(destination, ['tag', '-m', 'annotated', 'extra-unmerged', theirs])
  await git(destination, ['symbolic-ref', 'HEAD', 'refs/heads/trunk'])
})

/** A fresh copy of both repositories, and a way to mirror one to the other. */
function prepare(direction: Direction, transfer: string, options: MirrorOptions = {}) {
  const directory = temporaryDirectory()
  cpSync(sample, directory, { recursive: true })
  const [source, destination] = [join(directory, 'source'), join(directory, 'destination')]
  const [here, there] = direction === 'push' ? [source, destination] : [destination, source]
  const run = (inputs: RawInputs = {}): Promise<Mirrored> =>
    runMirror({ 'repository-url': here, 'remote-url': there, direction, transfer, ...inputs }, options)
  return { source, destination, run }
}

type Expected = readonly (readonly [ref: string, outcome: string])[]

const expectedOf = (keep: boolean, deletions: (typeof DELETIONS)[number]): Expected => [
  ...DIFFERENT.map(([ref, off, on]) => [ref, keep ? on : off] as const),
  ...EXTRA.map(([ref, ...outcomes]) => [ref, outcomes[DELETIONS.indexOf(deletions)] ?? ''] as const),
]

const inShort = (expected: Expected): Record<string, string> =>
  Object.fromEntries(expected.map(([ref, outcome]) => [ref.replace(/^heads\//, ''), outcome]))

const SETTLED = /^(?:created|updated|forced|deleted|up-to-date)$/

/** Runs, and looks at each ref of the destination, and at what is stored of what was lost there. */
async function check(
  direction: Direction,
  transfer: string,
  inputs: RawInputs,
  expected: Expected,
  options: MirrorOptions = {},
): Promise<void> {
  const { source, destination, run } = prepare(direction, transfer, options)
  const [from, before] = [await refsOf(source), await refsOf(destination)]
  const report = await run(inputs)
  expect(report).toMatchObject({ direction, failure: null, outcomes: inShort(expected) })
  const after = await refsOf(destination)
  for (const [name, outcome] of expected) {
    const ref = `refs/${name}`
    expect([name, after.get(ref)]).toEqual([name, (SETTLED.test(outcome) ? from : before).get(ref)])
  }
  expect(await refsOf(source)).toEqual(from)
  const { stdout } = await git(destination, ['for-each-ref', '--format=%(objectname)', 'refs/heads', 'refs/tags', 'refs/mirroring/backup'])
  const reachable = await git(destination, ['rev-list', '--objects', ...new Set(stdout.split('\n'))])
  for (const [ref, oid] of before) expect([ref, reachable.stdout.includes(oid)]).toEqual([ref, true])
  await fsck(source)
  await fsck(destination)
  const again = await run(inputs)
  expect(again.refs.filter(({ outcome }) => !/^(?:up-to-date|kept|rejected)$/.test(outcome))).toEqual([])
  expect(await refsOf(destination)).toEqual(after)
}

/** Each combination of the inputs, and without either. */
const ROWS: readonly (readonly [Direction, RawInputs, keep: boolean, deletions: (typeof DELETIONS)[number]])[] = (
  ['push', 'pull'] as const
).flatMap(direction => [
  ...DELETIONS.flatMap(prune =>
    [false, true]
      .filter(keep => !(direction === 'push' && prune === 'all' && keep))
      .map(keep => {
        const deletions = direction === 'push' && keep ? 'none' : prune
        return [direction, { prune, 'keep-divergent': String(keep) }, keep, deletions] as const
      }),
  ),
  direction === 'push' ? ([direction, {}, false, 'merged'] as const) : ([direction, {}, true, 'none'] as const),
])

// The refs alone decide, so the transfers take turns; random histories have each by both.
test.each(ROWS.map((row, index) => [...row, index % 2 === 0 ? 'relay' : 'git'] as const))(
  '%s %j: keep-divergent %s, prune %s, by the transfer %s',
  (direction, inputs, keep, deletions, transfer) => check(direction, transfer, inputs, expectedOf(keep, deletions)),
)

test('a pull takes just those branches that are protected here', async () => {
  const { source, destination, run } = prepare('pull', 'relay')
  const before = await refsOf(destination)
  const report = await run({ 'protected-only': 'true', 'protected-branches': 'behind, room/*, extra-*', tags: '!*', prune: 'merged' })
  expect(report.outcomes).toEqual({
    behind: 'updated',
    'extra-merged': 'deleted',
    'extra-unmerged': 'kept not-merged',
    'room/for-this': 'rejected ref-conflict',
  })
  const after = new Map(before)
  after.set('refs/heads/behind', (await refsOf(source)).get('refs/heads/behind') ?? '')
  after.delete('refs/heads/extra-merged')
  expect(await refsOf(destination)).toEqual(after)
})

test.each([
  ['push', 'merged', false],
  ['push', 'all', false],
  ['pull', 'none', true],
] as const)('over protocol v0, %s, prune %s, keep-divergent %s: the same', (direction, prune, keep) =>
  check(direction, 'relay', { prune, 'keep-divergent': String(keep) }, expectedOf(keep, prune), { protocol: 0 }),
)

test('a push that keeps divergent refs and prunes all contradicts itself', async () => {
  const { run } = prepare('push', 'relay')
  await expect(run({ prune: 'all', 'keep-divergent': 'true' })).rejects.toThrow('`all` contradicts `keep-divergent`')
})
