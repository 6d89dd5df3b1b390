import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import { annotationsOf } from './annotations.ts'
import { outputsOf, reportJson } from './outputs.ts'
import type { Report } from './report.ts'
import { withoutSecrets } from './secrets.ts'
import { renderSummary } from './summary.ts'
import { renderText } from './text.ts'

/** Says it everywhere: log, annotations, outputs, report file, job summary. @param further outputs by name, besides those of the report */
export async function publish(whole: Report, host: Host, further: Readonly<Record<string, string>>): Promise<void> {
  const report = withoutSecrets(whole, host.hide)
  host.info(renderText(report, { colour: false, folds: host.kind === 'actions', everything: host.verbose ?? false }))
  for (const annotation of annotationsOf(report)) await host.annotate(annotation)
  for (const [name, value] of Object.entries({ ...outputsOf(report), ...further })) await host.output(name, value)
  await host.summary(renderSummary(report))
  const file = join(host.temporaryDirectory, `repository-mirroring-report-${randomUUID()}.json`)
  try {
    await writeFile(file, reportJson(report))
    await host.output('report-file', file)
  } catch (error) {
    host.info(`the report file could not be written: ${messageOf(error)}`)
  }
}
