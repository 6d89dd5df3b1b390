import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Failure } from '../../src/errors/failure.ts'
import type { Host } from '../../src/host/host.ts'
import type { Runtime } from '../../src/host/runtime.ts'
import type { Side } from '../../src/remote/side.ts'
import type { RefReport, Report } from '../../src/report/report.ts'
import type { BeforeChanges } from '../../src/run/attempt.ts'
import { mirror } from '../../src/run/mirror.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { openTransport } from '../../src/transport/open.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { compareRefs, fsck, refsOf } from './git-repository.ts'
import { type ContextChanges, settingsFrom } from './settings.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** The program from its source as it is now: `global-setup.mjs` bundles it, as git starts it several times a run, and node would strip all types each time. */
export const PROGRAM = [process.execPath, join(process.env['TEST_PROGRAM'] ?? '', 'index.js')]

export interface MirrorOptions {
  /** Called with each line of the log, before the run goes on: the place to do something in between. */
  readonly onLine?: (line: string) => void
  /** Called with each line for those who asked for debug logging, and with each that tells how far something is. */
  readonly onDebug?: (line: string) => void
  readonly onProgress?: (line: string) => void
  /** Told how long the run would wait before another attempt, in milliseconds; the test does not wait. */
  readonly onPause?: (milliseconds: number) => void
  /** Ends the run's time when it comes: the test does not wait. */
  readonly timeIsUp?: AbortSignal
  readonly environment?: Readonly<Record<string, string>>
  /** Other ways to a side than its URL names, for the relay alone: git knows only URLs. */
  readonly ways?: Partial<Readonly<Record<Side, () => Transport>>>
  /** The version of git's protocol on both sides, for the relay alone; left out: what each side speaks. */
  readonly protocol?: 0 | undefined
  /** The changes to the context that the run gets besides its inputs. */
  readonly context?: ContextChanges
  readonly beforeChanges?: BeforeChanges | undefined
  /** The clock; left out: the machine's. */
  readonly now?: () => Date
}

export interface Mirrored extends Report {
  readonly log: readonly string[]
  /** `{ main: 'updated', 'tags/v1': 'kept diverged' }` */
  readonly outcomes: Readonly<Record<string, string>>
}

/** A host that only keeps a log. */
export const hostWith = (line: (text: string) => void): Host => ({
  kind: 'terminal',
  temporaryDirectory: temporaryDirectory(),
  mask: () => {},
  hide: text => text,
  info: line,
  debug: () => {},
  progress: () => {},
  annotate: async () => {},
  output: async () => {},
  saveState: () => {},
  summary: async () => {},
})

/** Runs one mirror in this process, as the entries do. Retries are off unless given. */
export async function runMirror(
  inputs: RawInputs,
  {
    onLine = () => {},
    onPause = () => {},
    onDebug = () => {},
    onProgress = () => {},
    environment = {},
    ways = {},
    protocol,
    context = {},
    beforeChanges,
    timeIsUp,
    now = () => new Date(),
  }: MirrorOptions = {},
): Promise<Mirrored> {
  const log: string[] = []
  const line = (text: string) => {
    log.push(text)
    onLine(text)
  }
  const host: Host = {
    ...hostWith(line),
    debug: onDebug,
    progress: describe => {
      if (describe !== null) onProgress(describe())
    },
  }
  const settings = settingsFrom({ retries: '0', ...inputs }, context)
  const runtime: Runtime = {
    env: { PATH: process.env['PATH'], SystemRoot: process.env['SystemRoot'], TEMP: process.env['TEMP'], ...environment },
    program: PROGRAM,
    now,
    random: () => 0,
    // Waiting is not what is tested: the pause gives way to other work and no more.
    pause: async milliseconds => {
      onPause(milliseconds)
      await setTimeout(0)
    },
    alarm: (_, reason) => {
      const alarm = new AbortController()
      timeIsUp?.addEventListener('abort', () => alarm.abort(timeIsUp.reason instanceof Failure ? timeIsUp.reason : reason))
      return alarm.signal
    },
  }
  const report = await mirror(settings, host, runtime, {
    openTransport: async (side, options) => {
      const way = ways[side]?.() ?? (await openTransport(side, options))
      return { ...way, open: (service, asked) => way.open(service, protocol ?? asked) }
    },
    beforeChanges,
  })
  return { ...report, log, outcomes: outcomesOf(report.refs) }
}

const outcomesOf = (refs: readonly RefReport[]): Record<string, string> =>
  Object.fromEntries(
    refs.map(({ ref, outcome, code }) => [ref.replace(/^refs\/(?:heads\/)?/, ''), code === null ? outcome : `${outcome} ${code}`]),
  )

/** The refs that differ: empty after a mirror that did everything. The destination must be whole; the source is only read. */
export async function differences(source: string, destination: string): Promise<string[]> {
  const [from, to] = await Promise.all([refsOf(source), refsOf(destination), fsck(destination)])
  return compareRefs(from, to)
}
