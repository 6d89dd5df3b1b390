import type { ObjectFormat, Oid, RefName } from './ref.ts'

/** What one side says it has: its branches and tags, and no more (refs/pull, refs/notes and the like are not ours to mirror). */
export interface Advertisement {
  /** Tip of every branch and tag that is not symbolic. For an annotated tag: the tag object. */
  readonly refs: ReadonlyMap<RefName, Oid>
  /** For annotated tags: the object at the end of the chain of tags. */
  readonly peeled: ReadonlyMap<RefName, Oid>
  /** Branches and tags that only point to another ref. They are ignored on both sides. */
  readonly symbolic: ReadonlySet<RefName>
  /** The branch that HEAD names; null where HEAD is detached or the server does not say. */
  readonly head: RefName | null
  /** null where no ref tells it (an empty repository). */
  readonly objectFormat: ObjectFormat | null
  /** Refs that cannot be mirrored, each with the reason. */
  readonly unusable: readonly UnusableRef[]
}

export interface UnusableRef {
  /** Printable form: bytes that are not UTF-8 show as U+FFFD. */
  readonly name: string
  readonly reason: string
}

/** Whether a side has no branch at all. */
export const hasNoBranches = (side: Advertisement): boolean => ![...side.refs.keys()].some(name => name.startsWith('refs/heads/'))
