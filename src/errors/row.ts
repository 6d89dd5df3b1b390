import type { Kind } from './kinds.ts'

/** The subject of a text: one ref, a whole request (all refs that were sent together), the connection, the login, or LFS objects. */
export type Scope = 'ref' | 'request' | 'connection' | 'auth' | 'lfs'

/** A text of a server or a tool, and its meaning. Whether a retry can help follows from the kind's fault. */
export interface ErrorRow {
  readonly kind: Kind
  readonly scope: Scope
  readonly match: RegExp
  /** Advice; only if this text says more than its kind. */
  readonly hint?: string
}

/** One row of a table. */
export const row = (kind: Kind, scope: Scope, match: RegExp, advice?: Pick<ErrorRow, 'hint'>): ErrorRow => ({
  kind,
  scope,
  match,
  ...advice,
})
