import { appendFileSync, cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { failsStep } from '../../src/report/exit.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { FAIL_ON, type FailOn } from '../../src/settings/settings.ts'
import { createBare, fsck, git, refsOf } from '../support/git-repository.ts'
import { type Mirrored, type MirrorOptions, runMirror } from '../support/mirror.ts'
import { createTwoSides, type SideRefs, setRefs, type TwoSides } from '../support/two-sides.ts'

/** Every ref of a repository, HEAD and refs of ours included, and how many objects it has. */
async function stateOf(directory: string): Promise<string> {
  const refs = await git(directory, ['for-each-ref', '--format=%(refname) %(objectname)'])
  return [
    refs.stdout,
    (await git(directory, ['symbolic-ref', 'HEAD'])).stdout,
    (await git(directory, ['count-objects', '-v'])).stdout,
  ].join('\n')
}

/** Verifies, and proves that neither side was changed. */
async function verify({ here, there }: TwoSides, inputs: RawInputs = {}, options: MirrorOptions = {}): Promise<Mirrored> {
  const before = [await stateOf(here), await stateOf(there)]
  const report = await runMirror({ operation: 'verify', 'repository-url': here, 'remote-url': there, ...inputs }, options)
  expect([await stateOf(here), await stateOf(there)]).toEqual(before)
  await Promise.all([fsck(here), fsck(there)])
  expect(report).toMatchObject({ operation: 'verify', dryRun: true, transfer: null, backups: [] })
  return report
}

const failsWith = (report: Mirrored, ...failOn: FailOn[]): boolean => failsStep(report, new Set(failOn))

/** Each ref: the commits on both sides (`-` = absent), and what is said in a push and in a pull. */
const ROWS: readonly (readonly [ref: string, here: string, there: string, push: string, pull: string])[] = [
  ['heads/main', '3', '3', 'up-to-date', 'up-to-date'],
  ['heads/ahead-here', '3', '1', 'skipped behind', 'kept diverged'],
  ['heads/ahead-there', '1', '3', 'skipped diverged', 'skipped behind'],
  ['heads/both', '2', 'x', 'skipped diverged', 'kept diverged'],
  ['heads/unrelated', 'r', '2', 'skipped diverged', 'kept diverged'],
  ['heads/only-here', '2', '-', 'skipped missing', 'kept extra'],
  ['heads/only-there', '-', '2', 'skipped extra', 'skipped missing'],
  ['heads/only-there-unmerged', '-', 'x', 'kept extra', 'skipped missing'],
  ['tags/same', '2^', '2^', 'up-to-date', 'up-to-date'],
  ['tags/moved', '2', '1', 'skipped diverged', 'kept diverged'],
  ['tags/annotated-there', '2', '2^', 'skipped diverged', 'kept diverged'],
  ['tags/only-there', '-', '1', 'skipped extra', 'skipped missing'],
]

const sideOf = (column: 1 | 2): SideRefs =>
  Object.fromEntries(ROWS.flatMap(row => (row[column] === '-' ? [] : [[row[0], row[column] as SideRefs[string]]])))

describe.each(['relay', 'git'])('%s', transfer => {
  describe.each([
    ['push', 3],
    ['pull', 4],
  ] as const)('%s', (direction, column) => {
    test('each ref is told by how it differs, and nothing is changed', async () => {
      const report = await verify(await createTwoSides(sideOf(1), sideOf(2)), { direction, transfer })
      expect(report.outcomes).toEqual(Object.fromEntries(ROWS.map(row => [row[0].replace(/^heads\//, ''), row[column]])))
      expect(report).toMatchObject({ status: 'partial', inSync: false, failure: null })
      expect(FAIL_ON.map(word => failsWith(report, word))).toEqual(FAIL_ON.map(word => word !== 'never'))
    })

    test('equal sides are in sync, and no relation is asked for', async () => {
      const report = await verify(await createTwoSides(sideOf(1), sideOf(1)), { direction, transfer })
      expect(report).toMatchObject({ status: 'up-to-date', inSync: true, bytes: 0 })
      expect(failsWith(report, 'rejected', 'diverged', 'any-kept')).toBe(false)
    })
  })

  test('both ways: what a mirror would change, and on which side', async () => {
    const base = { 'heads/main': '1', 'heads/deleted-here': '2', 'heads/deleted-there': 'x' } as const
    const report = await verify(
      await createTwoSides(
        {
          'heads/main': '2',
          'heads/behind-here': '1',
          'heads/both': '2',
          'heads/new-here': 'm',
          'heads/deleted-there': 'x',
          'tags/v1': '1',
        },
        {
          'heads/main': '1',
          'heads/behind-here': '3',
          'heads/both': 'x',
          'heads/new-there': 'm',
          'heads/deleted-here': '2',
          'tags/v1': '2',
        },
        base,
      ),
      { direction: 'bidirectional', transfer },
    )
    expect(report.refs.map(({ ref, outcome, code, side }) => [ref.slice(5), outcome, code, side])).toEqual([
      ['heads/behind-here', 'skipped', 'behind', 'here'],
      ['heads/both', 'kept', 'diverged', null],
      ['heads/deleted-here', 'skipped', 'extra', 'there'],
      ['heads/deleted-there', 'skipped', 'extra', 'here'],
      ['heads/main', 'skipped', 'behind', 'there'],
      ['heads/new-here', 'skipped', 'missing', 'there'],
      ['heads/new-there', 'skipped', 'missing', 'here'],
      ['tags/v1', 'kept', 'diverged', null],
    ])
    expect(report).toMatchObject({ status: 'partial', inSync: false })
    expect(failsWith(report, 'rejected')).toBe(true)
  })

  test('both ways: equal sides are in sync, whatever the base says', async () => {
    const refs = { 'heads/main': '2', 'tags/v1': '1^' } as const
    const report = await verify(await createTwoSides(refs, refs, { 'heads/main': '1', 'heads/gone': '1' }), {
      ...{ direction: 'bidirectional', transfer },
    })
    expect(report).toMatchObject({ status: 'up-to-date', inSync: true, outcomes: { main: 'up-to-date', 'tags/v1': 'up-to-date' } })
  })

  test('only what is selected counts', async () => {
    const sides = await createTwoSides({ 'heads/main': '2', 'heads/wip': '3', 'tags/v1': '1' }, { 'heads/main': '2', 'heads/wip': '1' })
    const narrowed: RawInputs[] = [
      { branches: 'main', tags: '!*' },
      { 'branch-regex': '^ma', tags: '!*' },
      { 'protected-only': 'true', 'protected-branches': 'm*', tags: '!*' },
    ]
    for (const inputs of narrowed)
      expect(await verify(sides, { transfer, ...inputs })).toMatchObject({ inSync: true, outcomes: { main: 'up-to-date' } })
    expect(await verify(sides, { transfer, branches: 'main' })).toMatchObject({ inSync: false, outcomes: { 'tags/v1': 'skipped missing' } })
  })

  test.each<[string, RawInputs, string, (sides: TwoSides) => Promise<void> | void]>([
    ['a side that is gone', {}, 'repository-not-found', ({ there }) => rmSync(there, { recursive: true })],
    ['the other one gone', {}, 'repository-not-found', ({ here }) => rmSync(here, { recursive: true })],
    ['a selection that selects nothing', { branches: 'mian' }, 'selection-empty', () => {}],
    ['a source without branches', {}, 'source-empty', async ({ here }) => void (await git(here, ['update-ref', '-d', 'refs/heads/main']))],
  ])('%s is no success, and hidden by nothing', async (_, inputs, kind, spoil) => {
    const refs = { 'heads/main': '2' } as const
    const sides = await createTwoSides(refs, refs)
    await spoil(sides)
    const report = await runMirror({ operation: 'verify', 'repository-url': sides.here, 'remote-url': sides.there, transfer, ...inputs })
    expect(report).toMatchObject({ status: 'failed', inSync: false, refs: [], failure: { kind } })
    expect(failsWith(report, 'never')).toBe(true)
  })

  test('a destination that lost everything is missing everything', async () => {
    const report = await verify({ here: (await createTwoSides({ 'heads/main': '2' }, {})).here, there: await createBare() }, { transfer })
    expect(report).toMatchObject({ status: 'partial', inSync: false, outcomes: { main: 'skipped missing' } })
  })

  test('a name that cannot be compared is no agreement', async () => {
    const refs = { 'heads/main': '2' } as const
    const sides = await createTwoSides(refs, refs)
    const tip = (await refsOf(sides.there)).get('refs/heads/main') ?? ''
    // git writes no such name itself.
    await git(sides.there, ['pack-refs', '--all'])
    appendFileSync(join(sides.there, 'packed-refs'), Buffer.from(`${tip} refs/heads/wei\xdf\n`, 'latin1'))
    const report = await runMirror({ operation: 'verify', 'repository-url': sides.here, 'remote-url': sides.there, transfer })
    expect(report).toMatchObject({ status: 'partial', inSync: false })
    expect(report.refs.map(({ code }) => code)).toEqual([null, 'name-unusable'])
    expect(failsWith(report, 'rejected')).toBe(true)
  })
})

test('the branch of the running workflow may be here alone in a pull', async () => {
  const here = await createTwoSides({ 'heads/main': '2', 'heads/mirror': 'r' }, { 'heads/main': '2' })
  const run = { repository: 'o/r', workflowRef: 'o/r/.github/workflows/pull.yml@refs/heads/mirror', ref: 'refs/heads/mirror' }
  const named = join(here.here, '..', 'o', 'r.git')
  cpSync(here.here, named, { recursive: true })
  const sides = { here: named, there: here.there }
  const report = await verify(sides, { direction: 'pull' }, { context: { run } })
  expect(report).toMatchObject({ status: 'up-to-date', inSync: false, outcomes: { main: 'up-to-date', mirror: 'kept reserved-branch' } })
  expect(failsWith(report, 'rejected', 'diverged')).toBe(false)
  await setRefs(sides.there, { 'heads/mirror': '1' })
  expect((await verify(sides, { direction: 'pull' }, { context: { run } })).outcomes).toMatchObject({ mirror: 'kept diverged' })
})
