import type { Host } from '../host/host.ts'
import type { Runtime } from '../host/runtime.ts'
import type { Report } from '../report/report.ts'
import type { BeforeChanges } from '../run/attempt.ts'
import { needsState } from '../settings/schedule.ts'
import type { Settings } from '../settings/settings.ts'
import { once } from '../tasks/later.ts'
import type { Memory } from './memory.ts'
import type { RunOnSchedule, Scheduled } from './schedule.ts'
import { mirrorId } from './state.ts'

/** A notice and no error, because a file of mirrors may also be used by a workflow. */
const NOTHING_KEPT =
  '`min-interval`, `pause-after` and `failure-issue` count only in a workflow: on a terminal nothing is kept between runs'

export type ScheduledRuns = ReturnType<typeof scheduledRuns>

/** Runs the mirrors of a step on their schedules. They share one connection to the runner's cache, which stores their state. A terminal has none. */
export function scheduledRuns(host: Host, runtime: Runtime) {
  // Loads the code only in steps that need the state of earlier runs.
  const remember = once(() => openMemory(host, runtime))
  /** Runs a mirror, on its schedule if it has one. @param own takes the output of this mirror */
  const mirror = async (settings: Settings, work: (beforeChanges?: BeforeChanges) => Promise<Report>, own: Host): Promise<Scheduled> => {
    if (!needsState(settings.schedule)) return { report: await work() }
    if (host.kind === 'terminal') {
      const report = await work()
      return { report: { ...report, notices: [...report.notices, NOTHING_KEPT] } }
    }
    const { env: environment, now } = runtime
    const { mirrorOnSchedule } = await import('./schedule.ts')
    return await mirrorOnSchedule(settings, own, { memory: await remember(), environment, now, run: runOf(environment), work })
  }
  return {
    mirror,
    /** Starts to look up the states of these mirrors, so that each waits less. */
    expect: async (mirrors: readonly Settings[]): Promise<void> => {
      if (host.kind === 'terminal') return
      for (const settings of mirrors) if (needsState(settings.schedule)) (await remember()).expect(mirrorId(settings))
    },
    /** Treats a mirror that could not begin like one that failed. @param settings as far as they are known; null = too little is known */
    fail: async (report: Report, settings: Settings | null, own: Host): Promise<Scheduled> => {
      if (settings === null || host.kind === 'terminal') return { report }
      // The error is reported even if the mirror is not yet due.
      const schedule = { ...settings.schedule, updateNow: true }
      return await mirror({ ...settings, schedule }, async () => report, own)
    },
    /** Ends the requests that are not answered. */
    end: async (): Promise<void> => {
      if (remember.wasAsked()) await (await remember()).close()
    },
  }
}

/** The report, after the state is stored. */
export async function settled({ report, stored }: Scheduled): Promise<Report> {
  const problem = (await stored?.()) ?? null
  return problem === null ? report : { ...report, notices: [...report.notices, `the state for the next run was not stored: ${problem}`] }
}

async function openMemory(host: Host, { env: environment, program, now }: Runtime): Promise<Memory> {
  const [{ memoryIn }, { runnerCache }] = await Promise.all([import('./memory.ts'), import('./runner-cache.ts')])
  return memoryIn(runnerCache({ ...host, program, environment }), now)
}

/** The run of the runner's variables. Forgejo and Gitea address its page by its number in the repository. */
function runOf(environment: NodeJS.ProcessEnv): RunOnSchedule {
  const read = (name: string): string => environment[name] ?? ''
  const isGitea = read('GITEA_ACTIONS') === 'true' || read('FORGEJO_ACTIONS') === 'true'
  const parts = [
    read('GITHUB_SERVER_URL'),
    read('GITHUB_REPOSITORY'),
    'actions/runs',
    read(isGitea ? 'GITHUB_RUN_NUMBER' : 'GITHUB_RUN_ID'),
  ]
  const url = parts.includes('') ? null : parts.join('/')
  return { id: read('GITHUB_RUN_ID'), attempt: read('GITHUB_RUN_ATTEMPT'), url }
}
