import { randomUUID } from 'node:crypto'
import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { orElse } from '../tasks/or-else.ts'
import { endGroup, groupRuns, statOf } from './process-group.ts'

const LIST_PREFIX = 'repository-mirroring-processes-'

let list: string | null = null

/**
 * From now on each git is listed in a file of the directory, by its process id and its start time. A later process can then end those that a killed run
 * left behind.
 * Linux only: elsewhere a start time cannot be read without a program.
 * @returns the file, which is not made before the first git starts
 */
export function listProcesses(directory: string): string {
  list = join(directory, `${LIST_PREFIX}${randomUUID()}`)
  return list
}

/** Lists a process that was just started. Never throws: without the list only the cleaning after a kill is less complete. */
export function listProcess(pid: number): void {
  const start = list === null ? null : startOf(pid)
  if (list === null || start === null) return
  try {
    appendFileSync(list, `${pid} ${start}\n`, { mode: 0o600 })
  } catch {}
}

/**
 * Ends the listed process groups that still run, and removes the list. Never throws.
 * @param file from the saved state, which other steps of the job can write
 * @param directory in which the run made it
 * @returns how many there were
 */
export async function endLeftBehind(file: string, directory: string): Promise<number> {
  if (file !== join(directory, basename(file)) || !basename(file).startsWith(LIST_PREFIX)) return 0
  const text = orElse(null, () => readFileSync(file, 'latin1'))
  if (text === null) return 0
  const left = text.split('\n').flatMap(line => {
    const [leader, listed] = line.split(' ').map(Number)
    // Number 1 would stand for every process of the user.
    if (leader === undefined || !Number.isSafeInteger(leader) || leader < 2) return []
    const start = startOf(leader)
    // The number may belong to another process by now, but never while a process of the group is left.
    return (start === null || Number(start) === listed) && groupRuns(leader) ? [leader] : []
  })
  await Promise.all(left.map(pid => endGroup(pid)))
  rmSync(file, { force: true })
  return left.length
}

/** In ticks since the machine's start, the 22nd field; null for a process that has ended. */
function startOf(pid: number): string | null {
  const fields = statOf(pid)
  return fields[0] === 'Z' ? null : (fields[22 - STATE] ?? null)
}

/** Number of the field with which `statOf` begins. */
const STATE = 3
