import type { Failure } from '../errors/failure.ts'
import type { RefChange } from '../plan/plan.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import type { Side } from '../remote/side.ts'
import type { PushLimits } from './push-order.ts'
import type { RefAnswer } from './push-outcome.ts'
import type { StepSource } from './step-source.ts'
import type { PushManner } from './transfer.ts'

/** The result of one push. */
export interface Pushed {
  /** The refs that the server or git has reported. */
  readonly refs: readonly RefAnswer[]
  /** The server's own lines. */
  readonly output: readonly string[]
  /** Why the others were not reported. */
  readonly failure: () => Promise<Failure>
  /** Bytes of the pack, or those of it that were sent. */
  readonly bytes: () => Promise<number>
  /** The push ended while the source was being waited for. */
  readonly isStalled: boolean
}

export interface PushOptions extends PushManner {
  readonly side: Side
  readonly defaultBranch: RefName | null
  readonly limits: PushLimits
  readonly say: (message: string) => void
  /** Makes one push. Each ref is changed only if it still points to `before`. @throws Failure when nothing was sent */
  readonly send: (changes: readonly RefChange[], manner: PushManner) => Promise<Pushed>
  /** null for refs that bring no history. */
  readonly steps: StepSource | null
  /** Reads the destination's refs again. @throws Failure */
  readonly readAgain: () => Promise<ReadonlyMap<RefName, Oid>>
}
