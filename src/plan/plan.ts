import type { Kind } from '../errors/kinds.ts'
import { type Advertisement, hasBranches, namesOf, tipOf } from '../refs/advertisement.ts'
import { isBranch, isTag, type Oid, type RefName } from '../refs/ref.ts'
import { type Selection, selects } from '../refs/select.ts'
import { otherSide, type PerSide, SIDES, type Side } from '../remote/side.ts'
import type { Action } from './outcome.ts'

/** Whether one tip is contained in another: `ancestor` = it is, `diverged` = it certainly is not. `unknown` is never treated as one of them. */
export type Relation = 'ancestor' | 'diverged' | 'unknown'

export const PRUNE = ['merged', 'all', 'none'] as const
export type Prune = (typeof PRUNE)[number]

export interface Policy {
  readonly keepDivergent: boolean
  readonly prune: Prune
  /** `prune` counts even with `keepDivergent`; otherwise a one-way run that keeps divergent refs deletes nothing. */
  readonly pruneRegardless?: boolean
}

/** A ref with its tip on either side, and its base; null = absent, or not known. */
export interface ComparedRef extends PerSide<Oid | null> {
  readonly ref: RefName
  readonly base: Oid | null
}

/** All that a plan is made from, apart from the relations. */
export interface Comparison extends PerSide<Advertisement> {
  /** The side that is copied; in both directions `here`, which wins where divergent refs are not kept. */
  readonly source: Side
  /** The tip of each ref at which both sides last agreed; null in one direction, which needs none. */
  readonly base: ReadonlyMap<RefName, Oid> | null
  readonly selection: Selection
  readonly policy: Policy
  readonly table: DecisionTable
  readonly hasBranches: PerSide<boolean>
  /** Every selected ref of either side, by name. A symbolic ref has the tip of its target. A ref that is damaged on one side is not changed on either. */
  readonly refs: readonly ComparedRef[]
}

/** A question that only the objects can answer: is `tip` contained in `into`? */
export interface Pair {
  readonly ref: RefName
  readonly tip: Oid
  readonly into: Oid
}

/** The answers of each side that was asked; a missing answer is `unknown`. */
export type Answers = Partial<PerSide<ReadonlyMap<RefName, Relation>>>

/** A change of one ref of a side. */
export interface RefChange {
  readonly ref: RefName
  readonly action: Action
  /** Its tip as it was read; null = absent. The change is made only if the ref still points to it. */
  readonly before: Oid | null
  /** Its tip after the change; null = absent. */
  readonly after: Oid | null
}

/** The change of a ref from one tip to another; none if they are the same. null = absent. */
export function changeOf(ref: RefName, before: Oid | null, after: Oid | null): RefChange[] {
  if (before === after) return []
  return [{ ref, action: before === null ? 'create' : after === null ? 'delete' : 'force', before, after }]
}

/** For a ref that neither side changes, `before` is the tip at the destination (in both directions: there), and `after` that of the other side. */
export interface PlannedRef extends RefChange {
  /** The side that is changed; null = neither. */
  readonly side: Side | null
  readonly reason: string
  /** The reason for a ref that is not changed although both sides differ. */
  readonly code: Kind | null
}

export type Decision = Pick<PlannedRef, 'side' | 'action' | 'reason' | 'code'>

export interface DecisionTable {
  /** Whether it matters that the default branch of `absent` contains a ref that only the other side has. */
  asksIfMerged(entry: ComparedRef, absent: Side, comparison: Comparison): boolean
  /** Decides on a ref whose tips differ. @param answers of the sides that were asked */
  decide(entry: ComparedRef, comparison: Comparison, answers: PerSide<Relation>): Decision
}

export const keep = (code: Kind, reason: string): Decision => ({ side: null, action: 'keep', reason, code })

export const change = (side: Side, action: Action, reason: string): Decision => ({ side, action, reason, code: null })

export function compareSides(compared: Omit<Comparison, 'refs' | 'hasBranches'>): Comparison {
  const { here, there, base, selection } = compared
  const isOurs = (ref: RefName) => selects(selection, ref) && !here.damaged.has(ref) && !there.damaged.has(ref)
  const names = [...new Set([...namesOf(here), ...namesOf(there)])].filter(isOurs).sort()
  const refs = names.map(ref => ({ ref, here: tipOf(here, ref), there: tipOf(there, ref), base: base?.get(ref) ?? null }))
  return { ...compared, refs, hasBranches: { here: hasBranches(here), there: hasBranches(there) } }
}

/** Tip of a side's default branch. */
export const defaultTip = (side: Advertisement): Oid | null => (side.head === null ? null : tipOf(side, side.head))

/**
 * Keeps a branch that a side without any branch lacks. Its tags are mirrored, but an answer that has lost all branches is more often broken than meant.
 * null for every other ref.
 */
export const keepFromBranchless = (ref: RefName, absent: Side, { hasBranches }: Comparison, reason: string): Decision | null =>
  isBranch(ref) && !hasBranches[absent] ? keep('source-empty', `${reason}, which has tags but no branches: no branch is deleted`) : null

/** The questions whether a side contains tips of the other side, as far as the answers decide the plan, or whether a deleted tip is lost. */
export function questionsTo(side: Side, comparison: Comparison): Pair[] {
  const other = otherSide(side)
  return comparison.refs.flatMap((entry): Pair[] => {
    const { ref, [side]: into, [other]: tip } = entry
    if (tip === null || tip === into) return []
    if (into === null) {
      const target = defaultTip(comparison[side])
      if (target === null || !comparison.table.asksIfMerged(entry, side, comparison)) return []
      return [{ ref, tip: comparison[other].peeled.get(ref) ?? tip, into: target }]
    }
    // Tags that differ are diverged by definition: a tag is not expected to move.
    if (isTag(ref)) return []
    // If only the other side has changed a ref, its relation to this side only matters if this side is to win.
    if (into === entry.base && comparison.policy.keepDivergent) return []
    return [{ ref, tip, into }]
  })
}

/** Whether the other side gets this tip of a side, or may be overwritten with it. */
function isBrought(side: Side, entry: ComparedRef, { source, policy }: Comparison): boolean {
  const { base, [side]: tip, [otherSide(side)]: other } = entry
  if (tip === null || tip === other) return false
  return other === null ? tip !== base : side === source && !policy.keepDivergent
}

/**
 * Every tip of a side that the plan can need, so that one fetch brings them all.
 * @param pairs the questions to the side; without them, the tips that are needed regardless of the answers
 */
export function tipsToBring(side: Side, comparison: Comparison, pairs: readonly Pair[] = []): Oid[] {
  const brought = comparison.refs.flatMap(entry => (isBrought(side, entry, comparison) ? (entry[side] ?? []) : []))
  return [...new Set([...brought, ...pairs.map(({ into }) => into)])]
}

/** The plan: one entry for each selected ref of either side, sorted by name. @param answers to {@link questionsTo} */
export function planRefs(comparison: Comparison, answers: Answers): PlannedRef[] {
  const { source, table } = comparison
  return comparison.refs.map(entry => {
    const { ref } = entry
    const relations = { here: answers.here?.get(ref) ?? 'unknown', there: answers.there?.get(ref) ?? 'unknown' } as const
    const decision = entry.here === entry.there ? SAME : keepSymbolic(ref, comparison, table.decide(entry, comparison, relations))
    const shown = decision.side ?? otherSide(source)
    return { ref, before: entry[shown], after: entry[otherSide(shown)], ...decision }
  })
}

export const SAME: Decision = { side: null, action: 'none', reason: 'same on both sides', code: null }

/** A symbolic ref is never changed, because that would change its target instead, and nothing settles a difference for the user. */
function keepSymbolic(ref: RefName, { source, base, ...sides }: Comparison, decision: Decision): Decision {
  const { side, code } = decision
  if (side === null && code !== 'diverged' && code !== 'relation-unknown') return decision
  const changeable = side !== null ? [side] : base === null ? [otherSide(source)] : SIDES
  const [target] = changeable.flatMap(each => sides[each].symbolic.get(ref)?.target ?? [])
  return target === undefined ? decision : keep('symbolic-ref', symbolicReason(target))
}

export const symbolicReason = (target: string): string => `it is a symbolic ref to ${target}, which a push would change instead`
