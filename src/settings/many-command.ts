import { type Flags, parseFlags } from './flags.ts'
import type { RawInputs } from './inputs.ts'
import { parseList, parseWholeNumber } from './values.ts'

/** `mirror --config FILE …`, read. */
export interface ManyCommand {
  readonly file: string
  /** Names of mirrors; empty = all. */
  readonly only: readonly string[]
  readonly jobs: number
  readonly base: RawInputs
  readonly json: boolean
  readonly verbose: boolean
  readonly help: boolean
  readonly problems: readonly string[]
}

const DEFAULT_JOBS = 4

/** Whether these arguments of `mirror` or `plan` are about a configuration file. */
export const namesConfig = (args: readonly string[]): boolean => args.some(arg => arg === '--config' || arg.startsWith('--config='))

/** Reads `--config FILE [--only NAME] [--jobs N] [--dry-run] [--json] [--verbose]`. Pure. @param implied what the command stands for */
export function parseManyCommand(args: readonly string[], implied: RawInputs): ManyCommand {
  const flags = parseFlags(args, { values: ['config', 'only', 'jobs'], switches: ['dry-run', 'json', 'verbose'], positional: 0 })
  const given = flags.values.get('only')
  const only = given === undefined ? null : parseList(given)
  const jobs = parseWholeNumber(flags.values.get('jobs') ?? String(DEFAULT_JOBS), { from: 1, to: 64 })
  return {
    file: flags.values.get('config') ?? '',
    only: only ?? [],
    jobs: 'value' in jobs ? jobs.value : DEFAULT_JOBS,
    base: { ...implied, ...(flags.switches.has('dry-run') && { 'dry-run': 'true' }) },
    json: flags.switches.has('json'),
    verbose: flags.switches.has('verbose'),
    help: flags.switches.has('help'),
    problems: [
      ...problemsOf(flags),
      ...(only?.length === 0 ? ['--only names no mirror'] : []),
      ...('problem' in jobs ? [`--jobs ${jobs.problem}`] : []),
    ],
  }
}

/** A flag of one mirror has no meaning for many. */
const problemsOf = ({ problems }: Flags): string[] =>
  problems.map(problem =>
    problem.startsWith('unknown flag') ? `${problem} (with --config, what is said of a mirror stands in the file)` : problem,
  )
