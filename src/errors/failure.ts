import type { Side } from '../remote/side.ts'
import { type Fault, KINDS, type Kind } from './kinds.ts'

export interface FailureDetails {
  readonly side?: Side
  /** The server's or the tool's own words, already free of secrets. Shown folded below the message. */
  readonly detail?: string
  /** What to do; only where it says more than the kind's own hint. */
  readonly hint?: string
  /** How long the server asks us to wait before another try. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** The one error that a run can end with: what happened, whose fault it is, and what to do about it. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly kind: Kind
  readonly side: Side | null
  readonly detail: string | null
  readonly hint: string
  readonly retryAfterMs: number | null

  /** @param message the problem first, the subject in quotes, lower case, no full stop, no secret. */
  constructor(kind: Kind, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.kind = kind
    this.side = details.side ?? null
    this.detail = details.detail?.trim() || null
    this.hint = details.hint ?? KINDS[kind].hint
    this.retryAfterMs = details.retryAfterMs ?? null
  }

  /** Who can do something about it; only `network` and `race` are worth another try. */
  get fault(): Fault {
    return KINDS[this.kind].fault
  }

  /** The same failure, told of one side. */
  on(side: Side): Failure {
    if (this.side !== null) return this
    const { kind, message, detail, hint, retryAfterMs, cause } = this
    return new Failure(kind, message, { side, detail: detail ?? '', hint, ...(retryAfterMs !== null && { retryAfterMs }), cause })
  }

  /** The same failure, with more to say. */
  saying(message: string, more: Pick<FailureDetails, 'detail'> = {}): Failure {
    const { kind, side, detail, hint, retryAfterMs, cause } = this
    return new Failure(kind, message, {
      ...(side !== null && { side }),
      detail: more.detail ?? detail ?? '',
      hint,
      ...(retryAfterMs !== null && { retryAfterMs }),
      cause,
    })
  }

  /** Whatever was thrown, as a Failure: what nobody foresaw is our bug. */
  static from(error: unknown): Failure {
    if (error instanceof Failure) return error
    const message = error instanceof Error ? error.message : String(error)
    return new Failure('internal', message, { cause: error })
  }
}
