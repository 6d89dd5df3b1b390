import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runMain, runPost, type StepResult } from './action-step.ts'
import { withoutMaskCommands } from './command-file.ts'
import { installHook } from './git-repository.ts'
import { type KillMirror, type KillPlaces, stepOf } from './kill-places.ts'
import type { Kill } from './kill-table.ts'
import { hold } from './lfs-gate.ts'
import { nameOf } from './lfs-places.ts'
import { readRefs } from './refs-of-files.ts'
import { processesWith, type RunMarks, untilEnded, untilUnused } from './run-processes.ts'
import { type WatchedRun, watchedRun } from './watched-run.ts'

/** A run that was killed, and all that is left of it. */
export interface Killed {
  readonly mirrors: readonly KillMirror[]
  readonly step: StepResult
  /** The signal, or the exit code. */
  readonly ended: NodeJS.Signals | number | null
  /** Command lines of the run's processes when it had ended; after SIGKILL, when its post step had. */
  readonly left: readonly string[]
  /** Names of files that held a secret when the run had ended, before its post step. */
  readonly holding: readonly string[]
  /** Files in the directories of the run, after its post step; without its report. */
  readonly files: readonly string[]
  /** The reports, the post step's log, and all else that was written, if it shows a secret. */
  readonly shown: readonly string[]
  /** Command lines of processes of this machine that show a secret. */
  readonly showing: readonly string[]
  /** The content of the report file; empty if there is none. */
  readonly report: string
  /** The refs of each destination once the servers have ended their work. */
  readonly refs: readonly ReadonlyMap<string, string>[]
  /** Those of each source at the same time. */
  readonly sourceRefs: readonly ReadonlyMap<string, string>[]
  /** From the signal until no process is left, with the post step after SIGKILL. Measured, and no verdict. */
  readonly milliseconds: number
}

/** Paths of the runs that are under way: their processes have secrets. */
const underWay = new Set<string>()
/** In the environment of a run that heals: it has secrets, too. */
export const HEALING = { RUNNER_TRACKING_ID: 'a run that heals' }

/** Runs a step, kills it when the event comes, and lets the post step do its work after SIGKILL. */
export async function killRun(kill: Kill, places: KillPlaces): Promise<Killed> {
  const { point, signal } = kill
  const mirrors = await Promise.all(Array.from({ length: kill.many ? 2 : 1 }, () => places.create(kill)))
  const watched = watchedRun('call' in point ? point.call : null)
  const paths = [watched.temp, watched.directories['TMPDIR'] ?? '']
  for (const path of paths) underWay.add(path)
  const letGo = holdAt(kill, mirrors, watched, places)
  const { inputs, env } = stepOf(mirrors)
  const isSummary = 'summary' in point
  let leader = 0
  let killedAt: number | null = null
  let reader: number | null = null
  const send = () => {
    if (killedAt !== null) return
    killedAt = performance.now()
    process.kill(leader, signal)
    // A run that is asked to end goes on with its report, which nothing may hold up then: the pipe has a reader.
    if (isSummary && signal !== 'SIGKILL') reader = openSync(watched.gate, 'r+')
  }
  const said = 'said' in point ? point.said : isSummary ? (log: string) => log.split('✅ Updated').length > mirrors.length : () => false
  void watched.reached().then(send)
  const step = await runMain(
    { retries: '0', transfer: kill.transfer, ...inputs },
    {
      env: {
        ...('call' in point ? watched.env : watched.directories),
        ...env,
        ...(isSummary && { GITHUB_STEP_SUMMARY: watched.gate }),
        ...('said' in point && { RUNNER_DEBUG: '1' }),
      },
      secrets: places.secrets,
      leave: true,
      started: pid => {
        leader = pid
      },
      watch: log => {
        if (said(log)) send()
      },
    },
  )
  const holding = watched.files().filter(({ text }) => places.shows(text))
  const post = signal === 'SIGKILL' ? await runPost(step, { env: watched.directories }) : null
  const marks: RunMarks = { leader, paths }
  const left = post === null && step.left.length > 0 ? step.left : await untilEnded(marks)
  const milliseconds = performance.now() - (killedAt ?? Number.NaN)
  for (const path of paths) underWay.delete(path)
  const showing = processesWith(places.shows, [...underWay, HEALING.RUNNER_TRACKING_ID, places.https.repositories])
  watched.release()
  if (reader !== null) closeSync(reader)
  letGo()
  await untilUnused(mirrors.map(({ destination }) => destination))
  for (const { source, destination } of mirrors)
    for (const one of [source, destination]) rmSync(join(one, 'hooks'), { recursive: true, force: true })
  const report = step.outputs['report-file'] === undefined ? '' : readFileSync(step.outputs['report-file'], 'utf8')
  const written = [
    withoutMaskCommands(step.log),
    step.summary,
    report,
    post?.log ?? '',
    JSON.stringify([step.outputs, step.env, step.state]),
  ]
  return {
    mirrors,
    step,
    ended: step.signal ?? step.code,
    left: [...left, ...(post?.left ?? [])],
    holding: holding.map(({ path }) => path.split('/').at(-1) ?? ''),
    files: watched.files().flatMap(({ path, text }) => (isReport(path) && !places.shows(text) ? [] : [path])),
    shown: written.filter(places.shows),
    showing,
    report,
    refs: mirrors.map(({ destination }) => readRefs(destination)),
    sourceRefs: mirrors.map(({ source }) => readRefs(source)),
    milliseconds,
  }
}

const isReport = (path: string): boolean => /^temp\/repository-mirroring-reports?-[\w-]+\.json$/.test(path)

/** Makes the event known, and lets nothing go on before the run is killed. @returns lets the servers go on */
function holdAt({ point, protocol }: Kill, mirrors: readonly KillMirror[], watched: WatchedRun, places: KillPlaces): () => void {
  const last = mirrors.at(-1)
  const at = 'at' in point && point.at === 'first' ? mirrors[0] : last
  if (at === undefined || last === undefined) throw new Error('a run needs a mirror')
  const stop = `${watched.reach}; ${watched.wait}`
  // A run that is to be killed for something else cannot end before it is.
  if (!('summary' in point) && !('hook' in point)) installHook(last.destination, 'pre-receive', `${watched.wait}; exit 1`)
  if ('hook' in point) {
    const condition = point.hook === 'update' ? point.when : `${point.when} >/dev/null`
    installHook(at.destination, point.hook, `if ${condition}; then ${stop}; exit ${point.answer === 'accepts' ? 0 : 1}; fi; exit 0`)
  }
  if (!('lfs' in point)) return () => {}
  const repository = point.lfs === 'upload' ? at.destination : at.source
  if (protocol === 'ssh') {
    installHook(repository, `lfs-${point.lfs}`, stop)
    return () => {}
  }
  const held = hold(HELD_BYTES)
  holds.set(`${point.lfs} ${nameOf(repository)}`, held)
  places.https.intervene = request => holds.get(`${request.kind} ${request.repository}`) ?? null
  void held.reached.then(watched.arrive)
  return () => {
    holds.delete(`${point.lfs} ${nameOf(repository)}`)
    held.release()
  }
}

/** An LFS object stands still after these. */
const HELD_BYTES = 100_000
const holds = new Map<string, ReturnType<typeof hold>>()
