import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { commit, createBare, fsck, git, gitEnvironment, installHook, refsOf } from '../support/git-repository.ts'
import { runMirror } from '../support/mirror.ts'

/** As GitHub does (GH002). */
const AT_MOST_255 = 'case "$3" in 0000*) exit 0;; esac; test "$(printf %s "$1" | wc -c)" -le 255'

let source: string
let mirror: string
beforeEach(async () => {
  source = await createBare()
  mirror = await createBare()
  await commit(source, 'main', { files: { a: '1' } })
})

describe.each(['relay', 'git'])('%s', transfer => {
  const run = (inputs: RawInputs = {}, now?: Date) =>
    runMirror({ 'repository-url': source, 'remote-url': mirror, transfer, lfs: 'false', ...inputs }, now && { now: () => now })
  const backups = async () =>
    (await git(mirror, ['for-each-ref', '--format=%(refname)', 'refs/mirroring/backup'])).stdout.split('\n').filter(Boolean)

  const tips = async (directory: string) =>
    Object.fromEntries([...(await refsOf(directory))].map(([ref, oid]) => [ref.replace('refs/heads/', ''), oid]))

  test('a name that cannot be stored is rejected at once, and the others are mirrored', async () => {
    // The sources keep them packed, which has no limit.
    const tip = (await refsOf(source)).get('refs/heads/main')
    const long = [`refs/heads/${'é'.repeat(126)}`, `refs/heads/${'x'.repeat(300)}/part`, `refs/tags/${'x'.repeat(256)}`]
    await git(source, ['pack-refs', '--all'])
    const file = `${source}/packed-refs`
    const [head = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n')
    const all = [...lines, ...long.map(name => `${tip} ${name}`)].sort((a, b) => (a.slice(41) < b.slice(41) ? -1 : 1))
    writeFileSync(file, `${[head.replace(' sorted', ''), ...all].join('\n')}\n`)
    await git(source, ['branch', 'y'.repeat(249), 'main'])
    const report = await run({ retries: '3' })
    expect(report).toMatchObject({ status: 'partial', attempts: 1, inSync: false })
    expect(report.refs.map(({ ref, outcome, code }) => [ref, outcome, code])).toEqual(
      expect.arrayContaining([...long.map(ref => [ref, 'rejected', 'name-too-long']), ['refs/heads/main', 'created', null]]),
    )
    expect([...(await refsOf(mirror)).keys()]).toEqual(['refs/heads/main', `refs/heads/${'y'.repeat(249)}`])
    await fsck(mirror)
  })

  test('a branch of 235 bytes is rewritten: its backup is restored by the command, found again, purged, and expires', async () => {
    installHook(mirror, 'update', AT_MOST_255)
    const name = `${'feature/'.repeat(5)}${'z'.repeat(184)}`
    const old = await commit(source, name, { files: { b: '1' } })
    await run()
    await commit(source, name, { parents: [], files: { b: '2' } })
    const forced = await run({}, new Date('2026-11-25T05:01:38Z'))
    expect(forced).toMatchObject({ status: 'updated', inSync: true, outcomes: { [name]: 'forced' } })
    const [backup = '', ...more] = await backups()
    expect(more).toEqual([])
    expect(forced.backups).toMatchObject([{ ref: backup, of: `refs/heads/${name}`, tip: old, outcome: 'stored' }])
    execFileSync('git', ['fetch', '-q', mirror, `${backup}:refs/heads/before`], { cwd: source, env: gitEnvironment() })
    expect((await refsOf(source)).get('refs/heads/before')).toBe(old)
    await git(source, ['branch', '-D', 'before'])
    // The old tip comes back at the mirror, and is overwritten once more: its backup is there.
    await git(mirror, ['update-ref', `refs/heads/${name}`, old])
    expect((await run({}, new Date('2026-11-26T05:01:38Z'))).backups).toMatchObject([{ ref: backup, outcome: 'present' }])
    const purge = { operation: 'purge-backups', 'dry-run': 'true' }
    expect((await run({ ...purge, branches: 'main', tags: '!*' })).refs).toEqual([])
    expect((await run({ ...purge, branches: 'feature/*', tags: '!*' })).refs).toMatchObject([{ ref: backup, outcome: 'skipped' }])
    await run({}, new Date('2026-12-30T00:00:00Z'))
    expect(await backups()).toEqual([])
    await fsck(mirror)
  })

  test('both ways: a deletion of a long name is carried over, and no base of it stays', async () => {
    for (const side of [source, mirror]) installHook(side, 'update', AT_MOST_255)
    const names = [`${'n'.repeat(121)}/${'n'.repeat(121)}`, `${'n'.repeat(121)}/${'n'.repeat(120)}x`]
    for (const name of names) await commit(source, name, { files: { b: name } })
    const both = () => run({ direction: 'bidirectional', 'keep-divergent': 'true' })
    expect(await both()).toMatchObject({ status: 'updated', inSync: true })
    expect(await both()).toMatchObject({ status: 'up-to-date', notices: [] })
    await git(mirror, ['branch', '-D', names[0] ?? ''])
    expect((await both()).outcomes).toMatchObject({ [names[0] ?? '']: 'deleted', [names[1] ?? '']: 'up-to-date' })
    for (const side of [source, mirror]) await git(side, ['branch', '-D', names[1] ?? ''])
    await both()
    expect((await git(source, ['for-each-ref', '--format=%(refname)', 'refs/mirroring/base'])).stdout).not.toContain('long')
    expect([...(await refsOf(source))]).toEqual([...(await refsOf(mirror))])
  })

  /**
   * As git answers on a disk that stores both names as one file (macOS, Windows): the lock of the new name finds a ref. A disk here always tells names
   * apart, so a hook answers instead.
   */
  const FOLDS = `[ "$2" = "$(printf %040d 0)" ] || exit 0
    git for-each-ref --format='%(refname)' | grep -qixF "$1" || exit 0
    echo "error: cannot lock ref '$1': reference already exists" >&2; exit 1`

  test('names that a disk stores as one: the second is rejected, and the first is neither changed nor deleted', async () => {
    installHook(mirror, 'update', FOLDS)
    const [first, second] = [await commit(source, 'Topic', { files: { b: '1' } }), await commit(source, 'topic', { files: { b: '2' } })]
    const tip = (await refsOf(source)).get('refs/heads/main') ?? ''
    // The mirror has it in a directory with another name, as if `Feature/y` had come first.
    await git(source, ['branch', 'feature/x', tip])
    await git(mirror, ['fetch', '-q', source, 'main:refs/heads/Feature/x'])
    const all = { prune: 'all', retries: '2', 'max-deletions': '10' }
    const before = { main: tip, Topic: first, 'Feature/x': tip }
    for (const main of ['created', 'up-to-date']) {
      const report = await run(all)
      expect(report).toMatchObject({ status: 'partial', inSync: false, attempts: 1 })
      expect(report.outcomes).toEqual({
        main,
        Topic: main,
        topic: 'rejected name-folded',
        'feature/x': 'rejected name-folded',
        'Feature/x': 'kept name-folded',
      })
      expect(report.refs.find(({ ref }) => ref === 'refs/heads/topic')?.reason).toBe(
        'the destination takes it for "refs/heads/Topic": the names differ only in case or in their Unicode form',
      )
      expect(await tips(mirror)).toEqual(before)
    }
    expect((await run({ ...all, atomic: 'true' })).outcomes).toMatchObject({
      'feature/x': 'rejected name-folded',
      topic: 'rejected atomic-refused',
      'Feature/x': 'kept name-folded',
    })
    expect(await tips(mirror)).toEqual(before)
    // A disk that tells them apart.
    rmSync(join(mirror, 'hooks'), { recursive: true })
    expect(await run(all)).toMatchObject({ inSync: true, outcomes: { topic: 'created', 'feature/x': 'created', 'Feature/x': 'deleted' } })
    expect(await tips(mirror)).toEqual({ main: tip, Topic: first, topic: second, 'feature/x': tip })
    await fsck(mirror)
  })

  test('both directions: a ref that the other side lists under such a name is deleted at neither side', async () => {
    await commit(source, 'feature/x', { files: { b: '1' } })
    const both = () => run({ direction: 'bidirectional' })
    await both()
    await git(mirror, ['branch', '-m', 'feature/x', 'aside'])
    await git(mirror, ['branch', '-m', 'aside', 'Feature/x'])
    const [here, there] = [await tips(source), await tips(mirror)]
    expect(await both()).toMatchObject({
      inSync: false,
      outcomes: { main: 'up-to-date', 'feature/x': 'kept name-folded', 'Feature/x': 'kept name-folded' },
    })
    expect([await tips(source), await tips(mirror)]).toEqual([here, there])
  })
})
