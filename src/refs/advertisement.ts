import type { ObjectFormat, Oid, RefName } from './ref.ts'

/** What one side says it has: its branches and tags, refs of ours, and no more (refs/pull, refs/notes and the like are not ours to mirror). */
export interface Advertisement {
  /** Tip of every branch and tag that is not symbolic. For an annotated tag: the tag object. */
  readonly refs: ReadonlyMap<RefName, Oid>
  /** For annotated tags: the object at the end of the chain of tags. */
  readonly peeled: ReadonlyMap<RefName, Oid>
  /** Branches and tags that only point to another ref. They are ignored on both sides. */
  readonly symbolic: ReadonlySet<RefName>
  /** Whether `symbolic` is all of them. Before protocol v2 a server tells no symbolic ref but HEAD, so that a branch may be another in disguise. */
  readonly symbolicIsWhole: boolean
  /** Refs below `refs/mirroring/`, which are never mirrored: backups, and what both sides last agreed on (mirroring-ref.ts). */
  readonly mirroringRefs: ReadonlyMap<RefName, Oid>
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

/** Remarks about refs that are never mirrored, so that they are not missed in silence. */
export function leftAlone(source: Advertisement, destination: Advertisement): string[] {
  const names = [...new Set([...source.symbolic, ...destination.symbolic])].sort()
  const head = [source, destination].some(({ refs }) => refs.has('refs/heads/HEAD' as RefName))
  return [
    ...(names.length > 0
      ? [`symbolic refs are left alone on both sides: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`]
      : []),
    ...(head ? ['a branch called HEAD is not mirrored: git confuses it with the real one'] : []),
  ]
}
