// A source that has tags and no branches: its tags are mirrored, run after run, and no branch is deleted or overwritten because of it.
import { describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { runMirror } from '../support/mirror.ts'
import { createTwoSides, type SideRefs, seeSides, setRefs, type TwoSides } from '../support/two-sides.ts'

const TAGS: SideRefs = { 'tags/v1': '1', 'tags/v2': '2^' }

describe.each(['relay', 'git'])('tags alone: %s', transfer => {
  const run = ({ here, there }: TwoSides, inputs: RawInputs) =>
    runMirror({ 'repository-url': here, 'remote-url': there, transfer, ...inputs })

  test.each(['push', 'pull', 'bidirectional'])('%s, again and again, into an empty side and one with branches', async direction => {
    const source = direction === 'pull' ? 'there' : 'here'
    const destination = source === 'here' ? 'there' : 'here'
    const start = (other: SideRefs) => (source === 'here' ? createTwoSides(TAGS, other) : createTwoSides(other, TAGS))
    const inputs = { direction, prune: direction === 'bidirectional' ? 'all' : 'merged' }

    const sides = await start({})
    expect(await run(sides, inputs)).toMatchObject({ status: 'updated', inSync: true, transfer })
    expect(await run(sides, inputs)).toMatchObject({ status: 'up-to-date', inSync: true, transfer: null })
    await setRefs(sides[source], { 'tags/v3': '3' })
    expect((await run(sides, inputs)).outcomes).toMatchObject({ 'tags/v3': 'created' })
    expect((await seeSides(sides))[destination]).toEqual({ ...TAGS, 'tags/v3': '3' })

    if (direction === 'bidirectional') return
    const kept: SideRefs = { 'heads/main': '2', 'heads/merged': '1', 'heads/open': 'x' }
    const full = await start({ ...kept, 'tags/old': '1' })
    const report = await run(full, { direction, prune: 'all', 'keep-divergent': 'false' })
    expect(report.outcomes).toMatchObject({ merged: 'kept source-empty', open: 'kept source-empty', 'tags/old': 'deleted' })
    expect(report).toMatchObject({ inSync: false, failure: null, outcomes: { 'tags/v1': 'created', 'tags/v2': 'created' } })
    expect((await seeSides(full))[destination]).toEqual({ ...kept, ...TAGS })
    await run(full, { direction, prune: 'all', 'keep-divergent': 'false' })
    expect((await seeSides(full))[destination]).toEqual({ ...kept, ...TAGS })
  })

  test('bidirectional: a side that has lost all of its branches gets none from the other side, and its tags are mirrored', async () => {
    const agreed: SideRefs = { 'heads/main': '2', 'heads/a': '1', 'tags/v1': '1' }
    for (const lost of ['here', 'there'] as const) {
      const left: SideRefs = { 'tags/v1': '1', 'tags/v2': '2' }
      const sides = lost === 'here' ? await createTwoSides(left, agreed, agreed) : await createTwoSides(agreed, left, agreed)
      const report = await run(sides, { direction: 'bidirectional', prune: 'all' })
      expect(report).toMatchObject({ failure: null, outcomes: { a: 'kept source-empty', 'tags/v2': 'created' } })
      expect((await seeSides(sides))[lost === 'here' ? 'there' : 'here']).toEqual({ ...agreed, ...left })
    }
  })

  test('a source without any ref stays an error', async () => {
    const sides = await createTwoSides({}, { ...TAGS })
    expect(await run(sides, {})).toMatchObject({ status: 'failed', failure: { kind: 'source-empty' } })
    expect((await seeSides(sides)).there).toEqual(TAGS)
  })
})
