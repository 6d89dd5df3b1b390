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

/**
 * Publishes the reports of a step: log, annotations, outputs, job summary, report file. A place that cannot be written does not keep the others from it.
 * @param further outputs by name, besides those of the reports
 * @returns whether the outputs and the summary are complete
 */
export async function publish(given: Reports, host: Host, further: Readonly<Record<string, string>> = {}): Promise<boolean> {
  const reports = withoutSecrets(given, host.hide)
  host.info(renderTexts(reports, { colour: false, folds: host.kind === 'actions', everything: host.verbose ?? false }))
  for (const annotation of annotationsOfAll(reports)) await host.annotate(annotation)
  const all = await writeBoth(host, { ...outputsOfAll(reports), ...further }, renderSummaries(reports))
  const name = onlyReport(reports) === null ? 'reports' : 'report'
  const file = join(host.temporaryDirectory, `repository-mirroring-${name}-${randomUUID()}.json`)
  try {
    await writeFile(file, reportsJson(reports), { mode: 0o600, flag: 'wx' })
    await host.output('report-file', file)
  } catch (error) {
    host.info(`the report file could not be written: ${messageOf(error)}`)
  }
  return all
}

/** Writes outputs and summary, and reports it where that fails: the work is done, and must not be done or counted again for it. */
async function writeBoth(host: Host, outputs: Readonly<Record<string, string>>, summary: string): Promise<boolean> {
  const setOutputs = async () => {
    for (const [name, value] of Object.entries(outputs)) await host.output(name, value)
  }
  let all = true
  for (const [place, write] of Object.entries({ GITHUB_OUTPUT: setOutputs, GITHUB_STEP_SUMMARY: () => host.summary(summary) }))
    try {
      await write()
    } catch (error) {
      all = false
      const message = `the file of ${place} could not be written: ${messageOf(error)}; all results are in the log. Check the disk of the runner`
      await host.annotate({ level: 'error', title: 'The report could not be published', message })
    }
  return all
}

/** Publishes an answer of a step: log, annotation, outputs, job summary. Resolves with the exit code. */
export async function publishAnswer({ text, summary, outputs, problem }: Answer, host: Host): Promise<number> {
  host.info(text)
  if (problem !== null) await host.annotate({ level: 'error', ...problem })
  return (await writeBoth(host, outputs, summary)) && problem === null ? 0 : 1
}
