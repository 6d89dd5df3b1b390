import { redactUrls } from '../text/redact.ts'
import { environmentName, nearestTo } from './command-line.ts'

/** The arguments of a small command, read. */
export interface Flags {
  readonly positional: readonly string[]
  readonly values: ReadonlyMap<string, string>
  readonly switches: ReadonlySet<string>
  readonly problems: readonly string[]
}

interface FlagNames {
  /** Flags that take a value. */
  readonly values: readonly string[]
  /** Flags that take none; `help` is one of every command. */
  readonly switches: readonly string[]
  /** How many arguments without dashes there may be. */
  readonly positional: number
}

/** Reads `--name value`, `--name=value`, switches and what stands between. Pure; what is wrong is a problem, not an exception. */
export function parseFlags(args: readonly string[], names: FlagNames): Flags {
  const known = [...names.values, ...names.switches, 'help']
  const positional: string[] = []
  const values = new Map<string, string>()
  const switches = new Set<string>()
  const problems: string[] = []
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    const [, name = '', , attached = null] = /^--([^=]*)(=(.*))?$/s.exec(arg) ?? []
    if (arg === '-h') switches.add('help')
    else if (!arg.startsWith('-')) positional.push(arg)
    else if (names.values.includes(name)) {
      const value = attached ?? args[++index]
      if (value === undefined || value === '') problems.push(`--${name} needs a value`)
      else if (values.has(name)) problems.push(`--${name} is given twice`)
      else values.set(name, value)
    } else if (names.values.includes(`${name}-file`)) {
      problems.push(
        `--${name} would show the secret to every process on this machine: use the variable ${environmentName(name)}, or --${name}-file`,
      )
      // What follows is the secret, and must not be taken, or shown, as something else.
      if (attached === null) index++
    } else if (known.includes(name)) {
      if (attached === null) switches.add(name)
      else problems.push(`--${name} takes no value`)
    } else {
      const nearest = nearestTo(name, known)
      problems.push(`unknown flag ${redactUrls(arg.split('=', 1)[0] ?? '')}${nearest === null ? '' : `; did you mean --${nearest}?`}`)
    }
  }
  const rest = positional.slice(names.positional)
  if (rest.length > 0) problems.push(`too many arguments: ${redactUrls(rest.join(' '))}`)
  return { positional: positional.slice(0, names.positional), values, switches, problems }
}
