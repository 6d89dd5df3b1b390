import { AsyncLocalStorage } from 'node:async_hooks'
import { type ChildProcess, execFileSync } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { readdirSync, readFileSync } from 'node:fs'
import { type Parents, parsePs, parseStat, treeOf } from './process-tree.ts'

/** Whoever wants to know of the processes that its own work starts. */
const watchers = new AsyncLocalStorage<(child: ChildProcess) => void>()
let isSubscribed = false

/**
 * Does work that starts a process, and ends that process with all that it has started when the signal comes. The toolkit's `exec` keeps its processes to
 * itself, but node tells of each one (docs, "Diagnostics Channel": `child_process`).
 */
export async function stoppable<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (signal === undefined) return await work()
  if (!isSubscribed) subscribe('child_process', message => watchers.getStore()?.((message as { process: ChildProcess }).process))
  isSubscribed = true
  let child: ChildProcess | null = null
  const stop = () => {
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) endTree(child.pid)
  }
  signal.addEventListener('abort', stop)
  const watch = (started: ChildProcess) => {
    child = started
    // It has no id yet.
    if (signal.aborted) started.once('spawn', stop)
  }
  try {
    return await watchers.run(watch, work)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Asks a process and its descendants to end: a git alone would leave the program behind that speaks to the server. Never throws. */
function endTree(pid: number): void {
  try {
    if (process.platform === 'win32') execFileSync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore' })
    else for (const one of treeOf(pid, readParents())) end(one)
  } catch {
    end(pid)
  }
}

function end(pid: number): void {
  try {
    // Not SIGKILL: a git at a repository of this machine takes its locks away.
    process.kill(pid, 'SIGTERM')
  } catch {
    // It has ended.
  }
}

/** Small containers have no `ps`, and Linux alone has `/proc`. */
function readParents(): Parents {
  if (process.platform !== 'linux') return parsePs(execFileSync('ps', ['-A', '-o', 'pid=', '-o', 'ppid='], { encoding: 'utf8' }))
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return new Map(pids.flatMap(pid => readStat(pid) ?? []))
}

function readStat(pid: string): [readonly [number, number]] | null {
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return stat && [stat]
  } catch {
    // It has ended meanwhile.
    return null
  }
}
