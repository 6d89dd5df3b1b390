import type { Advertisement } from '../../refs/advertisement.ts'
import { isBranch, type Oid, type RefName } from '../../refs/ref.ts'

/** Every have is a line of the request, and work for the source; what the first ones lead to covers most of the others. */
export const MAX_HAVES = 1000

/**
 * Commits that the destination has, for the source to leave out of its pack. The most useful come first: the old tips of refs to change, the default
 * branch, branches, then tags with the highest numbers first, as they are the newest. Tips that both sides have come before those that the source may lack.
 * @param changing refs of the destination that are to change
 */
export function chooseHaves(source: Advertisement, destination: Advertisement, changing: ReadonlySet<RefName>): Oid[] {
  const known = new Set(source.refs.values())
  const [changed, head, branches, tags, unknown]: [Tip[], Tip[], Tip[], Tip[], Tip[]] = [[], [], [], [], []]
  const groupOf = (ref: RefName, oid: Oid) => {
    if (changing.has(ref)) return changed
    if (ref === destination.head) return head
    if (!known.has(oid)) return unknown
    return isBranch(ref) ? branches : tags
  }
  for (const tip of destination.refs) groupOf(...tip).push(tip)
  const haves = new Set<Oid>()
  for (const group of [changed, head, branches, tags, unknown]) {
    if (haves.size >= MAX_HAVES) break
    for (const [, oid] of group === tags || group === unknown ? newestFirst(group) : group) haves.add(oid)
  }
  return [...haves].slice(0, MAX_HAVES)
}

type Tip = readonly [RefName, Oid]

/** By name, so that `v10` comes before `v9`. Numbers are filled up with zeros, as node takes 10 ms to load the rules of a language (`Intl.Collator`). */
function newestFirst(tips: readonly Tip[]): readonly Tip[] {
  const keyed = tips.map(tip => ({ tip, key: tip[0].replace(/\d+/g, digits => digits.padStart(20, '0')) }))
  return keyed.sort((a, b) => (a.key < b.key ? 1 : -1)).map(({ tip }) => tip)
}
