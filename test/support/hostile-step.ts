import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runMain, type StepResult } from './action-step.ts'
import type { Noted } from './hostile-bytes.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** A mirror of a configuration file, and the server that it leads to. */
export interface HostileMirror {
  readonly inputs: Readonly<Record<string, string>>
  readonly server: { readonly noted: Noted; readonly open: () => number }
  /** Time alone ends it. */
  readonly isTime: boolean
}

export interface StepReport {
  readonly status: string
  readonly failure: { readonly kind: string; readonly side: string; readonly message: string; readonly detail: string | null } | null
  readonly refs: readonly { readonly ref: string; readonly code: string | null; readonly reason: string | null }[]
  readonly lfs: { readonly moved: { readonly objects: number } } | null
}

export interface HostileStep extends StepResult {
  /** Reports of the mirrors, in their order; that of the good one is the last. */
  readonly reports: readonly StepReport[]
  /** Most bytes of memory that one program of the step had at any time. */
  readonly peak: number
}

interface StepOptions {
  readonly inputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  /** The clock of the step stands still but for mirrors that time alone ends; otherwise it goes on by itself. */
  readonly isClockHeld: boolean
}

/** Starts node; writes the most memory of any program that node started, or of node itself. Those whose parent has ended first count as well (prctl(2)). */
const MEASURE = `#!/usr/bin/env python3
PR_SET_CHILD_SUBREAPER = 36
import ctypes, os, resource, subprocess, sys
if sys.platform == 'linux': ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
code = subprocess.run([NODE, *sys.argv[1:]]).returncode
try:
    while os.waitpid(-1, os.WNOHANG)[0]: pass
except ChildProcessError: pass
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
open(FILE, 'w').write(str(peak if sys.platform == 'darwin' else peak * 1024))
sys.exit(code)
`

/**
 * Loaded into the step before its own code. Each byte moves its clock, by less than the shortest limit: the answer says that what was due is done.
 * The clock jumps: a timer that repeats is due once each time, as after a pause of the machine. It is not due 180 times, to look at the memory of git.
 */
const HOLD = `const { setImmediate } = globalThis
const { install } = require(TIMERS)
const clock = install({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
const socket = require('node:net').connect(PORT, '127.0.0.1').unref()
socket.on('data', () => {
  clock.jump(9000)
  setImmediate(() => socket.write('.'))
})
`
/** The timers of jest itself. */
const TIMERS = join(process.cwd(), 'node_modules/@sinonjs/fake-timers')

/** Runs a step with these mirrors, one after the other, and then a good one. */
export async function runHostileStep(
  mirrors: readonly HostileMirror[],
  good: Readonly<Record<string, string>>,
  options: StepOptions,
): Promise<HostileStep> {
  const directory = temporaryDirectory()
  const file = (name: string, text: string): string => {
    const path = join(directory, name)
    writeFileSync(path, text, { mode: 0o700 })
    return path
  }
  const named = [...mirrors.map(({ inputs }) => inputs), good].map((inputs, index) => ({ name: `mirror-${index}`, ...inputs }))
  // JSON is YAML, too.
  const config = file('mirrors.yml', JSON.stringify({ mirrors: named }))
  const measured = join(directory, 'peak')
  const node = file('node', MEASURE.replace('NODE', JSON.stringify(process.execPath)).replace('FILE', JSON.stringify(measured)))
  const clock = options.isClockHeld ? await holdClock(mirrors, text => file('hold.cjs', text)) : null
  const env = { ...options.env, ...(clock !== null && { NODE_OPTIONS: `--require "${clock.file}"` }) }
  const step = await runMain({ config, ...options.inputs }, { env, node, timeLimitMs: 110_000 }).finally(() => clock?.stop())
  const { 'report-file': report } = step.outputs
  if (report === undefined) throw new Error(`there is no report\n${step.log}`)
  const { mirrors: reports }: { mirrors: readonly { report: StepReport }[] } = JSON.parse(readFileSync(report, 'utf8'))
  return { ...step, reports: reports.map(({ report }) => report), peak: Number(readFileSync(measured, 'utf8')) }
}

/** Moves the clock of a step while a server waits that time alone ends. @param write writes what the step loads first; gives its path */
async function holdClock(mirrors: readonly HostileMirror[], write: (text: string) => string): Promise<{ file: string; stop(): void }> {
  const timed = mirrors.filter(({ isTime }) => isTime).map(({ server }) => server)
  let isOver = false
  const listener = createServer(socket => void move(socket.on('error', () => {})))
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const move = async (socket: Socket): Promise<void> => {
    const closed = new Promise(resolve => socket.once('close', resolve))
    while (!isOver && !socket.destroyed) {
      const waiting = timed.filter(({ noted, open }) => noted.isWaiting && open() > 0)
      for (const { noted } of waiting) noted.goOn?.()
      if (waiting.length > 0) {
        socket.write('.')
        await Promise.race([once(socket, 'data'), closed]).catch(() => {})
      }
      // So that the end of a connection is seen, and the clock does not run on into the next mirror.
      await delay(1)
    }
    socket.destroy()
  }
  const text = HOLD.replace('TIMERS', JSON.stringify(TIMERS)).replace('PORT', String((listener.address() as AddressInfo).port))
  const stop = () => {
    isOver = true
    listener.close()
  }
  return { file: write(text), stop }
}
