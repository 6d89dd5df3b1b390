import type { Kind } from '../errors/kinds.ts'
import type { Advertisement } from '../refs/advertisement.ts'
import { isTag, type Oid, type RefName } from '../refs/ref.ts'
import { type Selection, selects } from '../refs/select.ts'
import type { Action } from './outcome.ts'

/**
 * How a destination's tip stands to the source: `ancestor` = contained in it, `diverged` = certainly not contained.
 * `unknown` is neither, and never treated as one of them.
 */
export type Relation = 'ancestor' | 'diverged' | 'unknown'

export const PRUNE = ['merged', 'all', 'none'] as const
export type Prune = (typeof PRUNE)[number]

export interface Policy {
  readonly keepDivergent: boolean
  readonly prune: Prune
  /** `prune` counts whatever `keepDivergent` says; otherwise a run that keeps divergent refs deletes nothing, either. */
  readonly pruneRegardless?: boolean
}

/** Both sides and the rules. */
export interface Compared {
  readonly source: Advertisement
  readonly destination: Advertisement
  readonly selection: Selection
  readonly policy: Policy
}

/** All that a plan is made from, apart from the relations. */
export interface Comparison extends Compared {
  /** Every selected ref of either side, by name; what is symbolic on one side is left alone on both. */
  readonly refs: readonly ComparedRef[]
}

/** A question that only the objects can answer: is `tip` contained in `into`? */
export interface Pair {
  readonly ref: RefName
  readonly tip: Oid
  readonly into: Oid
}

/** What happens to one ref of a side. */
export interface RefChange {
  readonly ref: RefName
  readonly action: Action
  /** Its tip as it was read; null = absent. The change is made only if the ref still points to it. */
  readonly before: Oid | null
  /** Its tip after the change; null = absent. */
  readonly after: Oid | null
}

export interface PlannedRef extends RefChange {
  readonly reason: string
  /** For a ref that is left alone although both sides differ: why. */
  readonly code: Kind | null
}

export interface ComparedRef {
  readonly ref: RefName
  /** Tip at the destination; null = absent. */
  readonly before: Oid | null
  /** Tip at the source; null = absent. */
  readonly after: Oid | null
}

/** Puts the sides next to each other, ref by ref. */
export function compareSides(compared: Compared): Comparison {
  const { source, destination, selection } = compared
  const isOurs = (ref: RefName) => selects(selection, ref) && !source.symbolic.has(ref) && !destination.symbolic.has(ref)
  const names = [...source.refs.keys()].filter(isOurs)
  for (const ref of destination.refs.keys()) if (!source.refs.has(ref) && isOurs(ref)) names.push(ref)
  const refs = names.sort().map(ref => ({ ref, before: destination.refs.get(ref) ?? null, after: source.refs.get(ref) ?? null }))
  return { ...compared, refs }
}

/** Tip of the source's default branch, against which `prune: merged` is judged; null where there is none. */
const mergeTarget = ({ source }: Compared): Oid | null => (source.head === null ? null : (source.refs.get(source.head) ?? null))

/** A run that keeps divergent refs deletes nothing, unless `prune` counts all the same. */
const keepsExtra = ({ keepDivergent, pruneRegardless = false }: Policy): boolean => keepDivergent && !pruneRegardless

const mayBeDeleted = ({ destination, policy }: Compared, ref: RefName): boolean =>
  !keepsExtra(policy) && policy.prune !== 'none' && ref !== destination.head

/**
 * The questions whose answers decide the plan; nothing else is asked.
 * Tags that differ are diverged by definition (a tag is not expected to move), so only branches and deletions need an answer.
 */
export function pairsToRelate(comparison: Comparison): Pair[] {
  const target = mergeTarget(comparison)
  return comparison.refs.flatMap(({ ref, before, after }): Pair[] => {
    if (before === null || before === after) return []
    if (after !== null) return isTag(ref) ? [] : [{ ref, tip: before, into: after }]
    if (!mayBeDeleted(comparison, ref) || comparison.policy.prune !== 'merged' || target === null) return []
    return [{ ref, tip: comparison.destination.peeled.get(ref) ?? before, into: target }]
  })
}

/** Every tip of the source that the plan can need, so that one fetch brings them all. */
export function tipsToFetch(comparison: Comparison, pairs: readonly Pair[]): Oid[] {
  const moved = comparison.refs.filter(({ before, after }) => before !== after && (before === null || !comparison.policy.keepDivergent))
  return [...new Set([...moved.flatMap(({ after }) => after ?? []), ...pairs.map(({ into }) => into)])]
}

/** Whether the destination needs objects whatever the relations: for a new ref, or as what diverged is overwritten. */
export const needsPack = ({ refs, policy }: Comparison): boolean =>
  refs.some(({ before, after }) => before !== after && after !== null && (before === null || !policy.keepDivergent))

/**
 * The plan for one direction: one entry for each selected ref of either side, sorted by name.
 * @param relations the answers to {@link pairsToRelate}; a missing answer is `unknown`.
 */
export function planChanges(comparison: Comparison, relations: ReadonlyMap<RefName, Relation>): PlannedRef[] {
  const twinOf = twinFinder(comparison.destination)
  return comparison.refs.map(entry => {
    if (entry.before === entry.after) return { ...entry, action: 'none', reason: 'same on both sides', code: null }
    if (entry.before === null) return { ...entry, action: 'create', reason: 'new at the source', code: null }
    const relation = relations.get(entry.ref) ?? 'unknown'
    const decide = entry.after === null ? decideExtra : decideDifferent
    return { ...entry, ...sparingAliases(twinOf(entry), decide(comparison, entry.ref, relation)) }
  })
}

/**
 * Where the server does not tell symbolic refs, two refs with the same tip may be one: to delete or to rewind one would do so to the other.
 * Such a ref is kept until the other has moved on, which proves that they are two.
 */
export function sparingAliases(twin: RefName | null, decision: Decision): Decision {
  if (twin === null || (decision.action !== 'delete' && decision.action !== 'force')) return decision
  return keep('relation-unknown', `it may be an alias of ${twin}, which has the same tip; the server does not tell its symbolic refs`)
}

/** Another ref with the same tip at a destination that does not tell its symbolic refs; null where there is none. */
export function twinFinder({ refs, symbolicIsWhole }: Advertisement): (entry: Pick<ComparedRef, 'ref' | 'before'>) => RefName | null {
  if (symbolicIsWhole) return () => null
  // The first two of each tip: one of them is another one.
  const first = new Map<Oid, RefName>()
  const second = new Map<Oid, RefName>()
  for (const [ref, tip] of refs) {
    if (!first.has(tip)) first.set(tip, ref)
    else if (!second.has(tip)) second.set(tip, ref)
  }
  return ({ ref, before }) => {
    if (before === null) return null
    const other = first.get(before) === ref ? second.get(before) : first.get(before)
    return other ?? null
  }
}

/** What is to become of a ref, and why. */
export type Decision = Pick<PlannedRef, 'action' | 'reason' | 'code'>

export const keep = (code: Kind, reason: string): Decision => ({ action: 'keep', reason, code })

function decideDifferent({ policy }: Compared, ref: RefName, relation: Relation): Decision {
  const moved = isTag(ref)
  if (moved || relation === 'diverged') {
    const reason = moved ? 'the tag moved at the source' : 'the destination has commits that the source does not contain'
    return policy.keepDivergent ? keep('diverged', reason) : { action: 'force', reason, code: null }
  }
  if (relation === 'ancestor') return { action: 'fast-forward', reason: 'the source is ahead', code: null }
  return keep('relation-unknown', "whether the source contains the destination's tip could not be found out")
}

function decideExtra(comparison: Comparison, ref: RefName, relation: Relation): Decision {
  const { policy, destination } = comparison
  if (ref === destination.head)
    return keep('default-branch', 'not at the source, but the default branch of the destination is never deleted')
  if (!mayBeDeleted(comparison, ref)) {
    const why = keepsExtra(policy) ? '`keep-divergent` is set' : '`prune` is `none`'
    return keep('not-pruned', `not at the source; kept because ${why}`)
  }
  if (policy.prune === 'all') return { action: 'delete', reason: 'not at the source', code: null }
  if (mergeTarget(comparison) === null)
    return keep('not-merged', 'not at the source, whose default branch is not known: nothing proves that it was merged')
  if (relation === 'ancestor') return { action: 'delete', reason: 'not at the source, merged into its default branch', code: null }
  if (relation === 'diverged') return keep('not-merged', 'not at the source, and not merged into its default branch')
  return keep('relation-unknown', 'not at the source; whether it was merged could not be found out')
}

/** The entries of a plan that change something at the destination. */
export const changesOf = (plan: readonly PlannedRef[]): PlannedRef[] => plan.filter(({ action }) => action !== 'none' && action !== 'keep')
