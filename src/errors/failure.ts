import type { Side } from '../remote/side.ts'
import { excerptOf } from '../text/excerpt.ts'
import type { Fault } from './kind.ts'
import { KINDS, type Kind } from './kinds.ts'

export interface FailureDetails {
  readonly side?: Side | null | undefined
  /** The output of the server or the program, already free of secrets. Its ends are shown folded below the message. */
  readonly detail?: string | null | undefined
  /** Advice; only if it says more than the kind's own hint. */
  readonly hint?: string | undefined
  /** All problems, if the message names more than one. */
  readonly problems?: readonly string[] | undefined
  /** How long the server asks us to wait before the next attempt. */
  readonly retryAfterMs?: number | null | undefined
  readonly cause?: unknown
}

/** The one error that a run can end with: the event, the cause and the advice. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly kind: Kind
  readonly side: Side | null
  readonly detail: string | null
  readonly hint: string
  readonly problems: readonly string[]
  readonly retryAfterMs: number | null
  /** The failure from which `with` made this one. */
  #origin: Failure = this

  /** @param message the problem first, the subject in quotes, lower case, no full stop, no secret. */
  constructor(kind: Kind, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.kind = kind
    this.side = details.side ?? null
    this.detail = excerptOf(details.detail?.trim() ?? '') || null
    this.hint = details.hint ?? KINDS[kind].hint
    this.problems = details.problems ?? []
    this.retryAfterMs = details.retryAfterMs ?? null
  }

  /** The place of the cause; only `network` and `race` are worth a retry. */
  get fault(): Fault {
    return KINDS[this.kind].fault
  }

  /** The same failure, except for what is given. A new kind brings its own hint. */
  with({ kind, message, ...details }: FailureDetails & { readonly kind?: Kind; readonly message?: string }): Failure {
    const { cause } = this
    const hint = kind === undefined ? this.hint : undefined
    const changed = new Failure(kind ?? this.kind, message ?? this.message, { ...this, cause, hint, ...details })
    changed.#origin = this.#origin
    return changed
  }

  /** The same failure, of this side; one that already has a side keeps it. */
  on(side: Side): Failure {
    return this.side === null ? this.with({ side }) : this
  }

  /** Whether `with` made both from the same failure, or one from the other. */
  isVersionOf(other: Failure): boolean {
    return this.#origin === other.#origin
  }

  /** Turns a thrown value into a Failure; any other error counts as a bug of this program, but for a full disk. */
  static from(error: unknown): Failure {
    if (error instanceof Failure) return error
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'ENOSPC' || code === 'EDQUOT')
      return new Failure('disk-full', `this machine is full: ${messageOf(error)}`, { cause: error })
    return new Failure('internal', messageOf(error), { cause: error })
  }
}

/** The message of a thrown value, which need not be an Error. */
export const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
