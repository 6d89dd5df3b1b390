import { Failure } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import { notDueReport } from '../report/constructors.ts'
import { failsStep } from '../report/exit.ts'
import type { Report } from '../report/report.ts'
import { withoutSecrets } from '../report/without-secrets.ts'
import type { BeforeChanges } from '../run/attempt.ts'
import type { Settings } from '../settings/settings.ts'
import { showCount, showTime } from '../text/quantity.ts'
import type { Sides } from '../transfer/sides.ts'
import { dueAt, isPaused } from './due.ts'
import { updateIssue } from './failure-issue.ts'
import type { Known, Memory, RunNumber } from './memory.ts'
import { mirrorId, type State, stateAfter } from './state.ts'

export interface ScheduleContext {
  readonly memory: Memory
  readonly run: RunOnSchedule
  readonly environment: NodeJS.ProcessEnv
  readonly now: () => Date
  readonly work: (beforeChanges: BeforeChanges) => Promise<Report>
}

export interface RunOnSchedule extends RunNumber {
  /** Its web page; null if it is unknown. */
  readonly url: string | null
}

export interface Scheduled {
  readonly report: Report
  /** Called at the end of the step: waits until the state for the next run is stored, and resolves with the error. Missing = nothing is stored. */
  readonly stored?: (() => Promise<string | null>) | undefined
}

/**
 * Mirrors unless the mirror is not yet due or paused; then updates the mirror's issue and stores the state for the next run. The earlier state is looked up
 * while both sides are opened, unless it decides whether the mirror is due.
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

/** A skipped run warns if the last run failed, so that the failure stays visible. */
async function skip(settings: Settings, state: State, due: number, startedAt: Date, host: Host): Promise<Report> {
  const last = `the last run began at ${showTime(state.lastStart)} (${state.lastStatus}), and the next is due at ${showTime(due)}`
  if (state.consecutiveFailures > 0)
    await host.annotate({ level: 'warning', title: 'Not yet due after a failure', message: `${last}; run it by hand to try now` })
  return {
    ...notDueReport(settings, `not yet due: ${last}`, startedAt),
    standing: { consecutiveFailures: state.consecutiveFailures, nextDue: new Date(due).toISOString() },
  }
}

/** The failure of a paused mirror. It is checked after both sides were read, so that the connection is tested. */
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

/** Updates the issue, and stores the state for the next run. */
async function conclude(ended: Ended, report: Report, settings: Settings, host: Host, context: ScheduleContext): Promise<Scheduled> {
  const { id, startedAt, known } = ended
  const { schedule } = settings
  const { run, memory, environment } = context
  const before = known.state
  // A skipped run is neither a failure nor a recovery.
  if (report.status === 'skipped') {
    const standing = { consecutiveFailures: before?.consecutiveFailures ?? 0, nextDue: null }
    return { report: { ...report, standing } }
  }
  const failed = failsStep(report, settings.failOn)
  const paused = !schedule.updateNow && isPaused(before, schedule.pauseAfter)
  const counted = stateAfter(before, { start: startedAt.getTime(), status: report.status, failed, paused })
  const issueContext = { id, consecutiveFailures: counted.consecutiveFailures, runUrl: run.url }
  const episode = { report: withoutSecrets(report, host.hide), failed, before, context: issueContext }
  const wanted = schedule.failureIssue
  const unchanged = { issue: counted.issue, notices: [] }
  const result = wanted === null ? unchanged : await updateIssue({ ...episode, wanted }, settings, environment, host)
  const after = { ...counted, issue: result.issue }
  const keeping = isWorthKeeping(before, after, schedule.minInterval !== null) ? memory.keep(id, run, after) : null
  const nextDue = schedule.minInterval === null ? null : new Date(startedAt.getTime() + schedule.minInterval).toISOString()
  return {
    report: {
      ...report,
      notices: [...report.notices, ...pauseNotices(settings, after, paused), ...result.notices, ...unknownNotices(known)],
      standing: { consecutiveFailures: after.consecutiveFailures, nextDue },
    },
    // A cache that could not be read is already reported.
    stored: keeping !== null && known.problem !== null ? () => keeping().then(() => null) : (keeping ?? undefined),
  }
}

/** The start of a run is stored only for `min-interval`; otherwise an unchanged state need not be stored again. */
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
