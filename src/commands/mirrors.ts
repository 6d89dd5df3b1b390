import { readFile } from 'node:fs/promises'
import { remoteSecrets, secretForms } from '../credentials/mask.ts'
import { Failure } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import { failedReport, skippedReport } from '../report/construct.ts'
import type { ManyReport, MirrorReport } from '../report/many.ts'
import type { Report } from '../report/report.ts'
import { withoutSecrets } from '../report/secrets.ts'
import type { MirrorSurroundings } from '../run/mirror.ts'
import type { Config } from '../settings/config/config.ts'
import { parseConfig } from '../settings/config/config-file.ts'
import { type ManyContext, matrixOf, type ReadMirror, readMirrors } from '../settings/config/mirrors.ts'
import { directionIn } from '../settings/direction.ts'
import { serversOf } from '../settings/lfs.ts'
import { runIn } from '../settings/operation.ts'
import { settingsFailure } from '../settings/problems.ts'
import { secretsOf, usersOf } from '../settings/read.ts'
import { FAIL_ON, type Settings } from '../settings/settings.ts'
import { quoted } from '../settings/values.ts'
import { describeWay } from '../settings/way.ts'
import { inParallel } from '../tasks/pool.ts'
import { nearestTo } from '../text/nearest.ts'

/** Which mirrors of which file. */
export interface ManyRequest extends ManyContext {
  /** Absolute. */
  readonly path: string
  /** Names; empty = all. */
  readonly only: readonly string[]
  /** How many at the same time. */
  readonly jobs: number
}

/** How one mirror of several is run. */
export interface MirrorWork {
  /** Told of all, before the first begins. */
  readonly expect: (mirrors: readonly ReadMirror[]) => Promise<void>
  readonly run: (settings: Settings, host: Host, one: ReadMirror) => Promise<Report>
  /** Tells of one that could not begin. @param settings as far as they are known; null = not far enough */
  readonly tell: (report: Report, settings: Settings | null, host: Host, one: ReadMirror) => Promise<Report>
}

/** Where one mirror of several says what it does. */
export type HostOf = (name: string) => Host

/** What a matrix may have (GitHub docs, "Actions limits"). */
const MAX_MATRIX = 256

/**
 * Runs the mirrors of a file, so many at a time; one that fails does not stop the others.
 * @throws Failure for the file itself, with every problem in it, before anything is changed
 */
export async function mirrorMany(
  request: ManyRequest,
  host: Host,
  surroundings: MirrorSurroundings,
  hostOf: HostOf,
  work: MirrorWork,
): Promise<ManyReport> {
  const startedAt = surroundings.now()
  const mirrors = chosen((await readFileOf(request)).mirrors, request)
  // All of them, before any says a word: a secret of one may stand in what a server tells another.
  for (const { raw, inSpite } of mirrors) {
    host.mask(secretsOf(raw).flatMap(secret => secretForms(secret, usersOf(raw))))
    if (inSpite !== null) host.mask(remoteSecrets(serversOf(inSpite)))
  }
  await work.expect(mirrors)
  const reports = await inParallel(mirrors, request.jobs, one => mirrorOne(one, hostOf(one.name), surroundings, work))
  return {
    mirrors: reports.map(one => ({ ...one, report: withoutSecrets(one.report, host.hide) })),
    startedAt: startedAt.toISOString(),
    durationMs: surroundings.now().getTime() - startedAt.getTime(),
  }
}

/** One object a mirror, for `include` of a matrix. @throws Failure for the file itself */
export async function listMirrors(request: ManyRequest): Promise<Record<string, string>[]> {
  const { config } = await readFileOf(request)
  const rows = matrixOf(chosen(config.mirrors, request), request.base)
  if (rows.length <= MAX_MATRIX) return rows
  throw new Failure('settings-invalid', `"${request.file}" has ${rows.length} mirrors, and a matrix at most ${MAX_MATRIX} jobs`, {
    hint: 'split the file into several, with a workflow or a job for each',
  })
}

async function readFileOf(request: ManyRequest): Promise<{ readonly config: Config; readonly mirrors: readonly ReadMirror[] }> {
  const text = await readFile(request.path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Failure('settings-invalid', `"${request.file}" could not be read: ${cause.message}`, {
      hint: 'name a file that is there; in a workflow, check the repository out first',
      cause,
    })
  })
  const config = parseConfig(text)
  const { mirrors, problems } = await readMirrors(config, request)
  if (problems.length > 0) throw settingsFailure(problems.map(problem => ({ text: problem })))
  return { config, mirrors }
}

/** @throws Failure for a name that the file does not have */
function chosen<T extends { readonly name: string }>(
  mirrors: readonly T[],
  { only, file }: Pick<ManyRequest, 'only' | 'file'>,
): readonly T[] {
  if (only.length === 0) return mirrors
  const names = mirrors.map(({ name }) => name)
  const unknown = only.filter(name => !names.includes(name))
  if (unknown.length === 0) return mirrors.filter(({ name }) => only.includes(name))
  const problems = unknown.map(name => {
    const nearest = nearestTo(name, names)
    return { text: `"${file}" has no mirror with the name ${quoted(name)}${nearest === null ? '' : `; did you mean ${quoted(nearest)}?`}` }
  })
  throw settingsFailure(problems)
}

async function mirrorOne(one: ReadMirror, host: Host, { now }: MirrorSurroundings, work: MirrorWork): Promise<MirrorReport> {
  const { name, raw, settings, inSpite, problems, skipped } = one
  const startedAt = now()
  const failOn = settings?.failOn ?? new Set(FAIL_ON)
  if (skipped !== null) return { name, report: skippedReport(skipped, startedAt, directionIn(raw.direction), runIn(raw)), failOn }
  const failed = (error: unknown) => failedReport(Failure.from(error), startedAt, directionIn(raw.direction), runIn(raw))
  try {
    if (settings === null) return { name, report: await work.tell(failed(settingsFailure(problems)), inSpite, host, one), failOn }
    host.info(describeWay(settings))
    return { name, report: await work.run(settings, host, one), failOn }
  } catch (error) {
    return { name, report: failed(error), failOn }
  }
}
