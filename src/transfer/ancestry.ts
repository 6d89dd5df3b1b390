import type { Pair } from '../plan/plan.ts'
import type { Oid } from '../refs/ref.ts'

/** What a part of the history proves of a pair; `open` = nothing. */
export type Proof = 'ancestor' | 'diverged' | 'open'

/**
 * Asks a part of the history whether each `tip` is contained in its `into`.
 * A walk from `into` that meets `tip` proves it. A walk that ends nowhere but at first commits, without having met `tip`, proves the contrary:
 * that was all of the history of `into`. A walk that leaves the part without having met it proves nothing.
 * @param parents the commits of the part, each with all of its parents
 */
export function proveRelations(parents: ReadonlyMap<Oid, readonly Oid[]>, pairs: readonly Pair[]): Map<Pair, Proof> {
  const proofs = new Map<Pair, Proof>(pairs.map(pair => [pair, 'open']))
  const groups = new Map<Oid, Pair[]>()
  for (const pair of pairs) {
    const group = groups.get(pair.into)
    if (group === undefined) groups.set(pair.into, [pair])
    else group.push(pair)
  }
  // One walk at a time: a part can hold a million commits, and there may be thousands of branches.
  for (const [into, group] of groups) {
    const { met, isWhole } = walkFrom(into, parents, new Set(group.map(({ tip }) => tip)))
    for (const pair of group) proofs.set(pair, met.has(pair.tip) ? 'ancestor' : isWhole ? 'diverged' : 'open')
  }
  return proofs
}

interface Walk {
  readonly met: ReadonlySet<Oid>
  /** It ended at first commits alone, or as soon as all tips were met. */
  readonly isWhole: boolean
}

function walkFrom(start: Oid, parents: ReadonlyMap<Oid, readonly Oid[]>, tips: ReadonlySet<Oid>): Walk {
  const met = new Set<Oid>([start])
  let isWhole = true
  let missing = tips.has(start) ? tips.size - 1 : tips.size
  // A set gives what is added while it is walked, too.
  for (const oid of met) {
    if (missing === 0) break
    const known = parents.get(oid)
    if (known === undefined) isWhole = false
    for (const parent of known ?? []) {
      if (!met.has(parent) && tips.has(parent)) missing -= 1
      met.add(parent)
    }
  }
  return { met, isWhole }
}
