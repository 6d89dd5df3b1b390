import { execFileSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { temporaryDirectory } from './temporary-directory.ts'

/** A git process that a run started, by itself or through another git. */
export interface GitCall {
  readonly argv: string
  readonly environment: Readonly<Record<string, string>>
  /** The files in the run's directories just then. */
  readonly files: readonly KeptFile[]
}

export interface KeptFile {
  /** Below the run's directories: `temp/…`, `home/…` or `tmp/…`. */
  readonly path: string
  /** Octal, e.g. `600`. */
  readonly mode: string
  readonly text: string
}

/** Directories of its own for one run, and a `git` that writes down by whom and with what it is called before it does its work. */
export interface WatchedRun {
  /** For the run: HOME, TMPDIR and RUNNER_TEMP. */
  readonly directories: Readonly<Record<string, string>>
  /** For the run: the same, and the git that watches. */
  readonly env: Readonly<Record<string, string>>
  /** For the option of the same name. */
  readonly started: (pid: number) => void
  /** RUNNER_TEMP. */
  readonly temp: string
  /** A line of a shell script, for a hook of a server: keeps what lies in the run's directories. */
  readonly keep: string
  /** A line of a shell script that sends the run a signal. */
  kill(signal: NodeJS.Signals): string
  /** A line of a shell script, for a hook: says that it is reached. */
  readonly reach: string
  /** Says the same from the test. */
  arrive(): void
  /** Resolves when a script or the test says so. */
  reached(): Promise<unknown>
  /** A pipe: who opens it waits until `release`. */
  readonly gate: string
  /** A line of a shell script that waits there. */
  readonly wait: string
  /** Lets go who waits, or would. */
  release(): void
  calls(): GitCall[]
  /** The files that `keep` kept. */
  kept(): KeptFile[]
  /** The files in the run's directories now. */
  files(): KeptFile[]
}

let found: { readonly git: string; readonly programs: string } | null = null

/** The machine's git, and where its parts are. Asked once, because to start a program from a worker of jest takes longer than git does. */
function gitOfMachine(): NonNullable<typeof found> {
  if (found !== null) return found
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  found = { git, programs: execFileSync(git, ['--exec-path'], { encoding: 'utf8' }).trim() }
  return found
}

/** @param stopAt when its git is called for so many times, from 1 on, that git says that it is reached and waits; calls are only counted then */
export function watchedRun(stopAt: number | null = null): WatchedRun {
  const root = temporaryDirectory()
  const place = (...names: string[]): string => join(root, ...names)
  for (const name of ['watched', 'watched/temp', 'watched/home', 'watched/tmp', 'calls', 'bin']) mkdirSync(place(name))
  const gate = place('gate')
  execFileSync('mkfifo', [gate])
  const wait = `read -r _ < '${gate}'`
  const reach = `: > '${place('reached')}'`
  const { git, programs } = gitOfMachine()
  // git starts its own parts from GIT_EXEC_PATH, so that they are watched, too.
  for (const name of readdirSync(programs)) if (name !== 'git') symlinkSync(join(programs, name), place('bin', name))
  const script = [
    '#!/bin/sh',
    // The number after the last one, unless another git has just taken it.
    `count() { n=$#; }; count '${place('calls')}'/*`,
    `while ! mkdir '${place('calls')}'/$n 2>/dev/null; do n=$((n + 1)); done`,
    ...(stopAt === null
      ? [
          `call='${place('calls')}'/$n`,
          'env -0 > "$call/environment"; echo "git $*" > "$call/argv"',
          `cp -r '${place('watched')}' "$call/files" 2>/dev/null`,
        ]
      : [`[ $n -ne ${stopAt} ] || { ${reach}; ${wait}; }`]),
    `exec '${git}' "$@"`,
  ]
  writeFileSync(place('bin/git'), `${script.join('\n')}\n`, { mode: 0o755 })
  const callOf = (name: string): GitCall => ({
    argv: readFileSync(place('calls', name, 'argv'), 'utf8').trim(),
    environment: environmentOf(readFileSync(place('calls', name, 'environment'), 'utf8')),
    files: filesBelow(place('calls', name, 'files')),
  })
  const directories = { HOME: place('watched/home'), TMPDIR: place('watched/tmp'), RUNNER_TEMP: place('watched/temp') }
  return {
    directories,
    env: { ...directories, PATH: `${place('bin')}:${process.env['PATH']}`, GIT_EXEC_PATH: place('bin') },
    started: pid => writeFileSync(place('pid'), String(pid)),
    temp: place('watched/temp'),
    keep: `cp -r '${place('watched')}' '${place('kept')}'`,
    kill: signal => `kill -s ${signal.slice(3)} "$(cat '${place('pid')}')"`,
    reach,
    arrive: () => writeFileSync(place('reached'), ''),
    reached: async () => {
      // A run that ends before is no reason for the test to go on.
      while (!existsSync(place('reached'))) await setTimeout(LOOK_MS, null, { ref: false })
    },
    gate,
    wait,
    release: () => {
      // While it is open for both, no process has to wait for another one to open it. Once its name is gone, none can begin to.
      const descriptor = openSync(gate, 'r+')
      rmSync(gate)
      writeSync(descriptor, '\n')
      closeSync(descriptor)
    },
    calls: () =>
      readdirSync(place('calls'))
        .sort((a, b) => Number(a) - Number(b))
        .map(callOf),
    kept: () => filesBelow(place('kept')),
    files: () => filesBelow(place('watched')),
  }
}

/** Every file below a directory; latin1 keeps bytes that are no text. */
function filesBelow(directory: string): KeptFile[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => {
      const file = join(entry.parentPath, entry.name)
      return {
        path: relative(directory, file),
        mode: (statSync(file).mode & 0o777).toString(8),
        text: readFileSync(file, 'latin1'),
      }
    })
}

const environmentOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\0')
      .filter(line => line.includes('='))
      .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )

/** All that the processes of this machine showed while something was going on. */
export interface Seen {
  /** Every command line of any process. */
  readonly commandLines: ReadonlySet<string>
  /** Each process that the given ones, and these themselves, have started. */
  readonly processes: readonly Pick<GitCall, 'argv' | 'environment'>[]
}

/** Between two looks: looks without a pause would take the processor that the work needs. */
const LOOK_MS = 6

/**
 * Looks at all processes until the work is done, and once more then. Those that were there before, and are none of the work's, are looked at once.
 * @param roots the processes that these have started are kept; each leads a process group
 */
export async function watchProcesses<T>(roots: ReadonlySet<number>, work: Promise<T>): Promise<Seen & { readonly result: T }> {
  const commandLines = new Set<string>()
  const processes = new Map<string, Pick<GitCall, 'argv' | 'environment'>>()
  const groups = new Set<string>()
  /** Processes of the first look. */
  let strangers: ReadonlySet<string> | null = null
  const look = (): void => {
    const leaders = [...roots].map(String)
    for (const root of leaders) groups.add(root)
    const commandsOfRoots = leaders.map(root => readProcess(root, 'cmdline'))
    const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
    // A number that is gone may come back as another process.
    const known: ReadonlySet<string> = new Set(pids.filter(pid => strangers?.has(pid)))
    for (const pid of pids.filter(one => !known.has(one))) {
      const argv = readProcess(pid, 'cmdline')
      commandLines.add(argv)
      // Behind the name, which may hold blanks: state, parent, group (proc(5)).
      const [, parent = '', group = ''] = statOf(pid)
      // Each git leads a group of its own.
      if (groups.has(statOf(parent)[2] ?? '')) groups.add(group)
      // The roots themselves, and copies of them that are about to become another program.
      if (!groups.has(group) || commandsOfRoots.includes(argv)) continue
      const environment = readProcess(pid, 'environ')
      processes.set(`${argv}\0${environment}`, { argv, environment: environmentOf(environment) })
    }
    strangers = strangers === null ? new Set(pids.filter(pid => !groups.has(statOf(pid)[2] ?? ''))) : known
  }
  let working = true
  const done = work.finally(() => {
    working = false
  })
  while (working) {
    look()
    await setTimeout(LOOK_MS)
  }
  look()
  return { commandLines, processes: [...processes.values()], result: await done }
}

/** Processes of this machine with such a RUNNER_TRACKING_ID in their environment; none where the system has no `/proc`. */
export function processesOf(trackingId: string): { readonly pid: number; readonly argv: string }[] {
  const pids = existsSync('/proc') ? readdirSync('/proc').filter(name => /^\d+$/.test(name)) : []
  return pids
    .filter(pid => readProcess(pid, 'environ').split('\0').includes(`RUNNER_TRACKING_ID=${trackingId}`))
    .map(pid => ({ pid: Number(pid), argv: readProcess(pid, 'cmdline') }))
}

/** Kills every process that has the id in its environment. @returns their command lines */
export function killLeft(trackingId: string): string[] {
  const killed = new Map<number, string>()
  for (let left = processesOf(trackingId); left.length > 0; left = processesOf(trackingId))
    for (const { pid, argv } of left) {
      killed.set(pid, argv)
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    }
  return [...killed.values()]
}

/** State, parent and group of a process: what stands behind its name, which may hold blanks (proc(5)). */
const statOf = (pid: string): string[] => readProcess(pid, 'stat').split(') ').at(-1)?.split(' ') ?? []

/** Empty for a process that has ended, or is another user's. */
function readProcess(pid: string, name: 'cmdline' | 'environ' | 'stat'): string {
  try {
    const text = readFileSync(join('/proc', pid, name), 'utf8')
    return name === 'cmdline' ? text.replaceAll('\0', ' ') : text
  } catch {
    return ''
  }
}
