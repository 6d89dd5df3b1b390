import type { Pair } from '../../plan/plan.ts'
import type { Oid } from '../../refs/ref.ts'

/** The result of a part of the history for a pair; `open` = it proves nothing. */
export type Proof = 'ancestor' | 'diverged' | 'open'

/**
 * Whether a part of the history shows that each `tip` is contained in its `into`. A walk from `into` that meets `tip` proves it. A walk that ends only at first
 * commits, without having met `tip`, proves the contrary. A walk that leaves the part proves nothing. @param parents the commits of the part with all parents
 */
export function proveRelations(parents: ReadonlyMap<Oid, readonly Oid[]>, pairs: readonly Pair[]): Map<Pair, Proof> {
  const proofs = new Map<Pair, Proof>()
  const isWhole = wholeness(parents)
  const named = tipsIn(parents, pairs)
  const walks = new Map<Oid, Pair[]>()
  for (const pair of pairs) {
    proofs.set(pair, isWhole(pair.into) ? 'diverged' : 'open')
    // A part can have a million commits, and there may be thousands of branches: tips that the part does not name need no walk.
    if (!named.has(pair.tip)) continue
    const group = walks.get(pair.into) ?? []
    group.push(pair)
    walks.set(pair.into, group)
  }
  for (const [into, group] of walks) {
    const met = walkFrom(into, parents, new Set(group.map(({ tip }) => tip)))
    for (const pair of group) if (met.has(pair.tip)) proofs.set(pair, 'ancestor')
  }
  return proofs
}

/** The tips that the part names: as a commit, as a parent, or as the start of a pair. */
function tipsIn(parents: ReadonlyMap<Oid, readonly Oid[]>, pairs: readonly Pair[]): Set<Oid> {
  const tips = new Set(pairs.map(({ tip }) => tip))
  const named = new Set<Oid>()
  const note = (oid: Oid) => {
    if (tips.has(oid)) named.add(oid)
  }
  for (const { into } of pairs) note(into)
  for (const [oid, its] of parents) {
    note(oid)
    its.forEach(note)
  }
  return named
}

/** Whether the whole history of a commit is in the part, down to first commits. Results are kept for the next commit. */
function wholeness(parents: ReadonlyMap<Oid, readonly Oid[]>): (start: Oid) => boolean {
  const known = new Map<Oid, boolean>()
  return start => {
    // Commits whose parents are being looked at, each with the place of the next one.
    const path: { readonly oid: Oid; next: number }[] = [{ oid: start, next: 0 }]
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const its = parents.get(last.oid)
      const parent = its?.[last.next]
      const isWhole = its === undefined ? false : parent === undefined ? true : known.get(parent)
      if (isWhole === undefined && parent !== undefined) {
        // Until it is looked through. No commit is among its own ancestors; were one, it would not end at first commits.
        known.set(parent, false)
        path.push({ oid: parent, next: 0 })
      } else if (isWhole && parent !== undefined) last.next += 1
      else {
        known.set(last.oid, isWhole ?? false)
        path.pop()
      }
    }
    return known.get(start) ?? false
  }
}

/** The commits in the history of a commit, at least until all of the tips were met. */
function walkFrom(start: Oid, parents: ReadonlyMap<Oid, readonly Oid[]>, tips: ReadonlySet<Oid>): ReadonlySet<Oid> {
  const met = new Set<Oid>([start])
  let missing = tips.has(start) ? tips.size - 1 : tips.size
  // A set gives what is added while it is walked, too.
  for (const oid of met) {
    if (missing === 0) break
    for (const parent of parents.get(oid) ?? []) {
      if (!met.has(parent) && tips.has(parent)) missing -= 1
      met.add(parent)
    }
  }
  return met
}
