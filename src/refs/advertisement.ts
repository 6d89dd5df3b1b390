import type { DamageKind } from '../errors/damage-texts.ts'
import { isBranch, type ObjectFormat, type Oid, type RefName } from './ref.ts'

/** The refs that one side reports: branches, tags and `refs/mirroring/`. Others (refs/pull, refs/notes) are never mirrored. */
export interface Advertisement {
  /** Tip of every branch and tag that is not symbolic. For an annotated tag: the tag object. */
  readonly refs: ReadonlyMap<RefName, Oid>
  /** For annotated tags: the object that the tag leads to. */
  readonly peeled: ReadonlyMap<RefName, Oid>
  /** Branches and tags that only point to another ref, which a push would change instead. */
  readonly symbolic: ReadonlyMap<RefName, SymbolicRef>
  /** Whether `symbolic` is complete. Before protocol v2 a server reports only HEAD, so any branch may be an alias of another. */
  readonly symbolicIsWhole: boolean
  /** Refs below `refs/mirroring/` that are not symbolic, which are never mirrored: backups, and the base of both directions (mirroring-ref.ts). */
  readonly mirroringRefs: ReadonlyMap<RefName, Oid>
  /** Whether HEAD leads to a commit; null if it is not reported. */
  readonly hasHead: boolean | null
  /** The branch that HEAD names, which need not exist; null if HEAD is detached or not reported. */
  readonly head: RefName | null
  /** null if the server does not report it and has no refs. */
  readonly objectFormat: ObjectFormat | null
  /** Refs that cannot be mirrored, each with the reason. */
  readonly unusable: readonly UnusableRef[]
  /** Branches and tags whose objects this side cannot give. They are not changed on either side, and count neither as present nor as deleted. */
  readonly damaged: ReadonlyMap<RefName, DamagedRef>
}

export interface DamagedRef {
  /** null if the ref itself is damaged, so that it names no object. */
  readonly tip: Oid | null
  /** null while it is not known whether it is damaged. */
  readonly damage: Damage | null
}

export interface Damage {
  readonly kind: DamageKind
  readonly reason: string
}

export interface SymbolicRef {
  /** The ref that it leads to. */
  readonly target: string
  /** The tip of that ref. */
  readonly tip: Oid
}

export interface UnusableRef {
  /** Printable form: bytes that are not UTF-8 show as U+FFFD. */
  readonly name: string
  /** The name's bytes, one per character, because different names may have the same printable form. */
  readonly bytes: string
  readonly tip: Oid
  readonly reason: string
}

/** The tip of a branch or tag, symbolic or not; null = absent. */
export const tipOf = ({ refs, symbolic }: Pick<Advertisement, 'refs' | 'symbolic'>, ref: RefName): Oid | null =>
  refs.get(ref) ?? symbolic.get(ref)?.tip ?? null

/** The branches and tags, symbolic or not. */
export const namesOf = ({ refs, symbolic }: Pick<Advertisement, 'refs' | 'symbolic'>): RefName[] => [...refs.keys(), ...symbolic.keys()]

/** The branches and tags, damaged ones included: they are there, although this side cannot give them. */
export const allNamesOf = (side: Pick<Advertisement, 'refs' | 'symbolic' | 'damaged'>): RefName[] => [
  ...namesOf(side),
  ...side.damaged.keys(),
]

export const hasBranches = (side: Advertisement): boolean => allNamesOf(side).some(isBranch)
