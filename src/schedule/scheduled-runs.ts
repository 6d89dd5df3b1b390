import type { Host } from '../host/host.ts'
import type { Runtime } from '../host/runtime.ts'
import type { Report } from '../report/report.ts'
import type { BeforeChanges } from '../run/attempt.ts'
import { needsState } from '../settings/schedule.ts'
import type { Settings } from '../settings/settings.ts'
import type { Memory } from './memory.ts'
import type { RunOnSchedule, Scheduled } from './schedule.ts'
import { mirrorId } from './state.ts'

/** A notice and no error, because a file of mirrors may also be used by a workflow. */
const NOTHING_KEPT =
  '`min-interval`, `pause-after` and `failure-issue` count only in a workflow: on a terminal nothing is kept between runs'

/** Runs the mirrors of a step on their schedules. They share one connection to the runner's cache, which stores their state. A terminal has none. */
export class ScheduledRuns {
  readonly #host: Host
  readonly #runtime: Runtime
  #memory: Promise<Memory> | null = null

  constructor(host: Host, runtime: Runtime) {
    this.#host = host
    this.#runtime = runtime
  }

  /** Starts to look up the states of these mirrors, so that each waits less. */
  async expect(mirrors: readonly Settings[]): Promise<void> {
    if (this.#host.kind === 'terminal') return
    for (const settings of mirrors) if (needsState(settings.schedule)) (await this.#remember()).expect(mirrorId(settings))
  }

  /** Runs a mirror, on its schedule if it has one. @param host takes the output of this mirror */
  async mirror(settings: Settings, work: (beforeChanges?: BeforeChanges) => Promise<Report>, host: Host): Promise<Scheduled> {
    if (!needsState(settings.schedule)) return { report: await work() }
    if (host.kind === 'terminal') {
      const report = await work()
      return { report: { ...report, notices: [...report.notices, NOTHING_KEPT] } }
    }
    const { env: environment, now } = this.#runtime
    const { mirrorOnSchedule } = await import('./schedule.ts')
    return await mirrorOnSchedule(settings, host, {
      memory: await this.#remember(),
      environment,
      now,
      run: runOf(environment),
      work,
    })
  }

  /** Treats a mirror that could not begin like one that failed. @param settings as far as they are known; null = too little is known */
  async fail(report: Report, settings: Settings | null, host: Host): Promise<Scheduled> {
    if (settings === null || host.kind === 'terminal') return { report }
    // The error is reported even if the mirror is not yet due.
    const schedule = { ...settings.schedule, updateNow: true }
    return await this.mirror({ ...settings, schedule }, async () => report, host)
  }

  /** Ends the requests that are not answered. */
  async end(): Promise<void> {
    await (await this.#memory)?.close()
  }

  /** Loads the code only in steps that need the state of earlier runs. */
  #remember(): Promise<Memory> {
    this.#memory ??= openMemory(this.#host, this.#runtime)
    return this.#memory
  }
}

/** The report, after the state is stored. */
export async function settled({ report, stored }: Scheduled): Promise<Report> {
  const problem = (await stored?.()) ?? null
  return problem === null ? report : { ...report, notices: [...report.notices, `the state for the next run was not stored: ${problem}`] }
}

async function openMemory(host: Host, { env: environment, program, now }: Runtime): Promise<Memory> {
  const [{ Memory }, { runnerCache }] = await Promise.all([import('./memory.ts'), import('./runner-cache.ts')])
  return new Memory(runnerCache({ ...host, program, environment }), now)
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
