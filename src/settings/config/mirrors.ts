import type { Failure } from '../../errors/failure.ts'
import type { Host } from '../../host/host.ts'
import type { SettingsContext } from '../context.ts'
import { findInput, hasTrait, INPUTS, type InputName, inputsWith, type RawInputs } from '../inputs.ts'
import { readSettings } from '../parse.ts'
import { settingsFailure } from '../problems.ts'
import { maskSecrets } from '../read.ts'
import type { Settings } from '../settings.ts'
import { reasonToSkip } from '../skip.ts'
import { isTrue } from '../values.ts'
import type { Config, ConfiguredMirror } from './config.ts'

/** A mirror that is ready to run, or the reason why it cannot. */
export interface ReadMirror {
  /** Its name in the configuration file; empty for the one mirror that inputs or flags describe. */
  readonly name: string
  readonly raw: RawInputs
  readonly settings: Settings | null
  /** The settings in spite of the problems, to tell of them; null = not far enough known. */
  readonly partial: Settings | null
  /** Why there are no settings. In a file: the cause is outside it, such as a variable that is not set. */
  readonly failure: Failure | null
  /** Why it has nothing to do, in words that follow `skipped:`; null where it has. */
  readonly skipped: string | null
}

/** What the mirrors of a file are read with. */
export interface ConfigContext {
  /** What the file is called in messages. */
  readonly file: string
  /** Where the secrets are, by the names that the file gives. */
  readonly environment: NodeJS.ProcessEnv
  /** What the step or the command says: it counts where the file says nothing. */
  readonly base: RawInputs
  readonly context: SettingsContext
  /** Called with every secret, in each form, before anything is printed. */
  readonly mask: Host['mask']
}

const isSecret = (input: InputName | undefined): boolean => input !== undefined && hasTrait(input, 'secret')

/** What a step gives next to `config` although it cannot count for a mirror; in words that follow the input's name. */
export const uselessNextToConfig = (base: RawInputs): InputName[] =>
  inputsWith('of-mirror').filter(name => (base[name] ?? '').trim() !== '')

/**
 * Every mirror of a file with its settings.
 * @returns `problems` are those of the file, each with its place; where there is one, nothing may run
 */
export async function readMirrors(
  config: Config,
  from: ConfigContext,
): Promise<{ readonly mirrors: readonly ReadMirror[]; readonly problems: readonly string[] }> {
  const problems = config.problems.map(({ place, text }) => ({ place, text: `${from.file}:${place.line}:${place.column}: ${text}` }))
  const mirrors: ReadMirror[] = []
  for (const mirror of config.mirrors) {
    const { name, values } = mirror
    const raw = rawInputs(mirror, from)
    maskSecrets(raw, from.mask)
    const context = { ...from.context, nameOf: nameIn(mirror, from), namedSecret: namedSecretIn(mirror, from) }
    // As for a single mirror: what has nothing to do is not asked for more.
    const skipped = reasonToSkip(raw, context)
    if (skipped !== null) {
      mirrors.push({ name, raw, settings: null, partial: null, failure: null, skipped })
      continue
    }
    const { partial, problems: all } = await readSettings(raw, context)
    const found = all.filter(({ input }) => input === undefined || values.get(input)?.refused !== true)
    // A file can be read where its secrets are not: then they are missing for their own mirrors alone.
    const outside = found.filter(({ input }) => isSecret(input))
    for (const { input, text } of found)
      if (!isSecret(input)) problems.push({ place: (input && values.get(input)?.place) ?? mirror.place, text })
    const failure = outside.length > 0 ? settingsFailure(outside) : null
    mirrors.push({ name, raw, settings: failure === null ? partial : null, partial, failure, skipped })
  }
  const ordered = problems.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
  // A value of `defaults` is read once for each mirror.
  return { mirrors, problems: [...new Set(ordered.map(({ text }) => text))] }
}

/** What counts for a mirror. */
interface Resolved {
  readonly text: string
  /** The text is the name of the variable that holds a secret. */
  readonly named: boolean
}

/** The inputs that a mirror is run with: its own, else those of the run. A single mirror and the row of a matrix both come from here. */
function resolvedInputs({ values }: ConfiguredMirror, base: RawInputs): Map<InputName, Resolved> {
  const resolved = new Map<InputName, Resolved>()
  for (const { name, default: otherwise = '' } of INPUTS) {
    // The operation is that of every mirror.
    if (hasTrait(name, 'of-step') && name !== 'operation') continue
    const own = values.get(name)
    // Where the built-in default comes from the run, only the run has it.
    if (own !== undefined && (own.text.trim() !== '' || !otherwise.startsWith('$')))
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

/** `mirrors.yml:7:5: "gitlab": \`prune\``; what stands in `defaults` belongs to no mirror. */
function nameIn({ name, place, values }: ConfiguredMirror, { file }: ConfigContext): (input: InputName) => string {
  return input => {
    const value = values.get(input)
    const { line, column } = value?.place ?? place
    return `${file}:${line}:${column}: ${value?.shared ? '' : `"${name}": `}\`${input}\``
  }
}

/** What a run does not get through nobody's fault is not missed. */
function namedSecretIn(
  { values }: ConfiguredMirror,
  { environment, context: { run } }: ConfigContext,
): (input: InputName) => string | null {
  return input => {
    const variable = values.get(input)?.text.trim() ?? ''
    if (variable === '' || (run?.noSecretsBecause ?? null) !== null || (environment[variable] ?? '').trim() !== '') return null
    return `the variable ${variable} that the file names is not set, or empty`
  }
}

/** What `include` of a matrix takes: the inputs of each mirror, secrets by name. @returns one object a mirror, empty inputs left out */
export const matrixOf = (mirrors: readonly ConfiguredMirror[], base: RawInputs): Record<string, string>[] =>
  mirrors.map(mirror => {
    const entries = [...resolvedInputs(mirror, base)].flatMap(([input, { text, named }]) => {
      const isOfTheRun = input === 'operation' || (isSecret(input) && !named)
      return isOfTheRun || text.trim() === '' || text === findInput(input)?.default ? [] : [[input, text] as const]
    })
    return { name: mirror.name, ...Object.fromEntries(entries) }
  })
