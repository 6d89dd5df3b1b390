import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { END_MS, KILLED_MS } from '../limits/limits.ts'
import { orElse } from '../tasks/or-else.ts'

const CHECK_MS = 20

export const IS_WINDOWS = process.platform === 'win32'

/**
 * Asks each process of the group to end, and kills it after the grace time. Resolves once none is left, or the system cannot end them.
 * @param closed settles when the leader, if it is a child, and its streams have ended
 */
export async function endGroup(leader: number, closed: Promise<unknown> = wait(CHECK_MS)): Promise<void> {
  const startedAt = performance.now()
  signalGroup(leader, 'SIGTERM')
  // Most groups end at once, and then no process has to be looked at.
  await Promise.race([closed.catch(() => {}), wait(CHECK_MS, null, { ref: false })])
  const passed = () => performance.now() - startedAt
  while (passed() < END_MS + KILLED_MS && groupRuns(leader)) {
    if (passed() > END_MS) signalGroup(leader, 'SIGKILL')
    await wait(CHECK_MS)
  }
}

/** Whether a process of the group runs. In a container often nothing collects processes that have ended, and a signal still reaches these zombies. */
export function groupRuns(leader: number): boolean {
  if (!signalGroup(leader, 0)) return false
  if (process.platform !== 'linux') return true
  const pids = orElse(null, () => readdirSync('/proc'))
  // Zombies cannot be told apart without it; the wait for the group has a limit.
  if (pids === null) return true
  return pids.some(pid => {
    const [state, , group] = statOf(pid)
    return group === String(leader) && state !== 'Z'
  })
}

/** The fields of a process after its name, which may hold anything: state, parent, group, … (proc_pid_stat(5)). Empty for one that is gone. */
export const statOf = (pid: number | string): readonly string[] =>
  orElse([], () => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [])

/** Sends a signal to a whole process group. @param signal 0 only looks @returns whether there is such a group */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    // Windows has neither groups nor SIGTERM; its own program ends a tree of processes.
    if (IS_WINDOWS) execFileSync('taskkill', ['/pid', String(leader), '/t', '/f'], { stdio: 'ignore' })
    else process.kill(-leader, signal)
    return !IS_WINDOWS
  } catch {
    return false
  }
}
