import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { Direction } from '../../src/settings/direction.ts'
import { run } from '../support/child-process.ts'
import { commit, createBare, createScratch, git, gitEnvironment, refsOf } from '../support/git-repository.ts'
import { differences, runMirror } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** Branches whose names mean something to a shell, to git's command line, or to neither. */
const BRANCHES = ['main', '-x', "it's", '$(id)', '`id`', 'a;b&c|d', '"q"', 'ünï/cödé', '#hash', 'a@b', '%41', '!bang']

/** Both sides, in folders whose names must be quoted: every branch diverged, one tag moved. */
async function startDiverged(direction: Direction) {
  const directory = temporaryDirectory()
  const [source, destination] = [
    await createBare(join(directory, "the source's $HOME.git")),
    await createBare(join(directory, 'the destination & more.git')),
  ]
  const base = await commit(source, 'main', { files: { a: '1' } })
  await git(destination, ['fetch', '-q', source, 'refs/heads/main:refs/heads/main'])
  for (const branch of BRANCHES) {
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
      expect([ref, code, resolve.length]).toEqual([ref, 'diverged', ref === 'refs/tags/v1' ? 2 : 1])
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
