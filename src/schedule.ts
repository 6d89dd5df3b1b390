import { Failure } from './failure.ts'
import { tellInIssue } from './failure-issue.ts'
import type { Host } from './host/host.ts'
import { type MirrorSurroundings, notDueReport } from './mirror.ts'
import type { Report } from './report/outcome.ts'
import { showCount } from './report/quantity.ts'
import { withoutSecrets } from './report/secrets.ts'
import type { Settings } from './settings/settings.ts'
import { dueAt, isPaused } from './state/spacing.ts'
import { entryName, entryPrefix, mirrorId, parseEntryName, type State, stateAfter, stateJson } from './state/state.ts'
import type { Store } from './state/store.ts'
import type { Sides } from './transfer/sides.ts'

/** How long a store may hold up a run, in all: one that is slow or broken costs no more. */
const PATIENCE_MS = 2000
const FINDING_MS = 1200

export interface ScheduleSurroundings {
  readonly store: Store
  readonly run: RunOnSchedule
  readonly environment: NodeJS.ProcessEnv
  readonly now: () => Date
  /** Does the work, whatever that is. @param hold stops it once both sides have been read */
  readonly work: (hold: Hold) => Promise<Report>
  /** Whether what a run came to makes its step fail. */
  readonly fails: (report: Report) => boolean
}

type Hold = NonNullable<MirrorSurroundings['hold']>

export interface RunOnSchedule {
  readonly id: string
  readonly attempt: string
  /** Its web page; null where it is not known. */
  readonly url: string | null
}

/** A report, and what the step says besides it. */
export interface Scheduled {
  readonly report: Report
  readonly outputs: Readonly<Record<'consecutive-failures' | 'next-due', string>>
}

/** What is known of earlier runs. */
interface Known {
  readonly state: State | null
  /** Why that is nothing, where it should be something. */
  readonly problem: string | null
}

/**
 * Mirrors as the schedule wants it: not before it is due, not while it is paused; then tells the failure or the recovery in the mirror's issue, and writes down
 * what the next run must know. What is kept between runs is looked up while both sides are opened, unless it decides whether they are.
 */
export async function mirrorOnSchedule(settings: Settings, host: Host, surroundings: ScheduleSurroundings): Promise<Scheduled> {
  const { schedule } = settings
  const { store, now } = surroundings
  const startedAt = now()
  const id = mirrorId(settings)
  const known = recall(store, id)
  try {
    const patience = new Patience(now)
    const { minInterval } = schedule
    if (minInterval !== null && !schedule.updateNow) {
      const { state } = await patience.waitFor(known)
      const due = dueAt(state, minInterval, startedAt.getTime())
      if (due !== null && state !== null) return await skip(settings, state, due, startedAt, host)
    }
    const mayBePaused = schedule.pauseAfter !== null && !schedule.updateNow
    const report = await surroundings.work(async sides =>
      mayBePaused ? holdOf(settings, (await patience.waitFor(known)).state, sides) : null,
    )
    return await conclude({ id, startedAt, patience, known: await patience.waitFor(known) }, report, settings, host, surroundings)
  } finally {
    await store.close()
  }
}

/** Counts the time for which a run has waited. */
class Patience {
  readonly #now: () => Date
  #left = PATIENCE_MS

  constructor(now: () => Date) {
    this.#now = now
  }

  get left(): number {
    return Math.max(0, this.#left)
  }

  async waitFor<T>(work: Promise<T>): Promise<T> {
    const startedAt = this.#now().getTime()
    const result = await work
    this.#left -= this.#now().getTime() - startedAt
    return result
  }
}

async function recall(store: Store, id: string): Promise<Known> {
  const found = await store.find(entryPrefix(id), FINDING_MS)
  if ('problem' in found) return { state: null, problem: found.problem }
  return { state: found.name === null ? null : parseEntryName(id, found.name), problem: null }
}

/** That nothing is done must not hide that the last run failed. */
async function skip(settings: Settings, state: State, due: number, startedAt: Date, host: Host): Promise<Scheduled> {
  const last = `the last run began at ${showTime(state.lastStart)} (${state.lastStatus}), and the next is due at ${showTime(due)}`
  if (state.consecutiveFailures > 0)
    await host.annotate({ level: 'warning', title: 'Not yet due after a failure', message: `${last}; run it by hand to try now` })
  return {
    report: notDueReport(settings, `not yet due: ${last}`, startedAt),
    outputs: { 'consecutive-failures': String(state.consecutiveFailures), 'next-due': new Date(due).toISOString() },
  }
}

/** `2026-11-25 08:30:00 UTC` */
const showTime = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** A paused mirror has shown by now that both sides can be read, and does no more. */
function holdOf({ schedule }: Settings, state: State | null, { here, there }: Sides): Failure | null {
  if (!isPaused(state, schedule.pauseAfter)) return null
  const refs = ({ size }: ReadonlyMap<unknown, unknown>) => showCount(size, 'ref')
  return new Failure(
    'paused',
    `paused after ${showCount(state?.consecutiveFailures ?? 0, 'failure')} in a row: only the connection was checked, and both sides can be read (${refs(here.refs)} here, ${refs(there.refs)} there)`,
  )
}

interface Ended {
  readonly id: string
  readonly startedAt: Date
  readonly patience: Patience
  readonly known: Known
}

/** Tells the outcome where it is to be told, and writes down what the next run must know. */
async function conclude(
  { id, startedAt, patience, known }: Ended,
  report: Report,
  settings: Settings,
  host: Host,
  surroundings: ScheduleSurroundings,
): Promise<Scheduled> {
  const { schedule } = settings
  const { run, store, environment } = surroundings
  const before = known.state
  // Nobody has tried anything: that is neither a failure nor the end of one.
  if (report.status === 'skipped')
    return { report, outputs: { 'consecutive-failures': String(before?.consecutiveFailures ?? 0), 'next-due': '' } }
  const failed = surroundings.fails(report)
  const paused = !schedule.updateNow && isPaused(before, schedule.pauseAfter)
  const counted = stateAfter(before, { start: startedAt.getTime(), status: report.status, failed, paused })
  const story = { id, consecutiveFailures: counted.consecutiveFailures, runUrl: run.url }
  const episode = { report: withoutSecrets(report, host.hide), failed, before, story }
  const told =
    schedule.failureIssue === null
      ? { issue: counted.issue, notices: [] }
      : await tellInIssue({ ...episode, wanted: schedule.failureIssue }, settings, { environment, host })
  const after = { ...counted, issue: told.issue }
  const unkept = isWorthKeeping(before, after, schedule.minInterval !== null)
    ? await store.keep(entryName(id, run, after), stateJson(after), patience.left)
    : null
  const due = schedule.minInterval === null ? '' : new Date(startedAt.getTime() + schedule.minInterval).toISOString()
  return {
    report: {
      ...report,
      notices: [...report.notices, ...pauseNotices(settings, after, paused), ...told.notices, ...storeNotices(known, unkept)],
    },
    outputs: { 'consecutive-failures': String(after.consecutiveFailures), 'next-due': due },
  }
}

/** The start of a run counts only where there is an interval; otherwise a mirror that goes on as before leaves nothing new. */
const isWorthKeeping = (before: State | null, after: State, countsStarts: boolean): boolean =>
  countsStarts || before === null || before.consecutiveFailures !== after.consecutiveFailures || before.issue !== after.issue

function pauseNotices({ schedule: { pauseAfter } }: Settings, after: State, paused: boolean): string[] {
  if (paused || !isPaused(after, pauseAfter)) return []
  return [
    `this was failure ${after.consecutiveFailures} in a row: from now on the mirror is paused, until a run succeeds that was started by hand or with \`update-now: true\``,
  ]
}

function storeNotices({ problem }: Known, unkept: string | null): string[] {
  if (problem !== null)
    return [`nothing is known of earlier runs, so \`min-interval\`, \`pause-after\` and the count of failures began anew: ${problem}`]
  return unkept === null ? [] : [`the next run will know nothing of this one: ${unkept}`]
}
