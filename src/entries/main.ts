import { resolve } from 'node:path'
import type { Step } from '../commands/mirrors-step.ts'
import { remoteSecrets, secretForms } from '../credentials/mask.ts'
import { Failure } from '../errors/failure.ts'
import { actionsHost } from '../host/actions-host.ts'
import { readEvent } from '../host/event-file.ts'
import type { Host } from '../host/host.ts'
import { publicHalfOf } from '../keys/public-half.ts'
import { problemsOfRegex } from '../refs/regex.ts'
import type { Answer } from '../report/answer.ts'
import { excused, failedReport, skippedReport } from '../report/construct.ts'
import { failsStep } from '../report/exit.ts'
import type { Report } from '../report/report.ts'
import { mirror } from '../run/mirror.ts'
import { abortAfter, pauseUntil } from '../run/time-limit.ts'
import { MirroringStep, settled } from '../schedule/step.ts'
import { secretNamesIn } from '../settings/config/named-secrets.ts'
import { directionIn } from '../settings/direction.ts'
import type { InputName, RawInputs } from '../settings/inputs.ts'
import { serversOf } from '../settings/lfs.ts'
import { excuseFor, type Occasion, occasionOf, reasonToSkip } from '../settings/occasion.ts'
import { isRun, type Operation, operationOf, type Run, runIn } from '../settings/operation.ts'
import { parseSettings, settingsInSpite } from '../settings/parse.ts'
import { isTokenOfRun, readActionInputs, secretsOf, usersOf } from '../settings/read.ts'
import type { SettingsContext } from '../settings/remotes.ts'
import { FAIL_ON, type FailOn } from '../settings/settings.ts'
import { describeWay } from '../settings/way.ts'
import { VERSION } from '../text/version.ts'

/** The action's main step. Resolves with the exit code. */
export async function main(env: NodeJS.ProcessEnv, program: readonly string[]): Promise<number> {
  const startedAt = new Date()
  const host = actionsHost(env, text => process.stdout.write(text))
  const raw = readActionInputs(env)
  host.mask(secretsOf(raw).flatMap(secret => secretForms(secret, usersOf(raw))))
  let failOn: ReadonlySet<FailOn> = new Set(FAIL_ON)
  let report: Report
  let publicKey = ''
  const names = secretNamesIn(env)
  const hasSecrets = ['auth-secret' as const, ...names.keys()].every(input => raw[input])
  const occasion = occasionOf(env, hasSecrets ? null : await readEvent(env))
  const context = contextOf(env, occasion, names)
  const step = { environment: env, context, occasion }
  const surroundings = { environment: env, program, now: () => new Date(), random: Math.random, pause: pauseUntil, alarm: abortAfter }
  const mirroring = new MirroringStep(host, surroundings)
  try {
    const operation = operationOf(raw)
    if (operation === 'summarize') return await (await import('../commands/mirrors-step.ts')).summarizeReports(raw, step, host)
    if (!isRun(operation)) return await tell(await answers[operation](raw, step), host)
    if ((raw.config ?? '').trim() !== '')
      return await (await import('../commands/mirrors-step.ts')).mirrorConfigured(raw, step, host, surroundings)
    const reason = reasonToSkip(raw, occasion)
    if (reason !== null) return await skip(skippedReport(reason, startedAt, directionIn(raw.direction), operation), host)
    const settings = parseSettings(raw, context, await problemsOfRegex(raw['branch-regex'], nameOf('branch-regex')))
    host.mask(remoteSecrets(serversOf(settings)))
    failOn = settings.failOn
    publicKey = publicHalfOf(settings.there.secret ?? '', settings.there.passphrase) ?? ''
    host.info(describeWay(settings))
    host.debug(`version ${VERSION}, node ${process.version}, ${process.platform} ${process.arch}`)
    // What is nobody's fault counts as no failure.
    const scheduled = await mirroring.mirror(settings, async beforeChanges => {
      const mirrored = await mirror(settings, host, { ...surroundings, beforeChanges })
      return excused(mirrored, mirrored.failure && excuseFor(mirrored.failure, raw, occasion))
    })
    report = await settled(scheduled)
  } catch (error) {
    const failed = failedReport(Failure.from(error), startedAt, directionIn(raw.direction), runIn(raw))
    report = await settled(await mirroring.tell(failed, settingsInSpite(raw, context)))
  } finally {
    await mirroring.end()
  }
  // Loaded when there is something to say, so that it does not hold up the connections.
  const { publish } = await import('../report/publish.ts')
  await publish(report, host, { 'ssh-public-key': publicKey })
  return failsStep(report, failOn) ? 1 : 0
}

/** Says that there was nothing to do. Resolves with the exit code. */
async function skip(report: Report, host: Host): Promise<number> {
  const { publish } = await import('../report/publish.ts')
  await publish(report, host, { 'ssh-public-key': '' })
  return 0
}

const nameOf = (input: InputName): string => `\`${input}\``

const notHandedOver = (name = ''): string =>
  `the secret ${name} that the file names is not stored, or the workflow was called without \`secrets: inherit\``

/** What a run is told besides its inputs. */
const contextOf = (env: NodeJS.ProcessEnv, { secretsPage, bereft }: Occasion, names: ReadonlyMap<InputName, string>): SettingsContext => ({
  serverUrl: env['GITHUB_SERVER_URL'] ?? null,
  nameOf,
  resolvePath: path => resolve(path),
  windows: process.platform === 'win32',
  isTokenOfRun: token => isTokenOfRun(token, env),
  agentSocket: env['SSH_AUTH_SOCK'] ?? null,
  apiUrl: env['GITHUB_API_URL'] ?? null,
  secretsPage,
  run: {
    repository: env['GITHUB_REPOSITORY'] ?? null,
    workflowRef: env['GITHUB_WORKFLOW_REF'] ?? null,
    ref: env['GITHUB_REF'] ?? null,
  },
  namedSecret: input => (bereft === null && names.has(input) ? notHandedOver(names.get(input)) : null),
  // Who has it run again wants it to run.
  manual: env['GITHUB_EVENT_NAME'] === 'workflow_dispatch' || Number(env['GITHUB_RUN_ATTEMPT']) > 1,
})

type Answering = (raw: RawInputs, step: Step) => Promise<Answer>

/** The operations that compare nothing. */
const answers: Readonly<Record<Exclude<Operation, Run | 'summarize'>, Answering>> = {
  'detect-host-keys': async raw => (await import('../commands/host-keys/detect-host-keys.ts')).detectHostKeys(raw, { nameOf }),
  'show-public-key': async (raw, { context: { serverUrl } }) =>
    (await import('../commands/public-key/show-public-key.ts')).showPublicKey(raw, { nameOf, serverUrl }),
  'list-mirrors': async (raw, step) => (await import('../commands/mirrors-step.ts')).listConfigured(raw, step),
}

/** Says an answer everywhere: log, annotation, outputs, job summary. Resolves with the exit code. */
async function tell({ text, summary, outputs, problem }: Answer, host: Host): Promise<number> {
  host.info(text)
  if (problem !== null) await host.annotate({ level: 'error', ...problem })
  for (const [name, value] of Object.entries(outputs)) await host.output(name, value)
  await host.summary(summary)
  return problem === null ? 0 : 1
}
