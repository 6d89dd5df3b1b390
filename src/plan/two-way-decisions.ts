import { isTag } from '../refs/ref.ts'
import { otherSide, type PerSide, SIDES, type Side } from '../remote/side.ts'
import {
  type ComparedRef,
  type Comparison,
  change,
  type Decision,
  type DecisionTable,
  keep,
  keepFromBranchless,
  type Policy,
  type Relation,
} from './plan.ts'

/** The rules of both directions. It does not matter which side changed last. */
export const TWO_WAYS: DecisionTable = {
  asksIfMerged: (entry, absent, comparison) => {
    const present = otherSide(absent)
    return entry[present] === entry.base && comparison.policy.prune !== 'none' && entry.ref !== comparison[present].head
  },
  decide: (entry, comparison, answers) => {
    if (entry.here === null) return decideOneSided('here', entry, comparison, answers.here)
    if (entry.there === null) return decideOneSided('there', entry, comparison, answers.there)
    return isTag(entry.ref) ? decideTag(comparison.policy) : decideDifferent(entry, comparison.policy, answers)
  },
}

/** @param absent the side that lacks the ref @param merged whether that side's default branch contains the tip of the other one */
function decideOneSided(absent: Side, { ref, ...entry }: ComparedRef, comparison: Comparison, merged: Relation): Decision {
  const present = otherSide(absent)
  if (entry.base === null) return change(absent, 'create', `new ${present}`)
  if (entry[present] !== entry.base)
    return change(absent, 'create', `deleted ${absent}, but changed ${present} since both sides last agreed: restored ${absent}`)
  const what = `deleted ${absent}, and unchanged ${present} since`
  const { prune } = comparison.policy
  if (ref === comparison[present].head) return keep('default-branch', `${what}, but a default branch is never deleted`)
  if (prune === 'none') return keep('not-pruned', `${what}; kept because \`prune\` is \`none\``)
  const kept = keepFromBranchless(ref, absent, comparison, `deleted ${absent}`)
  if (kept !== null) return kept
  if (prune === 'all' || merged === 'ancestor') return change(present, 'delete', what)
  if (merged === 'diverged') return keep('not-merged', `${what}, but not merged into the default branch ${absent}`)
  return keep('relation-unknown', `${what}; it is not known whether it was merged`)
}

function decideTag({ keepDivergent }: Policy): Decision {
  const reason = 'the tag is not the same on both sides'
  return keepDivergent ? keep('diverged', reason) : change('there', 'force', `${reason}; the one here wins`)
}

function decideDifferent(entry: ComparedRef, policy: Policy, answers: PerSide<Relation>): Decision {
  const { here, there, base } = entry
  // A side that is unchanged since the base only takes changes of the other side, because its own tip would undo them.
  if (here !== base && answers.here === 'ancestor') return change('there', 'fast-forward', 'here is ahead')
  if (there !== base && answers.there === 'ancestor') return change('here', 'fast-forward', 'there is ahead')
  const changed = SIDES.filter(side => entry[side] !== base)
  if (changed.some(side => answers[side] !== 'diverged'))
    return keep('relation-unknown', 'it is not known whether one side contains the other')
  const [rewritten] = changed.length === 1 ? changed : []
  const reason = rewritten ? `rewritten ${rewritten} since both sides last agreed` : 'each side has commits that the other one lacks'
  if (policy.keepDivergent) return keep('diverged', reason)
  if (answers.here === 'unknown') return keep('relation-unknown', `${reason}; it is not known whether here contains there`)
  return change('there', answers.here === 'ancestor' ? 'fast-forward' : 'force', `${reason}; here wins`)
}
