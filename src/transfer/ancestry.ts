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
  const walks = new Map<Oid, Walk>()
  return new Map(
    pairs.map(pair => {
      const walk = walks.get(pair.into) ?? walkFrom(pair.into, parents)
      walks.set(pair.into, walk)
      return [pair, walk.met.has(pair.tip) ? 'ancestor' : walk.isWhole ? 'diverged' : 'open']
    }),
  )
}

interface Walk {
  readonly met: ReadonlySet<Oid>
  /** It ended at first commits alone. */
  readonly isWhole: boolean
}

function walkFrom(start: Oid, parents: ReadonlyMap<Oid, readonly Oid[]>): Walk {
  const met = new Set<Oid>([start])
  let isWhole = true
  // A set gives what is added while it is walked, too.
  for (const oid of met) {
    const known = parents.get(oid)
    if (known === undefined) isWhole = false
    else for (const parent of known) met.add(parent)
  }
  return { met, isWhole }
}
