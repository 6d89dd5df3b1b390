import { beforeEach, describe, expect, test } from '@jest/globals'
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
    // The damage stays: the next run says the same, and so does a verification.
    const again = await run({ prune: 'all' })
    expect(again).toMatchObject({ status: 'partial', inSync: false })
    expect(Object.values(again.outcomes).filter(outcome => outcome === 'rejected source-damaged')).toHaveLength(rejected.length)
    expect(await tips(mirror)).toEqual(expected)
    expect(await run({ operation: 'verify' })).toMatchObject({ inSync: false })
  })
})
