import { Failure } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import { labelledHost } from '../host/labelled-host.ts'
import type { Runtime } from '../host/runtime.ts'
import { excused, failedReport, skippedReport } from '../report/constructors.ts'
import type { MirrorReport, Reports } from '../report/reports.ts'
import { mirror } from '../run/mirror.ts'
import type { Scheduled } from '../schedule/schedule.ts'
import { type ScheduledRuns, scheduledRuns, settled } from '../schedule/scheduled-runs.ts'
import { type ReadMirror, UNREAD } from '../settings/config/mirrors.ts'
import type { SettingsContext } from '../settings/context.ts'
import { directionIn } from '../settings/direction.ts'
import type { RawInputs } from '../settings/inputs.ts'
import { runIn } from '../settings/operation.ts'
import { type EarlierProblems, readSettings } from '../settings/parse-settings.ts'
import { settingsFailure } from '../settings/problems.ts'
import { describeWay, FAIL_ON } from '../settings/settings.ts'
import { excuseFor, reasonToSkip } from '../settings/skip.ts'
import type { WorkflowRun } from '../settings/workflow-run.ts'
import { inParallel } from '../tasks/pool.ts'

export interface Running {
  readonly runtime: Runtime
  /** The workflow's run; null on a terminal. */
  readonly run: WorkflowRun | null
  /** How many mirrors run at the same time. */
  readonly jobs: number
}

/** Reads the one mirror that inputs or flags describe. @param earlier problems found while they were read */
export async function readMirror(raw: RawInputs, context: SettingsContext, earlier?: EarlierProblems): Promise<ReadMirror> {
  const skipped = reasonToSkip(raw, context)
  if (skipped !== null) return { name: '', raw, ...UNREAD, skipped }
  const { settings, partial, problems } = await readSettings(raw, context, earlier)
  return { name: '', raw, settings, partial, failure: settings === null ? settingsFailure(problems) : null, skipped }
}

/** Runs mirrors, `jobs` at a time, each on its schedule. A failure does not stop the others. */
export async function runMirrors(mirrors: readonly ReadMirror[], host: Host, running: Running): Promise<Reports> {
  const { now } = running.runtime
  const startedAt = now()
  const schedule = scheduledRuns(host, running.runtime)
  try {
    await schedule.expect(mirrors.flatMap(({ settings, partial }) => settings ?? partial ?? []))
    const ended = await inParallel(mirrors, running.jobs, async one => {
      const scheduled = await runMirror(one, hostFor(one, host, running), schedule, running)
      return { one, scheduled }
    })
    const durationMs = now().getTime() - startedAt.getTime()
    const reports: MirrorReport[] = []
    // Only now, because a mirror begins while the state of the one before it is still being stored.
    for (const { one, scheduled } of ended)
      reports.push({ name: one.name, report: await settled(scheduled), failOn: one.settings?.failOn ?? new Set(FAIL_ON) })
    return { mirrors: reports, startedAt: startedAt.toISOString(), durationMs }
  } finally {
    await schedule.end()
  }
}

/** Mirrors that run one after the other leave their state in the same place, where the post step looks for it. */
function hostFor({ name }: ReadMirror, host: Host, { jobs }: Running): Host {
  if (name === '') return host
  return jobs === 1 ? { ...labelledHost(host, name), saveState: host.saveState } : labelledHost(host, name)
}

async function runMirror(one: ReadMirror, host: Host, schedule: ScheduledRuns, { runtime, run }: Running): Promise<Scheduled> {
  const { raw, settings, partial, failure, skipped } = one
  const startedAt = runtime.now()
  if (skipped !== null) return { report: skippedReport(skipped, startedAt, directionIn(raw.direction), runIn(raw)) }
  const failed = (error: unknown) => failedReport(Failure.from(error), startedAt, directionIn(raw.direction), runIn(raw))
  if (settings === null) return await schedule.fail(failed(failure), partial, host)
  // On a terminal, the user has just typed both URLs of the one mirror.
  if (host.kind === 'actions' || one.name !== '') host.info(describeWay(settings))
  try {
    return await schedule.mirror(
      settings,
      async beforeChanges => {
        const report = await mirror(settings, host, runtime, { beforeChanges })
        return excused(report, report.failure && excuseFor(report.failure, raw, run))
      },
      host,
    )
  } catch (error) {
    return await schedule.fail(failed(error), settings, host)
  }
}
