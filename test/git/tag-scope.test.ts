import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { commit, commitAll, copyInto, createBare, fsck, git, refsOf } from '../support/git-repository.ts'
import { type MirrorOptions, runMirror } from '../support/mirror.ts'
import { serverOf } from '../support/transfers.ts'

const FILTER = ['uploadpack.allowFilter=true']

/** `main` has the commits 1, 2, 3; `private` and `own` come from 2. */
let sample: string
beforeAll(async () => {
  sample = await createBare()
  const oids = await commitAll(sample, [
    { branch: 'main', files: { a: '1' } },
    { branch: 'main', files: { a: '2' } },
    { branch: 'main', files: { a: '3' } },
  ])
  await commit(sample, 'private', { parents: [oids[1] ?? ''], files: { secret: '1' } })
  await commit(sample, 'own', { parents: [oids[1] ?? ''], files: { secret: '2' } })
  await git(sample, ['tag', 'v3', 'main'])
  await git(sample, ['tag', 'v2', 'main~1'])
  await git(sample, ['tag', '-m', 'first', 'v1', 'main~2'])
  await git(sample, ['tag', 'p-light', 'private'])
  await git(sample, ['tag', '-m', 'private', 'p-annotated', 'private'])
  await git(sample, ['tag', 'p-tree', 'private^{tree}'])
  await git(sample, ['tag', '-m', 'private', 'p-file', 'private:secret'])
})

let source: string
let mirror: string
beforeEach(async () => {
  source = await createBare()
  copyInto(source, sample)
  mirror = await createBare()
})

const tagsOf = async (directory: string) =>
  [...(await refsOf(directory)).keys()].flatMap(ref => (ref.startsWith('refs/tags/') ? [ref.slice(10)] : []))

const LEFT_OUT = (count: number, names: string) =>
  `${count} tag${count === 1 ? '' : 's'} left out, because no selected branch contains the commit: ${names}; \`tag-scope: all\` mirrors such tags, too`

/** Requests of the relay to the source besides that for its refs, with and without filters at its server. */
const counted = (asked: string[], settings = FILTER): MirrorOptions => ({
  ways: { here: () => serverOf(source, { settings }, request => request.includes('command=fetch') && asked.push(request)) },
})

describe.each(['relay', 'git'])('%s', transfer => {
  const run = (inputs: RawInputs = {}, options: MirrorOptions = {}) =>
    runMirror({ 'repository-url': source, 'remote-url': mirror, transfer, lfs: 'false', ...inputs }, options)

  test('private history does not come with a tag, on a first mirror and later', async () => {
    const NAMES = 'p-annotated, p-file, p-light, p-tree'
    const first = await run({ branches: 'main' })
    expect(first.outcomes).toEqual({ main: 'created', 'tags/v1': 'created', 'tags/v2': 'created', 'tags/v3': 'created' })
    expect(first).toMatchObject({ status: 'updated', inSync: true, notices: [LEFT_OUT(4, NAMES)] })
    await fsck(mirror)
    expect(
      (await git(mirror, ['cat-file', '-e', (await refsOf(source)).get('refs/heads/private') ?? ''], { allowFailure: true })).code,
    ).not.toBe(0)

    const asked: string[] = []
    const second = await run({ branches: 'main' }, counted(asked))
    expect(second).toMatchObject({ status: 'up-to-date', inSync: true, notices: [LEFT_OUT(4, NAMES)] })
    // One for the commits, and one because the tags of a tree and of a file are none; the same for git, which would fetch all.
    expect(asked).toHaveLength(2)
    expect(await run({ branches: 'main', operation: 'verify' })).toMatchObject({
      status: 'up-to-date',
      inSync: true,
      notices: second.notices,
    })

    // A branch that is selected later brings its tags along.
    await git(source, ['tag', 'later', 'main~1'])
    await git(source, ['tag', 'p-later', 'own'])
    const later = await run({ branches: 'main, private' })
    expect(later.outcomes).toMatchObject({ 'tags/later': 'created', 'tags/p-light': 'created', 'tags/p-annotated': 'created' })
    expect(later.notices).toEqual([LEFT_OUT(3, 'p-file, p-later, p-tree')])
    expect(await tagsOf(mirror)).toEqual(['later', 'p-annotated', 'p-light', 'v1', 'v2', 'v3'])
    await fsck(mirror)
  })

  test('with `all` the tags are mirrored, and one warning names them; later, tags that both sides have are left alone', async () => {
    const all = await run({ branches: 'main', tags: 'p-*, v*' })
    expect(all.notices).toEqual([
      '4 tags bring commits that no selected branch contains: p-annotated, p-file, p-light, p-tree; `tag-scope: reachable` leaves such tags out',
    ])
    expect(all).toMatchObject({ status: 'updated', inSync: true })
    const asked: string[] = []
    expect(await run({ branches: 'main', 'tag-scope': 'all' }, counted(asked))).toMatchObject({ status: 'up-to-date', notices: [] })
    // Tags that both sides have are no question.
    expect(await run({ branches: 'main' }, counted(asked))).toMatchObject({ status: 'up-to-date', inSync: true, notices: [] })
    expect(asked).toEqual([])
    // It moves at the source: out of the selection, so neither moved nor deleted, and no difference.
    await git(source, ['tag', '-f', 'p-light', 'own'])
    await git(source, ['tag', '-d', 'p-annotated'])
    const before = await refsOf(mirror)
    expect(await run({ branches: 'main', operation: 'verify' })).toMatchObject({ inSync: false, notices: [LEFT_OUT(1, 'p-light')] })
    const moved = await run({ branches: 'main', prune: 'all' })
    // A tag that the source does not have follows `prune`.
    expect(moved.outcomes).toMatchObject({ 'tags/p-annotated': 'deleted' })
    expect((await refsOf(mirror)).get('refs/tags/p-light')).toBe(before.get('refs/tags/p-light'))
    expect(await run({ branches: 'main', operation: 'verify' })).toMatchObject({ status: 'up-to-date', inSync: true })
  })

  test('branches that are not narrowed: every tag is mirrored without a question or a notice, unless `reachable` is given', async () => {
    await git(source, ['branch', '-D', 'private'])
    const asked: string[] = []
    const first = await run({}, counted(asked))
    expect(first).toMatchObject({ status: 'updated', notices: [], counts: { created: 9 } })
    expect(asked.length).toBe(transfer === 'relay' ? 1 : 0)
    await git(mirror, ['tag', '-d', 'p-light', 'p-file'])
    expect(await run({ 'tag-scope': 'reachable' })).toMatchObject({ status: 'up-to-date', notices: [LEFT_OUT(2, 'p-file, p-light')] })
  })

  test('5,000 tags are one question, and ten are named', async () => {
    // One on each of 2,500 new commits of `main`, and of `own`. A ref file for each would take seconds.
    const onto = (branch: string, index: number) =>
      `commit refs/heads/${branch}\nmark :${index}\ncommitter A <a@example.org> ${index} +0000\ndata 0\n${index < 3 ? `from refs/heads/${branch}^0\n` : ''}\n`
    const commits = Array.from({ length: 5000 }, (_, index) => onto(index % 2 ? 'main' : 'own', index + 1))
    const marks = join(source, 'marks')
    await git(source, ['fast-import', '--quiet', `--export-marks=${marks}`], { input: commits.join('') })
    const lines = readFileSync(marks, 'utf8').replace(/^:(\d+) (.*)$/gm, (_, index: string, oid) => {
      return `${oid} refs/tags/${Number(index) % 2 ? 'own' : 'x'}/${index.padStart(4, '0')}`
    })
    await git(source, ['pack-refs', '--all'])
    const packed = readFileSync(join(source, 'packed-refs'), 'utf8').replace(/^#.*\n/, '')
    writeFileSync(join(source, 'packed-refs'), packed + lines)
    const asked: string[] = []
    const report = await run({ branches: 'main', 'dry-run': 'true' }, counted(asked))
    expect(report.notices[0]).toMatch(/^2504 tags left out, .*: own\/0001, own\/0003, .*own\/0019, and 2494 more;/)
    expect(report.refs).toHaveLength(1 + 3 + 2500)
    if (transfer !== 'relay') return
    expect(asked).toHaveLength(2)
    expect(asked[0]?.match(/want /g)?.length).toBeGreaterThan(5000)
  })

  test('a selected branch is damaged: tags that only it may contain are rejected, and the others are mirrored', async () => {
    await commit(source, 'private', { files: { more: 'lost' } })
    const { stdout: blob } = await git(source, ['rev-parse', 'private:more'])
    rmSync(join(source, 'objects', blob.slice(0, 2), blob.slice(2)))
    const REJECTED = 'rejected source-damaged'
    const branches = { branches: 'main, private', tags: '!p-file, !p-tree', 'tag-scope': 'reachable' }
    const sound = { 'tags/v1': 'created', 'tags/v2': 'created', 'tags/v3': 'created' }
    const report = await run(branches)
    expect(report).toMatchObject({ status: 'partial', inSync: false, failure: null, notices: [] })
    expect(report.outcomes).toEqual({
      main: 'created',
      private: REJECTED,
      'tags/p-light': REJECTED,
      'tags/p-annotated': REJECTED,
      ...sound,
    })
    expect(report.refs.find(({ ref }) => ref === 'refs/tags/p-light')?.reason).toBe(
      'it is not known whether a selected branch contains its commit, because the branch `private` is damaged',
    )
    expect(await tagsOf(mirror)).toEqual(['v1', 'v2', 'v3'])
    expect(await run({ ...branches, operation: 'verify' })).toMatchObject({ inSync: false })
    // With `all`, the tags are mirrored, and the notice says that it is not known.
    const all = await run({ ...branches, 'tag-scope': 'all' })
    expect(all.outcomes).toMatchObject({ 'tags/p-light': 'created', 'tags/p-annotated': 'created', private: REJECTED })
    expect(all.notices[0]).toMatch(/^it is not known whether 2 tags bring commits/)
    // The object comes back.
    await git(source, ['hash-object', '-w', '--stdin'], { input: 'lost' })
    expect(await run(branches)).toMatchObject({ inSync: true, notices: [], outcomes: { private: 'created' } })
    await fsck(mirror)
  })

  test('both directions: tags are judged by the branches of their own side', async () => {
    await git(mirror, ['fetch', '-q', '--no-tags', source, 'main:main'])
    await commit(mirror, 'theirs', { parents: [], files: { b: '1' } })
    await git(mirror, ['tag', 'good', 'main~1'])
    await git(mirror, ['tag', 'bad', 'theirs'])
    // If the relay has no answer, git fetches the history.
    const noAnswer = () => {
      throw new Error('no answer')
    }
    const options = transfer === 'git' ? { ways: { here: noAnswer, there: noAnswer } } : {}
    const both = await run({ branches: 'main', direction: 'bidirectional' }, options)
    expect(both.notices).toEqual([LEFT_OUT(5, 'bad, p-annotated, p-file, p-light, p-tree')])
    expect(await tagsOf(mirror)).toEqual(['bad', 'good', 'v1', 'v2', 'v3'])
    expect(await tagsOf(source)).toEqual(['good', 'p-annotated', 'p-file', 'p-light', 'p-tree', 'v1', 'v2', 'v3'])
    expect(await run({ branches: 'main', direction: 'pull' })).toMatchObject({ status: 'up-to-date', notices: [LEFT_OUT(1, 'bad')] })
  })
})

test.each([
  ['v2 without filters', []],
  ['v0', []],
  ['v0 with filters', FILTER],
])('a server of %s is asked by the relay, too', async (name, settings) => {
  const ways = { here: () => serverOf(source, { settings, version: name.startsWith('v0') ? 0 : 2 }) }
  const inputs = { 'repository-url': source, 'remote-url': mirror, transfer: 'relay', lfs: 'false', branches: 'main' }
  const report = await runMirror(inputs, { ways })
  expect(report).toMatchObject({ status: 'updated', transfer: 'relay', inSync: true })
  expect(await tagsOf(mirror)).toEqual(['v1', 'v2', 'v3'])
  await fsck(mirror)
})
