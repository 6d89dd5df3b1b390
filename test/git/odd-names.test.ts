import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { namedBackups } from '../../src/plan/backups.ts'
import type { Oid, RefName } from '../../src/refs/ref.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { commit, createBare, git, gitEnvironment, refsOf } from '../support/git-repository.ts'
import { differences, type Mirrored, runMirror } from '../support/mirror.ts'

const LONG = 'x'.repeat(200)

/** Short names of branches, each of them accepted by git. Names that differ in case only need a file system that tells them apart, or packed refs. */
const BRANCHES = [
  'caf\u00e9',
  'cafe\u0301',
  '\u65e5\u672c\u8a9e',
  '\u{1f600}',
  LONG,
  `${'y'.repeat(200)}/${LONG}`,
  '-x',
  '--force',
  '@',
  'a@b',
  'a.b',
  // Only where the file system tells them apart.
  ...(existsSync(import.meta.filename.toUpperCase()) ? [] : ['CASE', 'case', 'Case/x']),
  'tag',
  'heads/tags',
  'tags/v1',
  'same',
  'head',
  // A shell would make a file.
  '`echo>pwned`',
  '$(echo>pwned)',
  ';id',
  "it's",
  '"quoted"',
  '`id`',
  '%0a',
  '%s%n',
  '&&x',
  '|x',
  '<x>',
  '#x',
  '+x',
  '!x',
  'x,y',
  '(x)',
  '{x}',
  'refs/remotes/x',
]
const TAGS = ['same', 'v1', '-t', 'caf\u00e9', 'heads/x', '$(id)', LONG]

describe.each(['relay', 'git'])('%s', transfer => {
  let source: string
  let mirror: string
  const run = (inputs: RawInputs = {}): Promise<Mirrored> =>
    runMirror({ 'repository-url': source, 'remote-url': mirror, transfer, 'max-deletions': '1000', ...inputs })
  const sync = (directory: string, ...args: string[]) =>
    execFileSync('git', args, { cwd: directory, env: gitEnvironment() }).toString().trim()
  /** Each name with a commit: all in one go. */
  const set = async (directory: string, names: readonly string[], oid: string | null) => {
    const lines = names.map(name => (oid === null ? `delete ${name}\0\0` : `update ${name}\0${oid}\0\0`))
    await git(directory, ['update-ref', '-z', '--stdin'], { input: lines.join('') })
  }
  const names = [...BRANCHES.map(name => `refs/heads/${name}`), ...TAGS.map(name => `refs/tags/${name}`)]

  beforeEach(async () => {
    source = await createBare()
    mirror = await createBare()
  })

  test('names that are odd: created, moved on, forced with a backup each, deleted; what a shell or git could take for something else is a name', async () => {
    const first = await commit(source, 'main', { files: { a: '1' } })
    const second = await commit(source, 'main', { files: { a: '2' } })
    const other = await commit(source, 'other', { parents: [first], files: { b: '1' } })
    await set(source, names, first)
    expect(await run()).toMatchObject({ status: 'updated', inSync: true, failure: null })
    expect(await differences(source, mirror)).toEqual([])
    expect([...(await refsOf(mirror)).keys()]).toEqual(expect.arrayContaining(names))

    await set(source, names, second)
    const moved = await run()
    expect(moved).toMatchObject({ status: 'updated', inSync: true })
    const actions = moved.refs.filter(({ action }) => action !== 'none').map(({ ref, action }) => [ref, action])
    expect(Object.fromEntries(actions)).toEqual(
      Object.fromEntries(names.map(name => [name, name.startsWith('refs/tags/') ? 'force' : 'fast-forward'])),
    )
    expect(await differences(source, mirror)).toEqual([])

    await set(source, names, other)
    sync(source, 'update-ref', 'refs/heads/main', first)
    expect(await run()).toMatchObject({ status: 'updated', inSync: true, counts: { forced: names.length + 1 } })
    expect(await differences(source, mirror)).toEqual([])

    await set(source, names, null)
    sync(source, 'update-ref', 'refs/heads/other', first)
    expect(await run({ prune: 'all' })).toMatchObject({ status: 'updated', inSync: true, counts: { deleted: names.length } })
    expect(await differences(source, mirror)).toEqual([])
    const backups = sync(mirror, 'for-each-ref', '--format=%(refname)', 'refs/mirroring').split('\n') as RefName[]
    // The backup of a short name ends with it.
    const owners = namedBackups(new Map(backups.map(backup => [backup, other as Oid])), names as RefName[]).map(({ of }) => of)
    expect(owners).toEqual(expect.arrayContaining(names))
    for (const directory of [process.cwd(), source, mirror]) expect(existsSync(join(directory, 'pwned'))).toBe(false)
  })

  // Names of a clash: from → to, branches unless they begin with tags/.
  describe('a clash', () => {
    const clashes: [string, readonly string[], readonly string[]][] = [
      ['a becomes a/b', ['a'], ['a/b']],
      ['a/b becomes a', ['a/b'], ['a']],
      ['a becomes a/b, and a/b/c in the next run', ['a'], ['a/b/c']],
      ['two below become one above', ['a/b', 'a/c'], ['a']],
      ['with tags, too', ['a', 'tags/t'], ['a/b', 'tags/t/u']],
      ['tags, the other way round', ['a/b', 'tags/t/u'], ['a', 'tags/t']],
      ['a branch and a tag swap their shapes', ['a', 'tags/a/b'], ['a/b', 'tags/a']],
    ]
    // `describeMirroring` has the first two by both transfers.
    const itsTurn = (_: unknown, index: number): boolean => index % 2 === (transfer === 'relay' ? 0 : 1)
    test.each(clashes.filter(itsTurn))(
      '%s: in one run, and the old tip, which is not merged, is backed up; never in one transaction',
      async (_, from, to) => {
        const full = (list: readonly string[]) => list.map(name => (name.startsWith('tags/') ? `refs/${name}` : `refs/heads/${name}`))
        const base = await commit(source, 'main', { files: { a: '1' } })
        const old = await commit(source, 'old', { parents: [base], files: { old: '1' } })
        await set(source, full(from), old)
        sync(source, 'branch', '-D', 'old')
        expect(await run()).toMatchObject({ status: 'updated', inSync: true })
        await set(source, full(from), null)
        await set(source, full(to), base)
        const before = await refsOf(mirror)
        const refused = await run({ prune: 'all', atomic: 'true' })
        // git's transactions cannot do both: so nothing is done, and each ref says so.
        expect(refused).toMatchObject({
          status: 'failed',
          inSync: false,
          counts: { rejected: from.length + to.length, deleted: 0, created: 0 },
        })
        expect(await refsOf(mirror)).toEqual(before)
        const report = await run({ prune: 'all' })
        expect(report.outcomes).toEqual({
          main: 'up-to-date',
          ...Object.fromEntries(from.map(name => [name, 'deleted'])),
          ...Object.fromEntries(to.map(name => [name, 'created'])),
        })
        expect(await differences(source, mirror)).toEqual([])
        const backups = sync(mirror, 'for-each-ref', '--format=%(objectname)', 'refs/mirroring').split('\n')
        expect(backups).toEqual(from.map(() => old))
      },
    )
  })

  const onceByRelay = transfer === 'relay' ? test : null
  onceByRelay?.('a chain, a to a/b to a/b/c and back, run after run', async () => {
    const base = await commit(source, 'main', { files: { a: '1' } })
    let before: string | null = null
    let round = 0
    for (const name of ['a', 'a/b', 'a/b/c', 'a/b', 'a']) {
      if (before !== null) sync(source, 'branch', '-D', before)
      await commit(source, name, { parents: [base], files: { round: String(round++) } })
      expect(await run({ prune: 'all' })).toMatchObject({ status: 'updated', inSync: true })
      expect(await differences(source, mirror)).toEqual([])
      before = name
    }
    expect(sync(mirror, 'for-each-ref', '--format=%(objectname)', 'refs/mirroring').split('\n')).toHaveLength(4)
  })
})
