import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { Direction } from '../../src/settings/direction.ts'
import { run } from '../support/child-process.ts'
import { commit, createBare, createScratch, git, gitEnvironment, refsOf } from '../support/git-repository.ts'
import { differences, runMirror } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { createTwoSides, runBothWays, seeSides } from '../support/two-sides.ts'

/** Branches whose names mean something to a shell, to git's command line, or to neither. */
const BRANCHES = ['main', '-x', "it's", '$(id)', '`id`', 'a;b&c|d', '"q"', 'ünï/cödé', '#hash', 'a@b', '%41', '!bang']

/** The direction does not change how a name is quoted. So a push has all names, and the other directions have some that need quotes. */
const branchesOf = (direction: Direction): readonly string[] =>
  direction === 'push' ? BRANCHES : ['main', ...(direction === 'pull' ? ["it's", '-x'] : ['$(id)', 'ünï/cödé'])]

/** Both sides, in folders whose names must be quoted: every branch diverged, one tag moved. */
async function startDiverged(direction: Direction) {
  const directory = temporaryDirectory()
  const [source, destination] = [
    await createBare(join(directory, "the source's $HOME.git")),
    await createBare(join(directory, 'the destination & more.git')),
  ]
  const base = await commit(source, 'main', { files: { a: '1' } })
  await git(destination, ['fetch', '-q', source, 'refs/heads/main:refs/heads/main'])
  for (const branch of branchesOf(direction)) {
    await commit(source, branch, { parents: [base], files: { ours: branch } })
    await commit(destination, branch, { parents: [base], files: { theirs: branch } })
  }
  await git(source, ['tag', '-m', 'ours', 'v1', base])
  await git(destination, ['tag', '-m', 'theirs', 'v1', base])
  const [here, there] = direction === 'pull' ? [destination, source] : [source, destination]
  const inputs = { 'repository-url': here, 'remote-url': there, direction, transfer: 'relay', 'keep-divergent': 'true' }
  return { source, destination, mirror: () => runMirror(inputs) }
}

const shell = (directory: string, command: string) => run('sh', ['-c', command], { cwd: directory, env: gitEnvironment(), input: '' })

describe.each(['push', 'pull', 'bidirectional'] as const)('what a report says settles a ref: %s', direction => {
  test('every branch by a merge, in any clone; nothing is lost, and the next run has nothing to do', async () => {
    const { source, destination, mirror } = await startDiverged(direction)
    const before = [...(await refsOf(source)).values(), ...(await refsOf(destination)).values()]
    const report = await mirror()
    const clone = await createScratch()
    for (const { ref, code, resolve = [] } of report.refs) {
      const ways = direction === 'bidirectional' && ref !== 'refs/tags/v1' ? 3 : ref === 'refs/tags/v1' ? 2 : 1
      expect([ref, code, resolve.length]).toEqual([ref, 'diverged', ways])
      expect(await shell(clone, resolve[0]?.command ?? '')).toMatchObject({ code: 0 })
    }
    expect((await mirror()).refs.filter(({ outcome }) => outcome !== 'updated' && outcome !== 'up-to-date')).toEqual([])
    expect(await differences(source, destination)).toEqual([])
    expect(await mirror()).toMatchObject({ status: 'up-to-date', inSync: true })
    const reachable = await git(source, ['rev-list', '--objects', '--all'])
    const tag = report.refs.find(({ ref }) => ref === 'refs/tags/v1')
    for (const oid of before) expect(oid === tag?.before || reachable.stdout.includes(oid)).toBe(true)
    expect((await refsOf(destination)).get('refs/tags/v1')).toBe(tag?.after)
  })

  test("the destination's tag, which is annotated; and nothing once somebody has moved the other", async () => {
    const { source, destination, mirror } = await startDiverged(direction)
    const report = await mirror()
    const tag = report.refs.find(({ ref }) => ref === 'refs/tags/v1')
    const command = tag?.resolve?.[1]?.command ?? ''
    await git(source, ['tag', '-f', '-m', 'moved meanwhile', 'v1', 'main'])
    const clone = await createScratch()
    expect((await shell(clone, command)).code).not.toBe(0)
    await git(source, ['update-ref', 'refs/tags/v1', tag?.after ?? ''])
    expect(await shell(clone, command)).toMatchObject({ code: 0 })
    expect((await refsOf(source)).get('refs/tags/v1')).toBe(tag?.before)
    expect((await mirror()).outcomes).toMatchObject({ 'tags/v1': 'up-to-date' })
    expect((await refsOf(destination)).get('refs/tags/v1')).toBe(tag?.before)
  })
})

describe('both ways, where one side was taken back', () => {
  test.each([
    ['there', 0, '3'],
    ['there', 1, '3'],
    ['there', 2, '2'],
    ['here', 0, '3'],
    ['here', 1, '2'],
    ['here', 2, '3'],
  ] as const)('%s, settled in way %s: both sides have %s', async (side, way, tip) => {
    const longer = { 'heads/main': '3', 'heads/other': '1' } as const
    const shorter = { 'heads/main': '2', 'heads/other': '1' } as const
    const sides = await createTwoSides(side === 'here' ? shorter : longer, side === 'here' ? longer : shorter, longer)
    const report = await runBothWays(sides)
    expect(report.outcomes).toMatchObject({ main: 'kept diverged' })
    expect(await shell(await createScratch(), report.refs[0]?.resolve?.[way]?.command ?? '')).toMatchObject({ code: 0 })
    expect(await runBothWays(sides)).toMatchObject({ status: 'up-to-date', inSync: true })
    const { here, there, base } = await seeSides(sides)
    expect([here['heads/main'], there['heads/main'], base['heads/main']]).toEqual([tip, tip, tip])
  })
})
