import { rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { remoteSecrets, secretForms } from './credentials/mask.ts'
import { Failure } from './failure.ts'
import type { Host } from './host/host.ts'
import { terminalHost } from './host/terminal-host.ts'
import { failedReport, type MirrorSurroundings, mirror } from './mirror.ts'
import { redactUrls } from './remote/redact.ts'
import { exitCode } from './report/exit.ts'
import type { Report } from './report/outcome.ts'
import { withoutSecrets } from './report/secrets.ts'
import { type CommandLine, environmentName, nearestTo, parseCommandLine } from './settings/command-line.ts'
import { commandHelp, overview } from './settings/help.ts'
import { findInput, type InputName } from './settings/inputs.ts'
import { parseSettings } from './settings/parse.ts'
import { secretsOf, usersOf } from './settings/read.ts'
import { FAIL_ON, type FailOn } from './settings/settings.ts'
import { VERSION } from './version.ts'

const COMMANDS = ['mirror', 'plan', 'demo', 'help', 'version'] as const

/** The command line. Resolves with the exit code. */
export async function cli(args: readonly string[], env: NodeJS.ProcessEnv, program: readonly string[]): Promise<number> {
  // A reader that has seen enough (`… | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  const [command = 'help', ...rest] = args
  switch (command) {
    case 'mirror':
    case 'plan':
      return await run(command, rest, env, program)
    case 'demo':
      return await showDemo(rest, env, program)
    case 'help':
    case '--help':
    case '-h':
      return say(overview(VERSION))
    case 'version':
    case '--version':
      return say(`${VERSION}\n`)
    default: {
      const nearest = nearestTo(command, COMMANDS)
      process.stderr.write(
        `unknown command "${redactUrls(command)}"${nearest === null ? '' : `; did you mean ${nearest}?`}\n\n${overview(VERSION)}`,
      )
      return 2
    }
  }
}

function say(text: string): number {
  process.stdout.write(text)
  return 0
}

async function run(
  command: 'mirror' | 'plan',
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  program: readonly string[],
): Promise<number> {
  const startedAt = new Date()
  const host = hostOfProcess(args.includes('--verbose'))
  let json = args.includes('--json')
  let failOn: ReadonlySet<FailOn> = new Set(FAIL_ON)
  let report: Report
  try {
    const line = parseCommandLine(args, env)
    if (line.help) return say(commandHelp(command))
    json = line.json
    const raw = { ...(await withFiles(line)), ...(command === 'plan' && { 'dry-run': 'true' }) }
    host.mask(secretsOf(raw).flatMap(secret => secretForms(secret, usersOf(raw))))
    const context = { serverUrl: null, nameOf, resolvePath: resolve, windows: process.platform === 'win32', isTokenOfRun: () => false }
    const settings = parseSettings(raw, context, line.problems)
    host.mask(remoteSecrets([settings.here, settings.there]))
    failOn = settings.failOn
    report = await mirror(settings, host, surroundingsOf(env, program))
  } catch (error) {
    report = failedReport(Failure.from(error), startedAt)
  }
  report = withoutSecrets(report, host.hide)
  process.stdout.write(await render(report, json, env))
  return exitCode(report, failOn)
}

/** Loaded when there is something to say, so that it does not hold up the connections. */
async function render(report: Report, json: boolean, env: NodeJS.ProcessEnv): Promise<string> {
  if (json) {
    const { reportJson } = await import('./report/outputs.ts')
    return reportJson(report)
  }
  const { renderText } = await import('./report/text.ts')
  return renderText(report, { colour: wantsColour(env), ...(process.stdout.columns && { width: process.stdout.columns }) })
}

async function showDemo(args: readonly string[], env: NodeJS.ProcessEnv, program: readonly string[]): Promise<number> {
  if (args.some(arg => arg === '--help' || arg === '-h')) {
    return say(
      'Shows a mirror at work: starts an SSH git server inside this process, mirrors the repository of this directory to it,\nchanges a copy, mirrors again, and shows a wrong host key being refused. Changes nothing of yours.\n',
    )
  }
  if (args.length > 0) {
    process.stderr.write(`demo takes no arguments, got "${redactUrls(args.join(' '))}"\n`)
    return 2
  }
  const { demo } = await import('./demo.ts')
  const colour = wantsColour(env)
  return await demo({
    host: hostOfProcess(false),
    surroundings: surroundingsOf(env, program),
    directory: process.cwd(),
    colour,
    say: text => void process.stdout.write(text),
  })
}

const surroundingsOf = (environment: NodeJS.ProcessEnv, program: readonly string[]): MirrorSurroundings => ({
  environment,
  program,
  now: () => new Date(),
  random: Math.random,
  pause: async milliseconds => void (await setTimeout(milliseconds)),
})

/** https://no-color.org, and no colours into files and pipes. */
const wantsColour = (env: NodeJS.ProcessEnv): boolean => process.stdout.isTTY === true && !env['NO_COLOR']

/** A terminal has no post step, so what a run keeps in directories of its own goes when the process is interrupted. */
function hostOfProcess(verbose: boolean): Host {
  const directories: Record<string, string> = {}
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.once(signal, () => {
      for (const directory of Object.values(directories)) rmSync(directory, { recursive: true, force: true })
      process.stderr.write('interrupted: a push that was under way may still land; run again to see\n')
      process.exit(code)
    })
  }
  return terminalHost(process.stderr, {
    verbose,
    onState: (name, value) => {
      directories[name] = value
    },
  })
}

/** What the user called each input on the command line. */
function nameOf(input: InputName): string {
  if (input === 'repository-url') return 'FROM'
  if (input === 'remote-url') return 'TO'
  return findInput(input)?.secret ? `${environmentName(input)} (or --${input}-file)` : `--${input}`
}

async function withFiles({ raw, files }: CommandLine): Promise<CommandLine['raw']> {
  const read = await Promise.all(
    files.map(async ({ input, path }) => {
      const text = await readFile(resolve(path), 'utf8').catch((cause: unknown) => {
        throw new Failure(
          'settings-invalid',
          `--${input}-file: "${path}" could not be read: ${cause instanceof Error ? cause.message : String(cause)}`,
          { cause },
        )
      })
      return [input, text] as const
    }),
  )
  return { ...raw, ...Object.fromEntries(read) }
}
