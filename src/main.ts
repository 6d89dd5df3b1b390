import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { remoteSecrets, secretForms } from './credentials/mask.ts'
import { publicHalfOf } from './credentials/public-half.ts'
import { Failure } from './failure.ts'
import { actionsHost } from './host/actions-host.ts'
import type { Host } from './host/host.ts'
import { failedReport, type MirrorSurroundings, mirror } from './mirror.ts'
import { problemsOfRegex } from './refs/regex.ts'
import type { Answer } from './report/answer.ts'
import { failsStep } from './report/exit.ts'
import type { Report } from './report/outcome.ts'
import type { RunOnSchedule, Scheduled, ScheduleSurroundings } from './schedule.ts'
import { directionIn } from './settings/direction.ts'
import type { InputName, RawInputs } from './settings/inputs.ts'
import { type Operation, operationOf } from './settings/operation.ts'
import { parseSettings, settingsInSpite } from './settings/parse.ts'
import { isTokenOfRun, readActionInputs, secretsOf, usersOf } from './settings/read.ts'
import type { SettingsContext } from './settings/remotes.ts'
import { needsState } from './settings/schedule.ts'
import { FAIL_ON, type FailOn, type Settings } from './settings/settings.ts'
import { describeWay } from './settings/way.ts'

/** The action's main step. Resolves with the exit code. */
export async function main(env: NodeJS.ProcessEnv, program: readonly string[]): Promise<number> {
  const startedAt = new Date()
  const host = actionsHost(env, text => process.stdout.write(text))
  const raw = readActionInputs(env)
  host.mask(secretsOf(raw).flatMap(secret => secretForms(secret, usersOf(raw))))
  let failOn: ReadonlySet<FailOn> = new Set(FAIL_ON)
  let report: Report
  let publicKey = ''
  let outputs: Readonly<Record<string, string>> = {}
  const context = contextOf(env)
  try {
    const operation = operationOf(raw)
    if (operation !== 'mirror') return await tell(await answers[operation](raw, env), host)
    const settings = parseSettings(raw, context, await problemsOfRegex(raw['branch-regex'], nameOf('branch-regex')))
    host.mask(remoteSecrets([settings.here, settings.there]))
    failOn = settings.failOn
    publicKey = publicHalfOf(settings.there.secret ?? '', settings.there.passphrase) ?? ''
    host.info(`mirroring ${describeWay(settings)}`)
    const pause = async (milliseconds: number) => void (await setTimeout(milliseconds))
    const surroundings = { environment: env, program, now: () => new Date(), random: Math.random, pause }
    const work = (hold?: MirrorSurroundings['hold']) => mirror(settings, host, { ...surroundings, ...(hold && { hold }) })
    if (isOnSchedule(raw, settings)) ({ report, outputs } = await scheduled(settings, host, { env, program, work }))
    else report = await work()
  } catch (error) {
    report = failedReport(Failure.from(error), startedAt, directionIn(raw.direction))
    const settings = settingsInSpite(raw, context)
    if (settings !== null && isOnSchedule(raw, settings)) {
      host.mask(remoteSecrets([settings.here, settings.there]))
      const failed = report
      const schedule = { ...settings.schedule, updateNow: true }
      ;({ report, outputs } = await scheduled({ ...settings, schedule }, host, { env, program, work: async () => failed }))
    }
  }
  // Loaded when there is something to say, so that it does not hold up the connections.
  const { publish } = await import('./publish.ts')
  await publish(report, host, { 'ssh-public-key': publicKey, ...outputs })
  return failsStep(report, failOn) ? 1 : 0
}

const nameOf = (input: InputName): string => `\`${input}\``

/** What a run is told besides its inputs. */
const contextOf = (env: NodeJS.ProcessEnv): SettingsContext => ({
  serverUrl: env['GITHUB_SERVER_URL'] ?? null,
  nameOf,
  resolvePath: resolve,
  windows: process.platform === 'win32',
  isTokenOfRun: (token: string) => isTokenOfRun(token, env),
  agentSocket: env['SSH_AUTH_SOCK'] ?? null,
  apiUrl: env['GITHUB_API_URL'] ?? null,
  run: {
    repository: env['GITHUB_REPOSITORY'] ?? null,
    workflowRef: env['GITHUB_WORKFLOW_REF'] ?? null,
    ref: env['GITHUB_REF'] ?? null,
  },
  manual: env['GITHUB_EVENT_NAME'] === 'workflow_dispatch',
})

/** What changes nothing counts as no run. */
const isOnSchedule = (raw: RawInputs, { schedule, dryRun }: Settings): boolean =>
  operationOf(raw) === 'mirror' && needsState(schedule) && !dryRun

interface Scheduling {
  readonly env: NodeJS.ProcessEnv
  readonly program: readonly string[]
  readonly work: ScheduleSurroundings['work']
}

/** Loaded by the runs that must know of earlier ones. */
async function scheduled(settings: Settings, host: Host, { env, program, work }: Scheduling): Promise<Scheduled> {
  const { mirrorOnSchedule } = await import('./schedule.ts')
  const { runnerCache } = await import('./host/runner-cache.ts')
  const store = runnerCache({ ...host, program, environment: env })
  const fails = (report: Report) => failsStep(report, settings.failOn)
  return await mirrorOnSchedule(settings, host, { store, work, fails, environment: env, now: () => new Date(), run: runOf(env) })
}

/** Forgejo and Gitea know a run's page by its number in the repository. */
function runOf(env: NodeJS.ProcessEnv): RunOnSchedule {
  const [server, repository, id, attempt] = ['GITHUB_SERVER_URL', 'GITHUB_REPOSITORY', 'GITHUB_RUN_ID', 'GITHUB_RUN_ATTEMPT'].map(
    name => env[name] ?? '',
  )
  const page = env['GITEA_ACTIONS'] === 'true' || env['FORGEJO_ACTIONS'] === 'true' ? env['GITHUB_RUN_NUMBER'] : id
  return { id: id ?? '', attempt: attempt ?? '', url: server && repository && page ? `${server}/${repository}/actions/runs/${page}` : null }
}

/** The operations that mirror nothing. */
const answers: Readonly<Record<Exclude<Operation, 'mirror'>, (raw: RawInputs, env: NodeJS.ProcessEnv) => Promise<Answer>>> = {
  'detect-host-keys': async raw => (await import('./detect-host-keys.ts')).detectHostKeys(raw, { nameOf }),
  'show-public-key': async (raw, env) =>
    (await import('./show-public-key.ts')).showPublicKey(raw, { nameOf, serverUrl: env['GITHUB_SERVER_URL'] ?? null }),
}

/** Says an answer everywhere: log, annotation, outputs, job summary. Resolves with the exit code. */
async function tell({ text, summary, outputs, problem }: Answer, host: Host): Promise<number> {
  host.info(text)
  if (problem !== null) await host.annotate({ level: 'error', ...problem })
  for (const [name, value] of Object.entries(outputs)) await host.output(name, value)
  await host.summary(summary)
  return problem === null ? 0 : 1
}
