import { chmodSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { exitCode } from '../../src/report/exit.ts'
import { verifiedHeadline } from '../../src/report/words.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { addBranches, DAMAGED_REFS, DAMAGES, type DamagedBranch, damage, writeRef } from '../support/damaged-repository.ts'
import { commit, createBare, fsck, git, refsOf } from '../support/git-repository.ts'
import { type Mirrored, runMirror } from '../support/mirror.ts'

const BRANCHES = Object.keys(DAMAGES) as DamagedBranch[]
const NULL = '0'.repeat(40)
const MISSING = '1234567890123456789012345678901234567890'

describe.each(['relay', 'git'])('%s', transfer => {
  let source: string
  let mirror: string
  const run = (inputs: RawInputs = {}): Promise<Mirrored> =>
    runMirror({ 'repository-url': source, 'remote-url': mirror, transfer, 'max-deletions': '1000', ...inputs })
  const tips = async (directory: string) =>
    Object.fromEntries([...(await refsOf(directory))].map(([ref, oid]) => [ref.replace('refs/heads/', ''), oid]))

  beforeEach(async () => {
    source = await createBare()
    mirror = await createBare()
  })

  test('every kind of damage: each ref is rejected with its object, the others are mirrored, and nothing is lost at the mirror', async () => {
    const main = await commit(source, 'main', { files: { a: '1' } })
    // The mirror has an older tip of each.
    const names = [...BRANCHES, ...DAMAGED_REFS, 'dangling']
    await git(source, ['update-ref', '--stdin'], { input: names.map(name => `create refs/heads/${name} ${main}\n`).join('') })
    expect(await run()).toMatchObject({ status: 'updated', inSync: true })
    await addBranches(source, [...BRANCHES, 'a-sound', 'z-sound'], main)
    await git(source, ['tag', '-a', '-m', 'of a missing object', 'of-missing', 'tip-missing'])
    await git(source, ['tag', '-a', '-m', 'sound', 'sound', 'z-sound'])
    const whole = await tips(source)
    const objects = await damage(source, BRANCHES)
    writeRef(source, 'empty', '')
    writeRef(source, 'null', `${NULL}\n`)
    writeRef(source, 'dangling', `${MISSING}\n`)
    const next = await commit(source, 'main', { parents: [main], files: { a: '2' } })
    const report = await run({ prune: 'all' })
    const rejected = [...names, 'tags/of-missing']
    expect(report).toMatchObject({ status: 'partial', inSync: false, failure: null, attempts: 1 })
    expect(report.outcomes).toEqual({
      ...Object.fromEntries(rejected.map(name => [name, 'rejected source-damaged'])),
      main: 'updated',
      'a-sound': 'created',
      'z-sound': 'created',
      'tags/sound': 'created',
    })
    const reasonOf = (name: string) => report.refs.find(({ ref }) => ref.endsWith(`/${name}`))?.reason
    for (const [branch, oid] of [...objects, ['dangling', MISSING] as const]) expect(`${branch}: ${reasonOf(branch)}`).toContain(oid)
    for (const name of DAMAGED_REFS) expect(reasonOf(name)).toMatch(/names no object/)
    const after = { ...Object.fromEntries(names.map(name => [name, main])), main: next }
    const expected = { ...after, 'a-sound': whole['a-sound'], 'z-sound': whole['z-sound'], 'refs/tags/sound': whole['refs/tags/sound'] }
    expect(await tips(mirror)).toEqual(expected)
    await fsck(mirror)
    // A verification finds the same differences.
    const verified = await run({ operation: 'verify' })
    expect(verified).toMatchObject({ inSync: false })
    expect(exitCode(verified, new Set())).toBe(1)
    expect(verifiedHeadline(verified.status, verified.refs)).toMatch(/ damaged, 4 refs are the same$/)
    expect(
      Object.entries(verified.outcomes)
        .filter(([, outcome]) => outcome === 'up-to-date')
        .map(([name]) => name),
    ).toEqual(['a-sound', 'main', 'z-sound', 'tags/sound'])
  })

  test('a default branch that is damaged: nothing counts as merged, and the other branches are mirrored', async () => {
    const main = await commit(source, 'main', { files: { a: '1' } })
    await git(source, ['update-ref', '--stdin'], { input: ['old', 'side'].map(name => `create refs/heads/${name} ${main}\n`).join('') })
    expect(await run()).toMatchObject({ status: 'updated', inSync: true })
    await git(source, ['update-ref', '-d', 'refs/heads/old'])
    const side = await commit(source, 'side', { files: { b: '1' } })
    const blob = (await commit(source, 'main', { files: { a: '2' } })) && (await git(source, ['rev-parse', 'main:a'])).stdout
    rmSync(join(source, 'objects', blob.slice(0, 2), blob.slice(2)))
    const report = await run({ prune: 'merged' })
    expect(report.refs.find(({ ref }) => ref === 'refs/heads/old')?.reason).toMatch(/because its default branch, `main`, is damaged$/)
    expect(report.outcomes).toEqual({ main: 'rejected source-damaged', old: 'kept not-merged', side: 'updated' })
    expect(await tips(mirror)).toEqual({ main, old: main, side })
    await fsck(mirror)
    // The object comes back.
    await git(source, ['hash-object', '-w', '--stdin'], { input: '2' })
    expect((await run({ prune: 'merged' })).outcomes).toEqual({ main: 'updated', old: 'deleted', side: 'up-to-date' })
  })

  test('a source that is a partial clone: it is named, and a ref whose objects are all there is mirrored', async () => {
    const server = await createBare(undefined, { config: { 'uploadpack.allowFilter': 'true' } })
    await commit(server, 'main', { files: { a: '1' } })
    await git(source, ['remote', 'add', 'origin', `file://${server}`])
    await git(source, ['fetch', '-q', '--filter=blob:none', 'origin', '+refs/heads/*:refs/heads/*'])
    rmSync(server, { recursive: true })
    const sound = await commit(source, 'sound', { parents: [], files: { b: '2' } })
    const report = await run()
    expect(report.outcomes).toEqual({ main: 'rejected source-partial', sound: 'created' })
    expect(report).toMatchObject({ status: 'partial', failure: null })
    expect(await tips(mirror)).toEqual({ sound })
    await fsck(mirror)
  })

  test('a pack that is cut off: the refs of the other objects are mirrored', async () => {
    const main = await commit(source, 'main', { files: { a: '1' } })
    await git(source, ['repack', '-adq'])
    await addBranches(source, ['in-pack'], main)
    await git(source, ['repack', '-dq'])
    const packs = readdirSync(join(source, 'objects/pack')).filter(name => name.endsWith('.pack'))
    const { stdout } = await git(source, ['rev-parse', 'in-pack'])
    const names = await Promise.all(
      packs.map(
        async name =>
          (await git(source, ['show-index'], { input: readFileSync(join(source, 'objects/pack', name.replace('.pack', '.idx'))) })).stdout,
      ),
    )
    const cut = join(source, 'objects/pack', packs[names.findIndex(list => list.includes(stdout))] ?? '')
    chmodSync(cut, 0o644)
    truncateSync(cut, 200)
    const report = await run()
    expect(report.outcomes).toEqual({ main: 'created', 'in-pack': 'rejected source-damaged' })
    expect(await tips(mirror)).toEqual({ main })
    await fsck(mirror)
  })

  test('both directions: a ref that one side cannot give is kept at both, and the others go in their direction', async () => {
    const main = await commit(source, 'main', { files: { a: '1' } })
    await git(source, ['update-ref', '--stdin'], {
      input: ['ours', 'theirs', 'void'].map(name => `create refs/heads/${name} ${main}\n`).join(''),
    })
    const both = { direction: 'bidirectional' }
    expect(await run(both)).toMatchObject({ status: 'updated', inSync: true })
    // git takes nothing into a repository with such a ref, so nothing else moves in this run.
    writeRef(source, 'void', '')
    expect(await run(both)).toMatchObject({
      status: 'failed',
      inSync: false,
      outcomes: { main: 'up-to-date', void: 'rejected source-damaged' },
    })
    expect((await tips(mirror))['void']).toBe(main)
    writeRef(source, 'void', `${main}\n`)
    const lose = async (directory: string, branch: string) => {
      const tip = await commit(directory, branch, { files: { [branch]: branch } })
      const { stdout } = await git(directory, ['rev-parse', `${branch}:${branch}`])
      rmSync(join(directory, 'objects', stdout.slice(0, 2), stdout.slice(2)))
      return tip
    }
    const [ours, theirs] = [await lose(source, 'ours'), await lose(mirror, 'theirs')]
    const [there, here] = [await commit(source, 'from-here', { parents: [main] }), await commit(mirror, 'from-there', { parents: [main] })]
    const report = await run(both)
    const rejected = 'rejected source-damaged'
    expect(report.outcomes).toEqual({
      main: 'up-to-date',
      ours: rejected,
      theirs: rejected,
      void: 'up-to-date',
      'from-here': 'created',
      'from-there': 'created',
    })
    const equal = { main, 'from-here': there, 'from-there': here }
    expect(await tips(mirror)).toEqual({ ...equal, ours: main, theirs, void: main })
    expect(await tips(source)).toEqual({ ...equal, ours, theirs: main, void: main })
    // The base is as it was, so a ref that was repaired goes on.
    await git(source, ['hash-object', '-w', '--stdin'], { input: 'ours' })
    await git(mirror, ['hash-object', '-w', '--stdin'], { input: 'theirs' })
    expect(await run(both)).toMatchObject({
      status: 'updated',
      inSync: true,
      outcomes: { ours: 'updated', theirs: 'updated', void: 'up-to-date' },
    })
    await fsck(mirror)
  })
})
