import { execFileSync } from 'node:child_process'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { commit, commitAll, copyInto, createBare, git, gitEnvironment, installHook, refsOf } from './git-repository.ts'
import { differences, type Mirrored, type MirrorOptions, runMirror } from './mirror.ts'

/** A place for repositories, and how a run reaches them. */
export interface Place {
  /** Makes an empty bare repository; gives its directory. */
  create(options?: { readonly objectFormat?: 'sha1' | 'sha256' }): Promise<string>
  /** URLs and credentials for two directories. */
  inputs(source: string, destination: string): RawInputs
}

/** The effects of a mirror: the same table for every transfer and for every place of its two sides. */
export function describeMirroring(behaviour: Behaviour): void {
  describe(`${behaviour.transfer}, ${behaviour.name}, protocol v${behaviour.version}`, () => describeAll(behaviour))
}

interface Behaviour {
  readonly name: 'on one machine' | 'over ssh' | 'over https'
  readonly transfer: 'relay' | 'git'
  /** The version of git's protocol. Only v2 tells all symbolic refs. */
  readonly version: 0 | 1 | 2
  /** Asked for when the servers run. */
  readonly place: () => Place
}

/** Before protocol v2 signs of LFS are looked for on the disk, by half a dozen of git's programs: once, in the tests of LFS, not in each row. */
export const withoutLfs = (version: 0 | 1 | 2): RawInputs => (version === 2 ? {} : { lfs: 'false' })

/** Copied into both sides of a row: made once for a file of tests. */
let start: Promise<string> | null = null

async function createStart(): Promise<string> {
  const directory = await createBare()
  await commitAll(directory, [
    { branch: 'main', files: { a: '1' } },
    { branch: 'main', files: { a: '2' } },
  ])
  return directory
}

function describeAll({ name: way, place, transfer, version }: Behaviour): void {
  let source: string
  let destination: string
  beforeEach(async () => {
    source = await place().create()
    destination = await place().create()
  })

  const runBetween = (from: string, to: string, inputs: RawInputs = {}, options: MirrorOptions = {}): Promise<Mirrored> =>
    runMirror({ ...place().inputs(from, to), transfer, ...withoutLfs(version), ...inputs }, options)
  const run = (inputs: RawInputs = {}, options: MirrorOptions = {}): Promise<Mirrored> => runBetween(source, destination, inputs, options)
  const gitSync = (directory: string, ...args: string[]) =>
    execFileSync('git', args, { cwd: directory, env: gitEnvironment() }).toString().trim()
  const tip = async (directory: string, ref: string) => (await refsOf(directory)).get(ref)

  /** Both sides start equal, with `main` and two commits. */
  async function startEqual(): Promise<void> {
    start ??= createStart()
    for (const directory of [source, destination]) copyInto(directory, await start)
  }

  type Row = (name: string, body: () => Promise<void>) => void
  const rowIf =
    (runs: boolean): Row =>
    (name, body) => {
      if (runs) test(name, body)
    }
  const isRelay = transfer === 'relay'
  const isLocal = way === 'on one machine'
  // The plan and what becomes of a push are worked out above the ways, which carry the same bytes.
  const decided = rowIf(isLocal)
  // Over https the relay sends each request on its own. Over ssh and on one machine it has one conversation with git, by the same code.
  // To git any way to a server is the same, and over ssh it starts this program for each connection.
  const inRequests = rowIf(version === 2 && (isLocal || (isRelay && way === 'over https')))
  // The version changes how refs are read and objects are fetched, which the relay does itself and git does for us. Over https it is the same by v2, as
  // random histories show; `relay-other-servers` has v0 over http.
  const whenRead = rowIf(isRelay && way === 'over ssh' ? version === 0 : isLocal)
  // Git reports other errors over other ways, and only some of them in each version.
  const ofServers = rowIf(version === 2 || (version === 0 && isRelay))
  const ofOldGit = rowIf(isRelay ? version !== 1 : isLocal || version === 0)
  // Which version git speaks is read from its trace.
  const ofVersion = rowIf(isRelay ? version !== 1 : version === 0 || way !== 'over ssh')
  const onTheWeb = rowIf(version === 2 && (isRelay || way !== 'over ssh'))
  const inManyRequests = rowIf(version === 2 && (isRelay || isLocal))
  // Version 1 differs from 0 by one line.
  const ofRelay = rowIf(version === 2 || isRelay)

  describe('what is mirrored', () => {
    ofRelay('a first mirror, with branches, light and annotated tags, a tag of a tag, tags of a tree and of a blob', async () => {
      await commit(source, 'main', { files: { a: '1', 'dir/b': '2' } })
      await commit(source, 'feature/x', { parents: [(await tip(source, 'refs/heads/main')) ?? ''], files: { c: '3' } })
      gitSync(source, 'tag', 'light', 'main')
      gitSync(source, 'tag', '-m', 'annotated', 'v1', 'main')
      gitSync(source, 'tag', '-m', 'tag of a tag', 'v1-again', 'v1')
      gitSync(source, 'tag', 'tree', 'main^{tree}')
      gitSync(source, 'tag', '-m', 'of a blob', 'blob', 'main:a')
      const report = await run()
      expect(report).toMatchObject({ status: 'updated', inSync: true, transfer, failure: null })
      expect(report.counts.created).toBe(7)
      expect(report.bytes).toBeGreaterThan(100)
      expect(await differences(source, destination)).toEqual([])
      expect(await run()).toMatchObject({ status: 'up-to-date', transfer: null, log: [] })
    })

    whenRead('nothing outside branches and tags', async () => {
      await startEqual()
      gitSync(source, 'update-ref', 'refs/pull/1/head', 'main')
      gitSync(source, 'update-ref', 'refs/notes/commits', 'main')
      gitSync(destination, 'update-ref', 'refs/keep/this', 'main')
      expect(await run({ prune: 'all' })).toMatchObject({ status: 'up-to-date' })
      expect(gitSync(destination, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main\nrefs/keep/this')
    })

    whenRead('fast-forward, force, new, merged and deleted, moved tag, all in one run', async () => {
      await startEqual()
      const base = (await tip(source, 'refs/heads/main')) ?? ''
      for (const branch of ['rewritten', 'merged', 'unmerged']) await commit(source, branch, { parents: [base], files: { [branch]: '1' } })
      gitSync(source, 'tag', '-m', 'annotated', 'v1', 'main')
      await run()
      await commit(source, 'main', { parents: [base, (await tip(source, 'refs/heads/merged')) ?? ''] })
      await commit(source, 'rewritten', { parents: [base], files: { rewritten: '2' } })
      await commit(source, 'new', { parents: [base] })
      gitSync(source, 'branch', '-D', 'merged', 'unmerged')
      gitSync(source, 'tag', '-f', 'v1', 'new')
      const report = await run()
      expect(report.outcomes).toEqual({
        main: 'updated',
        merged: 'deleted',
        new: 'created',
        rewritten: 'forced',
        'tags/v1': 'forced',
        unmerged: 'kept not-merged',
      })
      expect(report).toMatchObject({ status: 'updated', inSync: false })
      expect(await differences(source, destination)).toEqual([expect.stringMatching(/^refs\/heads\/unmerged: absent, /)])
      expect((await run({ prune: 'all' })).outcomes).toMatchObject({ unmerged: 'deleted' })
      expect(await differences(source, destination)).toEqual([])
    })

    decided('a source that was rewound is diverged, and overwritten unless divergent refs are kept', async () => {
      await startEqual()
      gitSync(source, 'update-ref', 'refs/heads/main', 'main~1')
      const before = await refsOf(destination)
      const kept = await run({ 'keep-divergent': 'true' })
      expect(kept).toMatchObject({ status: 'partial', inSync: false, outcomes: { main: 'kept diverged' } })
      expect(await refsOf(destination)).toEqual(before)
      expect((await run()).outcomes).toEqual({ main: 'forced' })
      expect(await differences(source, destination)).toEqual([])
    })

    decided('keep-divergent: fast-forwards and creates, but neither forces nor deletes', async () => {
      await startEqual()
      await commit(destination, 'main', { files: { theirs: '1' } })
      await commit(destination, 'extra', { parents: [] })
      gitSync(destination, 'tag', 'v1', 'main')
      await commit(source, 'main', { files: { ours: '1' } })
      gitSync(source, 'tag', 'v1', 'main')
      gitSync(source, 'branch', 'new', 'main')
      const before = await refsOf(destination)
      const report = await run({ 'keep-divergent': 'true' })
      expect(report.outcomes).toEqual({ extra: 'kept not-pruned', main: 'kept diverged', new: 'created', 'tags/v1': 'kept diverged' })
      const after = await refsOf(destination)
      for (const [name, oid] of before) expect(after.get(name)).toBe(oid)
    })

    whenRead('an annotated tag of merged work is deleted with it, one of unmerged work is not; tags of blobs are kept', async () => {
      await startEqual()
      gitSync(source, 'tag', '-m', 'x', 'merged', 'main~1')
      await commit(source, 'side', { files: { side: '1' } })
      gitSync(source, 'tag', '-m', 'x', 'unmerged', 'side')
      gitSync(source, 'tag', 'blob', 'main:a')
      await run()
      gitSync(source, 'tag', '-d', 'merged', 'unmerged', 'blob')
      expect((await run()).outcomes).toMatchObject({
        'tags/merged': 'deleted',
        'tags/unmerged': 'kept not-merged',
        'tags/blob': 'kept not-merged',
      })
      expect([...(await refsOf(destination)).keys()].filter(name => name.startsWith('refs/tags/'))).toEqual([
        'refs/tags/blob',
        'refs/tags/unmerged',
      ])
    })

    decided('a tag whose target became a blob, and a tag of a blob that moved', async () => {
      await startEqual()
      gitSync(source, 'tag', '-m', 'annotated', 'a', 'main')
      gitSync(source, 'tag', 'b', 'main:a')
      await run()
      gitSync(source, 'tag', '-f', 'a', 'main:a')
      gitSync(source, 'tag', '-f', 'b', 'main~1:a')
      expect((await run()).outcomes).toMatchObject({ 'tags/a': 'forced', 'tags/b': 'forced' })
      expect(await differences(source, destination)).toEqual([])
    })

    whenRead("the destination's default branch is never deleted", async () => {
      await startEqual()
      gitSync(source, 'branch', '-m', 'main', 'trunk')
      gitSync(source, 'symbolic-ref', 'HEAD', 'refs/heads/trunk')
      expect((await run({ prune: 'all' })).outcomes).toEqual({ main: 'kept default-branch', trunk: 'created' })
    })

    decided('the default branch comes first to an empty destination', async () => {
      await commitAll(
        source,
        ['aaa', 'main', 'zzz'].map(branch => ({ branch, parents: [] })),
      )
      installHook(destination, 'pre-receive', 'while read -r old new ref; do echo "$ref" >> order; done')
      await run()
      expect(gitSync(destination, 'hash-object', 'order')).toBeTruthy()
      expect(execFileSync('cat', [join(destination, 'order')]).toString()).toMatch(/^refs\/heads\/main\n/)
    })

    for (const [from, to] of [
      ['a', 'a/b'],
      ['a/b', 'a'],
    ] as const)
      decided(`a branch ${from} becomes ${to} in one run`, async () => {
        await startEqual()
        await commit(source, from, { parents: [(await tip(source, 'refs/heads/main')) ?? ''] })
        await run()
        gitSync(source, 'branch', '-D', from)
        await commit(source, to, { parents: [(await tip(source, 'refs/heads/main')) ?? ''] })
        expect((await run({ prune: 'all' })).outcomes).toEqual({ [from]: 'deleted', main: 'up-to-date', [to]: 'created' })
        expect(await differences(source, destination)).toEqual([])
      })

    decided('a name that clashes with one that is kept is rejected, the rest lands', async () => {
      await startEqual()
      await commit(destination, 'a', { parents: [], files: { own: '1' } })
      await commit(source, 'a/b', { parents: [] })
      await commit(source, 'main', { files: { more: '1' } })
      expect((await run()).outcomes).toEqual({ a: 'kept not-merged', 'a/b': 'rejected ref-conflict', main: 'updated' })
    })

    ofVersion('a symbolic ref is a branch at the source, and left alone at the destination; so is a branch called HEAD', async () => {
      await startEqual()
      gitSync(source, 'symbolic-ref', 'refs/heads/alias', 'refs/heads/main')
      gitSync(source, 'symbolic-ref', 'refs/heads/new', 'refs/heads/main')
      gitSync(destination, 'update-ref', 'refs/heads/alias', 'main~1')
      gitSync(destination, 'symbolic-ref', 'refs/heads/other', 'refs/heads/main')
      gitSync(source, 'update-ref', 'refs/heads/other', 'main~1')
      gitSync(source, 'update-ref', 'refs/heads/HEAD', 'main')
      const report = await run({ prune: 'all' })
      const symbolic = { other: 'kept symbolic-ref' }
      const outcomes = { HEAD: 'skipped name-unusable', alias: 'updated', main: 'up-to-date', new: 'created', ...symbolic }
      expect(report).toMatchObject({ status: 'partial', inSync: false, outcomes, notices: [] })
      const main = await tip(source, 'refs/heads/main')
      expect([...(await refsOf(destination))]).toEqual(['alias', 'main', 'new', 'other'].map(name => [`refs/heads/${name}`, main]))
    })

    decided('a branch called refs/heads/… does not lead git astray, nor hold back the rest', async () => {
      await startEqual()
      await commitAll(source, [{ branch: 'a' }, { branch: 'refs/heads/a' }])
      await run()
      const before = await tip(destination, 'refs/heads/a')
      await commitAll(source, [{ branch: 'a' }, { branch: 'refs/heads/a' }, { branch: 'b', parents: [] }])
      // The relay sends whole names, and has nothing to confuse.
      const became = transfer === 'git' ? 'rejected name-ambiguous' : 'updated'
      expect((await run()).outcomes).toEqual({ a: became, b: 'created', main: 'up-to-date', 'refs/heads/a': 'updated' })
      if (transfer === 'git') expect(await tip(destination, 'refs/heads/a')).toBe(before)
      gitSync(source, 'branch', '-D', 'refs/heads/a')
      const again = transfer === 'git' ? 'rejected name-ambiguous' : 'up-to-date'
      expect((await run({ prune: 'all' })).outcomes).toMatchObject({ a: again, 'refs/heads/a': 'deleted' })
      expect(await run()).toMatchObject({ inSync: true })
      expect(await differences(source, destination)).toEqual([])
    })

    decided('a branch and a tag of the same name, a branch that looks like an option', async () => {
      await commitAll(
        source,
        ['main', 'same', '-x', '@', 'tag'].map(branch => ({ branch, parents: [] })),
      )
      gitSync(source, 'tag', 'same', 'refs/heads/main')
      expect(await run()).toMatchObject({ status: 'updated', inSync: true })
      expect(await differences(source, destination)).toEqual([])
    })

    decided('a selection limits what is created, moved and deleted', async () => {
      await startEqual()
      await commitAll(
        source,
        ['release/1', 'wip/1'].map(branch => ({ branch, parents: [] })),
      )
      await commit(destination, 'release/gone', { parents: [gitSync(destination, 'rev-parse', 'main')] })
      gitSync(destination, 'branch', 'wip/gone', 'main')
      gitSync(source, 'tag', 'v1', 'main')
      const report = await run({ branches: 'release/*', tags: '!*', prune: 'all' })
      expect(report.outcomes).toEqual({ 'release/1': 'created', 'release/gone': 'deleted' })
      expect(await run({ branches: 'nothing', tags: '!*' })).toMatchObject({
        status: 'failed',
        failure: { kind: 'selection-empty' },
        refs: [],
      })
      expect((await run({ branches: 'main, nothing', tags: '!*' })).notices).toEqual([
        expect.stringContaining('"nothing" of `branches` matches nothing'),
      ])
    })

    whenRead('a name that is not UTF-8 is told and left alone', async () => {
      await startEqual()
      const oid = gitSync(source, 'rev-parse', 'main')
      writeFileSync(
        join(source, 'packed-refs'),
        Buffer.concat([Buffer.from(`# pack-refs with: peeled fully-peeled sorted \n${oid} refs/heads/caf`), Buffer.from([0xe9, 0x0a])]),
      )
      const report = await run()
      expect(report).toMatchObject({ status: 'partial', inSync: false })
      expect(Object.values(report.outcomes)).toContain('skipped name-unusable')
    })

    whenRead('SHA-256 to SHA-256; not to SHA-1', async () => {
      const from = await place().create({ objectFormat: 'sha256' })
      const to = await place().create({ objectFormat: 'sha256' })
      await commit(from, 'main')
      expect(await runBetween(from, to)).toMatchObject({ status: 'updated', inSync: true })
      expect(await differences(from, to)).toEqual([])
      await commit(destination, 'main')
      const kind = transfer === 'git' ? 'object-format-mismatch' : 'relay-impossible'
      expect((await runBetween(from, destination)).failure).toMatchObject({ kind })
      expect(await runBetween(from, destination, { transfer: 'auto' })).toMatchObject({
        failure: { kind: 'object-format-mismatch' },
        log: [expect.stringContaining('the source uses sha256, the destination sha1; going on with git')],
      })
    })
  })

  describe('what stops a run before anything changes', () => {
    const unchanged = async (inputs: RawInputs, from = source, to = destination): Promise<Mirrored> => {
      const before = await refsOf(destination)
      const report = await runBetween(from, to, inputs)
      expect(report).toMatchObject({ status: 'failed', inSync: false })
      expect(await refsOf(destination)).toEqual(before)
      return report
    }

    whenRead('an empty source next to a full destination; both empty is fine', async () => {
      expect(await run()).toMatchObject({ status: 'up-to-date', inSync: true, refs: [] })
      await commit(destination, 'main')
      expect((await unchanged({ prune: 'all' })).failure).toMatchObject({ kind: 'source-empty', fault: 'remote' })
    })

    whenRead('an unrelated destination, unless it is allowed', async () => {
      await commit(source, 'main', { files: { a: '1' } })
      await commit(destination, 'main', { files: { b: '2' } })
      expect((await unchanged({})).failure).toMatchObject({ kind: 'unrelated' })
      expect((await run({ 'allow-unrelated': 'true' })).outcomes).toEqual({ main: 'forced' })
    })

    whenRead('a history that was rewritten from its second commit on is still the same project', async () => {
      await startEqual()
      const first = gitSync(source, 'rev-parse', 'main~1')
      await commit(source, 'main', { parents: [first], files: { a: 'rewritten' } })
      expect((await run()).outcomes).toEqual({ main: 'forced' })
      expect(await differences(source, destination)).toEqual([])
    })

    decided('a rewritten branch is not unrelated when any older tip is known', async () => {
      await commit(source, 'main', { files: { a: '1' } })
      await run()
      await commit(source, 'main', { files: { a: '2' } })
      await commit(destination, 'other', { parents: [], files: { z: '1' } })
      gitSync(destination, 'update-ref', 'refs/heads/old', 'main')
      await commit(destination, 'main', { parents: [gitSync(destination, 'rev-parse', 'other')] })
      expect((await run()).outcomes).toMatchObject({ main: 'forced' })
    })

    decided('too many deletions', async () => {
      await startEqual()
      const commits = await commitAll(
        source,
        Array.from({ length: 11 }, () => ({ branch: 'main' })),
      )
      await run()
      const created = ['main~11', ...commits.slice(0, 10)].map((commit, index) => `create refs/heads/b${index} ${commit}\n`)
      await git(destination, ['update-ref', '--stdin'], { input: created.join('') })
      expect((await unchanged({})).failure).toMatchObject({ kind: 'too-many-deletions', message: expect.stringContaining('11 refs') })
      expect((await run()).counts).toMatchObject({ skipped: 11, 'up-to-date': 1 })
      expect((await run({ 'max-deletions': '11' })).counts.deleted).toBe(11)
    })

    ofOldGit('a shallow source', async () => {
      await startEqual()
      const shallow = await place().create()
      gitSync(shallow, 'fetch', '-q', '--depth=1', `file://${source}`, 'main:main')
      await commit(shallow, 'main', { files: { a: '3' } })
      // Over https and before protocol v2 git only finds that an object is missing, so the ref is refused.
      const before = await refsOf(destination)
      const { status, failure, refs } = await runBetween(shallow, destination)
      const [ref] = refs
      if (transfer === 'git' && version < 2 && failure === null)
        expect({ status, ref }).toMatchObject({ status: 'failed', ref: { outcome: 'rejected', code: 'source-damaged' } })
      else expect({ status, failure }).toMatchObject({ status: 'failed', failure: { kind: 'source-shallow' } })
      expect(await refsOf(destination)).toEqual(before)
    })

    ofServers('a repository that is not there', async () => {
      await commit(source, 'main')
      expect((await unchanged({}, source, destination.replace('.git', '-not.git'))).failure).toMatchObject({
        kind: 'repository-not-found',
        side: 'there',
      })
      expect((await unchanged({}, source.replace('.git', '-not.git'))).failure).toMatchObject({
        kind: 'repository-not-found',
        side: 'here',
      })
    })

    whenRead('a dry run tells the same plan', async () => {
      await startEqual()
      await commit(source, 'main', { files: { a: '9' } })
      const before = await refsOf(destination)
      const report = await run({ 'dry-run': 'true' })
      expect(report).toMatchObject({
        status: 'skipped',
        dryRun: true,
        inSync: false,
        transfer: null,
        refs: [{ action: 'fast-forward', outcome: 'skipped' }],
      })
      expect(await refsOf(destination)).toEqual(before)
    })
  })

  describe('one refused ref does not hold back the rest', () => {
    const startSix = async () => {
      await startEqual()
      await commitAll(
        source,
        ['b1', 'b2', 'bad', 'b3', 'b4', 'b5'].map(branch => ({ branch, parents: [] })),
      )
    }
    const others = { b1: 'created', b2: 'created', b3: 'created', b4: 'created', b5: 'created', main: 'up-to-date' }

    onTheWeb('an update hook', async () => {
      await startSix()
      installHook(destination, 'update', 'case $1 in */bad) echo "no bad branches, please" >&2; exit 1;; esac')
      const report = await run()
      expect(report).toMatchObject({ status: 'partial', inSync: false, outcomes: { ...others, bad: 'rejected hook-declined' } })
      expect(await differences(source, destination)).toEqual([expect.stringMatching(/^refs\/heads\/bad: .*, absent$/)])
    })

    inRequests('a pre-receive hook that refuses the whole push: the culprits stand alone in the end', async () => {
      await startSix()
      installHook(
        destination,
        'pre-receive',
        'while read -r old new ref; do case $ref in */bad|*/b4) echo "$ref is not welcome" >&2; exit 1;; esac; done',
      )
      const report = await run()
      expect(report).toMatchObject({
        status: 'partial',
        outcomes: { ...others, bad: 'rejected hook-declined', b4: 'rejected hook-declined' },
      })
      expect(report.refs.find(({ ref }) => ref === 'refs/heads/bad')?.reason).toBe(
        'pre-receive hook declined; refs/heads/bad is not welcome',
      )
      expect(await differences(source, destination)).toHaveLength(2)
    })

    inManyRequests('a server that is lost between the halves: what was not tried alone failed, and was not refused', async () => {
      await startSix()
      installHook(destination, 'pre-receive', 'echo "not all at once" >&2; [ "$(wc -l)" -lt 4 ]')
      let pushes = 0
      const away = `${destination}-away`
      const report = await run(
        {},
        {
          onLine: line => {
            if (!line.startsWith('pushing') || ++pushes !== 3) return
            renameSync(destination, away)
          },
        },
      )
      renameSync(away, destination)
      expect(report).toMatchObject({ status: 'partial', inSync: false, counts: { created: 3, failed: 3, rejected: 0, 'up-to-date': 1 } })
      expect((await refsOf(destination)).size).toBe(4)
      expect(await run()).toMatchObject({ counts: { created: 3, 'up-to-date': 4 }, inSync: true })
      expect(await differences(source, destination)).toEqual([])
    })

    decided('when everything is refused, the run failed', async () => {
      await startSix()
      installHook(destination, 'pre-receive', 'echo "closed for today" >&2; exit 1')
      const report = await run()
      expect(report).toMatchObject({ status: 'failed', inSync: false, counts: { rejected: 6, 'up-to-date': 1 } })
    })

    decided('a limit on refs in one push is kept to once it is known', async () => {
      await startSix()
      installHook(
        destination,
        'pre-receive',
        'n=$(wc -l); echo "$n" >> pushes; if [ "$n" -gt 2 ]; then echo "- Pushes can not update more than 2 branches or tags." >&2; exit 1; fi',
      )
      expect(await run()).toMatchObject({ status: 'updated', inSync: true })
      expect(
        execFileSync('cat', [join(destination, 'pushes')])
          .toString()
          .trim()
          .split(/\s+/),
      ).toEqual(['6', '2', '2', '2'])
      expect(await differences(source, destination)).toEqual([])
    })

    decided('atomic: all or none', async () => {
      await startSix()
      installHook(destination, 'update', 'case $1 in */bad) exit 1;; esac')
      const before = await refsOf(destination)
      const report = await run({ atomic: 'true' })
      expect(report.status).toBe('failed')
      expect(report.counts.rejected).toBe(6)
      expect(await refsOf(destination)).toEqual(before)
    })

    decided('atomic: more than one request can hold is refused before anything is sent', async () => {
      await startSix()
      const oid = gitSync(source, 'rev-parse', 'main')
      await git(source, ['update-ref', '--stdin'], {
        input: Array.from({ length: 1001 }, (_, index) => `create refs/heads/many/b${index} ${oid}\n`).join(''),
      })
      const before = await refsOf(destination)
      const report = await run({ atomic: 'true' })
      if (transfer === 'relay') {
        expect(report).toMatchObject({ status: 'updated', inSync: true })
        return
      }
      expect(report).toMatchObject({ status: 'failed', failure: { kind: 'push-limit', message: expect.stringContaining('1007 refs') } })
      expect(await refsOf(destination)).toEqual(before)
    })

    decided('the server forbids rewriting and deleting', async () => {
      await startSix()
      await run()
      gitSync(destination, 'config', 'receive.denyNonFastForwards', 'true')
      gitSync(destination, 'config', 'receive.denyDeletes', 'true')
      await commit(source, 'b1', { parents: [], files: { rewritten: '1' } })
      gitSync(source, 'branch', '-D', 'b2')
      expect((await run({ prune: 'all' })).outcomes).toMatchObject({ b1: 'rejected force-push-denied', b2: 'rejected deletion-denied' })
    })
  })

  describe('somebody else is there, too', () => {
    inRequests('a ref that moved after it was read is raced, their commit stays, the rest lands', async () => {
      await startEqual()
      await commit(source, 'main', { files: { a: '3' } })
      await commitAll(
        source,
        ['x', 'y'].map(branch => ({ branch, parents: [] })),
      )
      const theirs = await commit(destination, 'theirs', { files: { theirs: '1' } })
      const report = await run(
        {},
        {
          onLine: line => {
            if (!line.startsWith('pushing')) return
            gitSync(destination, 'update-ref', 'refs/heads/main', theirs)
            gitSync(destination, 'update-ref', 'refs/heads/x', theirs)
          },
        },
      )
      expect(report).toMatchObject({
        status: 'partial',
        outcomes: { main: 'raced raced', theirs: 'kept not-merged', x: 'raced raced', y: 'created' },
      })
      expect(await tip(destination, 'refs/heads/main')).toBe(theirs)
      expect(await tip(destination, 'refs/heads/x')).toBe(theirs)
    })

    decided('a delete is raced, too', async () => {
      await startEqual()
      gitSync(destination, 'branch', 'old', 'main~1')
      const theirs = await commit(destination, 'theirs', { files: { theirs: '1' } })
      const report = await run(
        {},
        { onLine: line => line.startsWith('pushing') && void gitSync(destination, 'update-ref', 'refs/heads/old', theirs) },
      )
      expect(report.outcomes).toMatchObject({ old: 'raced raced' })
      expect(await tip(destination, 'refs/heads/old')).toBe(theirs)
    })

    decided('with retries the run looks again, keeps what it did before, and takes nothing away that came in between', async () => {
      await startEqual()
      await commitAll(
        source,
        ['mine', 'theirs', 'same'].map(branch => ({ branch, parents: [] })),
      )
      const main = gitSync(source, 'rev-parse', 'main')
      await commit(source, 'ahead', { parents: [main] })
      const foreign = await commit(destination, 'foreign', { files: { foreign: '1' } })
      await commit(destination, 'foreign')
      let moved = false
      const onLine = (line: string) => {
        if (!line.startsWith('pushing') || moved) return
        moved = true
        gitSync(destination, 'update-ref', 'refs/heads/theirs', foreign)
        gitSync(destination, 'update-ref', 'refs/heads/ahead', main)
        gitSync(destination, 'fetch', '-q', source, 'refs/heads/same:refs/heads/same')
      }
      const report = await run({ retries: '3' }, { onLine })
      expect(report).toMatchObject({
        status: 'partial',
        attempts: 2,
        outcomes: { ahead: 'updated', main: 'up-to-date', mine: 'created', same: 'up-to-date', theirs: 'raced raced' },
      })
      expect(await tip(destination, 'refs/heads/theirs')).toBe(foreign)
      expect((await run()).outcomes).toMatchObject({ theirs: 'forced' })
    })

    ofServers('a tip that vanishes from the source between reading and fetching does not hold back the rest', async () => {
      await startEqual()
      let moved = false
      let gone = ''
      const onLine = (line: string) => {
        if (!line.startsWith('fetching') || moved) return
        moved = true
        for (const file of ['refs/heads/gone', `objects/${gone.slice(0, 2)}/${gone.slice(2)}`]) rmSync(join(source, file))
      }
      gone = await commit(source, 'gone', { parents: [] })
      expect(await run({}, { onLine })).toMatchObject({ status: 'up-to-date', inSync: true, attempts: 1, failure: null })
    })
  })

  const few = '1,101 refs go in few requests (of git: at most 1,000 each), and nothing is left behind'
  inRequests(few, async () => {
    await commit(source, 'main')
    const oid = await tip(source, 'refs/heads/main')
    await git(source, ['update-ref', '--stdin'], {
      input: Array.from({ length: 1100 }, (_, index) => `create refs/heads/b${index} ${oid}\n`).join(''),
    })
    installHook(destination, 'pre-receive', 'wc -l >> pushes')
    const report = await run()
    expect(report).toMatchObject({ status: 'updated', inSync: true, counts: { created: 1101 } })
    expect(
      execFileSync('cat', [join(destination, 'pushes')])
        .toString()
        .trim()
        .split(/\s+/),
    ).toEqual(transfer === 'git' ? ['1000', '101'] : ['1101'])
    expect(await differences(source, destination)).toEqual([])
  })

  decided('the push tells the server its options', async () => {
    await commit(source, 'main')
    gitSync(destination, 'config', 'receive.advertisePushOptions', 'true')
    installHook(destination, 'pre-receive', 'echo "$GIT_PUSH_OPTION_COUNT:$GIT_PUSH_OPTION_0:$GIT_PUSH_OPTION_1" > options')
    expect(await run({ 'push-options': 'ci.skip\na=b c' })).toMatchObject({ status: 'updated' })
    expect(execFileSync('cat', [join(destination, 'options')]).toString()).toBe('2:ci.skip:a=b c\n')
  })
}
