import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import { annotationsOfAll } from './annotations.ts'
import type { Answer } from './answer.ts'
import { outputsOfAll, reportsJson } from './outputs.ts'
import { onlyReport, type Reports } from './reports.ts'
import { renderSummaries } from './summary.ts'
import { renderTexts } from './text.ts'
import { withoutSecrets } from './without-secrets.ts'

/** Publishes the reports of a step: log, annotations, outputs, job summary, report file. @param further outputs by name, besides those of the reports */
export async function publish(given: Reports, host: Host, further: Readonly<Record<string, string>> = {}): Promise<void> {
  const reports = withoutSecrets(given, host.hide)
  host.info(renderTexts(reports, { colour: false, folds: host.kind === 'actions', everything: host.verbose ?? false }))
  for (const annotation of annotationsOfAll(reports)) await host.annotate(annotation)
  await setOutputs({ ...outputsOfAll(reports), ...further }, host)
  await host.summary(renderSummaries(reports))
  const name = onlyReport(reports) === null ? 'reports' : 'report'
  const file = join(host.temporaryDirectory, `repository-mirroring-${name}-${randomUUID()}.json`)
  try {
    await writeFile(file, reportsJson(reports), { mode: 0o600, flag: 'wx' })
    await host.output('report-file', file)
  } catch (error) {
    host.info(`the report file could not be written: ${messageOf(error)}`)
  }
}

/** Publishes an answer of a step: log, annotation, outputs, job summary. Resolves with the exit code. */
export async function publishAnswer({ text, summary, outputs, problem }: Answer, host: Host): Promise<number> {
  host.info(text)
  if (problem !== null) await host.annotate({ level: 'error', ...problem })
  await setOutputs(outputs, host)
  await host.summary(summary)
  return problem === null ? 0 : 1
}

async function setOutputs(outputs: Readonly<Record<string, string>>, host: Host): Promise<void> {
  for (const [name, value] of Object.entries(outputs)) await host.output(name, value)
}
