import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { startForge } from '../support/forge-server.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, commitAll, copyInto, createBare, gitEnvironment, installHook, refsOf } from '../support/git-repository.ts'
import { differences, type Mirrored, type MirrorOptions, runMirror } from '../support/mirror.ts'

/*
 * What goes wrong in GitLab's push mirrors, one row each, and what happens here. "GitLab:" says what its push mirror does in the same situation
 * (GitLab 18.9, Gitaly's update_remote_mirror.go, measured or read).
 */

const git = (directory: string, ...args: string[]) => execFileSync('git', args, { cwd: directory, env: gitEnvironment() }).toString().trim()

let http: GitHttp
/** Copied into both sides of a row. */
let start: string
/** The first of its two commits. */
let base: string
beforeAll(async () => {
  http = await startGitHttp()
  start = await createBare()
  base = await commit(start, 'main', { files: { a: '1' } })
  await commit(start, 'main', { files: { a: '2' } })
})
afterAll(async () => await http?.stop())

describe.each(['relay', 'git'])('%s', transfer => {
  let source: string
  let mirror: string
  const run = (inputs: RawInputs = {}, options: MirrorOptions = {}): Promise<Mirrored> =>
    runMirror({ 'repository-url': source, 'remote-url': mirror, transfer, ...inputs }, options)
  // `describeMirroring` has the like by both transfers, so here they take turns.
  const [byRelay, byGit] = transfer === 'relay' ? [test, null] : [null, test]
  const reachable = (oid: string) => git(mirror, 'for-each-ref', '--contains', oid, '--format=%(refname)')

  beforeEach(async () => {
    source = await createBare()
    mirror = await createBare()
    for (const side of [source, mirror]) copyInto(side, start)
  })

  // GitLab: pushes ten at a time in random order; the first refusal ends the run, and what comes after it is never tried.
  byRelay?.('X2: one ref of 26 is refused: the other 25 land', async () => {
    const names = Array.from({ length: 26 }, (_, index) => `b${index}`)
    await commitAll(
      source,
      names.map(branch => ({ branch, parents: [base] })),
    )
    installHook(mirror, 'update', 'test $1 != refs/heads/b13')
    expect(await run()).toMatchObject({ status: 'partial', counts: { created: 25, rejected: 1, failed: 0 } })
    expect(await differences(source, mirror)).toEqual([expect.stringMatching(/^refs\/heads\/b13: /)])
    installHook(mirror, 'update', 'exit 0')
    expect(await run()).toMatchObject({ status: 'updated', inSync: true })
  })

  // GitLab: `merge-base` fails, as a blob is no commit, and nothing at all is pushed.
  const changesOfBlob: [string, RawInputs, () => void, string][] = [
    ['changed', {}, () => git(source, 'tag', '-f', 'blob', 'main~1:a'), 'forced'],
    ['deleted', {}, () => git(source, 'tag', '-d', 'blob'), 'kept not-merged'],
  ]
  const changesThatStay: typeof changesOfBlob = [
    ['changed and kept', { 'keep-divergent': 'true' }, () => git(source, 'tag', '-f', 'blob', 'main~1:a'), 'kept diverged'],
    ['changed, outside the selection', { tags: '!*' }, () => git(source, 'tag', '-f', 'blob', 'main~1:a'), ''],
  ]
  test.each(transfer === 'relay' ? [...changesOfBlob, ...changesThatStay] : changesOfBlob)(
    'X4: a tag of a blob is %s: the rest lands',
    async (_, inputs, change, outcome) => {
      git(source, 'tag', 'blob', 'main:a')
      await run()
      change()
      await commitAll(source, [{ branch: 'new', parents: [base] }])
      const { outcomes } = await run(inputs)
      expect(outcomes).toEqual({ main: 'up-to-date', new: 'created', ...(outcome !== '' && { 'tags/blob': outcome }) })
      expect(await differences(source, mirror)).toHaveLength(outcome === 'forced' ? 0 : 1)
    },
  )

  // GitLab: the same; a mirror cannot have what was never there when it ran. But nothing that it has may go: GitLab's deletion has no lease.
  byGit?.('X6: a branch got commits and was deleted between two runs: what the mirror has of it stays reachable', async () => {
    git(source, 'branch', 'side', base)
    await run()
    await commit(source, 'side', { files: { unseen: '1' } })
    git(source, 'branch', '-D', 'side')
    const report = await run()
    expect(report.refs).toContainEqual(expect.objectContaining({ ref: 'refs/heads/side', outcome: 'deleted', before: base }))
    expect(reachable(base)).toBe('refs/heads/main')
    // Where somebody put that work on the mirror meanwhile, it is no longer merged.
    const theirs = await commit(mirror, 'side', { parents: [base], files: { theirs: '1' } })
    expect((await run()).outcomes).toMatchObject({ side: 'kept not-merged' })
    await run({ prune: 'all' })
    expect(reachable(theirs)).toMatch(/^refs\/mirroring\/backup\/\S+\/heads\/side$/)
    expect(await differences(source, mirror)).toEqual([])
  })

  // GitLab: deletes it while the source still has the tag's object, and never once that was collected.
  test.each(transfer === 'relay' ? [false, true] : [true])(
    'X7: an annotated tag was deleted at the source: so it is here, its object collected or not (%s)',
    async collected => {
      git(source, 'tag', '-m', 'x', 'v1', 'main')
      await run()
      git(source, 'tag', '-d', 'v1')
      if (collected) git(source, 'prune', '--expire=now')
      expect((await run()).outcomes).toEqual({ main: 'up-to-date', 'tags/v1': 'deleted' })
      expect(await differences(source, mirror)).toEqual([])
    },
  )

  // GitLab: fails where the two fall into different batches of ten, by chance.
  byGit?.('X9: b becomes b/c among 25 others, in one run', async () => {
    const others = Array.from({ length: 25 }, (_, index) => ({ branch: `x${index}`, parents: [base] }))
    await commitAll(source, others)
    git(source, 'branch', 'b', base)
    await run()
    git(source, 'branch', '-D', 'b')
    await commitAll(source, [...others, { branch: 'b/c', parents: [base] }])
    expect(await run()).toMatchObject({ status: 'updated', inSync: true, counts: { forced: 25, deleted: 1, created: 1 } })
    expect(await differences(source, mirror)).toEqual([])
  })

  // GitLab: what went wrong with LFS objects is swallowed, and the run counts as finished.
  byRelay?.(
    'X10: LFS objects are missing at the mirror, which checks: only the refs that need them are refused, and the run fails',
    async () => {
      await commit(source, 'large', { parents: [base], files: { large: '1' } })
      await commit(source, 'small', { parents: [base], files: { small: '1' } })
      const words = 'GitLab: LFS objects are missing. Ensure LFS is properly set up or try a manual \\"git lfs push --all\\".'
      installHook(mirror, 'update', `test $1 != refs/heads/large || { echo "${words}" >&2; exit 1; }`)
      const report = await run()
      expect(report).toMatchObject({
        status: 'partial',
        inSync: false,
        outcomes: { large: 'rejected lfs-objects-required', small: 'created' },
      })
    },
  )

  // GitLab: forces without a lease, and their commit is gone.
  byGit?.('X11: a commit that another writer pushes to the mirror after it was read stays', async () => {
    await commit(source, 'main', { parents: [base], files: { rewritten: '1' } })
    const theirs = await commit(mirror, 'theirs', { files: { theirs: '1' } })
    const onLine = (line: string) => line.startsWith('pushing') && void git(mirror, 'update-ref', 'refs/heads/main', theirs)
    expect((await run({}, { onLine })).outcomes).toMatchObject({ main: 'raced raced' })
    expect((await refsOf(mirror)).get('refs/heads/main')).toBe(theirs)
  })

  // GitLab: tells the text of the first push that failed, and nothing of a single ref.
  byRelay?.('X13: the report has each ref with its outcome, both tips, and the words of the server', async () => {
    const main = await commit(source, 'main')
    git(source, 'branch', 'bad', base)
    installHook(mirror, 'update', 'case $1 in */bad) echo "bad names are not welcome" >&2; exit 1;; esac')
    const { refs } = await run()
    expect(refs).toMatchObject([
      { ref: 'refs/heads/bad', action: 'create', outcome: 'rejected', before: null, after: base, code: 'hook-declined' },
      { ref: 'refs/heads/main', action: 'fast-forward', outcome: 'updated', after: main, code: null },
    ])
    expect(refs[0]?.reason).toContain('bad names are not welcome')
    expect(refs[0]?.hint).not.toBe(null)
  })

  // The refs alone decide these rows, so one transfer is enough.
  if (transfer === 'relay') {
    // GitLab: the tag passes as a fast-forward, the push without force is refused ("already exists"), and so is every later run.
    test('X3: branches that diverged and tags that moved are kept, each is reported as diverged, and the rest lands', async () => {
      git(source, 'tag', 'light', base)
      git(source, 'tag', '-m', 'first', 'annotated', 'main')
      await run()
      git(source, 'tag', '-f', 'light', 'main')
      git(source, 'tag', '-f', '-m', 'again', 'annotated', 'main')
      await commit(source, 'main')
      const report = await run({ 'keep-divergent': 'true' })
      expect(report).toMatchObject({
        status: 'partial',
        failure: null,
        outcomes: { main: 'updated', 'tags/light': 'kept diverged', 'tags/annotated': 'kept diverged' },
      })
      expect(await differences(source, mirror)).toHaveLength(2)
    })

    // GitLab: the branch stays at the mirror for ever, and no message says so.
    test('X8: a branch was squashed into main and deleted: it is reported, and deleted with a backup if `prune` says so', async () => {
      const side = await commit(source, 'side', { parents: [base], files: { side: '1' } })
      await run()
      await commit(source, 'main', { files: { side: '1' } })
      git(source, 'branch', '-D', 'side')
      expect(await run()).toMatchObject({ inSync: false, outcomes: { main: 'updated', side: 'kept not-merged' } })
      expect(await run({ prune: 'all' })).toMatchObject({ inSync: true, outcomes: { side: 'deleted' } })
      expect(reachable(side)).toMatch(/^refs\/mirroring\/backup\//)
      expect(await differences(source, mirror)).toEqual([])
    })

    // GitLab: mirrors every branch.
    test.each<[RawInputs]>([
      [{ branches: 'nothing' }],
      [{ 'branch-regex': '^nothing' }],
      [{ 'protected-only': 'true', 'protected-branches': 'nothing' }],
    ])('X1: a selection that selects no branch: nothing is mirrored %j', async inputs => {
      git(source, 'tag', 'v1', 'main')
      await commit(source, 'main')
      const before = await refsOf(mirror)
      expect(await run(inputs)).toMatchObject({ status: 'failed', inSync: false, refs: [], failure: { kind: 'selection-empty' } })
      expect(await refsOf(mirror)).toEqual(before)
    })

    // GitLab: tries to delete the current branch of the mirror; refused, so every run fails.
    test('X5: the default branch was renamed: the new one lands, the old one is kept, and it is said', async () => {
      git(source, 'branch', '-m', 'main', 'trunk')
      git(source, 'symbolic-ref', 'HEAD', 'refs/heads/trunk')
      expect(await run()).toMatchObject({ failure: null, outcomes: { main: 'kept default-branch', trunk: 'created' } })
      git(mirror, 'symbolic-ref', 'HEAD', 'refs/heads/trunk')
      expect((await run()).outcomes).toEqual({ main: 'deleted', trunk: 'up-to-date' })
      expect(await differences(source, mirror)).toEqual([])
    })

    // GitLab: takes the mirror's branch for one that the source does not have, and deletes it.
    test('X12: a symbolic ref of the source is a branch of the mirror: it gets the commit that it leads to', async () => {
      git(source, 'symbolic-ref', 'refs/heads/alias', 'refs/heads/main')
      git(mirror, 'branch', 'alias', base)
      expect(await run({ prune: 'all' })).toMatchObject({ inSync: true, outcomes: { alias: 'updated', main: 'up-to-date' }, notices: [] })
    })

    // GitLab: refuses scp-style URLs as invalid.
    test('X15: an scp-style URL is understood', async () => {
      const report = await run({ 'remote-url': 'git@127.0.0.1.invalid:group/mirror.git', 'auth-secret': 'a-password' })
      expect(report.failure?.kind).not.toBe('settings-invalid')
      expect(report.destination.url).toContain('group/mirror.git')
    })
  }
})

// GitLab: asks only for the rules of the project itself.
test('X14: protected branches of a group count', async () => {
  const source = await http.createRepository('x14')
  const mirror = await createBare()
  await commitAll(
    source,
    ['main', 'release/1', 'dev'].map(branch => ({ branch, parents: [] })),
  )
  const forge = await startForge(http.plainOrigin)
  forge.answers = {
    '/api/v4/projects/git%2Fx14/protected_branches?per_page=100': {
      body: [
        { id: 1, name: 'main', inherited: false },
        { id: 2, name: 'release/*', inherited: true },
      ],
    },
  }
  const report = await runMirror(
    {
      ...{ 'repository-url': `${forge.origin}/git/x14.git`, token: http.token, 'allow-insecure-http': 'true' },
      ...{ 'remote-url': mirror, 'protected-only': 'true' },
    },
    { context: { apiUrl: `${forge.origin}/api/v4` } },
  )
  await forge.stop()
  expect(report.outcomes).toEqual({ main: 'created', 'release/1': 'created' })
  expect(await differences(source, mirror)).toEqual([expect.stringMatching(/^refs\/heads\/dev: /)])
})

// GitLab: "Unable to get pack index", or no refs at all.
test('X15: dumb HTTP as the source is read with git, and said; as the destination it is refused in words', async () => {
  const [source, mirror] = [await http.createRepository('x15'), await createBare()]
  await commit(source, 'main')
  git(source, 'update-server-info')
  const dumb = { 'repository-url': http.url('x15', { prefix: 'dumb' }), 'ca-certificate': http.caPem }
  expect(await runMirror({ ...dumb, 'remote-url': mirror })).toMatchObject({
    status: 'updated',
    transfer: 'git',
    notices: [expect.stringContaining('smart HTTP')],
  })
  expect(await differences(source, mirror)).toEqual([])
  await commit(mirror, 'main')
  const refused = await runMirror({ 'repository-url': mirror, 'remote-url': dumb['repository-url'], 'ca-certificate': http.caPem })
  expect(refused).toMatchObject({ status: 'failed', inSync: false })
  expect(refused.failure).toMatchObject({ kind: 'not-a-repository', side: 'there', message: expect.stringContaining('Cannot access URL') })
})
