import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { remoteSecrets, secretForms } from './credentials/mask.ts'
import { Failure } from './failure.ts'
import { actionsHost } from './host/actions-host.ts'
import { failedReport, mirror } from './mirror.ts'
import { failsStep } from './report/exit.ts'
import type { Report } from './report/outcome.ts'
import { parseSettings } from './settings/parse.ts'
import { isTokenOfRun, readActionInputs, secretsOf, usersOf } from './settings/read.ts'
import { FAIL_ON, type FailOn } from './settings/settings.ts'

/** The action's main step. Resolves with the exit code. */
export async function main(env: NodeJS.ProcessEnv, program: readonly string[]): Promise<number> {
  const startedAt = new Date()
  const host = actionsHost(env, text => process.stdout.write(text))
  const raw = readActionInputs(env)
  host.mask(secretsOf(raw).flatMap(secret => secretForms(secret, usersOf(raw))))
  let failOn: ReadonlySet<FailOn> = new Set(FAIL_ON)
  let report: Report
  try {
    const settings = parseSettings(raw, {
      serverUrl: env['GITHUB_SERVER_URL'] ?? null,
      nameOf: input => `\`${input}\``,
      resolvePath: resolve,
      windows: process.platform === 'win32',
      isTokenOfRun: token => isTokenOfRun(token, env),
    })
    host.mask(remoteSecrets([settings.here, settings.there]))
    failOn = settings.failOn
    host.info(`mirroring ${settings.here.url} to ${settings.there.url}`)
    const pause = async (milliseconds: number) => void (await setTimeout(milliseconds))
    report = await mirror(settings, host, { environment: env, program, now: () => new Date(), random: Math.random, pause })
  } catch (error) {
    report = failedReport(Failure.from(error), startedAt)
  }
  // Loaded when there is something to say, so that it does not hold up the connections.
  const { publish } = await import('./publish.ts')
  await publish(report, host)
  return failsStep(report, failOn) ? 1 : 0
}
