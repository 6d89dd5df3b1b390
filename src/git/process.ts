import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { Failure } from '../errors/failure.ts'
import { awaitedLater } from '../tasks/later.ts'
import { orElse } from '../tasks/or-else.ts'
import { watchDisk } from './disk.ts'
import { listProcess, listVariable } from './left-behind.ts'
import { memoryFailure } from './memory.ts'
import { endGroup, IS_WINDOWS, signalGroup } from './process-group.ts'

export interface ProcessOptions {
  /** Whole environment of the process, as made by environment.ts; nothing is inherited besides. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** When it aborts, the process ends with everything that it started. */
  readonly signal?: AbortSignal | undefined
}

/** A git that runs as a child process. */
export interface GitProcess {
  /** undefined if it could not be started. */
  readonly pid: number | undefined
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves with the exit code, never 0 after `kill` with a reason, once the process and its streams have ended. Rejects with a Failure if git could not be started. */
  readonly exit: Promise<number>
  /** Breaks off: closes stdin and stdout, and ends the process with everything that it started. Never throws. */
  readonly kill: (reason?: Failure) => void
  /** The first reason for which it was broken off; null without one. */
  readonly ended: () => Failure | null
}

const CHECK_MS = 50

/** The commands that store a pack. */
const STORING: ReadonlySet<string> = new Set(['fetch', 'index-pack'])

/** Ends each process that is left when our own process ends. */
const running = new Set<() => void>()
const endAll = () => {
  for (const end of running) end()
}
function remember(end: () => void): void {
  // Before the private directory is removed: its processes could create it anew.
  if (running.size === 0) process.prependListener('exit', endAll)
  running.add(end)
}
function forget(end: () => void): void {
  running.delete(end)
  if (running.size === 0) process.off('exit', endAll)
}

/**
 * Starts git in a process group of its own, so that git can be ended together with its helpers, hooks, git-lfs and our ssh program. A terminal sends
 * Ctrl-C to its own group only, so these processes end by the signal, or when our process ends.
 * @throws the signal's reason if it has already aborted
 */
export function startGit(args: readonly string[], { env, cwd, signal }: ProcessOptions): GitProcess {
  signal?.throwIfAborted()
  const child = spawn('git', args, { env: { ...env, ...listVariable() }, cwd, stdio: ['pipe', 'pipe', 'pipe'], detached: !IS_WINDOWS })
  const { pid, stdin, stdout, stderr } = child
  if (pid !== undefined) listProcess(pid)
  let isClosed = false
  let ending: Promise<void> | null = null
  let ended: Failure | null = null
  const end = () => {
    // Once git has ended by itself, its group holds at most programs that a hook left running on purpose.
    if (pid !== undefined && !isClosed) ending ??= endGroup(pid, closed).finally(() => forget(endNow))
  }
  const endNow = () => {
    if (ending === null) end()
    else if (pid !== undefined) signalGroup(pid, 'SIGKILL')
  }
  remember(endNow)
  signal?.addEventListener('abort', end)
  const closed = new Promise<number>((resolve, reject) => {
    child.once('error', cause => reject(startFailure(cause)))
    child.once('close', code => resolve(code ?? 1))
  })
  const lookAtDisk = cwd !== undefined && STORING.has(args[0] ?? '') ? orElse(null, () => watchDisk(cwd)) : null
  const timer = setInterval(() => {
    const reason = (pid === undefined ? null : memoryFailure(pid)) ?? orElse(null, () => lookAtDisk?.() ?? null)
    if (reason === null) return
    ended ??= reason
    // Its streams end with it, so their readers come to an end, and look why.
    end()
  }, CHECK_MS)
  const finish = async () => {
    const code = await closed.finally(() => {
      isClosed = true
      clearInterval(timer)
      signal?.removeEventListener('abort', end)
      if (ending === null) forget(endNow)
    })
    await ending
    return ended === null ? code : code || 1
  }
  // A process that ends before it has read everything explains that by its exit code.
  stdin.on('error', () => {})
  const kill = (reason?: Failure) => {
    ended ??= reason ?? null
    stdin.destroy()
    stdout.destroy()
    end()
  }
  // A caller that breaks off does not wait for the exit.
  return { pid, stdin, stdout, stderr, exit: awaitedLater(finish()), kill, ended: () => ended }
}

/** To be called once processes have ended. @throws the reason for which one of them was broken off */
export function throwIfEnded(...processes: readonly GitProcess[]): void {
  for (const { ended } of processes) {
    const reason = ended()
    if (reason !== null) throw reason
  }
}

const startFailure = (cause: Error): Failure =>
  new Failure('code' in cause && cause.code === 'ENOENT' ? 'git-missing' : 'internal', `git could not be started: ${cause.message}`, {
    cause,
  })

export type Service = 'upload-pack' | 'receive-pack'

/** Filters need no permission here: the user can read the whole repository anyway. */
const SETTINGS: Readonly<Record<Service, readonly string[]>> = { 'upload-pack': ['-c', 'uploadpack.allowFilter=true'], 'receive-pack': [] }

/** Starts `git upload-pack` or `git receive-pack` on a repository of this machine. */
export const serveRepository = (service: Service, path: string, env: Readonly<Record<string, string>>): GitProcess =>
  startGit([...SETTINGS[service], service, path], { env })
