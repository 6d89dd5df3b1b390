import { parseArgs } from 'node:util'
import { nearestTo } from '../text/nearest.ts'
import { redactUrls } from '../text/redact.ts'
import { findInput, hasTrait, INPUTS, type InputName, type RawInputs } from './inputs.ts'
import { inWords } from './values.ts'

/** The arguments that a command accepts. `--help` and `-h` belong to every command. */
export interface Syntax {
  /** Inputs that are flags: `--NAME`, of a boolean `--no-NAME` too, of a secret `--NAME-file` alone. */
  readonly inputs: readonly InputName[]
  /** Flags of this command that take a value. */
  readonly values?: readonly string[]
  /** Flags of this command that take none. */
  readonly switches?: readonly string[]
  /** The number of arguments that are not flags. */
  readonly positional: number
  /** Added to the problem of an unknown flag. */
  readonly unknownNote?: string
}

/** The parsed arguments of a command. */
export interface CommandLine {
  readonly raw: RawInputs
  /** Inputs that may be set by an environment variable. */
  readonly secrets: readonly InputName[]
  readonly files: readonly { readonly input: InputName; readonly path: string }[]
  readonly positional: readonly string[]
  readonly values: ReadonlyMap<string, string>
  readonly switches: ReadonlySet<string>
  /** They are reported together with the problems of the values. */
  readonly problems: readonly string[]
}

/** Name of the environment variable for an input that must not stand on a command line, where every process could read it. */
export const environmentName = (input: string): string => `REPOSITORY_MIRRORING_${input.toUpperCase().replaceAll('-', '_')}`

type Flag =
  | { readonly kind: 'switch'; readonly name: string }
  | { readonly kind: 'boolean'; readonly name: InputName; readonly value: 'true' | 'false' }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'input' | 'file'; readonly name: InputName }
  /** Not a flag of this command; unknown if it has no problem of its own. */
  | { readonly kind: 'refused'; readonly problem: string | null; readonly takesValue: boolean }

/** Every flag of a command, and the names that are refused, because their values must not be shown or taken for arguments. */
function flagsOf({ inputs, values = [], switches = [] }: Syntax): Map<string, Flag> {
  const flags = new Map<string, Flag>()
  const refuse = (name: string, problem: string | null, takesValue = false) => flags.set(name, { kind: 'refused', problem, takesValue })
  for (const { name } of INPUTS) refuse(name, hasTrait(name, 'schedule') ? onlyScheduled(name) : null, !hasTrait(name, 'boolean'))
  for (const name of inputs) {
    if (hasTrait(name, 'secret')) refuse(name, secretProblem(name), true)
    else if (hasTrait(name, 'boolean')) {
      flags.set(name, { kind: 'boolean', name, value: 'true' })
      flags.set(`no-${name}`, { kind: 'boolean', name, value: 'false' })
    } else flags.set(name, { kind: 'input', name })
    if (hasTrait(name, 'secret') || hasTrait(name, 'file')) flags.set(`${name}-file`, { kind: 'file', name })
  }
  for (const name of values) flags.set(name, { kind: 'value', name })
  for (const name of [...switches, 'help']) flags.set(name, { kind: 'switch', name })
  for (const [name, { kind }] of [...flags]) {
    if (kind === 'boolean' || kind === 'refused') continue
    const choices = findInput(name)?.choices
    const instead = kind === 'switch' ? `leave --${name} out` : `--${name} takes ${choices === undefined ? 'a value' : inWords(choices)}`
    refuse(`no-${name}`, `--no-${name} does not exist: ${instead}`)
  }
  return flags
}

const secretProblem = (name: string): string =>
  `--${name} would show the secret to every process on this machine: use the variable ${environmentName(name)}, or --${name}-file`

const onlyScheduled = (name: string): string =>
  `--${name} has an effect only in a workflow: on a terminal nothing is kept between runs; set the schedule where the command is started (cron, a timer)`

const takesValue = (flag: Flag): boolean => (flag.kind === 'refused' ? flag.takesValue : flag.kind !== 'switch' && flag.kind !== 'boolean')

/** The flags of a command, without their dashes. */
export const flagNames = (syntax: Syntax): string[] =>
  [...flagsOf(syntax)].flatMap(([name, { kind }]) => (kind === 'refused' ? [] : [name]))

/** Reads the arguments of a command. Pure; faults are reported in `problems`, not thrown. */
export const parseFlags = (args: readonly string[], syntax: Syntax): CommandLine => new Reader(syntax).read(args)

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number]
type OptionToken = Extract<Token, { readonly kind: 'option' }>

/** Goes through the arguments once, and collects the problems. */
class Reader {
  readonly #raw: Partial<Record<InputName, string>> = {}
  readonly #files: { input: InputName; path: string }[] = []
  readonly #values = new Map<string, string>()
  readonly #switches = new Set<string>()
  readonly #problems = new Set<string>()
  readonly #syntax: Syntax
  readonly #flags: ReadonlyMap<string, Flag>
  /** The flag that set each name. */
  readonly #given = new Map<string, string>()

  constructor(syntax: Syntax) {
    this.#syntax = syntax
    this.#flags = flagsOf(syntax)
  }

  read(args: readonly string[]): CommandLine {
    const positional = this.#positional(this.#tokens(args))
    return {
      raw: this.#raw,
      secrets: this.#syntax.inputs.filter(name => hasTrait(name, 'secret')),
      files: this.#files,
      positional,
      values: this.#values,
      switches: this.#switches,
      problems: [...this.#problems],
    }
  }

  #tokens(args: readonly string[]): readonly Token[] {
    const named = [...this.#flags].map(([name, flag]) => [name, { type: takesValue(flag) ? 'string' : 'boolean' }] as const)
    const options = { ...Object.fromEntries(named), help: { type: 'boolean', short: 'h' } } as const
    const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
    for (const token of tokens) if (token.kind === 'option') this.#option(token, args[token.index] ?? '')
    return tokens
  }

  #positional(tokens: readonly Token[]): readonly string[] {
    const found: { readonly value: string; readonly isValue: boolean }[] = []
    for (const [at, token] of tokens.entries()) {
      if (token.kind !== 'positional') continue
      const before = tokens[at - 1]
      const option = before?.kind === 'option' && before.value === undefined ? before : null
      if (!this.#isValueOfBoolean(option, token.value))
        found.push({ value: token.value, isValue: option !== null && !this.#flags.has(option.name) })
    }
    const { positional: count } = this.#syntax
    // If there are too many arguments, one behind an unknown flag is the value of that flag.
    const all = found.filter(({ isValue }) => !isValue || found.length <= count).map(({ value }) => value)
    if (all.length > count) this.#problems.add(`too many arguments: ${redactUrls(all.slice(count).join(' '))}`)
    return all.slice(0, count)
  }

  #option({ name, rawName, value, inlineValue }: OptionToken, arg: string): void {
    const flag = this.#flags.get(name)
    const isShort = !arg.startsWith('--')
    if (flag === undefined || (isShort && arg !== '-h')) this.#unknown(isShort ? arg : rawName)
    else if (flag.kind === 'refused') {
      if (flag.problem === null) this.#unknown(rawName)
      else this.#problems.add(flag.problem)
    } else if (flag.kind === 'switch' || (flag.kind === 'boolean' && flag.value === 'false')) {
      if (inlineValue) this.#problems.add(`${rawName} takes no value`)
      else this.#set(flag, rawName, 'false')
    } else if (flag.kind === 'boolean') this.#set(flag, rawName, value ?? 'true')
    // An input may be empty, which is its default; a path or a flag of the command may not.
    else if (value === undefined || (value === '' && flag.kind !== 'input')) this.#problems.add(`${rawName} needs a value`)
    else this.#set(flag, rawName, value)
  }

  #set(flag: Exclude<Flag, { readonly kind: 'refused' }>, rawName: string, value: string): void {
    const { kind, name } = flag
    const earlier = this.#given.get(name)
    this.#given.set(name, earlier ?? rawName)
    if (earlier !== undefined && earlier !== rawName) this.#problems.add(`${earlier} and ${rawName} exclude each other`)
    else if (earlier !== undefined && !(kind === 'input' && hasTrait(name, 'list'))) this.#problems.add(`${rawName} is given twice`)
    else if (kind === 'switch') this.#switches.add(name)
    else if (kind === 'value') this.#values.set(name, value)
    else if (kind === 'file') this.#files.push({ input: name, path: value })
    else this.#raw[name] = earlier === undefined ? value : `${this.#raw[name]}\n${value}`
  }

  /** Refuses `--backup false`, because `false` could also be an argument, and says how to write it. */
  #isValueOfBoolean(option: OptionToken | null, value: string): boolean {
    const flag = option && this.#flags.get(option.name)
    if (flag?.kind !== 'boolean' || !/^(?:true|false)$/i.test(value)) return false
    const isOn = value.toLowerCase() === flag.value
    const written = isOn ? `--${flag.name}` : `--no-${flag.name} or --${flag.name}=false`
    this.#problems.add(`--${option?.name} ${value} must be written as ${written}`)
    return true
  }

  #unknown(arg: string): void {
    const text = arg.split('=', 1)[0] ?? ''
    const nearest = nearestTo(text.replace(/^-+/, ''), flagNames(this.#syntax))
    const meant = nearest === null ? '' : `; did you mean --${nearest}?`
    this.#problems.add(`unknown flag ${redactUrls(text)}${meant}${this.#syntax.unknownNote ?? ''}`)
  }
}
