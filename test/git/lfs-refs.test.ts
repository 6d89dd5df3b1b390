import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { run } from '../support/child-process.ts'
import { commit, commitAll, createBare, git, gitEnvironment, refsOf } from '../support/git-repository.ts'
import { commitLfs, copyAll, pointer } from '../support/lfs-repository.ts'
import { objectFile, storedObjects } from '../support/lfs-server.ts'
import { type MirrorOptions, runMirror } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/* What becomes of the refs: which of them lack an object, what holds back the others, and where there is no git-lfs. Both sides on this machine. */

const WAYS = ['relay', 'git'] as const
const ATTRIBUTES = '*.bin filter=lfs diff=lfs merge=lfs -text\n'

interface Pair {
  readonly source: string
  readonly destination: string
  readonly run: (inputs?: RawInputs, options?: MirrorOptions) => ReturnType<typeof runMirror>
}

async function createPair(transfer: string): Promise<Pair> {
  const [source, destination] = [await createBare(), await createBare()]
  const inputs = { 'repository-url': source, 'remote-url': destination, transfer }
  return { source, destination, run: (more = {}, options = {}) => runMirror({ ...inputs, ...more }, options) }
}

/** Takes an object out of a repository's store. */
const lose = (repository: string, oid: string | undefined): void => rmSync(objectFile(repository, oid ?? ''))

describe.each(WAYS)('by %s', transfer => {
  test('each ref that lacks an object says so, and no other waits for it', async () => {
    const { source, destination, run: mirror } = await createPair(transfer)
    const { commit: main } = await commitLfs(source, 'main', { 'a.bin': 10 })
    const lost = await commitLfs(source, 'lost', { 'b.bin': 20, 'c.bin': 30 }, { parents: [main] })
    await commitLfs(source, 'both', { 'd.bin': 40 }, { parents: [lost.commit] })
    await commitLfs(source, 'fine', { 'e.bin': 50 }, { parents: [main] })
    await git(source, ['tag', '-a', '-m', 'x', 'v1', 'lost'])
    lose(source, lost.objects.get('b.bin'))
    const report = await mirror()
    expect(report).toMatchObject({
      status: 'partial',
      transfer,
      lfs: { moved: { objects: 4, bytes: 130 }, present: { objects: 0 }, failed: { objects: 1, bytes: 20 } },
      outcomes: {
        ...{ main: 'created', fine: 'created', lost: 'rejected lfs-object-missing' },
        ...{ both: 'rejected lfs-object-missing', 'tags/v1': 'rejected lfs-object-missing' },
      },
    })
    const needs = Object.fromEntries(report.refs.map(({ ref, lfs }) => [ref, lfs?.bytes]))
    expect(needs).toEqual({
      ...{ 'refs/heads/main': 10, 'refs/heads/fine': 60, 'refs/heads/lost': 60, 'refs/heads/both': 100, 'refs/tags/v1': 60 },
    })
    expect(report.refs.find(({ ref }) => ref === 'refs/heads/lost')?.reason).toContain(lost.objects.get('b.bin'))
    expect([...(await refsOf(destination)).keys()]).toEqual(['refs/heads/fine', 'refs/heads/main'])
  })

  test('a dry run tells how many would be asked for, and moves none', async () => {
    const { source, destination, run: mirror } = await createPair(transfer)
    await commitLfs(source, 'main', { 'a.bin': 1000, 'b.bin': 24 })
    const report = await mirror({ 'dry-run': 'true' }, { environment: { PATH: withoutLfs } })
    expect(report).toMatchObject({ failure: null, lfs: null, outcomes: { main: 'skipped' } })
    expect(report.notices).toContain('of 2 LFS objects (1.0 KiB), those that the destination lacks would be moved')
    expect(storedObjects(destination).size).toBe(0)
  })
})

test('by relay, with `atomic`: no ref goes; without, by git: those that lack nothing', async () => {
  const { source, destination, run: mirror } = await createPair('relay')
  await commitLfs(source, 'main', { 'a.bin': 10 })
  await copyAll(source, destination)
  const before = await refsOf(destination)
  await commitLfs(source, 'main', { 'b.bin': 20 })
  const lost = await commitLfs(source, 'other', { 'c.bin': 30 })
  lose(source, lost.objects.get('c.bin'))
  const report = await mirror({ atomic: 'true' })
  expect(report.outcomes).toEqual({ main: 'kept lfs-object-missing', other: 'rejected lfs-object-missing' })
  expect(report.refs.find(({ ref }) => ref === 'refs/heads/main')?.reason).toContain('`atomic` is set')
  expect(await refsOf(destination)).toEqual(before)
  expect(await mirror({ transfer: 'git' })).toMatchObject({ outcomes: { main: 'updated', other: 'rejected lfs-object-missing' } })
})

test('by relay: where to look through each would take too long, those that lack an object are found by halves', async () => {
  const { source, destination, run: mirror } = await createPair('relay')
  const { commit: main } = await commitLfs(source, 'main', { 'a.bin': 10 })
  const lost = await commitLfs(source, 'lost', { 'b.bin': 20 }, { parents: [main] })
  await commitLfs(source, 'fine', { 'c.bin': 30 }, { parents: [main] })
  lose(source, lost.objects.get('b.bin'))
  let seconds = 0
  const now = () => {
    seconds += 11
    return new Date(1000 * seconds)
  }
  const report = await mirror({}, { now })
  expect(report.outcomes).toEqual({ main: 'created', fine: 'created', lost: 'rejected lfs-object-missing' })
  expect(report.refs.flatMap(({ lfs }) => lfs ?? [])).toEqual([])
  expect([...(await refsOf(destination)).keys()]).toEqual(['refs/heads/fine', 'refs/heads/main'])
})

test('by git: of very many refs those that lack an object are found all the same', async () => {
  const { source, destination, run: mirror } = await createPair('git')
  const names = Array.from({ length: 70 }, (_, index) => `b${String(index).padStart(2, '0')}`)
  const { commit: main } = await commitLfs(source, 'main', { 'a.bin': 10 })
  const absent = 'f'.repeat(64)
  await commitAll(
    source,
    names.map((branch, index) => ({ branch, parents: [main], files: { 'b.bin': index % 33 === 5 ? pointer(absent, 7) : `${index}\n` } })),
  )
  const report = await mirror()
  const lacking = report.refs.filter(({ outcome }) => outcome === 'rejected')
  expect(lacking.map(({ ref, code }) => [ref, code])).toEqual(['b05', 'b38'].map(name => [`refs/heads/${name}`, 'lfs-object-missing']))
  for (const { reason } of lacking) expect(reason).toContain(absent)
  expect(report.counts).toMatchObject({ created: 69, rejected: 2 })
  expect(report.refs.some(({ lfs }) => lfs !== undefined)).toBe(false)
  expect((await refsOf(destination)).size).toBe(69)
})

/** A search path on which git is, and no git-lfs. */
let withoutLfs: string
beforeAll(async () => {
  withoutLfs = join(temporaryDirectory(), 'bin')
  mkdirSync(withoutLfs)
  for (const name of ['git', 'sh', 'cat', 'rm']) {
    const { stdout } = await run('which', [name], { cwd: '/', env: gitEnvironment() })
    symlinkSync(stdout.trim(), join(withoutLfs, name))
  }
})

describe('without git-lfs, by turns', () => {
  const mirrorFrom = async (transfer: string, files: Readonly<Record<string, string>>, inputs: RawInputs) => {
    const pair = await createPair(transfer)
    await commit(pair.source, 'main', { files })
    return { ...pair, report: await pair.run(inputs, { environment: { PATH: withoutLfs } }) }
  }
  type Row = [transfer: 'relay' | 'git', what: string, files: Readonly<Record<string, string>>, inputs: RawInputs]
  const LFS = { '.gitattributes': ATTRIBUTES, 'a.bin': pointer('a'.repeat(64), 5) }

  test.each<Row>([
    ['relay', '`true` ends the run, whether LFS is in use or not', { a: '1\n' }, { lfs: 'true' }],
    ['git', '`auto` ends a run that needs objects', LFS, {}],
  ])('by %s: %s', async (transfer, _, files, inputs) => {
    const { report, destination } = await mirrorFrom(transfer, files, inputs)
    expect(report.failure).toMatchObject({ kind: 'git-lfs-missing', hint: expect.stringContaining('apt-get install git-lfs') })
    expect((await refsOf(destination)).size).toBe(0)
  })

  test.each<Row>([
    ['relay', '`auto` goes on where LFS is not in use', { a: '1\n' }, {}],
    ['git', '`auto` goes on where it could be in use, and is not', { '.gitattributes': ATTRIBUTES, a: '1\n' }, {}],
    ['relay', '`false` mirrors without the objects', LFS, { lfs: 'false' }],
  ])('by %s: %s', async (transfer, _, files, inputs) => {
    const { report, destination } = await mirrorFrom(transfer, files, inputs)
    expect(report).toMatchObject({ failure: null, status: 'updated', lfs: null, transfer })
    expect((await refsOf(destination)).size).toBe(1)
  })

  test('by git: `true` has nothing to say where nothing changes', async () => {
    const { source, destination, run: mirror } = await createPair('git')
    await commit(source, 'main')
    await git(source, ['push', '-q', '--mirror', destination])
    expect(await mirror({ lfs: 'true' }, { environment: { PATH: withoutLfs } })).toMatchObject({ failure: null, status: 'up-to-date' })
  })
})
