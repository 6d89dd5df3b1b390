import { execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { completeInputs, readActionFile } from './action-file.ts'
import { maskLog, parseCommandFile, withoutMaskCommands } from './command-file.ts'
import { record } from './recorded-output.ts'
import { findSecrets } from './secret-forms.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { killLeft, processesOf } from './watched-run.ts'

const TIME_LIMIT_MS = 50_000
const SECRET_NAME = /(secret|token|password|passphrase|client-key)$/i

interface StartOptions {
  /** Added to the environment; the names of secrets tell which values must not be shown. */
  readonly env?: Readonly<Record<string, string>>
  /** Further values that must not be shown. */
  readonly secrets?: readonly string[]
  /** The node to run with; by default the one that runs the tests. */
  readonly node?: string
  /** Told the process's id before it has done anything. */
  readonly started?: (pid: number) => void
  /** Send a signal as soon as the output so far says so. */
  readonly kill?: { readonly signal: NodeJS.Signals; readonly when: (log: string) => boolean }
  /** Processes that the run leaves go on until `killLeft`, as on a runner until its job ends. */
  readonly leave?: true
  /** Told the output so far, whenever there is more of it. */
  readonly watch?: (log: string) => void
  /** After so long it is killed, and the test fails. */
  readonly timeLimitMs?: number
  /** The keys that are typed, once they are known; then stdin ends. */
  readonly keys?: Promise<string>
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** Both, line by line, as they came. */
  readonly log: string
  /** Command lines of processes that the run had started, and that were left when it ended; then they are killed. */
  readonly left: readonly string[]
  /** Kills what is left now. @returns the command lines */
  killLeft(): readonly string[]
}

export interface StepOptions extends StartOptions {
  /** The `github` context where a default of action.yml asks for it. */
  readonly github?: Readonly<Record<string, string>>
  /** The directory of action.yml; by default this project. */
  readonly action?: string
}

export interface StepResult extends Ended {
  /** The log as the runner would print it. */
  readonly maskedLog: string
  /** The places at which a secret would have been printed in spite of the masks. */
  readonly leaks: readonly string[]
  readonly outputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
  readonly path: readonly string[]
  readonly summary: string
  /** RUNNER_TEMP: what a run leaves behind is here. */
  readonly temp: string
  readonly inputs: Readonly<Record<string, string>>
  readonly options: StepOptions
}

/** Runs the action's main part as a step of a workflow. */
export function runMain(inputs: Readonly<Record<string, string>>, options: StepOptions = {}): Promise<StepResult> {
  return runStep('main', inputs, {}, join(temporaryDirectory(), 'temp'), options)
}

/** Runs the action's post part after a main part: the same inputs and temporary directory, the state that main saved. */
export function runPost(main: StepResult, options: StepOptions = {}): Promise<StepResult> {
  const { kill: _, started: __, leave: ___, ...same } = main.options
  return runStep('post', main.inputs, main.state, main.temp, { ...same, ...options })
}

type CliOptions = StartOptions & { readonly cwd?: string; readonly stdin?: string }

/** Runs the bundle as a script does, its output in pipes. */
export const runCli = (args: readonly string[], options: CliOptions = {}): Promise<Ended> =>
  runCommand(args, [join(process.cwd(), 'dist/index.js'), ...args], options)

// Python has one that works on Linux and macOS alike.
const IN_TERMINAL = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'

/** Runs the bundle as a user at a terminal does: everything goes to one pseudo-terminal, and comes as `stdout`. @param columns its width, 0 for one that does not tell */
export function runInTerminal(args: readonly string[], { columns, ...options }: CliOptions & { readonly columns: number }): Promise<Ended> {
  const sized = ['sh', '-c', `stty cols ${columns} && exec "$@"`, 'sh', process.execPath, join(process.cwd(), 'dist/index.js'), ...args]
  return runCommand(args, ['-c', IN_TERMINAL, ...sized], { ...options, node: 'python3' })
}

async function runCommand(args: readonly string[], program: readonly string[], options: CliOptions): Promise<Ended> {
  const home = temporaryDirectory()
  const env = { ...machine(home), ...options.env }
  const ended = await start(program, { ...options, env, cwd: options.cwd ?? home })
  record({ run: ['repository-mirroring', ...args].join(' '), text: ended.log, secrets: secretsOf(options) })
  return ended
}

/** A node of version 20: `NODE20`, or the system's. Throws where there is none. */
export function findNode20(): string {
  const candidates = [process.env['NODE20'] ?? '', '/usr/bin/node', '/usr/local/bin/node']
  const found = candidates.find(node => existsSync(node) && execFileSync(node, ['--version'], { encoding: 'utf8' }).startsWith('v20.'))
  if (found === undefined) throw new Error('no node of version 20: set NODE20 to one')
  return found
}

async function runStep(
  part: 'main' | 'post',
  given: Readonly<Record<string, string>>,
  state: Readonly<Record<string, string>>,
  temp: string,
  options: StepOptions,
): Promise<StepResult> {
  const directory = options.action ?? process.cwd()
  const action = readActionFile(directory)
  const entry = action.runs[part]
  if (entry === undefined) throw new Error(`action.yml has no ${part}`)
  const github = githubContext(options.github)
  const inputs = completeInputs(action, given, github)
  const home = temporaryDirectory()
  const workspace = join(home, 'workspace')
  for (const each of [temp, workspace]) mkdirSync(each, { recursive: true })
  const files = commandFiles(home)
  const env = {
    ...machine(home),
    ...runnerEnvironment(github),
    RUNNER_TEMP: temp,
    GITHUB_WORKSPACE: workspace,
    ...files,
    ...options.env,
    ...rename(inputs, name => `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`),
    ...rename(state, name => `STATE_${name}`),
  }
  const ended = await start([join(directory, entry)], { ...options, env, cwd: workspace })
  const read = (name: keyof typeof files): string => readFileSync(files[name], 'utf8')
  const secrets = [...secretsOf({ ...options, env: { ...options.env, ...inputs } }), ...secretsOf({ env: github })]
  const written = [read('GITHUB_STEP_SUMMARY'), read('GITHUB_OUTPUT'), read('GITHUB_ENV'), read('GITHUB_STATE'), read('GITHUB_PATH')]
  record({ run: `${part} of ${inputs['remote-url'] ?? entry}`, text: [withoutMaskCommands(ended.log), ...written].join('\n'), secrets })
  const maskedLog = maskLog(ended.log)
  return {
    ...ended,
    maskedLog,
    leaks: findSecrets(maskedLog, secrets),
    outputs: parseCommandFile(read('GITHUB_OUTPUT')),
    env: parseCommandFile(read('GITHUB_ENV')),
    state: { ...state, ...parseCommandFile(read('GITHUB_STATE')) },
    path: read('GITHUB_PATH')
      .split('\n')
      .filter(line => line !== ''),
    summary: read('GITHUB_STEP_SUMMARY'),
    temp,
    inputs: given,
    options,
  }
}

function start(args: readonly string[], options: StartOptions & { readonly cwd: string; readonly stdin?: string }): Promise<Ended> {
  const {
    cwd,
    kill,
    node = process.execPath,
    started,
    stdin = '',
    watch,
    keys = Promise.resolve(stdin),
    timeLimitMs = TIME_LIMIT_MS,
  } = options
  // As runners do: all that a run starts has it, so nothing that a killed run has started outlives it.
  const env = { ...options.env, RUNNER_TRACKING_ID: `github_${randomUUID()}` }
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd, env, stdio: 'pipe', detached: true })
    if (child.pid !== undefined) started?.(child.pid)
    const whole = { stdout: '', stderr: '' }
    const unfinished = { stdout: '', stderr: '' }
    let log = ''
    let timedOut = false
    // A second signal would mean something else.
    let isKilled = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, timeLimitMs)
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        whole[name] += text
        const lines = (unfinished[name] + text).split('\n')
        unfinished[name] = lines.pop() ?? ''
        log += lines.map(line => `${line}\n`).join('')
        watch?.(log + unfinished[name])
        if (!isKilled && kill?.when(log + unfinished[name])) isKilled = child.kill(kill.signal)
      })
    }
    child.on('error', reject)
    let left: string[] = []
    child.on('exit', () => {
      left = options.leave ? processesOf(env.RUNNER_TRACKING_ID).map(({ argv }) => argv) : killLeft(env.RUNNER_TRACKING_ID)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      log += unfinished.stdout + unfinished.stderr
      if (timedOut) reject(new Error(`"${args.join(' ')}" took more than ${timeLimitMs} ms\n${log}`))
      else resolve({ code, signal, ...whole, log, left, killLeft: () => killLeft(env.RUNNER_TRACKING_ID) })
    })
    child.stdin.on('error', () => undefined)
    void keys.then(text => child.stdin.end(text))
  })
}

function secretsOf(options: Pick<StartOptions, 'env' | 'secrets'>): string[] {
  const named = Object.entries(options.env ?? {}).filter(([name]) => SECRET_NAME.test(name))
  return [...(options.secrets ?? []), ...named.map(([, value]) => value)]
}

function machine(home: string): Record<string, string> {
  const { PATH = '', NODE_V8_COVERAGE } = process.env
  return {
    PATH,
    HOME: home,
    LANG: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    // As for `PROGRAM`: the same code need not be compiled for each run. Code from a cache is covered less precisely.
    ...(NODE_V8_COVERAGE === undefined
      ? { NODE_COMPILE_CACHE: join(process.env['TEST_PROGRAM'] ?? '', 'compiled') }
      : { NODE_V8_COVERAGE }),
  }
}

function githubContext(given: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { repository: 'octo/widgets', server_url: 'https://github.invalid', token: 'ghs_0123456789abcdefABCDEF', ...given }
}

// Not the token: a step gets it by an input only.
function runnerEnvironment({ repository = '', server_url = '' }: Record<string, string>): Record<string, string> {
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: repository,
    GITHUB_SERVER_URL: server_url,
    GITHUB_API_URL: `${server_url}/api/v3`,
    GITHUB_EVENT_NAME: 'push',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REF_NAME: 'main',
    GITHUB_WORKFLOW_REF: `${repository}/.github/workflows/mirror.yml@refs/heads/main`,
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_ATTEMPT: '1',
    RUNNER_OS: 'Linux',
  }
}

function commandFiles(directory: string) {
  const file = (name: string): string => {
    const path = join(directory, name)
    writeFileSync(path, '')
    return path
  }
  return {
    GITHUB_OUTPUT: file('output'),
    GITHUB_ENV: file('env'),
    GITHUB_STATE: file('state'),
    GITHUB_PATH: file('path'),
    GITHUB_STEP_SUMMARY: file('summary'),
  }
}

function rename(values: Readonly<Record<string, string>>, name: (from: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [name(key), value]))
}
