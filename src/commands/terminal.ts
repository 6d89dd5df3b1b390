import { Failure } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import type { Runtime } from '../host/runtime.ts'
import { wantsPlain } from '../host/terminal-host.ts'
import { failedReport } from '../report/constructors.ts'
import { worstExitCode } from '../report/reports.ts'
import type { TextOptions } from '../report/text.ts'
import { environmentName } from '../settings/flags.ts'
import { hasTrait, type InputName } from '../settings/inputs.ts'
import { FAIL_ON } from '../settings/settings.ts'

export interface Terminal extends Pick<Runtime, 'env' | 'program'> {
  readonly host: Host
}

/** Writes to stdout. @returns the exit code of success */
export function say(text: string): number {
  process.stdout.write(text)
  return 0
}

/** Writes results for programs to stdout, and notes for people to stderr. @returns the exit code of success */
export function sayBoth(results: readonly string[], notes: readonly string[]): number {
  process.stdout.write(results.join(''))
  process.stderr.write(`${notes.join('\n')}\n`)
  return 0
}

/** Reports a command that failed like a mirror that failed, as text on stderr, because stdout may be redirected. Resolves with the exit code. */
export async function sayFailure(error: unknown, { env, host }: Terminal, startedAt: Date, json: boolean): Promise<number> {
  const report = failedReport(Failure.from(error), startedAt)
  const reports = { mirrors: [{ name: '', report, failOn: new Set(FAIL_ON) }], startedAt: report.startedAt, durationMs: 0 }
  const { print } = await import('../report/print.ts')
  const stream = json ? process.stdout : process.stderr
  for (const piece of print(reports, host.hide, { json, colour: lookOf(env, stream).colour })) stream.write(piece)
  return worstExitCode(reports)
}

/** Files and pipes get no colours. A terminal of unknown size reports 0 columns. */
export const lookOf = (env: NodeJS.ProcessEnv, stream: NodeJS.WriteStream = process.stdout): TextOptions => ({
  colour: stream.isTTY === true && !wantsPlain(env),
  width: stream.columns || undefined,
})

/** The name of an input on the command line. */
export const flagOf = (input: InputName): string =>
  hasTrait(input, 'secret') ? `${environmentName(input)} (or --${input}-file)` : `--${input}`
