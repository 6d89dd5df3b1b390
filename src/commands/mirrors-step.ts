import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Failure, messageOf } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import { labelledHost } from '../host/labelled-host.ts'
import type { Answer } from '../report/answer.ts'
import { excused } from '../report/construct.ts'
import { failsStep } from '../report/exit.ts'
import type { ManyReport, MirrorReport } from '../report/many.ts'
import { annotationsOfMany } from '../report/many-annotations.ts'
import { manyJson, outputsOfMany } from '../report/many-outputs.ts'
import { renderManySummary } from '../report/many-summary.ts'
import { renderManyText } from '../report/many-text.ts'
import { code } from '../report/markdown.ts'
import { printableJson } from '../report/outputs.ts'
import type { Report } from '../report/report.ts'
import { withoutSecrets } from '../report/secrets.ts'
import type { BeforeChanges } from '../run/attempt.ts'
import { type MirrorSurroundings, mirror } from '../run/mirror.ts'
import type { Scheduled } from '../schedule/schedule.ts'
import { MirroringStep, settled } from '../schedule/step.ts'
import { type ReadMirror, uselessNextToConfig } from '../settings/config/mirrors.ts'
import type { RawInputs } from '../settings/inputs.ts'
import { excuseFor, type Occasion } from '../settings/occasion.ts'
import { settingsFailure } from '../settings/problems.ts'
import type { SettingsContext } from '../settings/remotes.ts'
import { parseList } from '../settings/values.ts'
import { showCount } from '../text/quantity.ts'
import { listMirrors, type ManyRequest, type MirrorWork, mirrorMany } from './mirrors.ts'
import { summarize } from './summarize.ts'

/** What a step lends to its many mirrors. */
export interface Step {
  readonly environment: NodeJS.ProcessEnv
  readonly context: SettingsContext
  readonly occasion: Occasion
}

/** A step with `config`: its mirrors one after the other. Resolves with the exit code. @throws Failure for the inputs and for the file itself */
export async function mirrorConfigured(raw: RawInputs, step: Step, host: Host, surroundings: MirrorSurroundings): Promise<number> {
  // One after the other, so each may leave its state to the post step as if it were alone.
  const hostOf = (name: string): Host => ({ ...labelledHost(host, name), saveState: host.saveState })
  const mirroring = new MirroringStep(host, surroundings)
  const all = new Map<string, Scheduled>()
  // The next mirror begins while the cache still takes what the last one has left.
  const reported = ({ name }: ReadMirror, scheduled: Scheduled): Report => {
    all.set(name, scheduled)
    return scheduled.report
  }
  const work: MirrorWork = {
    expect: mirrors => mirroring.expect(mirrors.flatMap(({ settings, inSpite }) => settings ?? inSpite ?? [])),
    run: async (settings, its, one) => {
      const once = async (beforeChanges?: BeforeChanges) => {
        const mirrored = await mirror(settings, its, { ...surroundings, beforeChanges })
        return excused(mirrored, mirrored.failure && excuseFor(mirrored.failure, one.raw, step.occasion))
      }
      return reported(one, await mirroring.mirror(settings, once, its))
    },
    tell: async (report, settings, its, one) => reported(one, await mirroring.tell(report, settings, its)),
  }
  try {
    const many = await mirrorMany(requestOf(raw, step), host, surroundings, hostOf, work)
    const mirrors: MirrorReport[] = []
    for (const one of many.mirrors) mirrors.push({ ...one, report: await settled({ ...all.get(one.name), report: one.report }) })
    await publishMany({ ...many, mirrors }, host)
    return mirrors.some(({ report, failOn }) => failsStep(report, failOn)) ? 1 : 0
  } finally {
    await mirroring.end()
  }
}

/** `operation: list-mirrors`. @throws Failure for the inputs and for the file itself */
export async function listConfigured(raw: RawInputs, step: Step): Promise<Answer> {
  const rows = await listMirrors(requestOf(raw, step))
  const names = rows.map(({ name }) => name ?? '')
  return {
    text: `${showCount(rows.length, 'mirror')} in "${raw.config?.trim()}": ${names.join(', ')}\n`,
    summary: `${showCount(rows.length, 'mirror')}: ${names.map(code).join(', ')}\n`,
    outputs: { matrix: printableJson({ include: rows }) },
    problem: null,
  }
}

/** `operation: summarize`. Resolves with 0: each job has failed already, or not, by its own `fail-on`. @throws Failure for the inputs */
export async function summarizeReports(raw: RawInputs, { context }: Step, host: Host): Promise<number> {
  const directory = raw.reports?.trim() ?? ''
  if (directory === '')
    throw new Failure('settings-invalid', `${context.nameOf('reports')}: is missing; give the directory of the report files`)
  const many = await summarize(resolve(directory), namesIn(raw, context))
  if (many.mirrors.length === 0) throw new Failure('settings-invalid', `${context.nameOf('reports')}: "${directory}" has no report file`)
  await publishMany({ ...many, mirrors: many.mirrors.map(one => ({ ...one, report: withoutSecrets(one.report, host.hide) })) }, host)
  return 0
}

function requestOf(raw: RawInputs, { environment, context, occasion }: Step): ManyRequest {
  const file = raw.config?.trim() ?? ''
  if (file === '') throw new Failure('settings-invalid', `${context.nameOf('config')}: is missing; give the path of the file`)
  const useless = uselessNextToConfig(raw).map(input => ({
    text: `${context.nameOf(input)}: counts for no mirror of ${context.nameOf('config')}; say it in the file, secrets by the name of a variable`,
  }))
  if (useless.length > 0) throw settingsFailure(useless)
  return { ...context, file, path: resolve(file), environment, occasion, base: raw, only: namesIn(raw, context), jobs: 1 }
}

/** Of `config-mirror`; none = all. What was given and names nobody is a mistake: it would mean all. */
function namesIn(raw: RawInputs, { nameOf }: SettingsContext): string[] {
  const text = raw['config-mirror']?.trim() ?? ''
  const names = parseList(text)
  if (text !== '' && names.length === 0) throw new Failure('settings-invalid', `${nameOf('config-mirror')}: names no mirror`)
  return names
}

/** Says it everywhere, as publish.ts does for one. The reports are free of secrets. */
async function publishMany(many: ManyReport, host: Host): Promise<void> {
  host.info(renderManyText(many, { colour: false }))
  for (const annotation of annotationsOfMany(many)) await host.annotate(annotation)
  for (const [name, value] of Object.entries(outputsOfMany(many))) await host.output(name, value)
  await host.summary(renderManySummary(many))
  const file = join(host.temporaryDirectory, `repository-mirroring-reports-${randomUUID()}.json`)
  try {
    await writeFile(file, manyJson(many))
    await host.output('report-file', file)
  } catch (error) {
    host.info(`the report file could not be written: ${messageOf(error)}`)
  }
}
