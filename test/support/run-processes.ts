import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

interface LiveProcess {
  readonly pid: string
  readonly argv: string
  readonly environment: string
  readonly group: string
  readonly session: string
}

/** Between two looks. */
const LOOK_MS = 10
/** No verdict about speed: a process that is still there then does not end by itself. */
const GIVE_UP_MS = 30_000

/** A run as its processes show it. */
export interface RunMarks {
  /** Leads the first group of processes. */
  readonly leader: number
  /** Paths of this run alone: one of them is in the environment or the command line of each process that it has started. */
  readonly paths: readonly string[]
}

/** The processes of this machine that run, without those that have ended and that are not yet collected. */
function liveProcesses(): LiveProcess[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        // Behind the name, which may hold blanks: state, parent, group, session (proc(5)).
        const [state, , group = '', session = ''] = read(pid, 'stat').split(') ').at(-1)?.split(' ') ?? []
        if (state === 'Z' || Number(pid) === process.pid) return []
        return [{ pid, argv: read(pid, 'cmdline').replaceAll('\0', ' '), environment: read(pid, 'environ'), group, session }]
      } catch {
        return []
      }
    })
}

const read = (pid: string, name: 'cmdline' | 'environ' | 'stat'): string => readFileSync(join('/proc', pid, name), 'utf8')

const namesOne = ({ argv, environment }: LiveProcess, paths: readonly string[]): boolean =>
  paths.some(path => argv.includes(path) || environment.includes(path))

/** Waits until no process of a run is left. @returns their command lines, if some do not end */
export function untilEnded({ leader, paths }: RunMarks): Promise<string[]> {
  return untilNone(one => one.group === String(leader) || one.session === String(leader) || namesOne(one, paths))
}

/** Waits until no process works in a repository, such as the server that a push was sent to. */
export async function untilUnused(repositories: readonly string[]): Promise<void> {
  const left = await untilNone(one => namesOne(one, repositories))
  if (left.length > 0) throw new Error(`still at work: ${left.join(', ')}`)
}

async function untilNone(isMeant: (one: LiveProcess) => boolean): Promise<string[]> {
  for (let waited = 0; ; waited += LOOK_MS) {
    const left = liveProcesses().filter(isMeant)
    if (left.length === 0 || waited > GIVE_UP_MS) return left.map(({ argv }) => argv)
    await setTimeout(LOOK_MS)
  }
}

/** Command lines of all processes of this machine whose environment or command line shows a secret. @param except texts by which the processes are known that need one: those of other runs, and of the servers */
export const processesWith = (shows: (text: string) => boolean, except: readonly string[]): string[] =>
  liveProcesses()
    .filter(one => !namesOne(one, except) && shows(`${one.argv}\n${one.environment}`))
    .map(({ argv }) => argv)
