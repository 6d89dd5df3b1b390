import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import { parseCommandLine } from '../../src/settings/command-line.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { readSettings } from '../../src/settings/parse-settings.ts'
import { needsState, parseInterval, type Schedule } from '../../src/settings/schedule.ts'
import { contextWith, settingsFrom } from '../support/settings.ts'

const GOOD: RawInputs = { 'remote-url': 'https://git.example.com/g/p.git', 'auth-secret': 'a-token', repository: 'o/r' }
const ON_SERVER = { serverUrl: 'https://github.com' }
const scheduleOf = (raw: RawInputs, manual = false) => settingsFrom({ ...GOOD, ...raw }, { ...ON_SERVER, run: { manual } }).schedule

const SECOND = 1000
const DAY = 86_400 * SECOND

describe('intervals', () => {
  test.each([
    ['90s', 90 * SECOND],
    ['1s', SECOND],
    ['5m', 300 * SECOND],
    ['1h', 3600 * SECOND],
    ['24h', DAY],
    ['7d', 7 * DAY],
  ])('%s', (text, value) => expect(parseInterval(text)).toEqual({ value }))

  test.each(['0s', '5', '5 m', '5M', '1.5h', '-5m', '1h30m', '8d', '169h', '5min', '999999d', 'hourly', 'PT5M'])('not %s', text => {
    expect(parseInterval(text)).toEqual({ problem: expect.stringContaining(`such as 90s, 5m, 1h or 1d, not "${text}"`) })
  })
})

describe('values', () => {
  const NONE: Schedule = { minInterval: null, updateNow: false, pauseAfter: null, failureIssue: null }
  test.each<[RawInputs, Partial<Schedule>]>([
    [{}, {}],
    [{ 'min-interval': '5m' }, { minInterval: 300_000 }],
    [{ 'update-now': 'true' }, { updateNow: true }],
    [{ 'pause-after': '14' }, { pauseAfter: 14 }],
    [{ 'pause-after': '0' }, {}],
    [{ 'failure-issue': 'true' }, { failureIssue: { labels: [], assignees: [] } }],
    [
      { 'failure-issue': 'true', 'failure-issue-labels': 'mirror, on call\nurgent', 'failure-issue-assignees': 'octo\n' },
      { failureIssue: { labels: ['mirror', 'on call', 'urgent'], assignees: ['octo'] } },
    ],
  ])('%j', (raw, schedule) => expect(scheduleOf(raw)).toEqual({ ...NONE, ...schedule }))

  test.each([
    [true, '', true],
    [true, 'false', false],
    [false, '', false],
    [false, 'true', true],
  ])('started by a person: %s, update-now: "%s"', (manual, given, updateNow) => {
    expect(scheduleOf({ 'update-now': given }, manual).updateNow).toBe(updateNow)
  })

  test('only what must know of earlier runs needs a state', () => {
    expect(needsState(NONE)).toBe(false)
    expect(needsState({ ...NONE, updateNow: true })).toBe(false)
    expect(needsState({ ...NONE, minInterval: 1000 })).toBe(true)
    expect(needsState({ ...NONE, pauseAfter: 1 })).toBe(true)
    expect(needsState({ ...NONE, failureIssue: { labels: [], assignees: [] } })).toBe(true)
  })
})

test.each<[RawInputs]>([[{ 'dry-run': 'true' }], [{ operation: 'show-public-key' }], [{ operation: 'purge-backups', 'dry-run': 'false' }]])(
  '%j is on no schedule',
  raw => {
    const all = { 'min-interval': '5m', 'pause-after': '3', 'failure-issue': 'true' }
    expect(needsState(scheduleOf(all))).toBe(true)
    expect(needsState(scheduleOf({ ...all, ...raw }))).toBe(false)
    expect(() => scheduleOf({ ...raw, 'min-interval': 'often' })).toThrow('min-interval')
  },
)

test('all problems at once', () => {
  const raw = {
    ...{ 'min-interval': 'often', 'update-now': 'yes', 'pause-after': '-1', 'failure-issue-labels': 'x', 'failure-issue-assignees': 'y' },
  }
  expect(() => scheduleOf(raw)).toThrow(Failure)
  expect(() => scheduleOf(raw)).toThrow(
    `5 problems:
- failure-issue-labels has an effect only with \`failure-issue: true\`
- failure-issue-assignees has an effect only with \`failure-issue: true\`
- min-interval must be a time from 1s to 7d, such as 90s, 5m, 1h or 1d, not "often"
- update-now must be true or false, not "yes"
- pause-after must be a whole number from 0 to 1000, not "-1"`,
  )
  expect(() => scheduleOf({ 'failure-issue': 'true', 'repository-url': 'file:///srv/r.git' })).toThrow(
    'failure-issue can be opened only over https, and the repository of the run is at file:///srv/r.git',
  )
})

test('wrong settings still say where to tell of it, as long as both repositories are known', async () => {
  const scheduleOf = async (raw: RawInputs) => (await readSettings(raw, contextWith(ON_SERVER))).partial?.schedule
  const raw = { ...GOOD, 'failure-issue': 'true', prune: 'everything', 'min-interval': 'often' }
  expect(await scheduleOf(raw)).toMatchObject({ minInterval: null, failureIssue: { labels: [] } })
  expect(await scheduleOf({ ...raw, 'remote-url': 'git@git.example.com:g/p.git', 'auth-secret': '' })).toMatchObject({ failureIssue: {} })
  expect(await scheduleOf({ ...raw, 'remote-url': '' })).toBeUndefined()
})

test.each(['min-interval', 'update-now', 'pause-after', 'failure-issue', 'failure-issue-labels', 'failure-issue-assignees'])(
  'a terminal keeps nothing between runs: --%s is refused, and it is said',
  name => {
    expect(parseCommandLine([`--${name}=1h`, 'a', 'b']).problems).toEqual([
      `--${name} has an effect only in a workflow: on a terminal nothing is kept between runs; set the schedule where the command is started (cron, a timer)`,
    ])
  },
)
