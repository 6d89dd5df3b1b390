import { COMMANDS } from '../commands/commands.ts'
import { sayFailure } from '../commands/terminal.ts'
import { hostOfProcess } from '../host/process-host.ts'
import { overview } from '../settings/help.ts'
import { nearestTo } from '../text/nearest.ts'
import { redactUrls } from '../text/redact.ts'
import { VERSION } from '../text/version.ts'

const ALIASES: Readonly<Record<string, string>> = { '--help': 'help', '-h': 'help', '--version': 'version' }

/** The command line. Resolves with the exit code. */
export async function cli(args: readonly string[], env: NodeJS.ProcessEnv, program: readonly string[]): Promise<number> {
  // A reader that has seen enough (`… | head`) is no error, and neither is a closed terminal.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
    })
  const startedAt = new Date()
  const [given = 'help', ...rest] = args
  const name = ALIASES[given] ?? given
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) {
    const nearest = nearestTo(name, Object.keys(COMMANDS))
    const hint = nearest === null ? '' : `; did you mean ${nearest}?`
    process.stderr.write(`unknown command "${redactUrls(name)}"${hint}\n\n${overview(VERSION)}`)
    return 2
  }
  const terminal = { env, program, host: hostOfProcess(env, rest.includes('--verbose') || env['RUNNER_DEBUG'] === '1') }
  try {
    return await command(rest, terminal)
  } catch (error) {
    return await sayFailure(error, terminal, startedAt, rest.includes('--json'))
  }
}
