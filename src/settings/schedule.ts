import type { RemoteUrl } from '../remote/url.ts'
import type { InputName } from './inputs.ts'
import type { Reading } from './problems.ts'
import { type Parsed, parseBoolean, parseList, parseWholeNumber, quoted } from './values.ts'

/** The settings about a mirror from one run to the next. */
export interface Schedule {
  /** Milliseconds from the start of one run to that of the next. */
  readonly minInterval: number | null
  /** This run ignores the interval and a pause. */
  readonly updateNow: boolean
  /** After this number of failures in a row only the connection is checked. */
  readonly pauseAfter: number | null
  /** null = no issue is opened. */
  readonly failureIssue: FailureIssue | null
}

export interface FailureIssue {
  readonly labels: readonly string[]
  readonly assignees: readonly string[]
}

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
/** GitHub removes a cache that was not used for seven days ("Dependency caching reference"). */
const MAX_INTERVAL = 7 * UNITS.d

/** `90s`, `5m`, `1h`, `1d` in milliseconds. */
export function parseInterval(text: string): Parsed<number> {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const value = Number(count) * UNITS[unit as keyof typeof UNITS]
  if (value >= 1000 && value <= MAX_INTERVAL) return { value }
  return { problem: `must be a time from 1s to 7d, such as 90s, 5m, 1h or 1d, not ${quoted(text)}` }
}

/** Keeps nothing between runs. */
export const NO_SCHEDULE: Schedule = { minInterval: null, updateNow: true, pauseAfter: null, failureIssue: null }

/** Reads the inputs of the schedule. @param manual a person has started the run */
export function readSchedule({ read, problem }: Reading, here: { readonly url: RemoteUrl } | null, manual: boolean): Schedule {
  const wantsIssue = read('failure-issue', parseBoolean, false)
  const names = (input: InputName) => read(input, text => ({ value: parseList(text) }), [])
  const [labels, assignees] = [names('failure-issue-labels'), names('failure-issue-assignees')]
  if (!wantsIssue && labels.length > 0) problem('failure-issue-labels', 'has an effect only with `failure-issue: true`')
  if (!wantsIssue && assignees.length > 0) problem('failure-issue-assignees', 'has an effect only with `failure-issue: true`')
  if (wantsIssue && here !== null && !/^https?$/.test(here.url.protocol))
    problem('failure-issue', `can be opened only over https, and the repository of the run is at ${here.url}`)
  return {
    minInterval: read('min-interval', parseInterval, null),
    updateNow: read('update-now', parseBoolean, manual),
    pauseAfter: read('pause-after', text => parseWholeNumber(text, { from: 0, to: 1000 }), 0) || null,
    failureIssue: wantsIssue ? { labels, assignees } : null,
  }
}

/** Whether the run needs the state of earlier runs. */
export const needsState = ({ minInterval, pauseAfter, failureIssue }: Schedule): boolean =>
  minInterval !== null || pauseAfter !== null || failureIssue !== null
