import { type Compared, compareSides, needsPack, type PlannedRef, pairsToRelate, planChanges, tipsToFetch } from '../plan/plan.ts'
import { checkDeletions, checkSides, needsKinship, refuseUnrelated } from '../plan/safeguards.ts'
import { leftAlone } from '../refs/advertisement.ts'
import { checkSelection, unmatchedPatterns } from '../refs/select.ts'
import { rolesOf } from '../settings/direction.ts'
import { POLICIES } from '../settings/policies.ts'
import type { Settings } from '../settings/settings.ts'
import type { Sides } from '../transfer/sides.ts'
import type { Transfer } from '../transfer/transfer.ts'
import { carryOut, prepareLeg, reportRef } from './apply/apply.ts'
import { type Attempt, type AttemptContext, conclude, unusableRefs } from './attempt.ts'
import { spareReserved } from './protect-reserved.ts'

/** An attempt at one direction: changes the destination, and nothing else. @throws Failure where nothing was planned yet */
export async function mirrorOnce(sides: Sides, context: AttemptContext): Promise<Attempt> {
  const { settings, host, memory, surroundings } = context
  const roles = rolesOf(settings.direction)
  const [source, destination] = [sides[roles.source], sides[roles.destination]]
  memory[roles.destination] ??= destination.refs
  const { selection, notices: narrowing } = await context.selection
  checkSides(source, destination, roles.source)
  checkSelection(selection, [source, destination])
  const { keepDivergent, prune, direction } = settings
  const comparison = compareSides({ source, destination, selection, policy: { ...POLICIES[direction], keepDivergent, prune } })
  const pairs = pairsToRelate(comparison)
  const transfer = sides.transfer(roles.source, tipsToFetch(comparison, pairs), needsPack(comparison))
  const relations = await transfer.relate(pairs)
  const reserved = roles.destination === 'here' ? settings.reserved : null
  const plan = await spareReserved(planChanges(comparison, relations), reserved, { transfer, choice: settings.transfer })
  const first = memory[roles.destination] ?? destination.refs
  const leg = prepareLeg({ ...sides, side: roles.destination, plan, relations, transfer, first, now: surroundings.now() }, settings)
  host.debug(`${pairs.length} relations asked, ${leg.changes.length} changes to make, ${leg.spared.size} left to somebody else`)
  const planned = {
    legs: [leg],
    notices: [...narrowing, ...unmatchedPatterns(selection, [source, destination]), ...leftAlone(source, destination)],
    refs: () => [...plan.map(entry => reportRef(entry, leg)), ...unusableRefs(source)],
  }
  const work = async () => {
    await checkPlan(settings, comparison, plan, transfer)
    await carryOut(leg, context)
  }
  return await conclude(planned, work, context)
}

/** @throws Failure when the plan as a whole must not be carried out */
async function checkPlan(settings: Settings, comparison: Compared, plan: readonly PlannedRef[], transfer: Transfer): Promise<void> {
  const side = rolesOf(settings.direction).destination
  checkDeletions(plan, settings.maxDeletions, side)
  if (settings.allowUnrelated || !needsKinship(comparison, plan)) return
  const { source, destination } = comparison
  const related = await transfer.sharesHistory([...source.refs.values()], [...destination.refs.values()])
  if (!related) refuseUnrelated(destination, side)
}
