import type { Advertisement } from '../refs/advertisement.ts'
import { isTag, type RefName, shortName } from '../refs/ref.ts'
import { otherSide } from '../remote/side.ts'
import {
  type Comparison,
  change,
  type Decision,
  type DecisionTable,
  defaultTip,
  keep,
  keepFromBranchless,
  type Policy,
  type Relation,
} from './plan.ts'

/** The rules of one direction: the destination becomes like the source. */
export const ONE_WAY: DecisionTable = {
  asksIfMerged: ({ ref }, _, comparison) => comparison.policy.prune === 'merged' && mayBeDeleted(comparison, ref),
  decide: (entry, comparison, answers) => {
    const { source } = comparison
    const destination = otherSide(source)
    if (entry[destination] === null) return change(destination, 'create', 'new at the source')
    return entry[source] === null
      ? decideExtra(entry.ref, comparison, answers[source])
      : decideDifferent(entry.ref, comparison, answers[source])
  },
}

/** A run that keeps divergent refs deletes nothing, unless `prune` counts regardless. */
const keepsExtra = ({ keepDivergent, pruneRegardless = false }: Policy): boolean => keepDivergent && !pruneRegardless

const mayBeDeleted = ({ policy, source, ...sides }: Comparison, ref: string): boolean =>
  !keepsExtra(policy) && policy.prune !== 'none' && ref !== sides[otherSide(source)].head

function decideDifferent(ref: string, { policy, source }: Comparison, relation: Relation): Decision {
  const moved = isTag(ref)
  if (moved || relation === 'diverged') {
    const reason = moved ? 'the tag moved at the source' : 'the destination has commits that the source does not contain'
    return policy.keepDivergent ? keep('diverged', reason) : change(otherSide(source), 'force', reason)
  }
  if (relation === 'ancestor') return change(otherSide(source), 'fast-forward', 'the source is ahead')
  return keep('relation-unknown', "it is not known whether the source contains the destination's tip")
}

function decideExtra(ref: RefName, comparison: Comparison, relation: Relation): Decision {
  const { policy, source } = comparison
  const destination = otherSide(source)
  if (ref === comparison[destination].head)
    return keep('default-branch', "not at the source, but the destination's default branch is never deleted")
  if (!mayBeDeleted(comparison, ref)) {
    const why = keepsExtra(policy) ? '`keep-divergent` is set' : '`prune` is `none`'
    return keep('not-pruned', `not at the source; kept because ${why}`)
  }
  const kept = keepFromBranchless(ref, source, comparison, 'not at the source')
  if (kept !== null) return kept
  if (policy.prune === 'all') return change(destination, 'delete', 'not at the source')
  if (defaultTip(comparison[source]) === null)
    return keep('not-merged', `not at the source; it is not known whether it was merged, because ${whyNoTip(comparison[source])}`)
  if (relation === 'ancestor') return change(destination, 'delete', 'not at the source, merged into its default branch')
  if (relation === 'diverged') return keep('not-merged', 'not at the source, and not merged into its default branch')
  return keep('relation-unknown', 'not at the source; it is not known whether it was merged into the default branch')
}

/** Why a side has no tip of its default branch. */
function whyNoTip({ head, damaged }: Advertisement): string {
  if (head === null) return 'the source reports no default branch'
  return `its default branch, \`${shortName(head)}\`, ${damaged.has(head) ? 'is damaged' : 'does not exist'}`
}
