import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { commit, copyInto, createBare, fsck, gitEnvironment, installHook, refsOf } from '../support/git-repository.ts'
import { type Mirrored, type MirrorOptions, runMirror } from '../support/mirror.ts'

const git = (directory: string, ...args: string[]) => execFileSync('git', args, { cwd: directory, env: gitEnvironment() }).toString().trim()

/** Backups of a repository: `heads/main` → oid. */
function backupsIn(directory: string): Record<string, string> {
  const lines = git(directory, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/mirroring').split('\n')
  return Object.fromEntries(
    lines.filter(line => line !== '').map(line => line.replace(/^refs\/mirroring\/backup\/\d{8}T\d{6}Z\//, '').split(' ')),
  )
}

const PAGE = readFileSync(new URL('../../docs/backups.md', import.meta.url), 'utf8')

/** Does what the page says, with the names of this backup and these repositories. */
async function restore(backup: string, source: string, mirror: string): Promise<void> {
  const kind = backup.includes('/heads/') ? 'heads' : 'tags'
  const [command = ''] = new RegExp(`^git fetch MIRROR \\S+/${kind}/\\S+$`, 'm').exec(PAGE) ?? []
  const filled = command.replace('MIRROR', mirror).replace(/refs\/mirroring\/backup\/[^:]+/, backup)
  execFileSync('sh', ['-c', filled], { cwd: source, env: gitEnvironment(), stdio: 'pipe' })
}

test('the page’s command removes the backups of one branch, or of all refs, and nothing else', async () => {
  const mirror = await createBare()
  const commit1 = await commit(mirror, 'main', { files: { a: '1' } })
  const names = ['20261125T050138Z/heads/main', '20261126T050138Z/heads/main', '20261126T050138Z/heads/dev'].map(
    name => `refs/mirroring/backup/${name}`,
  )
  for (const name of names) git(mirror, 'update-ref', name, commit1)
  const [command = ''] = /^git push MIRROR --delete .*$/m.exec(PAGE) ?? []
  const left = async (text: string) => {
    execFileSync('sh', ['-c', text.replaceAll('MIRROR', mirror)], { cwd: mirror, env: gitEnvironment(), stdio: 'pipe' })
    return git(mirror, 'for-each-ref', '--format=%(refname)').split('\n')
  }
  expect(await left(command)).toEqual(['refs/heads/main', names[2]])
  expect(await left(command.replace('/heads/main', ''))).toEqual(['refs/heads/main'])
  // Without a name git would push the current branch.
  await expect(left(command)).rejects.toThrow('--delete doesn')
})

/** Copied into both sides of a row. */
let start: string
/** The first of its two commits. */
let base: string
beforeAll(async () => {
  start = await createBare()
  base = await commit(start, 'main', { files: { a: '1' } })
  await commit(start, 'main', { files: { a: '2' } })
})

describe.each(['relay', 'git'])('%s', transfer => {
  let source: string
  let mirror: string
  const run = (inputs: RawInputs = {}, options: MirrorOptions = {}): Promise<Mirrored> =>
    runMirror({ 'repository-url': source, 'remote-url': mirror, transfer, ...inputs }, options)

  beforeEach(async () => {
    source = await createBare()
    mirror = await createBare()
    for (const side of [source, mirror]) copyInto(side, start)
  })

  // Refusals and plans do not depend on the transfer, so the transfers take turns.
  const [byRelay, byGit] = transfer === 'relay' ? [test, null] : [null, test]

  /** The mirror's `main` has a commit of its own, the source's another one. */
  async function diverge(): Promise<string> {
    const theirs = await commit(mirror, 'main', { files: { theirs: '1' } })
    await commit(source, 'main', { files: { ours: '1' } })
    return theirs
  }

  test('what a force, a moved tag and an unmerged deletion would lose is stored before, and one command brings it back', async () => {
    await commit(source, 'side', { parents: [base], files: { side: '1' } })
    git(source, 'tag', '-m', 'first', 'v1', 'main')
    git(source, 'tag', 'tree', 'main^{tree}')
    await run()
    const side = git(source, 'rev-parse', 'side')
    const tag = git(source, 'rev-parse', 'v1')
    const tree = git(source, 'rev-parse', 'tree')
    const theirs = await diverge()
    git(source, 'branch', '-D', 'side')
    git(source, 'tag', '-f', '-m', 'second', 'v1', 'main')
    git(source, 'tag', '-f', 'tree', 'main^{tree}')
    const report = await run({ prune: 'all' })
    expect(report).toMatchObject({
      status: 'updated',
      inSync: true,
      outcomes: { main: 'forced', side: 'deleted', 'tags/tree': 'forced', 'tags/v1': 'forced' },
    })
    expect(backupsIn(mirror)).toEqual({ 'heads/main': theirs, 'heads/side': side, 'tags/tree': tree, 'tags/v1': tag })
    expect(report.backups.map(({ of, outcome }) => [of, outcome])).toEqual([
      ['refs/heads/main', 'stored'],
      ['refs/heads/side', 'stored'],
      ['refs/tags/tree', 'stored'],
      ['refs/tags/v1', 'stored'],
    ])
    const backup = report.backups[0]?.ref ?? ''
    expect(report.refs[0]?.reason).toContain(`its old tip is stored as ${backup}`)
    await fsck(mirror)
    await restore(backup, source, mirror)
    expect((await refsOf(source)).get('refs/heads/main-before')).toBe(theirs)
    const ofTag = report.backups.find(({ of }) => of === 'refs/tags/v1')?.ref ?? ''
    await restore(ofTag, source, mirror)
    expect((await refsOf(source)).get('refs/tags/v1-before')).toBe(tag)
    git(source, 'tag', '-d', 'v1-before')
    await fsck(source)
    expect((await run({ prune: 'all' })).outcomes).toMatchObject({ 'main-before': 'created' })
    expect((await run({ prune: 'all' })).status).toBe('up-to-date')
  })

  byGit?.('the backup comes in a request of its own, before', async () => {
    await diverge()
    installHook(mirror, 'pre-receive', 'sed "s/^[^ ]* [^ ]* //" >> order; echo -- >> order')
    await run()
    expect(execFileSync('cat', [`${mirror}/order`]).toString()).toMatch(
      /^refs\/mirroring\/backup\/\S+\/heads\/main\n--\nrefs\/heads\/main\n--\n$/,
    )
  })

  // Each refusal of a push is read in the same way.
  const ofGit: readonly (readonly [name: string, refuse: () => void])[] = [
    ['a hook', () => installHook(mirror, 'update', 'case $1 in refs/mirroring/*) echo "not here" >&2; exit 1;; esac')],
    ['a hidden namespace', () => void git(mirror, 'config', 'receive.hideRefs', 'refs/mirroring')],
  ]
  const ofRelay: typeof ofGit = [
    ['a hook for all', () => installHook(mirror, 'pre-receive', 'if grep -q refs/mirroring/; then exit 1; fi')],
    ['a namespace that is hidden in both directions', () => void git(mirror, 'config', 'transfer.hideRefs', 'refs/mirroring')],
    [
      'creations are denied there',
      () => installHook(mirror, 'update', 'case $1 in refs/heads/*) exit 0;; esac; case $2 in *[!0]*) exit 0;; esac; exit 1'),
    ],
  ]
  test.each(transfer === 'relay' ? ofRelay : ofGit)('no backup, no overwrite; the rest goes on: %s', async (_, refuse) => {
    const theirs = await diverge()
    await commit(source, 'new', { parents: [base] })
    refuse()
    const report = await run()
    expect(report).toMatchObject({ status: 'partial', inSync: false, outcomes: { main: 'kept backup-refused', new: 'created' } })
    expect(report.backups).toMatchObject([{ of: 'refs/heads/main', outcome: 'refused' }])
    expect((await refsOf(mirror)).get('refs/heads/main')).toBe(theirs)
    expect((await run({ atomic: 'true' })).outcomes).toMatchObject({ main: 'kept backup-refused' })
    expect((await run({ backup: 'false' })).outcomes).toMatchObject({ main: 'forced' })
    expect(backupsIn(mirror)).toEqual({})
  })

  byRelay?.('a refused force gets no second backup', async () => {
    const theirs = await diverge()
    git(mirror, 'config', 'receive.denyNonFastForwards', 'true')
    expect((await run()).outcomes).toEqual({ main: 'rejected force-push-denied' })
    expect((await run()).backups).toMatchObject([{ outcome: 'present', tip: theirs }])
    expect(git(mirror, 'for-each-ref', 'refs/mirroring').split('\n')).toHaveLength(1)
  })

  byGit?.(
    'a merged branch needs no backup, and is deleted after the default branch that contains it changed; if that is refused, it stays',
    async () => {
      const main = git(source, 'rev-parse', 'main')
      const side = await commit(source, 'side', { parents: [main], files: { side: '1' } })
      await run()
      await commit(source, 'main', { parents: [main, side] })
      git(source, 'branch', '-D', 'side')
      installHook(mirror, 'update', 'test $1 != refs/heads/main')
      expect((await run()).outcomes).toEqual({ main: 'rejected hook-declined', side: 'kept not-merged' })
      installHook(mirror, 'update', 'exit 0')
      expect((await run()).outcomes).toEqual({ main: 'updated', side: 'deleted' })
      expect(backupsIn(mirror)).toEqual({})
    },
  )

  byRelay?.('a force needs no backup if another ref gets the old tip; if that ref is refused, there is a backup', async () => {
    const theirs = await diverge()
    git(source, 'fetch', '-q', mirror, 'main:kept')
    installHook(mirror, 'update', 'test $1 != refs/heads/kept')
    const report = await run()
    expect(report.outcomes).toEqual({ kept: 'rejected hook-declined', main: 'forced' })
    expect(report.backups).toMatchObject([{ of: 'refs/heads/main', tip: theirs, outcome: 'stored', side: 'there' }])
    expect(report.refs.find(({ ref }) => ref === 'refs/heads/main')?.reason).toContain(`stored as ${report.backups[0]?.ref}`)
    expect(backupsIn(mirror)).toEqual({ 'heads/main': theirs })
    await fsck(mirror)
  })

  test('a commit that another writer pushes between the backup and the force is kept', async () => {
    const old = await diverge()
    let theirs = ''
    let pushes = 0
    const later = await commit(mirror, 'later', { parents: [old], files: { later: '1' } })
    const onLine = (line: string) => {
      if (!line.startsWith('pushing') || ++pushes !== 2) return
      git(mirror, 'update-ref', 'refs/heads/main', later)
      theirs = later
    }
    const report = await run({ retries: '1' }, { onLine })
    expect(report.outcomes).toMatchObject({ main: 'raced raced' })
    expect((await refsOf(mirror)).get('refs/heads/main')).toBe(theirs)
    await run()
    expect((await refsOf(mirror)).get('refs/heads/main')).toBe(git(source, 'rev-parse', 'main'))
    await fsck(mirror)
  })

  byGit?.('expired backups are removed and reported; no other mirroring ref is removed', async () => {
    git(mirror, 'update-ref', 'refs/mirroring/backup/20200101T000000Z/heads/main', base)
    git(mirror, 'update-ref', 'refs/mirroring/base/x', base)
    expect(await run({ 'backup-days': '0' })).toMatchObject({ status: 'up-to-date', backups: [] })
    expect(await run({ 'dry-run': 'true' })).toMatchObject({ backups: [{ outcome: 'to-remove' }] })
    const report = await run()
    expect(report).toMatchObject({
      status: 'up-to-date',
      backups: [{ outcome: 'removed', of: null }],
      notices: ['1 backup older than 30 days removed at the destination'],
    })
    expect(git(mirror, 'for-each-ref', '--format=%(refname)', 'refs/mirroring')).toBe('refs/mirroring/base/x')
    expect(await run()).toMatchObject({ status: 'up-to-date', log: [] })
  })

  // The refs alone decide these rows, so one transfer is enough.
  if (transfer === 'relay') {
    test('without backups nothing is stored', async () => {
      await diverge()
      expect((await run({ backup: 'false' })).outcomes).toEqual({ main: 'forced' })
      expect(backupsIn(mirror)).toEqual({})
    })

    test('a dry run shows what would be stored', async () => {
      await diverge()
      const report = await run({ 'dry-run': 'true' })
      expect(report.backups).toMatchObject([{ of: 'refs/heads/main', outcome: 'to-store' }])
      expect(report.refs[0]?.reason).toContain('its old tip would be stored as refs/mirroring/backup/')
      expect(backupsIn(mirror)).toEqual({})
    })
  }
})

test('over protocol v0, a server that refuses the marks of refs with one tip: with `atomic`, no ref is changed', async () => {
  const [source, mirror] = [await createBare(), await createBare()]
  copyInto(source, start)
  copyInto(mirror, start)
  for (const tag of ['v1', 'v1.0.0']) for (const side of [source, mirror]) git(side, 'tag', tag, 'main')
  const next = await commit(source, 'main', { files: { a: '3' } })
  git(source, 'tag', '-f', 'v1', 'main')
  const before = await refsOf(mirror)
  installHook(mirror, 'update', 'case $1 in refs/mirroring/*) exit 1;; esac')
  const inputs = { 'repository-url': source, 'remote-url': mirror, transfer: 'relay' }
  const atomic = await runMirror({ ...inputs, atomic: 'true' }, { protocol: 0 })
  expect(atomic).toMatchObject({ inSync: false, failure: null })
  expect(atomic.outcomes).toEqual({ main: 'kept backup-refused', 'tags/v1': 'kept backup-refused', 'tags/v1.0.0': 'up-to-date' })
  expect(atomic.refs[0]?.reason).toBe('`atomic` is set, and another ref could not be protected before its change')
  expect(await refsOf(mirror)).toEqual(before)
  const rest = await runMirror(inputs, { protocol: 0 })
  expect(rest.outcomes).toEqual({ main: 'updated', 'tags/v1': 'kept backup-refused', 'tags/v1.0.0': 'up-to-date' })
  expect((await refsOf(mirror)).get('refs/heads/main')).toBe(next)
  await fsck(mirror)
})
