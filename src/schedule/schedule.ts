import { Failure } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import { notDueReport } from '../report/construct.ts'
import type { Report } from '../report/report.ts'
import { withoutSecrets } from '../report/secrets.ts'
import type { BeforeChanges } from '../run/attempt.ts'
import type { Settings } from '../settings/settings.ts'
import { showCount, showTime } from '../text/quantity.ts'
import type { Sides } from '../transfer/sides.ts'
import { tellInIssue } from './failure-issue.ts'
import type { Known, Memory, RunNumber } from './memory.ts'
import { dueAt, isPaused } from './spacing.ts'
import { mirrorId, type State, stateAfter } from './state.ts'

export interface ScheduleContext {
  readonly memory: Memory
  readonly run: RunOnSchedule
  readonly environment: NodeJS.ProcessEnv
  readonly now: () => Date
  readonly work: (beforeChanges: BeforeChanges) => Promise<Report>
  /** Whether what a run came to makes its step fail. */
  readonly fails: (report: Report) => boolean
}

export interface RunOnSchedule extends RunNumber {
  /** Its web page; null where it is not known. */
  readonly url: string | null
}

export interface Scheduled {
  readonly report: Report
  /** To be called at the end of the step: why the state for the next run was not stored; null = it will. Missing = there is nothing to know. */
  readonly unkept?: () => Promise<string | null>
}

/**
 * Mirrors as the schedule wants it: not before it is due, not while it is paused; then tells the failure or the recovery in the mirror's issue, and writes down
 * what the next run must know. What is kept between runs is looked up while both sides are opened, unless it decides whether they are.
 */
export async function mirrorOnSchedule(settings: Settings, host: Host, context: ScheduleContext): Promise<Scheduled> {
  const { schedule } = settings
  const { memory, now } = context
  const startedAt = now()
  const id = mirrorId(settings)
  memory.expect(id)
  const { minInterval } = schedule
  if (minInterval !== null && !schedule.updateNow) {
    const { state } = await memory.recall(id)
    const due = dueAt(state, minInterval, startedAt.getTime())
    if (due !== null && state !== null) return { report: await skip(settings, state, due, startedAt, host) }
  }
  const mayBePaused = schedule.pauseAfter !== null && !schedule.updateNow
  const report = await context.work(async sides => (mayBePaused ? pauseOf(settings, (await memory.recall(id)).state, sides) : null))
  // An interrupted run neither failed nor succeeded.
  if (report.failure?.kind === 'interrupted' || report.refs.some(({ code }) => code === 'interrupted')) return { report }
  return await conclude({ id, startedAt, known: await memory.recall(id) }, report, settings, host, context)
}

/** That nothing is done must not hide that the last run failed. */
async function skip(settings: Settings, state: State, due: number, startedAt: Date, host: Host): Promise<Report> {
  const last = `the last run began at ${showTime(state.lastStart)} (${state.lastStatus}), and the next is due at ${showTime(due)}`
  if (state.consecutiveFailures > 0)
    await host.annotate({ level: 'warning', title: 'Not yet due after a failure', message: `${last}; run it by hand to try now` })
  return {
    ...notDueReport(settings, `not yet due: ${last}`, startedAt),
    standing: { consecutiveFailures: state.consecutiveFailures, nextDue: new Date(due).toISOString() },
  }
}

/** A paused mirror has shown by now that both sides can be read, and does no more. */
function pauseOf({ schedule }: Settings, state: State | null, { here, there }: Sides): Failure | null {
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
  readonly known: Known
}

/** Tells the outcome where it is to be told, and writes down what the next run must know. */
async function conclude(
  { id, startedAt, known }: Ended,
  report: Report,
  settings: Settings,
  host: Host,
  context: ScheduleContext,
): Promise<Scheduled> {
  const { schedule } = settings
  const { run, memory, environment } = context
  const before = known.state
  // Nobody has tried anything: that is neither a failure nor the end of one.
  if (report.status === 'skipped') {
    const standing = { consecutiveFailures: before?.consecutiveFailures ?? 0, nextDue: null }
    return { report: { ...report, standing } }
  }
  const failed = context.fails(report)
  const paused = !schedule.updateNow && isPaused(before, schedule.pauseAfter)
  const counted = stateAfter(before, { start: startedAt.getTime(), status: report.status, failed, paused })
  const story = { id, consecutiveFailures: counted.consecutiveFailures, runUrl: run.url }
  const episode = { report: withoutSecrets(report, host.hide), failed, before, story }
  const told =
    schedule.failureIssue === null
      ? { issue: counted.issue, notices: [] }
      : await tellInIssue({ ...episode, wanted: schedule.failureIssue }, settings, { environment, host })
  const after = { ...counted, issue: told.issue }
  const keeping = isWorthKeeping(before, after, schedule.minInterval !== null) ? memory.keep(id, run, after) : null
  const nextDue = schedule.minInterval === null ? null : new Date(startedAt.getTime() + schedule.minInterval).toISOString()
  return {
    report: {
      ...report,
      notices: [...report.notices, ...pauseNotices(settings, after, paused), ...told.notices, ...unknownNotices(known)],
      standing: { consecutiveFailures: after.consecutiveFailures, nextDue },
    },
    ...(keeping !== null && { unkept: known.problem === null ? keeping : () => unsaid(keeping) }),
  }
}

/** A cache that knows nothing is told of once. */
async function unsaid(keeping: () => Promise<unknown>): Promise<null> {
  await keeping()
  return null
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

const unknownNotices = ({ problem }: Known): string[] =>
  problem === null
    ? []
    : [`no state of earlier runs was found, so \`min-interval\`, \`pause-after\` and the count of failures start from zero: ${problem}`]
