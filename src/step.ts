import { remoteSecrets } from './credentials/mask.ts'
import type { Host } from './host/host.ts'
import type { MirrorSurroundings } from './mirror.ts'
import { failsStep } from './report/exit.ts'
import type { Report } from './report/outcome.ts'
import type { RunOnSchedule } from './schedule.ts'
import { serversOf } from './settings/lfs.ts'
import { needsState } from './settings/schedule.ts'
import type { Settings } from './settings/settings.ts'

/** What a step has come to, and what it says besides the report. */
export interface Stepped {
  readonly report: Report
  /** By the names of the step's outputs. */
  readonly outputs: Readonly<Record<string, string>>
}

type Surroundings = Pick<MirrorSurroundings, 'environment' | 'program' | 'now'>

/** Does the work; on schedule, where the settings have one. @param work the mirror; what it is given stops it once both sides have been read */
export async function mirrorInStep(
  settings: Settings,
  host: Host,
  surroundings: Surroundings,
  work: (hold: Pick<MirrorSurroundings, 'hold'>) => Promise<Report>,
): Promise<Stepped> {
  if (!needsState(settings.schedule)) return { report: await work({}), outputs: {} }
  const { environment, program, now } = surroundings
  // Loaded by the runs that must know of earlier ones.
  const { mirrorOnSchedule } = await import('./schedule.ts')
  const { runnerCache } = await import('./host/runner-cache.ts')
  return await mirrorOnSchedule(settings, host, {
    store: runnerCache({ ...host, program, environment }),
    ...{ environment, now, run: runOf(environment) },
    work: hold => work({ hold }),
    fails: report => failsStep(report, settings.failOn),
  })
}

/** Tells of a run that could not begin as of one that has failed. @param settings as far as they are known; null = not far enough */
export async function tellInStep(report: Report, settings: Settings | null, host: Host, surroundings: Surroundings): Promise<Stepped> {
  if (settings === null) return { report, outputs: {} }
  host.mask(remoteSecrets(serversOf(settings)))
  // What is wrong is told at once, due or not.
  const schedule = { ...settings.schedule, updateNow: true }
  return await mirrorInStep({ ...settings, schedule }, host, surroundings, async () => report)
}

/** The run as its runner names it. Forgejo and Gitea know its page by its number in the repository. */
function runOf(environment: NodeJS.ProcessEnv): RunOnSchedule {
  const read = (name: string): string => environment[name] ?? ''
  const isGitea = read('GITEA_ACTIONS') === 'true' || read('FORGEJO_ACTIONS') === 'true'
  const [server, repository, page] = [
    read('GITHUB_SERVER_URL'),
    read('GITHUB_REPOSITORY'),
    read(isGitea ? 'GITHUB_RUN_NUMBER' : 'GITHUB_RUN_ID'),
  ]
  const url = server !== '' && repository !== '' && page !== '' ? `${server}/${repository}/actions/runs/${page}` : null
  return { id: read('GITHUB_RUN_ID'), attempt: read('GITHUB_RUN_ATTEMPT'), url }
}
