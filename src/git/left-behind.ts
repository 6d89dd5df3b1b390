import { randomUUID } from 'node:crypto'
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { orElse } from '../tasks/or-else.ts'
import { endGroup, groupRuns, statOf } from './process-group.ts'

const LIST_PREFIX = 'repository-mirroring-processes-'

/** The environment variable of each git that holds the path of the list. A run that is killed may have started a git that it has not listed yet. */
const LIST_VARIABLE = 'REPOSITORY_MIRRORING_PROCESSES'

let list: string | null = null

/**
 * From now on each git is listed in a file of the directory, by its process id and its start time. A later process can then end those that a killed run
 * left behind.
 * Linux only: elsewhere neither a start time nor an environment can be read without a program.
 * @returns the file, which the run removes at its end
 */
export function listProcesses(directory: string): string {
  list = join(directory, `${LIST_PREFIX}${randomUUID()}`)
  writeFileSync(list, '', { mode: 0o600, flag: 'wx' })
  return list
}

/** For the environment of a process that is started, so that it can be found without its line in the list. */
export const listVariable = (): Readonly<Record<string, string>> => (list === null ? {} : { [LIST_VARIABLE]: list })

/** Lists a process that was just started. Never throws: without the list only the cleaning after a kill is less complete. */
export function listProcess(pid: number): void {
  const start = list === null ? null : startOf(pid)
  if (list === null || start === null) return
  try {
    appendFileSync(list, `${pid} ${start}\n`, { mode: 0o600 })
  } catch {}
}

/**
 * Ends the process groups of a killed run that still run, and removes the list. Never throws.
 * @param file from the saved state, which other steps of the job can write
 * @param directory in which the run made it
 * @returns how many there were
 */
export async function endLeftBehind(file: string, directory: string): Promise<number> {
  if (file !== join(directory, basename(file)) || !basename(file).startsWith(LIST_PREFIX)) return 0
  const text = orElse(null, () => readFileSync(file, 'latin1'))
  if (text === null) return 0
  const listed = text.split('\n').flatMap(line => {
    const [leader, started] = line.split(' ').map(Number)
    // Number 1 would stand for every process of the user.
    if (leader === undefined || !Number.isSafeInteger(leader) || leader < 2) return []
    const start = startOf(leader)
    // The number may belong to another process by now, but never while a process of the group is left.
    return (start === null || Number(start) === started) && groupRuns(leader) ? [leader] : []
  })
  const left = new Set([...listed, ...groupsOf(file)])
  await Promise.all([...left].map(leader => endGroup(leader)))
  rmSync(file, { force: true })
  return left.size
}

/** The groups of processes that have this list in their environment (proc_pid_environ(5)). */
function groupsOf(file: string): number[] {
  const isOfRun = (pid: string) =>
    orElse(false, () => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${LIST_VARIABLE}=${file}`))
  const pids = orElse([], () => readdirSync('/proc')).filter(name => Number(name) > 1)
  const groups = pids.filter(isOfRun).map(pid => Number(statOf(pid)[GROUP - STATE]))
  return groups.filter(group => Number.isSafeInteger(group) && group > 1)
}

/** In ticks since the machine's start, the 22nd field; null for a process that has ended. */
function startOf(pid: number): string | null {
  const fields = statOf(pid)
  return fields[0] === 'Z' ? null : (fields[22 - STATE] ?? null)
}

/** Number of the field with which `statOf` begins. */
const STATE = 3
const GROUP = 5
