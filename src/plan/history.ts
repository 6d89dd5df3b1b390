import type { Oid } from '../refs/ref.ts'

/** Commits that a destination lacks, each with its parents. It has the parents that are not among them. */
export type History = ReadonlyMap<Oid, readonly Oid[]>

/** Commits up to which the length of a history is counted: longer ones are all the same. */
const COUNTED = 4096

/**
 * All commits of a history, each after its parents. Short histories come first, so that a branch with little to bring does not wait for a long one.
 * @param tips the commits to bring; of equal length, those in front come first
 */
export function orderHistory(history: History, tips: Iterable<Oid>): Oid[] {
  const starts = [...new Set(tips)].filter(tip => history.has(tip)).map(tip => ({ tip, length: lengthOf(tip, history) }))
  const ordered = new Set<Oid>()
  for (const { tip } of starts.sort((a, b) => a.length - b.length)) addWithParents(tip, history, ordered)
  return [...ordered]
}

function lengthOf(tip: Oid, history: History): number {
  const met = new Set([tip])
  // A set gives what is added while it is walked, too.
  for (const oid of met) {
    if (met.size >= COUNTED) break
    for (const parent of history.get(oid) ?? []) if (history.has(parent)) met.add(parent)
  }
  return met.size
}

/** Not by recursion, as a history may have a million commits. */
function addWithParents(tip: Oid, history: History, ordered: Set<Oid>): void {
  const path: { readonly oid: Oid; next: number }[] = [{ oid: tip, next: 0 }]
  for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
    const parent = history.get(last.oid)?.[last.next]
    if (parent === undefined || ordered.has(last.oid)) {
      ordered.add(last.oid)
      path.pop()
    } else {
      last.next += 1
      if (history.has(parent) && !ordered.has(parent)) path.push({ oid: parent, next: 0 })
    }
  }
}

/** The commits of a part from which no other one of it descends: where these are, all of it is. @param part has the parents of each of its commits, unless the destination has them */
export function headsOf(part: Iterable<Oid>, history: History): Oid[] {
  const heads = new Set(part)
  for (const oid of [...heads]) for (const parent of history.get(oid) ?? []) heads.delete(parent)
  return [...heads]
}

/** The commits of a part of the history that these lead to, they themselves included. @param parents the commits of the part */
export function reachFrom(starts: Iterable<Oid>, parents: ReadonlyMap<Oid, readonly Oid[]>): ReadonlySet<Oid> {
  const met = new Set<Oid>()
  for (const start of starts) if (parents.has(start)) met.add(start)
  // A set gives what is added while it is walked, too.
  for (const oid of met) for (const parent of parents.get(oid) ?? []) if (parents.has(parent)) met.add(parent)
  return met
}
