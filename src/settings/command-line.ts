import { Failure } from '../errors/failure.ts'
import { redactUrls } from '../text/redact.ts'
import { directionIn, rolesOf } from './direction.ts'
import { findInput, INPUTS, type InputName, type RawInputs } from './inputs.ts'
import { problemOfScheduleFlag } from './schedule.ts'

/** A command line, read: inputs from flags and from the two URLs, and the files that hold the rest. */
export interface CommandLine {
  readonly raw: RawInputs
  /** Inputs whose value stands in a file. */
  readonly files: readonly { readonly input: InputName; readonly path: string }[]
  readonly json: boolean
  readonly verbose: boolean
  readonly help: boolean
  /** What is wrong with the flags themselves; parseSettings tells them together with what is wrong with the values. */
  readonly problems: readonly string[]
}

/** Inputs whose value is often long enough to live in a file: `--NAME-file PATH`. */
const FILE_INPUTS: readonly InputName[] = [
  'auth-secret',
  'token',
  'ssh-key-passphrase',
  'known-host-keys',
  'ca-certificate',
  'client-certificate',
  'client-key',
]
const SWITCHES = ['json', 'verbose', 'help'] as const

/** Name of the environment variable for an input that must not stand on a command line, where every process could read it. */
export const environmentName = (input: string): string => `REPOSITORY_MIRRORING_${input.toUpperCase().replaceAll('-', '_')}`

/** Inputs that a command line takes as flags. */
const flagInputs = INPUTS.filter(input => !('actionOnly' in input) && !('secret' in input))

/**
 * Reads `FROM TO [flags]`. Pure.
 * @param args what follows the command's name
 * @throws Failure `settings-invalid` when a URL is missing
 */
export function parseCommandLine(args: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const raw: Partial<Record<InputName, string>> = {}
  const files: { input: InputName; path: string }[] = []
  const problems: string[] = []
  const positional: string[] = []
  const switches = new Set<string>()

  for (const { name } of INPUTS.filter(input => 'secret' in input)) {
    const value = env[environmentName(name)]
    if (value !== undefined) raw[name] = value
  }
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (arg === '-h') switches.add('help')
    else if (!arg.startsWith('--')) positional.push(arg)
    else {
      const [name = '', ...value] = arg.slice(2).split('=')
      const next = args[index + 1]
      const flag = readFlag(name, value.length > 0 ? value.join('=') : null, next ?? null)
      if (typeof flag === 'string') {
        problems.push(flag)
        // What follows a flag that is refused, or one that nobody knows where both URLs are given, is its value and no URL.
        const hasValue = value.length === 0 && next !== undefined && !next.startsWith('-')
        if (hasValue && (findInput(name) !== undefined || positional.length >= 2)) index++
      } else {
        if (flag.takesNext) index++
        if (flag.kind === 'switch') switches.add(name)
        else if (flag.kind === 'file') files.push({ input: flag.input, path: flag.value })
        else raw[flag.input] = flag.input in raw && LISTS.has(flag.input) ? `${raw[flag.input]}\n${flag.value}` : flag.value
      }
    }
  }
  const [from, to, ...rest] = positional
  // FROM is the source whatever the direction, as it reads.
  const { source, destination } = urlInputs(raw.direction)
  if (from !== undefined) raw[source] = from
  if (to !== undefined) raw[destination] = to
  if (!switches.has('help')) {
    if (rest.length > 0) problems.push(`too many arguments: ${redactUrls(rest.join(' '))}`)
    if (to === undefined) {
      problems.push(`${from === undefined ? 'FROM and TO are' : 'TO is'} missing: give the URLs of the source and of the destination`)
      throw new Failure('settings-invalid', problems.join('\n'), { hint: 'see `--help`' })
    }
  }
  return { raw, files, json: switches.has('json'), verbose: switches.has('verbose'), help: switches.has('help'), problems }
}

/** The inputs that FROM and TO stand for. The repository of one's own is the source of a push and the destination of a pull. */
export function urlInputs(direction: string | undefined): { readonly source: InputName; readonly destination: InputName } {
  return rolesOf(directionIn(direction)).source === 'there'
    ? { source: 'remote-url', destination: 'repository-url' }
    : { source: 'repository-url', destination: 'remote-url' }
}

/** Flags that may be given more than once: each adds a line. */
const LISTS: ReadonlySet<string> = new Set<InputName>(['branches', 'tags', 'known-host-keys', 'push-options', 'fail-on'])

type Flag =
  | { readonly kind: 'switch'; readonly takesNext: boolean }
  | { readonly kind: 'file' | 'value'; readonly input: InputName; readonly value: string; readonly takesNext: boolean }

function readFlag(name: string, attached: string | null, next: string | null): Flag | string {
  if (SWITCHES.some(known => known === name)) return attached === null ? { kind: 'switch', takesNext: false } : `--${name} takes no value`
  const fileInput = FILE_INPUTS.find(input => name === `${input}-file`)
  const input = fileInput === undefined ? findInput(name) : undefined
  if (input?.secret) {
    return `--${name} would show the secret to every process on this machine: use the variable ${environmentName(name)}, or --${name}-file`
  }
  if (fileInput === undefined && (input === undefined || input.actionOnly)) return problemOfScheduleFlag(name) ?? unknownFlag(name)
  if (input?.boolean && attached === null) return { kind: 'value', input: input.name as InputName, value: 'true', takesNext: false }
  const value = attached ?? next
  if (value === null) return `--${name} needs a value`
  const takesNext = attached === null
  if (fileInput !== undefined) return { kind: 'file', input: fileInput, value, takesNext }
  return { kind: 'value', input: name as InputName, value, takesNext }
}

/** Every flag, without its dashes. */
export const FLAGS: readonly string[] = [...flagInputs.map(({ name }) => name), ...FILE_INPUTS.map(name => `${name}-file`), ...SWITCHES]

function unknownFlag(name: string): string {
  const nearest = nearestTo(name, FLAGS)
  return `unknown flag --${name}${nearest === null ? '' : `; did you mean --${nearest}?`}`
}

/** The word with the fewest changed letters, if they are few enough to be a slip; null where none is near. */
export function nearestTo(word: string, words: readonly string[]): string | null {
  const ranked = words.map(other => ({ other, distance: editDistance(word, other) })).sort((a, b) => a.distance - b.distance)
  const [first] = ranked
  return first && first.distance <= Math.max(2, word.length / 3) ? first.other : null
}

/** Levenshtein's distance, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
