import type { Failure } from '../../errors/failure.ts'
import type { Host } from '../../host/host.ts'
import type { SettingsContext } from '../context.ts'
import { findInput, hasTrait, INPUTS, type InputName, inputsWith, type RawInputs } from '../inputs.ts'
import { readSettings } from '../parse-settings.ts'
import { settingsFailure } from '../problems.ts'
import { maskProxies, maskSecrets } from '../read-inputs.ts'
import type { Settings } from '../settings.ts'
import { reasonToSkip } from '../skip.ts'
import { isBlank, isFalse, isTrue } from '../values.ts'
import type { Config, ConfiguredMirror } from './config.ts'

/** A mirror that is ready to run, or the reason why it cannot run. */
export interface ReadMirror {
  /** Its name in the configuration file; empty for the one mirror that inputs or flags describe. */
  readonly name: string
  readonly raw: RawInputs
  readonly settings: Settings | null
  /** The settings in spite of the problems, needed to report these; null if the two repositories are not known. */
  readonly partial: Settings | null
  /** Why there are no settings. For a mirror of a file, the cause is outside the file, such as a variable that is not set. */
  readonly failure: Failure | null
  /** Why it is skipped, in words that follow `skipped:`. */
  readonly skipped: string | null
}

/** The fields of a mirror whose settings were not read. */
export const UNREAD = { settings: null, partial: null, failure: null, skipped: null } as const

export interface ConfigContext {
  /** The name of the file in messages. */
  readonly file: string
  /** Holds the secrets, by the names that the file gives. */
  readonly environment: NodeJS.ProcessEnv
  /** The inputs of the step or the command, which apply to mirrors that do not set them. */
  readonly base: RawInputs
  readonly context: SettingsContext
  readonly mask: Host['mask']
}

const isSecret = (input: InputName | undefined): boolean => input !== undefined && hasTrait(input, 'secret')

/** Inputs that a step sets next to `config` although they have no effect there. A step gives each input its default as well. */
export const uselessNextToConfig = (base: RawInputs): InputName[] =>
  inputsWith('of-mirror').filter(name => !isBlank(base[name]) && base[name] !== findInput(name)?.default)

/**
 * Every mirror of a file with its settings.
 * @returns `problems` are those of the file, each with its place; where there is one, nothing may run
 */
export async function readMirrors(config: Config, from: ConfigContext) {
  const problems = config.problems.map(({ place, text }) => ({ place, text: `${from.file}:${place.line}:${place.column}: ${text}` }))
  const mirrors: ReadMirror[] = []
  maskProxies(from.environment, from.mask)
  for (const mirror of config.mirrors) {
    const { name, values } = mirror
    const raw = rawInputs(mirror, from)
    maskSecrets(raw, from.mask)
    const context = {
      ...from.context,
      nameOf: nameIn(mirror, from),
      namedSecret: namedSecretIn(mirror, from),
      sharesToken: isBlank(values.get('token')?.text),
    }
    const skipped = reasonToSkip(raw, context)
    if (skipped !== null) {
      mirrors.push({ name, raw, ...UNREAD, skipped })
      continue
    }
    const { partial, problems: all } = await readSettings(raw, context)
    const found = all.filter(({ input }) => input === undefined || values.get(input)?.refused !== true)
    // A missing secret concerns only the mirrors that name it.
    const outside = found.filter(({ input }) => isSecret(input))
    for (const { input, text } of found)
      if (!isSecret(input)) problems.push({ place: (input && values.get(input)?.place) ?? mirror.place, text })
    const failure = outside.length > 0 ? settingsFailure(outside) : null
    mirrors.push({ name, raw, settings: failure === null ? partial : null, partial, failure, skipped })
  }
  const ordered = problems.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
  // A value of `defaults` is read once per mirror.
  return { mirrors, problems: [...new Set(ordered.map(({ text }) => text))] }
}

/**
 * The inputs of a mirror: its own, otherwise those of the run. Used for a run and for the row of a matrix.
 * If `named`, the text is the name of the variable that holds the secret.
 */
function resolvedInputs({ values }: ConfiguredMirror, base: RawInputs) {
  const resolved = new Map<InputName, { readonly text: string; readonly named: boolean }>()
  for (const { name, default: otherwise = '' } of INPUTS) {
    // The operation is that of every mirror.
    if (hasTrait(name, 'of-step') && name !== 'operation') continue
    // In a file, `false` says nothing: only a run may say that its purge is no dry run.
    const own = name === 'dry-run' && isFalse(values.get(name)?.text) ? undefined : values.get(name)
    // A built-in default such as `${{ github.token }}` is only known in the inputs of the run.
    if (own !== undefined && (!isBlank(own.text) || !otherwise.startsWith('$')))
      resolved.set(name, { text: own.text, named: isSecret(name) })
    else if (!hasTrait(name, 'of-mirror')) resolved.set(name, { text: base[name] ?? '', named: false })
  }
  if (values.has('repository') && !values.has('repository-url')) resolved.delete('repository-url')
  for (const name of inputsWith('of-run')) if (isTrue(base[name])) resolved.set(name, { text: 'true', named: false })
  return resolved
}

function rawInputs(mirror: ConfiguredMirror, { base, environment }: ConfigContext): RawInputs {
  const resolved = [...resolvedInputs(mirror, base)]
  return Object.fromEntries(resolved.map(([name, { text, named }]) => [name, named ? (environment[text.trim()] ?? '') : text]))
}

/** `mirrors.yml:7:5: "gitlab": \`prune\``; without the name of the mirror for a value from `defaults`. */
const nameIn =
  ({ name, place, values }: ConfiguredMirror, { file }: ConfigContext) =>
  (input: InputName): string => {
    const value = values.get(input)
    const { line, column } = value?.place ?? place
    return `${file}:${line}:${column}: ${value?.shared ? '' : `"${name}": `}\`${input}\``
  }

/** The variable that should hold the missing secret; null if the run gets no secrets, which is not the user's mistake. */
const namedSecretIn =
  ({ values }: ConfiguredMirror, { environment, context: { run } }: ConfigContext) =>
  (input: InputName): string | null => {
    const variable = values.get(input)?.text.trim() ?? ''
    if (variable === '' || (run?.noSecretsBecause ?? null) !== null || !isBlank(environment[variable])) return null
    return `the variable ${variable} that the file names is not set, or empty`
  }

/** The `include` of a matrix: one object per mirror with its inputs, secrets by name, empty inputs left out. */
export const matrixOf = (mirrors: readonly ConfiguredMirror[], base: RawInputs): Record<string, string>[] =>
  mirrors.map(mirror => {
    const entries = [...resolvedInputs(mirror, base)].flatMap(([input, { text, named }]) => {
      const isOfTheRun = input === 'operation' || (isSecret(input) && !named)
      return isOfTheRun || isBlank(text) || text === findInput(input)?.default ? [] : [[input, text] as const]
    })
    return { name: mirror.name, ...Object.fromEntries(entries) }
  })
