import { describe, expect, test } from '@jest/globals'
import { dueAt, isPaused } from '../../src/schedule/due.ts'
import { entryName, entryPrefix, mirrorId, parseEntryName, type State, stateAfter } from '../../src/schedule/state.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { settingsFrom } from '../support/settings.ts'

const START = Date.UTC(2026, 10, 25, 8, 0, 0)
const STATE: State = { lastStart: START, lastStatus: 'up-to-date', consecutiveFailures: 0, issue: null }
const ID = '0123456789abcdef'
const RUN = { id: '19876543210', attempt: '2' }

describe('the name of an entry holds the state', () => {
  test.each<[Partial<State>, string]>([
    [{}, 'up-to-date-0-0'],
    [{ lastStatus: 'updated' }, 'updated-0-0'],
    [{ lastStatus: 'failed', consecutiveFailures: 14, issue: 12 }, 'failed-14-12'],
    [{ lastStatus: 'partial', consecutiveFailures: 1 }, 'partial-1-0'],
    [{ lastStatus: 'skipped' }, 'skipped-0-0'],
  ])('%j', (given, end) => {
    const state = { ...STATE, ...given }
    const name = entryName(ID, RUN, state)
    expect(name).toBe(`repository-mirroring-state-1-${ID}-19876543210-2-1795593600000-${end}`)
    // Some servers write names in lower case, and none takes more than 512 characters, or a comma.
    expect(name).toMatch(/^[a-z0-9-]{1,512}$/)
    expect(parseEntryName(ID, name)).toEqual(state)
  })

  test('two steps of one run, and runs that do not tell their number, have names of their own', () => {
    const later = { ...STATE, lastStart: START + 1 }
    expect(entryName(ID, RUN, later)).not.toBe(entryName(ID, RUN, STATE))
    expect(parseEntryName(ID, entryName(ID, { id: 'no number', attempt: '' }, STATE))).toEqual(STATE)
  })

  test.each([
    ['another mirror', entryName('fedcba9876543210', RUN, STATE)],
    ['another form', `${entryPrefix(ID)}1-1-${START}-updated-0`],
    ['an unknown status', `${entryPrefix(ID)}1-1-${START}-fine-0-0`],
    ['more', `${entryPrefix(ID)}1-1-${START}-updated-0-0-1`],
    ['nothing', entryPrefix(ID)],
    ['numbers without an end', `${entryPrefix(ID)}1-1-${'9'.repeat(400)}-updated-0-0`],
  ])('%s is no state of ours', (_, name) => expect(parseEntryName(ID, name)).toBe(null))
})

test('a mirror is its direction, its two places and its refs, not who logs in there', () => {
  const ids = [
    {},
    { direction: 'pull' },
    { direction: 'bidirectional' },
    { 'repository-url': 'https://example.com/b', 'remote-url': 'https://example.com/a' },
    { 'remote-url': 'https://example.com/c' },
    { 'remote-url': 'https://example.com:444/b' },
    { 'remote-url': 'https://example.org/b' },
    { 'remote-url': 'ssh://example.com/b' },
    { branches: 'main' },
    { branches: 'release/*' },
    { tags: 'v*' },
    { 'branch-regex': 'x' },
    { 'protected-only': 'true' },
    { 'protected-only': 'true', 'protected-branches': 'main' },
  ].map(idOf)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/)
  expect(idOf({ 'remote-url': 'https://x:y@example.com/b', token: 'another' })).toBe(ids[0])
  expect(idOf({ prune: 'none', 'min-interval': '1h' })).toBe(ids[0])
})

const idOf = (raw: RawInputs): string =>
  mirrorId(
    settingsFrom({
      ...{ 'repository-url': 'https://example.com/a', 'remote-url': 'https://example.com/b', 'auth-secret': 'secret', token: 'token' },
      ...raw,
    }),
  )

describe('when a run is due', () => {
  const HOUR = 3_600_000
  test.each<[string, State | null, number, number | null]>([
    ['never run', null, START, null],
    ['just begun', STATE, START, START + HOUR],
    ['a moment before', STATE, START + HOUR - 1, START + HOUR],
    ['on the dot', STATE, START + HOUR, null],
    ['long after', STATE, START + 100 * HOUR, null],
    ['a start in the future counts for nothing', { ...STATE, lastStart: START + HOUR }, START, null],
  ])('%s', (_, state, now, due) => expect(dueAt(state, HOUR, now)).toBe(due))
})

describe('what a run leaves', () => {
  const ended = { start: START + 1, status: 'updated' as const, failed: false, paused: false }
  const failing = { ...STATE, lastStatus: 'failed' as const, consecutiveFailures: 3, issue: 12 }
  test.each<[string, State | null, Partial<Parameters<typeof stateAfter>[1]>, Partial<State>]>([
    ['the first run, well', null, {}, { consecutiveFailures: 0 }],
    ['the first run, failed', null, { failed: true, status: 'failed' }, { consecutiveFailures: 1, lastStatus: 'failed' }],
    ['one more failure', failing, { failed: true, status: 'partial' }, { consecutiveFailures: 4, lastStatus: 'partial', issue: 12 }],
    [
      'partial, and `fail-on` puts up with it',
      failing,
      { status: 'partial' },
      { consecutiveFailures: 0, lastStatus: 'partial', issue: 12 },
    ],
    ['recovered', failing, {}, { consecutiveFailures: 0, issue: 12 }],
    [
      'paused: nothing is known of the mirror',
      failing,
      { failed: true, status: 'failed', paused: true },
      { consecutiveFailures: 3, lastStatus: 'failed', issue: 12 },
    ],
  ])('%s', (_, before, given, after) => {
    expect(stateAfter(before, { ...ended, ...given })).toEqual({
      lastStart: START + 1,
      lastStatus: 'updated',
      consecutiveFailures: 0,
      issue: null,
      ...after,
    })
  })
})

test.each([
  [null, 3, false],
  [2, 3, false],
  [3, 3, true],
  [4, 3, true],
  [400, null, false],
])('%s failures with pause-after %s: %s', (failures, pauseAfter, paused) => {
  expect(isPaused(failures === null ? null : { ...STATE, consecutiveFailures: failures }, pauseAfter)).toBe(paused)
})
