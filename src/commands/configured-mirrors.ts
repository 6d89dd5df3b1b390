import { resolve } from 'node:path'
import { Failure } from '../errors/failure.ts'
import { readText } from '../host/file-text.ts'
import { CONFIG_CHARACTERS } from '../limits/limits.ts'
import type { Answer } from '../report/answer.ts'
import { code } from '../report/markdown.ts'
import { printableJson } from '../report/outputs.ts'
import { publishAnswer } from '../report/publish.ts'
import type { Config } from '../settings/config/config.ts'
import { parseConfig } from '../settings/config/config-file.ts'
import { type ConfigContext, matrixOf, type ReadMirror, readMirrors, uselessNextToConfig } from '../settings/config/mirrors.ts'
import { choicesOf, type InputName, type RawInputs } from '../settings/inputs.ts'
import { settingsFailure } from '../settings/problems.ts'
import { parseChoices, quoted } from '../settings/values.ts'
import { nearestTo } from '../text/nearest.ts'
import { showCount } from '../text/quantity.ts'
import { namesIn, type Step } from './step.ts'

/** A file of mirrors, and the names of those that are wanted. */
export interface ConfigRequest extends ConfigContext {
  /** Names; empty = all. */
  readonly only: readonly string[]
  /** Inputs that decide which servers are trusted, and that the file may set. */
  readonly maySet: ReadonlySet<string>
}

/** Jobs of a matrix (GitHub docs, "Actions limits"). */
const MAX_MATRIX = 256

/** The file and the mirrors that a step names. @throws Failure for the inputs */
export function configOf({ raw, host, context, runtime: { env: environment } }: Step): ConfigRequest {
  const { nameOf } = context
  const file = raw.config?.trim() ?? ''
  if (file === '') throw new Failure('settings-invalid', `${nameOf('config')} is missing; give the path of the file`)
  const useless = uselessNextToConfig(raw).map(
    input => `${nameOf(input)} has no effect with ${nameOf('config')}: put it in the file, a secret by the name of its variable`,
  )
  if (useless.length > 0) throw settingsFailure(useless)
  return { context, mask: host.mask, file, environment, base: raw, only: namesIn(raw, nameOf), maySet: allowedIn(raw, nameOf) }
}

/** @throws Failure for a value that cannot be allowed */
function allowedIn(raw: RawInputs, nameOf: (input: InputName) => string): ReadonlySet<string> {
  const parsed = parseChoices(raw['config-may-set'] ?? '', choicesOf('config-may-set'))
  if ('problem' in parsed) throw new Failure('settings-invalid', `${nameOf('config-may-set')} ${parsed.problem}`)
  return parsed.value
}

/** `operation: list-mirrors`. Resolves with the exit code. @throws Failure for the inputs and for the file itself */
export const listMirrorsStep = async (step: Step): Promise<number> => await publishAnswer(await listMirrors(step), step.host)

async function listMirrors(step: Step): Promise<Answer> {
  const request = configOf(step)
  const { config } = await readConfig(request)
  const rows = matrixOf(chosen(config.mirrors, request), request.base)
  if (rows.length > MAX_MATRIX)
    throw new Failure('settings-invalid', `"${request.file}" has ${rows.length} mirrors, and a matrix at most ${MAX_MATRIX} jobs`, {
      hint: 'split the file into several, with a workflow or a job for each',
    })
  const count = showCount(rows.length, 'mirror')
  const names = rows.map(({ name }) => name ?? '')
  return {
    text: `${count} in "${request.file}": ${names.join(', ')}\n`,
    summary: `${count}: ${names.map(code).join(', ')}\n`,
    outputs: { matrix: printableJson({ include: rows }) },
    problem: null,
  }
}

/** The mirrors of a file, all or the named ones. @throws Failure with every problem of the file */
export const readConfiguredMirrors = async (request: ConfigRequest): Promise<readonly ReadMirror[]> =>
  chosen((await readConfig(request)).mirrors, request)

async function readConfig(request: ConfigRequest): Promise<{ readonly config: Config; readonly mirrors: readonly ReadMirror[] }> {
  const text = await readText(resolve(request.file), 4 * CONFIG_CHARACTERS).catch((cause: NodeJS.ErrnoException) => {
    throw new Failure('settings-invalid', `"${request.file}" could not be read: ${cause.message}`, {
      hint: 'name a file that is there; in a workflow, check the repository out first',
      cause,
    })
  })
  const config = parseConfig(text, request.maySet)
  const { mirrors, problems } = await readMirrors(config, request)
  if (problems.length > 0) throw settingsFailure(problems)
  return { config, mirrors }
}

/** @throws Failure for a name that the file does not have */
function chosen<T extends { readonly name: string }>(mirrors: readonly T[], { only, file }: ConfigRequest): readonly T[] {
  if (only.length === 0) return mirrors
  const names = mirrors.map(({ name }) => name)
  const unknown = only.filter(name => !names.includes(name))
  if (unknown.length === 0) return mirrors.filter(({ name }) => only.includes(name))
  const problems = unknown.map(name => {
    const nearest = nearestTo(name, names)
    return `"${file}" has no mirror with the name ${quoted(name)}${nearest === null ? '' : `; did you mean ${quoted(nearest)}?`}`
  })
  throw settingsFailure(problems)
}
