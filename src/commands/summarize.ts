import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Failure } from '../errors/failure.ts'
import { readText } from '../host/file-text.ts'
import { failedReport } from '../report/constructors.ts'
import { publish } from '../report/publish.ts'
import type { Report } from '../report/report.ts'
import { parseReport } from '../report/report-file.ts'
import type { MirrorReport, Reports } from '../report/reports.ts'
import { FAIL_ON } from '../settings/settings.ts'
import { namesIn, type Step } from './step.ts'

/** `operation: summarize`. Resolves with 0 for every result, because each job has applied its own `fail-on`. @throws Failure for the inputs */
export async function summarizeStep({ raw, context: { nameOf }, host }: Step): Promise<number> {
  const directory = raw.reports?.trim() ?? ''
  if (directory === '') throw new Failure('settings-invalid', `${nameOf('reports')} is missing; give the directory of the report files`)
  const reports = await summarize(resolve(directory), namesIn(raw, nameOf))
  if (reports.mirrors.length === 0) throw new Failure('settings-invalid', `${nameOf('reports')}: "${directory}" has no report file`)
  return (await publish(reports, host)) ? 0 : 1
}

const ENDING = '.json'

/**
 * Collects the reports that other jobs wrote: `NAME.json` for each mirror, as in the output `report-file`.
 * @param names of all mirrors, in order; empty = those of the files
 * @throws Failure if the directory cannot be read
 */
export async function summarize(directory: string, names: readonly string[]): Promise<Reports> {
  const found = (await filesIn(directory)).filter(file => file.endsWith(ENDING)).map(file => file.slice(0, -ENDING.length))
  const mirrors: MirrorReport[] = []
  for (const name of names.length > 0 ? names : found.sort()) {
    const report = found.includes(name) ? await readReport(join(directory, `${name}${ENDING}`)) : null
    mirrors.push({ name, report: report ?? noReport(name), failOn: new Set(FAIL_ON) })
  }
  const starts = mirrors.map(({ report }) => Date.parse(report.startedAt))
  const ends = mirrors.map(({ report }, index) => (starts[index] ?? 0) + report.durationMs)
  const start = Math.min(...starts)
  return { mirrors, startedAt: new Date(start).toISOString(), durationMs: Math.max(...ends) - start }
}

const filesIn = (directory: string): Promise<string[]> =>
  readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    // No job has written a report.
    if (cause.code === 'ENOENT') return []
    throw new Failure('settings-invalid', `"${directory}" could not be read: ${cause.message}`, { cause })
  })

/** Null for a file that is missing or no report, so that the other mirrors are still reported. */
const readReport = async (file: string): Promise<Report | null> => parseReport(await readText(file).catch(() => ''))

const noReport = (name: string): Report => failedReport(new Failure('no-report', `the job of "${name}" ended without a report`), new Date())
