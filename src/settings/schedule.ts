import type { RemoteUrl } from '../remote/url.ts'
import type { InputName } from './inputs.ts'
import { type Parsed, parseBoolean, parseList, parseWholeNumber, quoted } from './values.ts'

/** What a mirror does from one run to the next. */
export interface Schedule {
  /** Milliseconds from the start of one run to that of the next; null = as often as it is started. */
  readonly minInterval: number | null
  /** Whatever was said of the interval or of a pause does not count for this run. */
  readonly updateNow: boolean
  /** After so many failures in a row only the connection is checked; null = never. */
  readonly pauseAfter: number | null
  /** The issue that tells of failures; null = none is opened. */
  readonly failureIssue: FailureIssue | null
}

export interface FailureIssue {
  readonly labels: readonly string[]
  readonly assignees: readonly string[]
}

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
/** After seven days without a run the cache of GitHub forgets ("Dependency caching reference"). */
const LONGEST = 7 * UNITS.d

/** `90s`, `5m`, `1h`, `1d` in milliseconds. */
export function parseInterval(text: string): Parsed<number> {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const value = Number(count) * UNITS[unit as keyof typeof UNITS]
  if (value >= 1000 && value <= LONGEST) return { value }
  return { problem: `must be a time from 1s to 7d, such as 90s, 5m, 1h or 1d, not ${quoted(text)}` }
}

interface Reading {
  /** The value of an input, or else what counts where it is empty or wrong, which is noted. */
  readonly read: <T>(input: InputName, parse: (text: string) => Parsed<T>, otherwise: T) => T
  readonly note: (input: InputName, text: string) => void
}

/** Nothing is kept between runs. */
export const NO_SCHEDULE: Schedule = { minInterval: null, updateNow: true, pauseAfter: null, failureIssue: null }

/** @param manual a person has started the run */
export function readSchedule({ read, note }: Reading, here: { readonly url: RemoteUrl } | null, manual: boolean): Schedule {
  const wantsIssue = read('failure-issue', parseBoolean, false)
  const names = (input: InputName) => read(input, text => ({ value: parseList(text) }), [])
  const [labels, assignees] = [names('failure-issue-labels'), names('failure-issue-assignees')]
  if (!wantsIssue && labels.length > 0) note('failure-issue-labels', 'counts only with `failure-issue: true`')
  if (!wantsIssue && assignees.length > 0) note('failure-issue-assignees', 'counts only with `failure-issue: true`')
  if (wantsIssue && here !== null && !/^https?$/.test(here.url.protocol))
    note('failure-issue', `can be opened only over https, and the repository of the run is at ${here.url}`)
  return {
    minInterval: read('min-interval', parseInterval, null),
    updateNow: read('update-now', parseBoolean, manual),
    pauseAfter: read('pause-after', text => parseWholeNumber(text, { from: 0, to: 1000 }), 0) || null,
    failureIssue: wantsIssue ? { labels, assignees } : null,
  }
}

/** Whether anything must be known of earlier runs. */
export const needsState = ({ minInterval, pauseAfter, failureIssue }: Schedule): boolean =>
  minInterval !== null || pauseAfter !== null || failureIssue !== null
