import type { ObjectFormat, Oid, RefName } from './ref.ts'

/** The refs that one side reports: branches, tags and `refs/mirroring/`. Others (refs/pull, refs/notes) are never mirrored. */
export interface Advertisement {
  /** Tip of every branch and tag that is not symbolic. For an annotated tag: the tag object. */
  readonly refs: ReadonlyMap<RefName, Oid>
  /** For annotated tags: the object that the tag leads to. */
  readonly peeled: ReadonlyMap<RefName, Oid>
  /** Refs that only point to another ref, which a push would change instead. They are ignored on both sides. */
  readonly symbolic: ReadonlySet<RefName>
  /** Whether `symbolic` is complete. Before protocol v2 a server reports only HEAD, so any branch may be an alias of another. */
  readonly symbolicIsWhole: boolean
  /** Refs below `refs/mirroring/` that are not symbolic, which are never mirrored: backups, and the base of both directions (mirroring-ref.ts). */
  readonly mirroringRefs: ReadonlyMap<RefName, Oid>
  /** The branch that HEAD names; null if HEAD is detached or not reported. */
  readonly head: RefName | null
  /** null if the server does not report it and has no refs. */
  readonly objectFormat: ObjectFormat | null
  /** Refs that cannot be mirrored, each with the reason. */
  readonly unusable: readonly UnusableRef[]
}

export interface UnusableRef {
  /** Printable form: bytes that are not UTF-8 show as U+FFFD. */
  readonly name: string
  readonly reason: string
}

export const hasNoBranches = (side: Advertisement): boolean => ![...side.refs.keys()].some(name => name.startsWith('refs/heads/'))

/** Notices about refs that are never mirrored. */
export function unmirroredNotices(source: Advertisement, destination: Advertisement): string[] {
  const names = [...new Set([...source.symbolic, ...destination.symbolic])].sort()
  const head = [source, destination].some(({ refs }) => refs.has('refs/heads/HEAD' as RefName))
  const shown = `${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`
  return [
    ...(names.length > 0 ? [`symbolic refs are not changed on either side: ${shown}`] : []),
    ...(head ? ['a branch called HEAD is not mirrored: git confuses it with the real one'] : []),
  ]
}
