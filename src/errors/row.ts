import type { Kind } from './kinds.ts'

/** What a text speaks of: one ref, a whole request (all refs sent together), the connection, who we are, or LFS files. */
export type Scope = 'ref' | 'request' | 'connection' | 'auth' | 'lfs'

/** A text of a server or a tool, and what it means. Whether another try may help follows from the kind's fault. */
export interface ErrorRow {
  readonly kind: Kind
  readonly scope: Scope
  readonly match: RegExp
  /** What to do; only where this text tells more than its kind. */
  readonly hint?: string
}

export const row = (kind: Kind, scope: Scope, match: RegExp, hint?: string): ErrorRow =>
  hint === undefined ? { kind, scope, match } : { kind, scope, match, hint }
