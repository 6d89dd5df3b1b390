import type { History } from '../plan/history.ts'
import type { Oid, RefName } from '../refs/ref.ts'

/** The refs that hold a part of the history until its own refs can lead to it. */
export interface StepRefs {
  /** The name of the ref for a commit. */
  readonly nameOf: (commit: Oid) => RefName
  /** Those that the destination has. */
  readonly present: Map<RefName, Oid>
}

/** A transfer's knowledge of the history that a push brings. */
export interface StepSource extends StepRefs {
  /** The commits of these objects that the destination lacks. @throws Failure; `relay-impossible` if only git can answer */
  readonly read: (tips: readonly Oid[]) => Promise<History>
  /** The object that an annotated tag leads to; any other object itself. */
  readonly peel: (oid: Oid) => Oid
  /**
   * Makes the pack that the next push of these objects sends.
   * @param most bytes
   * @returns its bytes; null if there are more
   */
  readonly prepare: (wants: readonly Oid[], most: number) => Promise<number | null>
  /** The largest files that a commit brings, each with its size: `path (3.0 MiB)`. */
  readonly largestFiles: (commit: Oid, parents: readonly Oid[], count: number) => Promise<readonly string[]>
}
