import type { Advertisement } from '../refs/advertisement.ts'
import { isTag, type Oid, type RefName } from '../refs/ref.ts'
import { type Selection, selects } from '../refs/select.ts'
import { otherSide, type Side } from '../remote/side.ts'
import { type Decision, keep, type Pair, type PlannedRef, type Policy, type Relation, sparingAliases, twinFinder } from './plan.ts'

/** Both sides, what they last agreed on, and the rules. */
export interface TwoWayCompared {
  readonly here: Advertisement
  readonly there: Advertisement
  /** The tip at which both sides last agreed on a ref; where it is missing, nothing is known. */
  readonly base: ReadonlyMap<RefName, Oid>
  readonly selection: Selection
  readonly policy: Policy
}

/** A ref as the sides have it, and as they last agreed on it; null = absent, or not known. */
interface TwoWayRef {
  readonly ref: RefName
  readonly here: Oid | null
  readonly there: Oid | null
  readonly base: Oid | null
}

export interface TwoWayComparison extends TwoWayCompared {
  /** Every selected ref of either side, by name; what is symbolic on one side is left alone on both. */
  readonly refs: readonly TwoWayRef[]
}

/** For each side what it is asked, as only it has the objects of its tips. At most one question a ref and side. */
export type Asked<T> = Readonly<Record<Side, T>>

/** What is to become of a ref. `before` is the tip at the side that is changed, or there, where neither is; `after` that of the other one. */
export interface TwoWayPlannedRef extends PlannedRef {
  /** The side that is changed; null = neither. */
  readonly side: Side | null
}

/** Puts the sides next to each other, ref by ref. */
export function compareBoth(compared: TwoWayCompared): TwoWayComparison {
  const { here, there, base, selection } = compared
  const isOurs = (ref: RefName) => selects(selection, ref) && !here.symbolic.has(ref) && !there.symbolic.has(ref)
  const names = [...new Set([...here.refs.keys(), ...there.refs.keys()])].filter(isOurs).sort()
  const refs = names.map(ref => ({
    ref,
    here: here.refs.get(ref) ?? null,
    there: there.refs.get(ref) ?? null,
    base: base.get(ref) ?? null,
  }))
  return { ...compared, refs }
}

/** The questions whose answers decide the plan, or whether a deleted tip is lost; nothing else is asked. */
export function pairsToReconcile(comparison: TwoWayComparison): Asked<Pair[]> {
  const ask = (side: Side) => comparison.refs.flatMap(entry => questionTo(side, entry, comparison) ?? [])
  return { here: ask('here'), there: ask('there') }
}

/** Does `side` contain what the other one has? */
function questionTo(side: Side, entry: TwoWayRef, comparison: TwoWayComparison): Pair | null {
  const { ref, base } = entry
  const other = otherSide(side)
  const [into, tip] = [entry[side], entry[other]]
  if (tip === null || tip === into) return null
  if (into === null) {
    const target = defaultTip(comparison[side])
    // What is kept anyway is not asked about.
    if (tip !== base || target === null || comparison.policy.prune === 'none' || ref === comparison[other].head) return null
    return { ref, tip: comparison[other].peeled.get(ref) ?? tip, into: target }
  }
  if (isTag(ref)) return null
  // Where only the other one has moved on, nobody asks whether this one contains that; unless this one is to win.
  if (into === base && comparison.policy.keepDivergent) return null
  return { ref, tip, into }
}

const defaultTip = ({ head, refs }: Advertisement): Oid | null => (head === null ? null : (refs.get(head) ?? null))

/** Every tip of `side` that the plan can need at the other one, so that one fetch brings them all. */
export function tipsToBring(side: Side, { refs, policy }: TwoWayComparison, pairs: readonly Pair[]): Oid[] {
  const other = otherSide(side)
  const wins = side === 'here' && !policy.keepDivergent
  const moved = refs.filter(entry => entry[side] !== entry[other] && (entry[other] === null ? entry[side] !== entry.base : wins))
  return [...new Set([...moved.flatMap(entry => entry[side] ?? []), ...pairs.map(({ into }) => into)])]
}

/** Whether a side certainly has something that the other one is to get. */
export const givesForSure = (side: Side, { refs, policy }: TwoWayComparison): boolean =>
  refs.some(entry => {
    const [tip, other] = [entry[side], entry[otherSide(side)]]
    if (tip === null || tip === other) return false
    return other === null ? tip !== entry.base : side === 'here' && !policy.keepDivergent
  })

/**
 * The plan for both directions: one entry for each selected ref of either side, sorted by name. Who changed last plays no part in it.
 * @param relations by the side that was asked, the answers to {@link pairsToReconcile}; a missing answer is `unknown`
 */
export function planBoth(comparison: TwoWayComparison, relations: Asked<ReadonlyMap<RefName, Relation>>): TwoWayPlannedRef[] {
  const twins = { here: twinFinder(comparison.here), there: twinFinder(comparison.there) }
  return comparison.refs.map(entry => {
    const { ref } = entry
    const answers = { here: relations.here.get(ref) ?? 'unknown', there: relations.there.get(ref) ?? 'unknown' }
    const { side, decision } = decide(entry, comparison, answers)
    const spared = side === null ? decision : sparingAliases(twins[side]({ ref, before: entry[side] }), decision)
    const changed = spared.action === 'keep' || spared.action === 'none' ? null : side
    const shown = changed ?? 'there'
    return { ref, before: entry[shown], after: entry[otherSide(shown)], ...spared, side: changed }
  })
}

interface TwoWayDecision {
  readonly side: Side | null
  readonly decision: Decision
}

const left = (decision: Decision): TwoWayDecision => ({ side: null, decision })

const change = (side: Side, action: Decision['action'], reason: string): TwoWayDecision => ({
  side,
  decision: { action, reason, code: null },
})

function decide(entry: TwoWayRef, comparison: TwoWayComparison, answers: Asked<Relation>): TwoWayDecision {
  const { ref, here, there } = entry
  if (here === there) return left({ action: 'none', reason: 'same on both sides', code: null })
  if (here === null) return decideOneSided('here', entry, comparison, answers.here)
  if (there === null) return decideOneSided('there', entry, comparison, answers.there)
  return isTag(ref) ? decideTag(comparison.policy) : decideDifferent(entry, comparison.policy, answers)
}

/** @param absent the side that has no such ref @param merged whether that side's default branch contains the tip of the other one */
function decideOneSided(absent: Side, { ref, ...entry }: TwoWayRef, comparison: TwoWayComparison, merged: Relation): TwoWayDecision {
  const present = otherSide(absent)
  if (entry.base === null) return change(absent, 'create', `new ${present}`)
  if (entry[present] !== entry.base)
    return change(absent, 'create', `deleted ${absent}, but changed ${present} since both sides last agreed: it comes back`)
  const what = `deleted ${absent}, and unchanged ${present} since`
  const { prune } = comparison.policy
  if (ref === comparison[present].head) return left(keep('default-branch', `${what}, but a default branch is never deleted`))
  if (prune === 'none') return left(keep('not-pruned', `${what}; kept because \`prune\` is \`none\``))
  if (prune === 'all' || merged === 'ancestor') return change(present, 'delete', what)
  if (merged === 'diverged') return left(keep('not-merged', `${what}, but not merged into the default branch ${absent}`))
  return left(keep('relation-unknown', `${what}; whether it was merged could not be found out`))
}

function decideTag({ keepDivergent }: Policy): TwoWayDecision {
  const reason = 'the tag is not the same on both sides'
  return keepDivergent ? left(keep('diverged', reason)) : change('there', 'force', `${reason}; the one here wins`)
}

function decideDifferent(entry: TwoWayRef, policy: Policy, answers: Asked<Relation>): TwoWayDecision {
  const { here, there, base } = entry
  // A side that is as both last agreed takes what the other one did, and gives nothing: it would undo that.
  if (here !== base && answers.here === 'ancestor') return change('there', 'fast-forward', 'here is ahead')
  if (there !== base && answers.there === 'ancestor') return change('here', 'fast-forward', 'there is ahead')
  const asked = (['here', 'there'] as const).filter(side => entry[side] !== base)
  if (asked.some(side => answers[side] !== 'diverged'))
    return left(keep('relation-unknown', 'whether one side contains the other could not be found out'))
  const reason =
    here === base
      ? 'rewritten there since both sides last agreed'
      : there === base
        ? 'rewritten here since both sides last agreed'
        : 'each side has commits that the other one lacks'
  if (policy.keepDivergent) return left(keep('diverged', reason))
  if (answers.here === 'unknown') return left(keep('relation-unknown', `${reason}; whether here contains there could not be found out`))
  return change('there', answers.here === 'ancestor' ? 'fast-forward' : 'force', `${reason}; here wins`)
}

/** The plan as it looks from one side: what is changed there, and all other refs that it has. */
export function planAt(side: Side, plan: readonly TwoWayPlannedRef[]): PlannedRef[] {
  return plan.map(entry => {
    if (entry.side === side) return entry
    const tip = entry.side === null && side === 'there' ? entry.before : entry.after
    return { ...entry, action: 'none', before: tip, after: tip }
  })
}
