import type { Host } from '../host/host.ts'
import { listenForInterruption } from '../host/interruption.ts'
import { runtimeOf } from '../host/runtime.ts'
import { worstExitCode } from '../report/reports.ts'
import { type ManyCommand, MIRROR_SYNTAX, namesConfig, parseCommandLine, parseManyCommand, urlInputs } from '../settings/command-line.ts'
import type { ReadMirror } from '../settings/config/mirrors.ts'
import { settingsContext } from '../settings/context.ts'
import type { CommandLine } from '../settings/flags.ts'
import { commandHelp, type RepositoryCommand } from '../settings/help.ts'
import { type InputName, inputsWith, type RawInputs } from '../settings/inputs.ts'
import { settingsFailure } from '../settings/problems.ts'
import { readLine } from '../settings/read-inputs.ts'
import { readMirror, runMirrors } from './mirrors.ts'
import { flagOf, lookOf, say, type Terminal } from './terminal.ts'

/** The inputs that a command sets. */
const IMPLIED: Readonly<Record<RepositoryCommand, RawInputs>> = {
  mirror: {},
  plan: { 'dry-run': 'true' },
  verify: { operation: 'verify' },
  'purge-backups': { operation: 'purge-backups' },
}

/** Runs one mirror, or those of a file. Resolves with the worst exit code of all. @throws Failure for the file of mirrors, and for the flags beside it */
export async function mirrorCommand(
  command: RepositoryCommand,
  args: readonly string[],
  { env, program, host }: Terminal,
): Promise<number> {
  const line = namesConfig(args) ? parseManyCommand(args, IMPLIED[command]) : parseCommandLine(args)
  const { switches } = line
  if (switches.has('help')) return say(commandHelp(command))
  const mirrors = 'file' in line ? await readMirrorsOf(line, env, host) : [await readMirrorOf(line, command, env, host)]
  const jobs = 'file' in line ? line.jobs : 1
  const reports = await runMirrors(mirrors, host, { runtime: runtimeOf(env, program, listenForInterruption(host.info)), run: null, jobs })
  // Loaded at the end, so that it does not delay the connections.
  const { print } = await import('../report/print.ts')
  for (const piece of print(reports, host.hide, { json: switches.has('json'), everything: host.verbose ?? false, ...lookOf(env) }))
    say(piece)
  return worstExitCode(reports)
}

async function readMirrorOf(line: CommandLine, command: RepositoryCommand, env: NodeJS.ProcessEnv, host: Host): Promise<ReadMirror> {
  const { raw: given, ...earlier } = await readLine(line, env, host.mask)
  const raw = { ...given, ...IMPLIED[command] }
  const read = await readMirror(raw, settingsContext(env, null, namesFor(raw.direction)), earlier)
  const lacksUrl = line.positional.length < MIRROR_SYNTAX.positional
  return lacksUrl && read.failure !== null ? { ...read, failure: read.failure.with({ hint: `see \`${command} --help\`` }) } : read
}

async function readMirrorsOf(line: ManyCommand, env: NodeJS.ProcessEnv, host: Host): Promise<readonly ReadMirror[]> {
  if (line.problems.length > 0) throw settingsFailure(line.problems)
  const { readConfiguredMirrors } = await import('./configured-mirrors.ts')
  // On a terminal the user who names the file can look at it first, and no flag could trust these servers instead.
  const maySet = new Set<string>(inputsWith('trust'))
  return await readConfiguredMirrors({ ...line, maySet, environment: env, mask: host.mask, context: settingsContext(env, null, flagOf) })
}

/** The user's name of each input; the two URLs are FROM and TO. */
function namesFor(direction: string | undefined): (input: InputName) => string {
  const { source, destination } = urlInputs(direction)
  return input => (input === source ? 'FROM' : input === destination ? 'TO' : flagOf(input))
}
