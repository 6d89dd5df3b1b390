import { createHash } from 'node:crypto'
import { STATUSES, type Status } from '../report/report.ts'
import type { Remote, Settings } from '../settings/settings.ts'

/** The state that a run of a mirror stores for the next. */
export interface State {
  /** When the last run that was not skipped began, in milliseconds since 1970. */
  readonly lastStart: number
  readonly lastStatus: Status
  /** Failed runs since the last successful one. */
  readonly consecutiveFailures: number
  /** Number of the issue about these failures; null = none. */
  readonly issue: number | null
}

type Mirror = Pick<Settings, 'direction' | 'selection' | 'branchRegex' | 'protectedOnly' | 'protectedBranches'> &
  Record<'here' | 'there', Pick<Remote, 'url'>>

/**
 * Identifies a mirror by 16 hexadecimal digits: a hash of its two repositories, the direction and the selected refs, so that two mirrors between the same
 * repositories differ. Users and secrets can be replaced, so they are not part of it.
 */
export function mirrorId({ direction, here, there, selection, branchRegex, protectedOnly, protectedBranches }: Mirror): string {
  const places = [here, there].map(({ url: { protocol, host, port, path } }) => [protocol, host, port, path])
  const refs = [selection.branches, selection.tags, branchRegex, protectedOnly, protectedBranches]
  return createHash('sha256')
    .update(JSON.stringify([direction, ...places, refs]))
    .digest('hex')
    .slice(0, 16)
}

/** The beginning of the name of every entry of a mirror. The number increases if the format changes. */
export const entryPrefix = (id: string): string => `repository-mirroring-state-1-${id}-`

const FORM = /^[0-9]+-[0-9]+-([0-9]{1,15})-([a-z-]{1,20})-([0-9]{1,9})-([0-9]{1,15})$/

/**
 * The name of an entry, which holds the state itself. An entry cannot be changed, so each run makes its own, and the newest one counts. Only the name is
 * read: an archive, which another workflow may have made, is never unpacked next to the mirror's secrets. In lower case, because some servers convert it.
 * @param run `GITHUB_RUN_ID` and `GITHUB_RUN_ATTEMPT`
 */
export function entryName(id: string, run: { readonly id: string; readonly attempt: string }, state: State): string {
  const { lastStart, lastStatus, consecutiveFailures, issue } = state
  const number = (text: string) => /^\d{1,20}$/.exec(text)?.[0] ?? '0'
  return `${entryPrefix(id)}${[number(run.id), number(run.attempt), lastStart, lastStatus, consecutiveFailures, issue ?? 0].join('-')}`
}

/** The state in an entry's name; null = another name. */
export function parseEntryName(id: string, name: string): State | null {
  const prefix = entryPrefix(id)
  const [, start, status, failures, issue] = (name.startsWith(prefix) ? FORM.exec(name.slice(prefix.length)) : null) ?? []
  const lastStatus = STATUSES.find(known => known === status)
  if (lastStatus === undefined) return null
  return { lastStart: Number(start), lastStatus, consecutiveFailures: Number(failures), issue: Number(issue) || null }
}

/**
 * The state for the next run.
 * @param before null = unknown
 * @param ended `paused`: the run only checked the connection, so it neither counts as a failure nor ends the series
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
