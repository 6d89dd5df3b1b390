import { shortened } from '../text/names.ts'
import { showCount } from '../text/quantity.ts'
import type { Advertisement, DamagedRef } from './advertisement.ts'
import { isBranch, isTag, type Oid, type RefName, shortName } from './ref.ts'
import { type Selection, selects } from './select.ts'

/** A tag of a side, and the object that it leads to. */
export interface TagTarget {
  readonly ref: RefName
  readonly tip: Oid
  readonly target: Oid
}

/** The question which tags of a side lead to a commit that none of its branches contains. */
export interface TagQuestion {
  readonly tags: readonly TagTarget[]
  /** Tips of branches, each once. */
  readonly branches: readonly Oid[]
}

/** Whether the patterns or another condition may leave out a branch. */
export const narrowsBranches = ({ branches, conditions = [] }: Selection): boolean =>
  conditions.length > 0 || branches.some(({ exclude }) => exclude) || (branches.length > 0 && !branches.some(({ glob }) => glob === '*'))

/**
 * The tags that only the history can tell about: those that the other side lacks or has elsewhere, unless one leads to the tip of a selected branch.
 * @param taken the tips of the other side when the run began
 */
export function tagsInQuestion(giving: Advertisement, taken: ReadonlyMap<RefName, Oid>, selection: Selection): TagQuestion {
  const branches = new Set<Oid>()
  for (const [ref, tip] of giving.refs) if (isBranch(ref) && selects(selection, ref)) branches.add(tip)
  const tags: TagTarget[] = []
  for (const [ref, tip] of giving.refs) {
    const target = giving.peeled.get(ref) ?? tip
    const isEqual = taken.get(ref) === tip
    if (isTag(ref) && !isEqual && !branches.has(target) && selects(selection, ref)) tags.push({ ref, tip, target })
  }
  return { tags, branches: [...branches] }
}

/** The selected branch of a side that it cannot give, so that it is not known which tags lead to its commits. */
export function damagedBranch({ damaged }: Advertisement, selection: Selection): (DamagedRef & { readonly ref: RefName }) | null {
  const branches = [...damaged].flatMap(([ref, of]) => (isBranch(ref) && selects(selection, ref) ? [{ ref, ...of }] : []))
  return branches.find(({ damage }) => damage !== null) ?? branches[0] ?? null
}

/** A side whose damaged branch may contain the commits of these tags, so that they count as damaged as well. */
export function withoutTags(side: Advertisement, tags: readonly RefName[], selection: Selection): Advertisement {
  const branch = damagedBranch(side, selection)
  if (branch === null || tags.length === 0) return side
  const [refs, damaged] = [new Map(side.refs), new Map(side.damaged)]
  const reason = `it is not known whether a selected branch contains its commit, because the branch \`${shortName(branch.ref)}\` is damaged`
  for (const tag of tags) {
    damaged.set(tag, { tip: side.refs.get(tag) ?? null, damage: branch.damage && { ...branch.damage, reason } })
    refs.delete(tag)
  }
  return { ...side, refs, damaged }
}

const named = (refs: readonly RefName[]): string => shortened(refs.map(shortName))

/** Notice about tags that are not mirrored. */
export const leftOutNotice = (refs: readonly RefName[]): string =>
  `${showCount(refs.length, 'tag')} left out, because no selected branch contains the commit: ${named(refs)}; \`tag-scope: all\` mirrors such tags, too`

/** Notice about tags that are mirrored although the branches are narrowed. */
export const beyondNotice = (refs: readonly RefName[]): string =>
  `${showCount(refs.length, 'tag')} ${refs.length === 1 ? 'brings' : 'bring'} commits that no selected branch contains: ${named(refs)}; \`tag-scope: reachable\` leaves such tags out`

/** Notice about tags that are mirrored without an answer about their commits. */
export const unknownNotice = (count: number): string =>
  `it is not known whether ${showCount(count, 'tag')} ${count === 1 ? 'brings' : 'bring'} commits that no selected branch contains; \`tag-scope: reachable\` leaves such tags out`
