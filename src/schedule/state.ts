import { createHash } from 'node:crypto'
import type { Status } from '../report/report.ts'
import type { Remote, Settings } from '../settings/settings.ts'

/** What one run of a mirror leaves for the next. */
export interface State {
  /** When the last run began, in milliseconds since 1970; a run that was skipped is none. */
  readonly lastStart: number
  readonly lastStatus: Status
  /** Runs whose step failed, since the last one whose step did not. */
  readonly consecutiveFailures: number
  /** Number of the issue that tells of these failures; null = there is none. */
  readonly issue: number | null
}

type Mirror = Pick<Settings, 'direction' | 'selection' | 'branchRegex' | 'protectedOnly' | 'protectedBranches'> &
  Record<'here' | 'there', Pick<Remote, 'url'>>

/**
 * 16 hexadecimal digits for a mirror: its two repositories, the direction, and which refs it is about, so that two mirrors between the same repositories do not
 * count as one. The users and the secrets play no part, so that they can be replaced.
 */
export function mirrorId({ direction, here, there, selection, branchRegex, protectedOnly, protectedBranches }: Mirror): string {
  const places = [here, there].map(({ url: { protocol, host, port, path } }) => [protocol, host, port, path])
  const refs = [selection.branches, selection.tags, branchRegex, protectedOnly, protectedBranches]
  return createHash('sha256')
    .update(JSON.stringify([direction, ...places, refs]))
    .digest('hex')
    .slice(0, 16)
}

/** With which the name of every entry of a mirror begins. The number goes up when the form changes. */
export const entryPrefix = (id: string): string => `repository-mirroring-state-1-${id}-`

const STATUSES: readonly Status[] = ['up-to-date', 'updated', 'partial', 'failed', 'skipped']
const FORM = new RegExp(`^[0-9]+-[0-9]+-([0-9]{1,15})-(${STATUSES.join('|')})-([0-9]{1,9})-([0-9]{1,15})$`)

/**
 * The name of an entry, which holds the state itself: an entry never changes, so each run makes its own, and the newest one counts. What is read is the name
 * alone, and no archive that somebody else may have made is ever unpacked next to the mirror's secrets. In lower case, as some servers make it so.
 * @param run `GITHUB_RUN_ID` and `GITHUB_RUN_ATTEMPT`
 */
export function entryName(id: string, run: { readonly id: string; readonly attempt: string }, state: State): string {
  const { lastStart, lastStatus, consecutiveFailures, issue } = state
  const number = (text: string) => /^\d{1,20}$/.exec(text)?.[0] ?? '0'
  return `${entryPrefix(id)}${[number(run.id), number(run.attempt), lastStart, lastStatus, consecutiveFailures, issue ?? 0].join('-')}`
}

/** The state in an entry's name; null where it is none of ours. */
export function parseEntryName(id: string, name: string): State | null {
  const prefix = entryPrefix(id)
  const [, start, status, failures, issue] = (name.startsWith(prefix) ? FORM.exec(name.slice(prefix.length)) : null) ?? []
  const lastStatus = STATUSES.find(known => known === status)
  if (lastStatus === undefined) return null
  return { lastStart: Number(start), lastStatus, consecutiveFailures: Number(failures), issue: Number(issue) || null }
}

/**
 * What is left for the next run.
 * @param before null = not known
 * @param ended `paused`: it only checked the connection, which says nothing of the mirror
 */
export function stateAfter(
  before: State | null,
  ended: { readonly start: number; readonly status: Status; readonly failed: boolean; readonly paused: boolean },
): State {
  const failures = before?.consecutiveFailures ?? 0
  return {
    lastStart: ended.start,
    lastStatus: ended.status,
    consecutiveFailures: ended.paused ? failures : ended.failed ? failures + 1 : 0,
    issue: before?.issue ?? null,
  }
}
