import { directionIn, rolesOf } from './direction.ts'
import { type CommandLine, parseFlags, type Syntax } from './flags.ts'
import { hasTrait, INPUTS, type InputName, type RawInputs } from './inputs.ts'
import { parseList, parseWholeNumber } from './values.ts'

/** The commands `mirror`, `plan`, `verify` and `purge-backups` of two URLs: `FROM TO [flags]`. */
export const MIRROR_SYNTAX: Syntax = {
  inputs: INPUTS.map(({ name }) => name).filter(
    name => !hasTrait(name, 'of-step') && !hasTrait(name, 'schedule') && !hasTrait(name, 'repository'),
  ),
  switches: ['json', 'verbose'],
  positional: 2,
}

/** Reads `FROM TO [flags]`; FROM is the source in every direction. Pure. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const line = parseFlags(args, MIRROR_SYNTAX)
  const [from = '', to = ''] = line.positional
  const { source, destination } = urlInputs(line.raw.direction)
  return { ...line, raw: { ...line.raw, [source]: from, [destination]: to } }
}

/** The inputs that FROM and TO stand for. The user's own repository is the source of a push and the destination of a pull. */
export function urlInputs(direction: string | undefined): { readonly source: InputName; readonly destination: InputName } {
  return rolesOf(directionIn(direction)).source === 'there'
    ? { source: 'remote-url', destination: 'repository-url' }
    : { source: 'repository-url', destination: 'remote-url' }
}

/** The parsed arguments of `mirror --config FILE …`. */
export interface ManyCommand extends Pick<CommandLine, 'switches' | 'problems'> {
  readonly file: string
  /** Names of mirrors; empty = all. */
  readonly only: readonly string[]
  readonly jobs: number
  readonly base: RawInputs
}

const DEFAULT_JOBS = 4

const SYNTAX: Syntax = {
  inputs: ['dry-run'],
  values: ['config', 'only', 'jobs'],
  switches: ['json', 'verbose'],
  positional: 0,
  unknownNote: ' (with --config, the settings of a mirror are in the file)',
}

/** Whether these arguments name a configuration file. */
export const namesConfig = (args: readonly string[]): boolean => args.some(arg => arg === '--config' || arg.startsWith('--config='))

/** Reads `--config FILE [--only NAME] [--jobs N] [--dry-run] [--json] [--verbose]`. Pure. @param implied inputs that the command sets */
export function parseManyCommand(args: readonly string[], implied: RawInputs): ManyCommand {
  const { raw, values, switches, problems } = parseFlags(args, SYNTAX)
  const given = values.get('only')
  const only = given === undefined ? null : parseList(given)
  const jobs = parseWholeNumber(values.get('jobs') ?? String(DEFAULT_JOBS), { from: 1, to: 64 })
  return {
    file: values.get('config') ?? '',
    only: only ?? [],
    jobs: 'value' in jobs ? jobs.value : DEFAULT_JOBS,
    base: { ...raw, ...implied },
    switches,
    problems: [
      ...problems,
      ...(only?.length === 0 ? ['--only names no mirror'] : []),
      ...('problem' in jobs ? [`--jobs ${jobs.problem}`] : []),
    ],
  }
}
