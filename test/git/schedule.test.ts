import { renameSync } from 'node:fs'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { renderSummary } from '../../src/report/summary.ts'
import { renderText } from '../../src/report/text.ts'
import { memoryIn } from '../../src/schedule/memory.ts'
import type { State } from '../../src/schedule/state.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { commit, createBare, refsOf } from '../support/git-repository.ts'
import { differences } from '../support/mirror.ts'
import { failureReport, makeReport } from '../support/reports.ts'
import { mirrorScheduled, mirrorsScheduled, SlowStore } from '../support/schedule.ts'

const START = Date.UTC(2026, 10, 25, 8, 0, 0)
const MINUTE = 60_000

let source: string
let destination: string
let clock: { time: number }
let store: SlowStore
beforeEach(async () => {
  source = await createBare()
  destination = await createBare()
  await commit(source, 'main', { files: { a: '1' } })
  clock = { time: START }
  store = new SlowStore(clock)
})

const run = (inputs: RawInputs = {}, options: Partial<Parameters<typeof mirrorScheduled>[1]> = {}) =>
  mirrorScheduled({ 'repository-url': source, 'remote-url': destination, ...inputs }, { store, clock, ...options })

/** Where a repository cannot be found until it is put back. */
async function without<T>(directory: string, work: () => Promise<T>): Promise<T> {
  renameSync(directory, `${directory}.gone`)
  try {
    return await work()
  } finally {
    renameSync(`${directory}.gone`, directory)
  }
}

test('an interrupted run counts neither as failed nor as successful: nothing is stored', async () => {
  const inputs = { 'pause-after': '3', 'min-interval': '5m' }
  await without(source, () => run(inputs))
  const stored = [...store.names]
  clock.time += 5 * MINUTE
  const { outputs } = await run(inputs, { work: async () => makeReport({ failure: failureReport('interrupted') }) })
  expect({ outputs, names: store.names }).toEqual({ outputs: {}, names: stored })
})

describe('min-interval', () => {
  const every5 = { 'min-interval': '5m' }

  test('a run that begins too soon is skipped before anything is opened, and says when the next is due', async () => {
    expect((await run(every5)).report.status).toBe('updated')
    await commit(source, 'main', { files: { a: '2' } })
    clock.time += 5 * MINUTE - 1
    const kept = [...store.names]
    const { report, outputs, began, failed } = await run(every5)
    const reason = 'not yet due: the last run began at 2026-11-25 08:00:00 UTC (updated), and the next is due at 2026-11-25 08:05:00 UTC'
    expect(report).toMatchObject({ status: 'skipped', skipped: reason, inSync: false, refs: [], failure: null })
    expect(outputs).toEqual({ 'consecutive-failures': '0', 'next-due': '2026-11-25T08:05:00.000Z' })
    expect({ began, failed, names: store.names }).toEqual({ began: false, failed: false, names: kept })
    expect(renderSummary(report)).toMatch(/^### ⏭️ Skipped: not yet due: .* UTC \(updated\), and the next is due at .* UTC\n\npush: <code>/)
    expect(renderText(report, { colour: false })).toContain(`Skipped: ${reason}`)
    expect(await differences(source, destination)).not.toEqual([])
  })

  test('counted from the start of the last run that was not skipped', async () => {
    await run(every5)
    clock.time += 4 * MINUTE
    expect((await run(every5)).report.status).toBe('skipped')
    clock.time += MINUTE
    expect((await run(every5)).report).toMatchObject({ status: 'up-to-date', inSync: true })
    clock.time += 4 * MINUTE
    expect((await run(every5)).outputs['next-due']).toBe('2026-11-25T08:10:00.000Z')
    expect(await differences(source, destination)).toEqual([])
  })

  test.each<[string, RawInputs, boolean]>([
    ['update-now', { 'update-now': 'true' }, false],
    ['a person started it', {}, true],
  ])('%s: it runs all the same, and the next is counted from here', async (_, inputs, manual) => {
    await run(every5)
    clock.time += MINUTE
    expect((await run({ ...every5, ...inputs }, { context: { run: { manual } } })).report.status).toBe('up-to-date')
    clock.time += 4 * MINUTE
    expect((await run(every5)).report.status).toBe('skipped')
  })

  test('another mirror, or the other way, has its own interval', async () => {
    const other = await createBare()
    await run(every5)
    expect((await run({ ...every5, 'remote-url': other })).report.status).toBe('updated')
    expect((await run({ ...every5, direction: 'pull' })).report.status).toBe('up-to-date')
    expect((await run({ ...every5, branches: 'main' })).report.status).toBe('up-to-date')
    expect((await run(every5)).report.status).toBe('skipped')
  })

  test('a run that failed counts as a start, too, and the skipped one tells of it', async () => {
    await without(destination, () => run(every5))
    const { report, outputs } = await run(every5)
    expect(report.skipped).toMatch(/^not yet due: the last run began at 2026-11-25 08:00:00 UTC \(failed\)/)
    expect(outputs['consecutive-failures']).toBe('1')
  })
})

describe('consecutive failures and pause-after', () => {
  const pausing = { 'pause-after': '3' }

  test('counted until a run succeeds', async () => {
    const counts = []
    for (let index = 0; index < 2; index += 1) counts.push((await without(destination, () => run(pausing))).outputs['consecutive-failures'])
    counts.push((await run(pausing)).outputs['consecutive-failures'])
    counts.push((await without(destination, () => run(pausing))).outputs['consecutive-failures'])
    expect(counts).toEqual(['1', '2', '0', '1'])
  })

  test('after so many, both sides are read and nothing is changed, until a run with update-now succeeds', async () => {
    for (let index = 0; index < 2; index += 1) await without(destination, () => run(pausing))
    const third = await without(destination, () => run(pausing))
    expect(third.report.notices).toContainEqual(expect.stringMatching(/^this was failure 3 in a row: from now on the mirror is paused/))

    for (let index = 0; index < 2; index += 1) {
      const { report, outputs, failed } = await run(pausing)
      expect(report.failure).toMatchObject({
        kind: 'paused',
        message: 'paused after 3 failures in a row: only the connection was checked, and both sides can be read (1 ref here, 0 refs there)',
      })
      expect({ failed, outputs, refs: (await refsOf(destination)).size }).toEqual({
        ...{ failed: true, outputs: { 'consecutive-failures': '3', 'next-due': '' }, refs: 0 },
      })
    }

    const manual = { 'update-now': 'true', ...pausing }
    const still = await without(destination, () => run(manual))
    expect(still.report.failure?.kind).not.toBe('paused')
    expect((await run(pausing)).report.failure?.kind).toBe('paused')

    expect((await run(manual)).outputs['consecutive-failures']).toBe('0')
    expect(await differences(source, destination)).toEqual([])
    expect((await run(pausing)).report.status).toBe('up-to-date')
  })

  test('a paused mirror that cannot be reached says so instead, and counts no further', async () => {
    for (let index = 0; index < 3; index += 1) await without(destination, () => run(pausing))
    const { report, outputs } = await without(destination, () => run(pausing))
    expect(report.failure?.kind).toBe('repository-not-found')
    expect(outputs['consecutive-failures']).toBe('3')
  })

  test.each([['push'], ['pull'], ['bidirectional']])('%s: neither side is changed while it is paused', async direction => {
    const inputs = { ...pausing, direction }
    for (let index = 0; index < 3; index += 1) await without(source, () => run(inputs))
    await commit(destination, 'other', { files: { b: '1' } })
    const before = [await refsOf(source), await refsOf(destination)]
    expect((await run(inputs)).report.failure?.kind).toBe('paused')
    expect([await refsOf(source), await refsOf(destination)]).toEqual(before)
  })

  test('without pause-after a mirror goes on, however often it failed', async () => {
    for (let index = 0; index < 3; index += 1) await without(destination, () => run(pausing))
    clock.time += MINUTE
    expect((await run({ 'min-interval': '1s' })).report.status).toBe('updated')
  })
})

describe('a store that is slow, broken or missing', () => {
  const ok = async () => makeReport({ refs: [] })

  test.each([0, 300, 1199, 1200, 5000, 60_000])('one that takes %d ms for an answer holds up no run by more than 2 s', async ms => {
    Object.assign(store, { findMs: ms, keepMs: ms })
    for (const inputs of [{ 'min-interval': '1s' }, { 'pause-after': '3' }, { 'min-interval': '1s', 'update-now': 'true' }]) {
      const before = clock.time
      expect((await run(inputs, { work: ok })).began).toBe(true)
      expect(clock.time - before).toBeLessThanOrEqual(2000)
      clock.time += MINUTE
    }
  })

  test('one that has used up time for looking leaves the rest for keeping', async () => {
    store.findMs = 700
    store.keepMs = 5000
    await run({ 'min-interval': '1s' }, { work: ok })
    expect(store.asked).toEqual(['find', 1200, 1200, 'keep', 1300])
  })

  test('an answer that comes while both sides are read costs nothing, however late it is', async () => {
    const inputs = { 'pause-after': '1' }
    await without(destination, () => run(inputs))
    store.findMs = 30_000
    const work = async () => {
      clock.time += MINUTE
      return makeReport({ failure: failureReport('timed-out') })
    }
    const before = clock.time
    expect((await run(inputs, { work })).outputs['consecutive-failures']).toBe('1')
    expect((await run({ ...inputs, 'update-now': 'true' }, { work })).outputs['consecutive-failures']).toBe('2')
    expect(clock.time - before).toBe(2 * MINUTE)
  })

  test('one that answers in vain does not end the run; it is said, and what is not known counts for nothing', async () => {
    const inputs = { 'min-interval': '5m', 'pause-after': '1' }
    await without(destination, () => run(inputs))
    store.problem = 'this runner has no cache'
    const { report } = await run(inputs)
    expect(report).toMatchObject({ status: 'updated', failure: null })
    expect(report.notices).toEqual([
      'no state of earlier runs was found, so `min-interval`, `pause-after` and the count of failures start from zero: this runner has no cache',
    ])
    expect(await differences(source, destination)).toEqual([])
  })

  test('one that does not keep what it is given', async () => {
    store.keepMs = 5000
    expect((await run({ 'min-interval': '5m' })).report.notices).toEqual([
      'the state for the next run was not stored: the cache did not answer within 2.0 s',
    ])
  })

  test('where nothing decides before the sides are opened, the store is asked meanwhile', async () => {
    const order: string[] = []
    const slow = {
      find: async () => {
        order.push('asked')
        await new Promise(resolve => setImmediate(resolve))
        order.push('answered')
        return { name: null }
      },
      keep: async () => null,
      ready: async () => {},
      within: async <T extends object>(answer: Promise<T>) => await answer,
      close: async () => {},
    }
    const work = async () => {
      order.push('began')
      return makeReport({ refs: [] })
    }
    await run({ 'pause-after': '3' }, { store: slow, work })
    expect(order).toEqual(['asked', 'began', 'answered'])
  })
})

const STATE: State = { lastStart: START, lastStatus: 'updated', consecutiveFailures: 0, issue: null }

describe('a store that several mirrors of one step share', () => {
  const ok = async () => makeReport({ refs: [] })
  const mirrors = (count: number, inputs: RawInputs): RawInputs[] =>
    Array.from({ length: count }, (_, index) => ({ 'repository-url': source, 'remote-url': `${destination}-${index}`, ...inputs }))

  test.each([0, 300, 1199, 1200, 5000, 60_000])(
    'one that takes %d ms for an answer holds up all of them together by no more than 2 s',
    async ms => {
      Object.assign(store, { findMs: ms, keepMs: ms })
      for (const inputs of [{ 'min-interval': '1s' }, { 'pause-after': '3' }, { 'min-interval': '1s', 'update-now': 'true' }]) {
        const before = clock.time
        const all = await mirrorsScheduled(mirrors(6, inputs), { store, clock, work: ok })
        expect(all.map(({ began }) => began)).toEqual(Array.from({ length: 6 }, () => true))
        expect(clock.time - before).toBeLessThanOrEqual(2000)
        clock.time += MINUTE
      }
    },
  )

  test('one that works forgets none of them, however many', async () => {
    Object.assign(store, { findMs: 150, keepMs: 500 })
    const many = mirrors(60, { 'min-interval': '1h' })
    const first = await mirrorsScheduled(many, { store, clock, work: ok })
    expect(first.flatMap(({ report }) => report.notices)).toEqual([])
    clock.time += MINUTE
    const second = await mirrorsScheduled(many, { store, clock, work: ok })
    expect(new Set(second.map(({ report }) => report.status))).toEqual(new Set(['skipped']))
    expect(store.names).toHaveLength(60)
  })

  test('one that did not answer is waited for and asked no more', async () => {
    Object.assign(store, { findMs: 5000, keepMs: 5000 })
    const memory = memoryIn(store, () => new Date(clock.time))
    for (const id of ['a', 'b', 'c']) expect((await memory.recall(id)).problem).toBe('the cache did not answer within 1.2 s')
    expect(await memory.keep('a', { id: '7', attempt: '1' }, STATE)()).toBe('the cache did not answer within 1.2 s')
    expect(store.asked).toEqual(['find', 1200, 0, 0])
  })

  test('one that answers after all is asked again', async () => {
    Object.assign(store, { findMs: 1500, keepMs: 100 })
    const memory = memoryIn(store, () => new Date(clock.time))
    for (const id of ['a', 'b']) memory.expect(id)
    expect((await memory.recall('a')).problem).toBe('the cache did not answer within 1.2 s')
    clock.time += 1000
    expect((await memory.recall('b')).problem).toBe(null)
    // What a run has begun with holds to its end.
    expect((await memory.recall('a')).problem).toBe('the cache did not answer within 1.2 s')
    expect(await memory.keep('b', { id: '7', attempt: '1' }, STATE)()).toBe(null)
  })

  test('what one of them has left counts for the next that is the same mirror', async () => {
    const twice = [...mirrors(1, { 'min-interval': '1h' }), ...mirrors(1, { 'min-interval': '1h' })]
    const [first, second] = await mirrorsScheduled(twice, { store, clock, work: ok })
    expect([first?.report.status, second?.report.status]).toEqual(['up-to-date', 'skipped'])
  })
})

test('a run that had nothing to do for another reason changes nothing of what is kept', async () => {
  const inputs = { 'pause-after': '3' }
  await without(destination, () => run(inputs))
  const names = [...store.names]
  const skipped = async () => makeReport({ status: 'skipped', skipped: 'this is a fork' })
  expect((await run(inputs, { work: skipped })).outputs['consecutive-failures']).toBe('1')
  expect(store.names).toEqual(names)
})

test('a mirror that goes on as before writes nothing, unless its start counts', async () => {
  for (let index = 0; index < 3; index += 1) await run({ 'pause-after': '3' })
  expect(store.names).toHaveLength(1)
  for (let index = 0; index < 2; index += 1) {
    clock.time += MINUTE
    await run({ 'min-interval': '1s' })
  }
  expect(store.names).toHaveLength(3)
  expect(new Set(store.names).size).toBe(3)
})
