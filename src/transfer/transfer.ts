import type { Kind } from '../errors/kinds.ts'
import type { Pointer } from '../lfs/pointer.ts'
import type { LfsUsage } from '../lfs/usage.ts'
import type { Outcome, TransferName } from '../plan/outcome.ts'
import type { Pair, RefChange, Relation } from '../plan/plan.ts'
import type { Oid, RefName } from '../refs/ref.ts'

/** What became of one change. */
export interface ChangeOutcome {
  readonly outcome: Outcome
  /** For what did not land: why, in the server's words where it has any. */
  readonly reason: string | null
  readonly code: Kind | null
  /** What to do; only where it says more than the code's own hint. */
  readonly hint?: string | undefined
  /** How long the server asks us to wait before the next attempt. */
  readonly retryAfterMs?: number | null
}

/** What a push asks of the server besides its changes. */
export interface PushManner {
  readonly atomic: boolean
  readonly pushOptions: readonly string[]
}

/** Refs of ours are nobody's concern but ours: each for itself, and without options that are meant for the server's other services. */
export const PLAIN: PushManner = { atomic: false, pushOptions: [] }

/** How objects and ref updates reach the destination. Nothing outside this folder knows which one runs, except the report. */
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
   * @throws Failure when the source cannot be read; `relay-impossible` where only git can find it out
   */
  holdsFile(change: Pick<RefChange, 'before' | 'after'>, path: string): Promise<boolean>
  /** What the source says of LFS, in the tips that the run may need and in its default branch. Looked up once; what cannot be looked up is not known. */
  lfsUsage(): Promise<LfsUsage>
  /**
   * The LFS objects that the changes bring: by the pointers in what their tips add over what the destination has.
   * @returns by oid
   * @throws Failure when the source cannot be read; `relay-impossible` where only git can find it out
   */
  lfsPointers(changes: readonly RefChange[]): Promise<ReadonlyMap<string, Pointer>>
  /**
   * Makes the changes, each only while the destination's ref is still at `before`. One refused ref does not hold back the rest.
   * @throws Failure when nothing could be sent at all
   */
  apply(changes: readonly RefChange[]): Promise<ReadonlyMap<RefName, ChangeOutcome>>
  /**
   * The same for refs of ours at the destination (mirroring-ref.ts), which lead to nothing but what it has: no objects are moved.
   * @throws Failure when nothing could be sent at all
   */
  applyMirroringRefs(changes: readonly RefChange[]): Promise<ReadonlyMap<RefName, ChangeOutcome>>
  /** The destination's refs as they are now, those of ours included. @throws Failure when they cannot be read */
  readAgain(): Promise<ReadonlyMap<RefName, Oid>>
  /** Bytes of the packs received from the source so far. */
  bytes(): Promise<number>
}
