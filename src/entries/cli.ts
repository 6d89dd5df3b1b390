import { resolve } from 'node:path'
import { HOST_KEYS_HELP, parseHostKeysCommand } from '../commands/host-keys/host-keys-command.ts'
import { KEYGEN_HELP, parseKeygenCommand, readKeyRequest } from '../commands/keygen/keygen-command.ts'
import { generatedKeyNotes, publicKeyNotes } from '../commands/public-key/public-key-answer.ts'
import { PUBLIC_KEY_HELP, parsePublicKeyCommand } from '../commands/public-key/public-key-command.ts'
import { remoteSecrets, secretForms } from '../credentials/mask.ts'
import { Failure } from '../errors/failure.ts'
import { hostOfProcess } from '../host/process-host.ts'
import { wantsPlain } from '../host/terminal-host.ts'
import { problemsOfRegex } from '../refs/regex.ts'
import { failedReport } from '../report/construct.ts'
import { exitCode } from '../report/exit.ts'
import type { Report } from '../report/report.ts'
import { withoutSecrets } from '../report/secrets.ts'
import type { TextOptions } from '../report/text.ts'
import { type MirrorSurroundings, mirror } from '../run/mirror.ts'
import { abortAfter, pauseUntil } from '../run/time-limit.ts'
import { parseCommandLine, urlInputs } from '../settings/command-line.ts'
import { directionIn } from '../settings/direction.ts'
import { withFiles } from '../settings/flag-files.ts'
import { environmentName, parseFlags } from '../settings/flags.ts'
import { type ComparingCommand, commandHelp, overview } from '../settings/help.ts'
import { hasTrait, type InputName, type RawInputs } from '../settings/inputs.ts'
import { serversOf } from '../settings/lfs.ts'
import { namesConfig, parseManyCommand } from '../settings/many-command.ts'
import { parseSettings } from '../settings/parse.ts'
import { flagsFailure } from '../settings/problems.ts'
import { secretsOf, usersOf } from '../settings/read.ts'
import { FAIL_ON, type FailOn } from '../settings/settings.ts'
import { nearestTo } from '../text/nearest.ts'
import { redactUrls } from '../text/redact.ts'
import { VERSION } from '../text/version.ts'

/** Exit code: the host is not to be trusted. */
const UNTRUSTED = 3

const COMMANDS = ['mirror', 'plan', 'verify', 'host-keys', 'public-key', 'keygen', 'demo', 'help', 'version'] as const

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
    case 'verify':
      if (namesConfig(rest)) return await runMany(command, rest, env, program)
      return await run(command, rest, env, program)
    case 'host-keys':
      return await showHostKeys(rest, env)
    case 'public-key':
      return await showPublicKeyOf(rest, env)
    case 'keygen':
      return await makeKey(rest, env)
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

/** What a command stands for. */
const IMPLIED: Readonly<Record<ComparingCommand, RawInputs>> = {
  mirror: {},
  plan: { 'dry-run': 'true' },
  verify: { operation: 'verify' },
}

async function run(
  command: ComparingCommand,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  program: readonly string[],
): Promise<number> {
  const startedAt = new Date()
  const line = parseCommandLine(args, env)
  if (line.switches.has('help')) return say(commandHelp(command))
  const host = hostOfProcess(env, line.switches.has('verbose') || env['RUNNER_DEBUG'] === '1')
  const json = line.switches.has('json')
  const direction = directionIn(line.raw.direction)
  let failOn: ReadonlySet<FailOn> = new Set(FAIL_ON)
  let report: Report
  try {
    const { raw: given, problems } = await withFiles(line)
    const raw = { ...given, ...IMPLIED[command] }
    host.mask(secretsOf(raw).flatMap(secret => secretForms(secret, usersOf(raw))))
    const nameOf = namesFor(raw.direction)
    const context = {
      serverUrl: null,
      nameOf,
      resolvePath: resolve,
      windows: process.platform === 'win32',
      isTokenOfRun: () => false,
      agentSocket: env['SSH_AUTH_SOCK'] ?? null,
      apiUrl: env['GITHUB_API_URL'] ?? env['CI_API_V4_URL'] ?? null,
    }
    const settings = parseSettings(raw, context, [...problems, ...(await problemsOfRegex(raw['branch-regex'], nameOf('branch-regex')))])
    host.mask(remoteSecrets(serversOf(settings)))
    failOn = settings.failOn
    report = await mirror(settings, host, surroundingsOf(env, program))
  } catch (error) {
    report = failedReport(Failure.from(error), startedAt, direction, command === 'verify' ? 'verify' : 'mirror')
  }
  report = withoutSecrets(report, host.hide)
  process.stdout.write(await render(report, { json, colour: wantsColour(env), width: columns(), everything: host.verbose ?? false }))
  return exitCode(report, failOn)
}

/** The mirrors of a configuration file. */
async function runMany(
  command: ComparingCommand,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  program: readonly string[],
): Promise<number> {
  const startedAt = new Date()
  const line = parseManyCommand(args, IMPLIED[command])
  if (line.switches.has('help')) return say(commandHelp(command))
  try {
    const { mirrorConfigured } = await import('../commands/mirrors-terminal.ts')
    const look = { colour: wantsColour(env), width: columns() }
    const terminal = {
      environment: env,
      host: hostOfProcess(env, line.switches.has('verbose') || env['RUNNER_DEBUG'] === '1'),
      surroundings: surroundingsOf(env, program),
      look,
      say,
    }
    return await mirrorConfigured(line, terminal)
  } catch (error) {
    return await sayFailure(Failure.from(error), startedAt, { json: line.switches.has('json'), env })
  }
}

/** Loaded when there is something to say, so that it does not hold up the connections. */
async function render(report: Report, { json, ...look }: TextOptions & { readonly json: boolean }): Promise<string> {
  if (json) {
    const { reportJson } = await import('../report/outputs.ts')
    return reportJson(report)
  }
  const { renderText } = await import('../report/text.ts')
  return renderText(report, look)
}

async function showHostKeys(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const startedAt = new Date()
  const line = parseHostKeysCommand(args)
  if (line.switches.has('help')) return say(HOST_KEYS_HELP)
  try {
    const nameOfFlag = (input: InputName) => (input === 'remote-url' ? 'HOST' : `--${input}`)
    const { detectHostKeys } = await import('../commands/host-keys/detect-host-keys.ts')
    const question = { nameOf: nameOfFlag, hostAlone: true }
    const { raw, problems } = await withFiles(line)
    const { notes, outputs, json, problem } = await detectHostKeys(raw, question, problems)
    const lines = outputs['host-keys'] ?? ''
    if (line.switches.has('json')) say(json)
    else note(lines === '' ? [] : [`${lines}\n`], [notes])
    return problem === null ? 0 : UNTRUSTED
  } catch (error) {
    return await sayFailure(Failure.from(error), startedAt, { json: line.switches.has('json'), env })
  }
}

async function showPublicKeyOf(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const startedAt = new Date()
  const line = parsePublicKeyCommand(args, env)
  if (line.switches.has('help')) return say(PUBLIC_KEY_HELP)
  try {
    const { raw, problems } = await withFiles(line)
    const nameOfFlag = (input: InputName) => (input === 'remote-url' ? 'URL' : nameOf(input))
    const { showPublicKey } = await import('../commands/public-key/show-public-key.ts')
    const { keys, json } = showPublicKey(raw, { nameOf: nameOfFlag, serverUrl: null }, problems)
    if (line.switches.has('json')) return say(json)
    for (const key of keys) note([`${key.line}\n`], publicKeyNotes(key))
    return 0
  } catch (error) {
    return await sayFailure(Failure.from(error), startedAt, { json: line.switches.has('json'), env })
  }
}

async function makeKey(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const startedAt = new Date()
  const host = hostOfProcess(env)
  const line = parseKeygenCommand(args, env)
  if (line.switches.has('help')) return say(KEYGEN_HELP)
  try {
    const request = readKeyRequest(await withFiles(line))
    const { generateKey } = await import('../commands/keygen/generate-key.ts')
    const mask = (secret: string) => host.mask(secretForms(secret, []))
    const made = await generateKey(request, { environment: env, mask, hide: host.hide, resolvePath: resolve })
    const { privateKey, publicKey } = made
    if (privateKey === null) note([`${publicKey}\n`], generatedKeyNotes(request, made.shown))
    else note([privateKey], [publicKey, '', ...generatedKeyNotes(request, made.shown)])
    return 0
  } catch (error) {
    return await sayFailure(Failure.from(error), startedAt, { json: false, env })
  }
}

/** What a program may want to read goes to stdout, what only people read to stderr. */
function note(results: readonly string[], notes: readonly string[]): void {
  process.stdout.write(results.join(''))
  process.stderr.write(`${notes.join('\n')}\n`)
}

/** A command that came to nothing, told as a mirror that did is told, and to people: stdout may be a file. Resolves with the exit code. */
async function sayFailure(
  failure: Failure,
  startedAt: Date,
  { json, env }: { readonly json: boolean; readonly env: NodeJS.ProcessEnv },
): Promise<number> {
  const report = failedReport(failure, startedAt)
  if (json) say(await render(report, { json, colour: false }))
  else process.stderr.write(await render(report, { json, colour: wantsColour(env, process.stderr) }))
  return exitCode(report, new Set(FAIL_ON))
}

async function showDemo(args: readonly string[], env: NodeJS.ProcessEnv, program: readonly string[]): Promise<number> {
  const startedAt = new Date()
  const { switches, problems } = parseFlags(args, env, { inputs: [], positional: 0 })
  if (switches.has('help')) {
    return say(
      'Shows a mirror at work: starts an SSH git server inside this process, mirrors the repository of this directory to it,\nchanges a copy, mirrors again, and shows a wrong host key being refused. Changes nothing of yours.\n',
    )
  }
  if (problems.length > 0) return await sayFailure(flagsFailure(problems), startedAt, { json: false, env })
  const { demo } = await import('../commands/demo.ts')
  const colour = wantsColour(env)
  return await demo({
    host: hostOfProcess(env),
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
  pause: pauseUntil,
  alarm: abortAfter,
})

/** No colours into files and pipes. */
const wantsColour = (env: NodeJS.ProcessEnv, stream: NodeJS.WriteStream = process.stdout): boolean =>
  stream.isTTY === true && !wantsPlain(env)

/** Of the terminal; one that was given no size says 0. */
const columns = (): number | undefined => process.stdout.columns || undefined

/** What the user called each input on the command line. */
const nameOf = (input: InputName): string => (hasTrait(input, 'secret') ? `${environmentName(input)} (or --${input}-file)` : `--${input}`)

/** The same for a mirror, where two of them are FROM and TO. */
function namesFor(direction: string | undefined): (input: InputName) => string {
  const { source, destination } = urlInputs(direction)
  return input => (input === source ? 'FROM' : input === destination ? 'TO' : nameOf(input))
}
