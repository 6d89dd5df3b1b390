import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { git, gitEnvironment, installHook, refsOf } from '../support/git-repository.ts'
import type { MirrorOptions } from '../support/mirror.ts'
import { createTwoSides, runBothWays, type SideRefs, seeSides, setRefs, type TwoSides } from '../support/two-sides.ts'

const MAIN = { 'heads/main': '2' } as const
/** The refs of one side while the other one is empty. */
const FILLED: SideRefs = { 'heads/main': '2', 'heads/x': 'x', 'tags/v1': '1^' }
/** For deletions: of what is merged, and of what is not. */
const AGREED: SideRefs = { 'heads/main': '2', 'heads/merged': '1', 'heads/open': 'x', 'tags/v1': '1^', 'tags/open': 'x^' }

describe.each(['relay', 'git'])('both ways: %s', transfer => {
  const run = (sides: TwoSides, inputs: RawInputs = {}, options: MirrorOptions = {}) =>
    runBothWays(sides, { transfer, 'keep-divergent': 'true', ...inputs }, options)
  // The refs alone decide such a row, or what both transfers leave to the same code, so they take turns.
  const [byRelay, byGit] = transfer === 'relay' ? [test, null] : [null, test]
  const turn = transfer === 'relay' ? 0 : 1
  const itsTurn = (_: unknown, index: number): boolean => index % 2 === turn

  describe('one side is empty', () => {
    const empty: [string, SideRefs, SideRefs][] = [
      ['there', FILLED, {}],
      ['here', {}, FILLED],
    ]
    test.each(empty.filter(itsTurn))('%s, and nothing was ever agreed on: it is filled', async (_, here, there) => {
      const sides = await createTwoSides(here, there)
      expect(await run(sides)).toMatchObject({ status: 'updated', inSync: true, failure: null })
      expect(await seeSides(sides)).toMatchObject({ here: FILLED, there: FILLED, base: FILLED })
      expect(await run(sides)).toMatchObject({ status: 'up-to-date', transfer: null })
    })
  })

  const anew: [string, SideRefs, SideRefs, SideRefs][] = [
    [
      'with its default branch',
      { ...MAIN, 'heads/a': '1', 'tags/v1': '1' },
      { 'heads/main': 'r' },
      { ...MAIN, 'heads/a': '1', 'tags/v1': '1' },
    ],
    ['with another one', { ...MAIN, 'heads/a': '1' }, { 'heads/trunk': 'r' }, { ...MAIN, 'heads/a': '1' }],
  ]
  test.each(anew.filter(itsTurn))(
    'a repository there that was deleted and made anew %s deletes nothing here',
    async (_, here, there, base) => {
      // The seals were deleted with it.
      const sides = await createTwoSides(here, there, {}, { forged: base })
      const before = await seeSides(sides)
      expect(await run(sides, { prune: 'all' })).toMatchObject({ status: 'failed', failure: { kind: 'unrelated' } })
      expect(await seeSides(sides)).toEqual(before)
    },
  )

  byRelay?.('repositories that have nothing in common are not poured into each other', async () => {
    const sides = await createTwoSides({ 'heads/main': '2', 'heads/a': '3' }, { 'heads/main': 'r', 'tags/v1': 'r' })
    const before = await seeSides(sides)
    expect(await run(sides)).toMatchObject({ status: 'failed', failure: { kind: 'unrelated' } })
    expect(await seeSides(sides)).toEqual(before)
    const report = await run(sides, { 'allow-unrelated': 'true' })
    expect(report.outcomes).toEqual({ a: 'created', main: 'kept diverged', 'tags/v1': 'created' })
  })

  describe('deletions', () => {
    const rows: [prune: string, outcomes: Record<string, string>][] = [
      ['all', { merged: 'deleted', open: 'deleted', 'tags/open': 'deleted', 'tags/v1': 'deleted' }],
      ['merged', { merged: 'deleted', open: 'kept not-merged', 'tags/open': 'kept not-merged', 'tags/v1': 'deleted' }],
      ['none', { merged: 'kept not-pruned', open: 'kept not-pruned', 'tags/open': 'kept not-pruned', 'tags/v1': 'kept not-pruned' }],
    ]
    // The table has all deletions by git, too; what is merged each transfer finds out in its own way.
    test.each(rows.filter(([prune]) => transfer === 'relay' || prune === 'merged'))('prune: %s', async (prune, outcomes) => {
      for (const [side, sides] of [
        ['here', await createTwoSides(AGREED, MAIN, AGREED)],
        ['there', await createTwoSides(MAIN, AGREED, AGREED)],
      ] as const) {
        expect((await run(sides, { prune })).outcomes).toEqual({ main: 'up-to-date', ...outcomes })
        const seen = await seeSides(sides)
        const kept = Object.entries(outcomes).flatMap(([name, outcome]) => (outcome === 'deleted' ? [] : [name]))
        expect(Object.keys(seen[side])).toHaveLength(1 + kept.length)
        // What nothing else contains is to be had again; the annotated tags are objects of their own.
        const stored =
          prune === 'all' ? { 'heads/open': 'x', 'tags/open': 'x^', 'tags/v1': '1^' } : prune === 'merged' ? { 'tags/v1': '1^' } : {}
        expect(seen.backups).toEqual({ here: {}, there: {}, [side]: stored })
      }
    })
  })

  test('a branch that makes room for another one, carried to both sides', async () => {
    const base: SideRefs = { ...MAIN, 'heads/a': 'x', 'heads/b/c': '1' }
    const sides = await createTwoSides({ ...MAIN, 'heads/a/b': 'x', 'heads/b/c': '1' }, { ...MAIN, 'heads/a': 'x', 'heads/b': '3' }, base)
    expect(await run(sides, { prune: 'all' })).toMatchObject({ status: 'updated', inSync: true })
    const after = { ...MAIN, 'heads/a/b': 'x', 'heads/b': '3' }
    expect(await seeSides(sides)).toMatchObject({ here: after, there: after, base: after })
  })

  test('conflicts and refusals do not hold back other refs; what is told holds both tips', async () => {
    const sides = await createTwoSides(
      { 'heads/main': '3', 'heads/a': '2', 'heads/b': '2' },
      { 'heads/main': '2', 'heads/a': 'x', 'heads/c': '2' },
    )
    installHook(sides.there, 'update', 'test "$1" != refs/heads/b')
    const report = await run(sides)
    expect(report.outcomes).toEqual({ a: 'kept diverged', b: 'rejected hook-declined', c: 'created', main: 'updated' })
    expect(report.refs.find(({ ref }) => ref === 'refs/heads/a')).toMatchObject({
      before: expect.any(String),
      after: expect.any(String),
      side: null,
    })
    expect(await seeSides(sides)).toMatchObject({ base: { 'heads/main': '3', 'heads/c': '2' } })
  })

  byGit?.('a side that takes nothing does not hold back the other one', async () => {
    const sides = await createTwoSides({ 'heads/main': '2', 'heads/a': '2' }, { 'heads/main': '3', 'heads/a': '1' })
    installHook(sides.there, 'pre-receive', 'exit 1')
    expect((await run(sides)).outcomes).toEqual({ a: 'rejected hook-declined', main: 'updated' })
  })

  byRelay?.('where the base cannot be stored, that is a failure, and no deletion follows', async () => {
    const sides = await createTwoSides({ 'heads/main': '2', 'heads/a': '1' }, { 'heads/main': '3' })
    installHook(sides.here, 'update', 'case $1 in refs/mirroring/*) exit 1;; esac')
    expect(await run(sides)).toMatchObject({
      status: 'partial',
      outcomes: { a: 'created', main: 'updated' },
      failure: { kind: 'base-refused', side: 'here', message: expect.stringContaining('2 of 2 refs') },
    })
    await setRefs(sides.here, { 'heads/a': null })
    expect((await run(sides)).outcomes).toMatchObject({ a: 'created' })
  })

  byGit?.('`atomic` is for refs, not for what is noted of them', async () => {
    const sides = await createTwoSides({ ...MAIN, 'heads/a/b': 'x' }, { ...MAIN, 'heads/a/b': 'x' }, { 'heads/a': 'x' })
    expect(await run(sides, { atomic: 'true' })).toMatchObject({ status: 'up-to-date', failure: null })
    expect((await seeSides(sides)).base).toEqual({ ...MAIN, 'heads/a/b': 'x' })
  })

  byGit?.('push options go there; both failures are told', async () => {
    const refs: [SideRefs, SideRefs] = [
      { 'heads/main': '3', 'heads/o': '1' },
      { 'heads/main': '2', 'heads/p': '1' },
    ]
    const sides = await createTwoSides(...refs)
    await git(sides.there, ['config', 'receive.advertisePushOptions', 'true'])
    expect(await run(sides, { 'push-options': 'ci.skip' })).toMatchObject({ status: 'updated', failure: null, inSync: true })

    const others = await createTwoSides(...refs)
    for (const side of [others.here, others.there]) await git(side, ['config', 'receive.advertiseAtomic', 'false'])
    const { failure, refs: rows } = await run(others, { atomic: 'true' })
    expect(failure).toMatchObject({ side: 'there', detail: expect.stringContaining('the other side failed too') })
    expect(rows.filter(({ outcome }) => outcome === 'skipped')).toHaveLength(3)
  })

  test('two runs at the same time end as one would', async () => {
    const many = (tip: SideRefs[string], prefix: string) =>
      Object.fromEntries([1, 2, 3, 4, 5].map(n => [`heads/${prefix}${n}`, tip] as const))
    const here = { 'heads/main': '3', ...many('2', 'a'), ...many('3', 'b') } as SideRefs
    const there = { 'heads/main': '2', ...many('3', 'a'), ...many('x', 'c') } as SideRefs
    const sides = await createTwoSides(here, there, { ...many('2', 'a'), ...many('x', 'c') })
    const reports = await Promise.all([run(sides, { retries: '5', prune: 'all' }), run(sides, { retries: '5', prune: 'all' })])
    for (const report of reports) expect(report).toMatchObject({ inSync: true, failure: null })
    expect(await run(sides)).toMatchObject({ status: 'up-to-date', transfer: null, inSync: true })
    const { here: ours, there: theirs, base } = await seeSides(sides)
    expect([theirs, base]).toEqual([ours, ours])
  })

  test('who pushes to either side while it is being changed keeps their commit, and the next attempt brings it over', async () => {
    const sides = await createTwoSides(
      { 'heads/main': '1', 'heads/a': '1' },
      { 'heads/main': '2', 'heads/a': '1' },
      { 'heads/main': '1', 'heads/a': '1' },
    )
    let pushes = 0
    const onLine = (line: string) => {
      if (line.startsWith('pushing') && pushes++ === 0) pushed = setRefs(sides.here, { 'heads/main': '3' })
    }
    let pushed: Promise<void> | null = null
    installHook(
      sides.here,
      'pre-receive',
      `while test "$(git for-each-ref --format='%(contents:subject)' refs/heads/main)" != 3; do :; done`,
    )
    const report = await run(sides, { retries: '3' }, { onLine })
    await pushed
    expect(report).toMatchObject({ inSync: true, attempts: 2, outcomes: { main: 'updated' } })
    expect(await seeSides(sides)).toMatchObject({ here: { 'heads/main': '3' }, there: { 'heads/main': '3' }, base: { 'heads/main': '3' } })
  })

  byRelay?.('the branch of the running workflow is spared here: fast-forwarded with its file, and not without', async () => {
    const sides = await createTwoSides({ 'heads/main': '2', 'heads/a': '1' }, { 'heads/main': '3', 'heads/a': '2' }, { 'heads/main': '2' })
    const repository = sides.here
      .split('/')
      .slice(-2)
      .join('/')
      .replace(/\.git$/, '')
    const options = (file: string): MirrorOptions => ({
      context: { run: { repository, workflowRef: `${repository}/${file}@refs/heads/main`, ref: null } },
    })
    const before = await seeSides(sides)
    const kept = await run(sides, {}, options('.github/workflows/mirror.yml'))
    expect(kept.outcomes).toEqual({ a: 'updated', main: 'kept reserved-branch' })
    expect((await seeSides(sides)).here['heads/main']).toBe(before.here['heads/main'])
    expect((await run(sides, {}, options('3'))).outcomes).toMatchObject({ main: 'updated' })
  })

  byGit?.('a commit that another writer pushes there meanwhile stays, and after the last attempt the report says so', async () => {
    const sides = await createTwoSides(
      { 'heads/main': '3', 'heads/a': '1' },
      { 'heads/main': '1', 'heads/a': '1' },
      { 'heads/main': '1', 'heads/a': '1' },
    )
    const onLine = (line: string) => {
      if (line.startsWith('pushing')) execFileSync('git', ['update-ref', 'refs/heads/main', theirs.shift() ?? ''], { cwd: sides.there })
    }
    await setRefs(sides.there, { 'heads/x': 'x', 'heads/m': 'm', 'heads/two': '2' })
    const oids = await refsOf(sides.there)
    const theirs = ['x', 'm', 'two'].map(name => oids.get(`refs/heads/${name}`) ?? '')
    const report = await run(sides, { branches: 'main', retries: '0' }, { onLine })
    expect(report.outcomes).toEqual({ main: 'raced raced' })
    expect((await seeSides(sides)).there).toMatchObject({ 'heads/main': 'x' })
    expect((await run(sides, { branches: 'main', retries: '3' }, { onLine })).outcomes).toEqual({ main: 'kept diverged' })
  })

  // The refs alone decide these rows, so one transfer is enough.
  if (transfer === 'relay') {
    test('a first run that was refused in part goes on where it can', async () => {
      const sides = await createTwoSides({ ...MAIN, 'tags/v1': '1' }, {})
      installHook(sides.there, 'update', 'case $1 in refs/heads/*) exit 1;; esac')
      expect((await run(sides)).outcomes).toEqual({ main: 'rejected hook-declined', 'tags/v1': 'created' })
      installHook(sides.there, 'update', 'exit 0')
      expect(await run(sides)).toMatchObject({ outcomes: { main: 'created' }, inSync: true })
    })

    test('what the page says to start over: nothing is deleted, and both sides get what the other one has', async () => {
      const page = readFileSync(new URL('../../docs/bidirectional.md', import.meta.url), 'utf8')
      const [command = ''] = /^git push --delete HERE .*$/m.exec(page) ?? []
      const agreed: SideRefs = { ...MAIN, 'heads/a': '1', 'heads/b': 'x' }
      const sides = await createTwoSides({ ...MAIN, 'heads/a': '1' }, { ...MAIN, 'heads/b': 'x' }, agreed)
      execFileSync('sh', ['-c', command.replaceAll('HERE', sides.here)], { cwd: sides.here, env: gitEnvironment(), stdio: 'pipe' })
      expect((await seeSides(sides)).base).toEqual({})
      expect((await run(sides, { prune: 'all' })).outcomes).toEqual({ a: 'created', b: 'created', main: 'up-to-date' })
      expect(await seeSides(sides)).toMatchObject({ here: agreed, there: agreed, base: agreed })
    })

    test('a dry run changes nothing, the base included', async () => {
      const sides = await createTwoSides({ 'heads/main': '2' }, { 'heads/main': '1', 'heads/a': '3' })
      const before = await seeSides(sides)
      expect(await run(sides, { 'dry-run': 'true' })).toMatchObject({ status: 'skipped', outcomes: { a: 'skipped', main: 'skipped' } })
      expect(await seeSides(sides)).toEqual(before)
    })

    test.each<['here' | 'there', SideRefs, SideRefs]>([
      ['there', FILLED, {}],
      ['here', {}, FILLED],
    ])('%s is empty, though both sides had agreed: that is not believed', async (side, here, there) => {
      const sides = await createTwoSides(here, there, FILLED)
      const before = await seeSides(sides)
      expect(await run(sides)).toMatchObject({ status: 'failed', failure: { kind: 'source-empty', side } })
      expect(await seeSides(sides)).toEqual(before)
      // As the message says: without the base it is filled.
      await setRefs(sides.here, Object.fromEntries(Object.keys(FILLED).map(ref => [`${before.prefix}${ref}`, null])))
      expect(await run(sides)).toMatchObject({ status: 'updated', inSync: true })
    })

    test('both sides are empty', async () => {
      expect(await run(await createTwoSides({}, {}))).toMatchObject({ status: 'up-to-date', inSync: true, refs: [] })
    })

    test('too many deletions at one side: nothing is changed at either', async () => {
      const sides = await createTwoSides({ ...MAIN, 'heads/new': '3' }, AGREED, AGREED)
      const before = await seeSides(sides)
      expect(await run(sides, { prune: 'all', 'max-deletions': '3' })).toMatchObject({
        failure: { kind: 'too-many-deletions', side: 'there' },
      })
      expect(await seeSides(sides)).toEqual(before)
    })

    test('a repository of tags alone that comes out empty is not believed, either', async () => {
      const tags: SideRefs = { 'tags/v1': '1', 'tags/v2': '2' }
      const sides = await createTwoSides({}, tags, tags)
      expect(await run(sides)).toMatchObject({ status: 'failed', failure: { kind: 'source-empty', side: 'here' } })
      expect((await seeSides(sides)).there).toEqual(tags)
    })

    test('patterns and the regular expression select in both directions; tags alone are a mirror, too', async () => {
      const sides = await createTwoSides(
        { ...MAIN, 'heads/a1': '3', 'tags/v1': '1' },
        { 'heads/a2': 'x', 'heads/b': '1', 'tags/v2': '2', 'tags/w': '1' },
      )
      const tagsOnly = { branches: '!*', tags: 'v*' }
      expect((await run(sides, tagsOnly)).outcomes).toEqual({ 'tags/v1': 'created', 'tags/v2': 'created' })
      expect(await run(sides, tagsOnly)).toMatchObject({ status: 'up-to-date', inSync: true })
      const narrowed = { branches: 'a*, !a2', 'branch-regex': '[0-9]$', tags: '!*' }
      expect((await run(sides, narrowed)).outcomes).toEqual({ a1: 'created' })
      expect(await run(sides, { branches: 'nothing' })).toMatchObject({ failure: { kind: 'selection-empty' } })
    })

    test('a renamed default branch: the new one comes over, the old one stays where it is still the default', async () => {
      const sides = await createTwoSides(
        { 'heads/main': '3' },
        { 'heads/master': '2' },
        { 'heads/master': '2' },
        { hereHead: 'main', thereHead: 'master' },
      )
      expect((await run(sides)).outcomes).toEqual({ main: 'created', master: 'kept default-branch' })
      await git(sides.there, ['symbolic-ref', 'HEAD', 'refs/heads/main'])
      expect((await run(sides)).outcomes).toEqual({ main: 'up-to-date', master: 'deleted' })
      expect(await seeSides(sides)).toMatchObject({
        here: { 'heads/main': '3' },
        there: { 'heads/main': '3' },
        base: { 'heads/main': '3' },
      })
    })

    test('protected branches of here count in both directions', async () => {
      const sides = await createTwoSides(
        { ...MAIN, 'heads/wip': 'x', 'heads/r/1': '3' },
        { 'heads/main': '3', 'heads/other': '1', 'heads/r/2': 'x' },
      )
      const report = await run(sides, { 'protected-only': 'true', 'protected-branches': 'main, r/*' })
      expect(report.outcomes).toEqual({ main: 'updated', 'r/1': 'created', 'r/2': 'created' })
      expect(await seeSides(sides)).toMatchObject({
        here: { 'heads/wip': 'x' },
        there: { 'heads/other': '1' },
        base: { 'heads/main': '3' },
      })
    })

    test('a base of an earlier run, or of another ref, is worth nothing when it is written back', async () => {
      const agreed: SideRefs = { 'heads/main': '3', 'heads/a': 'x', 'tags/v1': '1' }
      const sides = await createTwoSides(agreed, agreed)
      const inputs = { 'keep-divergent': 'false', prune: 'all' }
      expect(await run(sides, inputs)).toMatchObject({ status: 'up-to-date', notices: [] })
      const { prefix } = await seeSides(sides)
      for (const side of [sides.here, sides.there]) await setRefs(side, { 'heads/main': '2', 'heads/a': null })
      expect((await run(sides, inputs)).outcomes).toEqual({ main: 'up-to-date', 'tags/v1': 'up-to-date' })

      await setRefs(sides.there, { 'heads/main': '3', 'heads/a': 'x', 'heads/b': '1' })
      await setRefs(sides.here, { [`${prefix}heads/main`]: '3', [`${prefix}heads/a`]: 'x', [`${prefix}heads/b`]: '1' })
      expect((await run(sides, inputs)).outcomes).toEqual({ a: 'created', b: 'created', main: 'updated', 'tags/v1': 'up-to-date' })
      const { here, there, base } = await seeSides(sides)
      expect([here, there]).toEqual([base, { ...agreed, 'heads/b': '1' }])
    })

    test('where seals cannot be stored there, that is a failure, and no deletion follows', async () => {
      const sides = await createTwoSides({ ...MAIN, 'heads/a': '1' }, MAIN)
      installHook(sides.there, 'update', 'case $1 in refs/mirroring/*) exit 1;; esac')
      const failure = { kind: 'base-refused', side: 'there', message: expect.stringContaining('2 of 2 refs') }
      expect(await run(sides)).toMatchObject({ outcomes: { a: 'created' }, failure })
      await setRefs(sides.here, { 'heads/a': null })
      expect((await run(sides)).outcomes).toMatchObject({ a: 'created' })
    })

    test('bases that the server hides from readers are refused, because no later run could read them', async () => {
      const sides = await createTwoSides({ ...MAIN, 'heads/a': '1' }, { ...MAIN, 'heads/a': '1' })
      await git(sides.here, ['config', 'uploadpack.hideRefs', 'refs/mirroring'])
      await run(sides)
      const again = await run(sides)
      expect(again.failure).toMatchObject({ kind: 'base-refused', side: 'here', message: expect.stringContaining('hides it from readers') })
    })

    test('the branch of the running workflow that is not there any more is as it should be', async () => {
      const agreed: SideRefs = { ...MAIN, 'heads/mirror': 'r' }
      const sides = await createTwoSides(agreed, MAIN, agreed)
      const repository = sides.here
        .split('/')
        .slice(-2)
        .join('/')
        .replace(/\.git$/, '')
      const context = { run: { repository, workflowRef: `${repository}/.github/workflows/m.yml@refs/heads/mirror`, ref: null } }
      expect(await run(sides, { prune: 'all' }, { context })).toMatchObject({
        status: 'up-to-date',
        outcomes: { mirror: 'kept reserved-branch' },
      })
    })

    test('a mirror that is run from both sides comes to rest', async () => {
      const sides = await createTwoSides({ 'heads/main': '2', 'tags/v1': '1^' }, { 'heads/main': '3', 'heads/a': 'x' })
      const turned = { here: sides.there, there: sides.here }
      expect((await run(sides)).status).toBe('updated')
      expect(await run(turned)).toMatchObject({ status: 'up-to-date', inSync: true })
      await setRefs(sides.there, { 'heads/a': null, 'heads/b': 'm' })
      expect((await run(turned, { prune: 'all' })).outcomes).toMatchObject({ a: 'deleted', b: 'created' })
      for (const each of [sides, turned, sides, turned])
        expect(await run(each, { prune: 'all' })).toMatchObject({ status: 'up-to-date', transfer: null })
    })
  }
})
