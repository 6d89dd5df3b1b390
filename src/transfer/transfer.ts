import type { Kind } from '../errors/kinds.ts'
import type { Pointer } from '../lfs/pointer.ts'
import type { LfsUsage } from '../lfs/usage.ts'
import type { Outcome, TransferName } from '../plan/outcome.ts'
import type { Pair, RefChange, Relation } from '../plan/plan.ts'
import type { Oid, RefName } from '../refs/ref.ts'

export interface ChangeOutcome {
  readonly outcome: Outcome
  /** Why the change was not made, in the server's text if it gives one. */
  readonly reason: string | null
  readonly code: Kind | null
  /** Advice; only if it says more than the code's own hint. */
  readonly hint?: string | undefined
  /** The time to wait before the next attempt, as the server asks. */
  readonly retryAfterMs?: number | null
}

export interface PushManner {
  readonly atomic: boolean
  readonly pushOptions: readonly string[]
}

/** Mirroring refs are pushed one by one and without push options, which are meant for branches and tags. */
export const PLAIN: PushManner = { atomic: false, pushOptions: [] }

/** Moves objects and ref updates to the destination. Outside this folder, only the report depends on which transfer runs. */
export interface Transfer {
  readonly name: TransferName
  /** Answers the questions of a plan. @throws Failure when the source cannot be read */
  relate(pairs: readonly Pair[]): Promise<ReadonlyMap<RefName, Relation>>
  /**
   * Whether the histories of these tips have no commit in common.
   * @param ours tips of the source
   * @param theirs tips of the destination
   * @throws Failure when a side cannot be read
   */
  haveUnrelatedHistories(ours: readonly Oid[], theirs: readonly Oid[]): Promise<boolean>
  /**
   * Whether the source's tip of a change has a file.
   * @param path of the file, below the root
   * @throws Failure when the source cannot be read; `relay-impossible` if only git can answer
   */
  holdsFile(change: Pick<RefChange, 'before' | 'after'>, path: string): Promise<boolean>
  /** The source's use of LFS, in the tips that the run may need and in its default branch. Read once; if it cannot be read, it is unknown. */
  lfsUsage(): Promise<LfsUsage>
  /**
   * The LFS objects that the changes bring: those of pointers in commits that the destination lacks.
   * @returns by oid
   * @throws Failure when the source cannot be read; `relay-impossible` if only git can answer
   */
  lfsPointers(changes: readonly RefChange[]): Promise<ReadonlyMap<string, Pointer>>
  /**
   * Makes the changes, each only if the destination's ref still points to `before`. One refused ref does not hold back the others.
   * @throws Failure when nothing could be sent at all
   */
  apply(changes: readonly RefChange[]): Promise<ReadonlyMap<RefName, ChangeOutcome>>
  /**
   * The same for mirroring refs (mirroring-ref.ts). They point to commits that the destination has, so no objects are moved.
   * @throws Failure when nothing could be sent at all
   */
  applyMirroringRefs(changes: readonly RefChange[]): Promise<ReadonlyMap<RefName, ChangeOutcome>>
  /** Removes the refs that held parts of a history in this run, or in one that broke off. Never throws. */
  removeSteps(): Promise<void>
  /** Whether the destination reports which of its refs are symbolic. @throws Failure */
  tellsSymbolicRefs(): Promise<boolean>
  /** Reads the destination's refs again, mirroring refs included. @throws Failure when they cannot be read */
  readAgain(): Promise<ReadonlyMap<RefName, Oid>>
  /** Bytes of the packs received from the source so far. */
  bytes(): Promise<number>
}
