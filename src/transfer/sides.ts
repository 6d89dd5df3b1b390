import { Failure } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import type { Runtime } from '../host/runtime.ts'
import type { Advertisement } from '../refs/advertisement.ts'
import { isStepName, stepName } from '../refs/mirroring-ref.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import type { TagQuestion } from '../refs/tag-scope.ts'
import type { PerSide, Side } from '../remote/side.ts'
import type { Session } from '../session/session.ts'
import { rolesOf } from '../settings/direction.ts'
import type { Settings } from '../settings/settings.ts'
import type { openTransport } from '../transport/open.ts'
import type { StepRefs } from './step-source.ts'
import type { Transfer } from './transfer.ts'

/** Both sides, opened and read, and a transfer from each to the other. */
export interface Sides extends PerSide<Advertisement> {
  /**
   * The transfer from a side to the other one.
   * @param wants every tip of the source that the run may need
   * @param certain whether the run needs some of them in any case, before the transfer has answered
   */
  transfer(source: Side, wants: readonly Oid[], certain: boolean): Transfer
  /**
   * The tags of a side whose object is no commit that the branches contain.
   * @throws Failure when the side cannot be read; `relay-impossible` if only git can answer
   */
  tagsBeyond(side: Side, question: TagQuestion): Promise<readonly RefName[]>
  /** Reads a side once more, over a connection of its own. @throws Failure */
  readAgain(side: Side): Promise<Advertisement>
  /** Ends every connection. Never throws. */
  close(): void
}

/** Each side's tips when the run first read them; null before that. */
export type FirstTips = Record<Side, ReadonlyMap<RefName, Oid> | null>

export interface SidesContext {
  readonly settings: Settings
  readonly session: Session
  readonly runtime: Runtime
  readonly host: Host
  /** Opens a side in git's own protocol; missing = by its URL. */
  readonly openTransport?: typeof openTransport | undefined
}

/**
 * Reads the source and the destination at the same time. A purge in one direction needs nothing of the source: the destination then stands for both.
 * @throws Failure of both sides, as `joined` orders them
 */
export async function readSides<T>({ operation, direction }: Settings, read: (side: Side) => Promise<T>): Promise<readonly [T, T]> {
  const { source, destination } = rolesOf(direction)
  if (operation === 'purge-backups' && direction !== 'bidirectional') {
    const only = await read(destination)
    return [only, only]
  }
  const results = await Promise.allSettled([read(source), read(destination)])
  const [ours, theirs] = results
  if (ours.status === 'fulfilled' && theirs.status === 'fulfilled') return [ours.value, theirs.value]
  throw joined(results.flatMap(result => (result.status === 'rejected' ? [Failure.from(result.reason)] : [])))
}

/** One failure of several: the first, with the second in its detail. `relay-impossible`, which only means "use git", comes last. @param failures at least one */
export function joined(failures: readonly Failure[]): Failure {
  const isReal = ({ kind }: Failure) => kind !== 'relay-impossible'
  return [...failures.filter(isReal), ...failures.filter(failure => !isReal(failure))].reduce((first, second, index) => {
    if (index > 1) return first
    const detail = [first.detail, `the other side failed too: ${second.message}`, second.detail].filter(Boolean).join('\n')
    return first.with({ detail })
  })
}

/** The refs that hold parts of a history. @param id of the mirror, plan/base.ts */
export const stepRefsOf = ({ mirroringRefs }: Advertisement, id: string): StepRefs => ({
  nameOf: commit => stepName(commit, id),
  present: new Map([...mirroringRefs].filter(([name]) => isStepName(name, id))),
})

/** The objects that annotated tags lead to. */
export const targetsOf = ({ refs, peeled }: Advertisement): ReadonlyMap<Oid, Oid> =>
  new Map([...peeled].flatMap(([ref, target]) => [[refs.get(ref) ?? target, target] as const]))
