import type { Advertisement } from '../refs/advertisement.ts'
import { isBranch, type Oid, type RefName } from '../refs/ref.ts'

/** Every have is a line of the request, and work for the source; what the first ones lead to covers most of the others. */
export const MOST_HAVES = 1000

/**
 * What the destination has, for the source to leave out of its pack, most telling first: the old tips of what is to change, the default branch,
 * branches, then tags with the highest numbers first, as they are the newest. What is the same on both sides comes before what the source may not know.
 * @param changing refs of the destination that are to change
 */
export function chooseHaves(source: Advertisement, destination: Advertisement, changing: ReadonlySet<RefName>): Oid[] {
  const known = new Set(source.refs.values())
  const rank = (ref: RefName, oid: Oid) => {
    if (changing.has(ref)) return 0
    if (ref === destination.head) return 1
    if (!known.has(oid)) return 4
    return isBranch(ref) ? 2 : 3
  }
  const ranked = [...destination.refs].map(([ref, oid]) => ({ ref, oid, rank: rank(ref, oid) }))
  const first = [0, 1, 2].flatMap(wanted => ranked.filter(({ rank }) => rank === wanted))
  const rest = first.length >= MOST_HAVES ? [] : [3, 4].flatMap(wanted => ranked.filter(({ rank }) => rank === wanted).sort(newestFirst))
  return [...new Set([...first, ...rest].map(({ oid }) => oid))].slice(0, MOST_HAVES)
}

const newestFirst = (a: { ref: RefName }, b: { ref: RefName }): number => NUMERIC.compare(b.ref, a.ref)

// `v10` comes after `v9`.
const NUMERIC = new Intl.Collator('en', { numeric: true })
