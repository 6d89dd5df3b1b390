import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { remoteSecrets, secretForms } from './credentials/mask.ts'
import { Failure } from './failure.ts'
import { actionsHost } from './host/actions-host.ts'
import type { Host } from './host/host.ts'
import { failedReport, mirror } from './mirror.ts'
import { annotationsOf } from './report/annotations.ts'
import { failsStep } from './report/exit.ts'
import type { Report } from './report/outcome.ts'
import { outputsOf, reportJson } from './report/outputs.ts'
import { withoutSecrets } from './report/secrets.ts'
import { renderSummary } from './report/summary.ts'
import { renderText } from './report/text.ts'
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
  await publish(report, host)
  return failsStep(report, failOn) ? 1 : 0
}

/** Says it everywhere: log, annotations, outputs, report file, job summary. */
async function publish(whole: Report, host: Host): Promise<void> {
  const report = withoutSecrets(whole, host.hide)
  host.info(renderText(report, { colour: false }))
  for (const annotation of annotationsOf(report)) await host.annotate(annotation)
  for (const [name, value] of Object.entries(outputsOf(report))) await host.output(name, value)
  await host.summary(renderSummary(report))
  const file = join(host.temporaryDirectory, `repository-mirroring-report-${randomUUID()}.json`)
  try {
    await writeFile(file, reportJson(report))
    await host.output('report-file', file)
  } catch (error) {
    host.info(`the report file could not be written: ${error instanceof Error ? error.message : String(error)}`)
  }
}
