import { Failure } from '../errors/failure.ts'
import { baseId, planBase, readBase } from '../plan/base.ts'
import type { RefChange, Relation } from '../plan/plan.ts'
import { checkDeletions, refuseUnrelated } from '../plan/safeguards.ts'
import {
  type Asked,
  compareBoth,
  givesForSure,
  pairsToReconcile,
  planAt,
  planBoth,
  type TwoWayComparison,
  type TwoWayPlannedRef,
  tipsToBring,
} from '../plan/two-way-plan.ts'
import { checkBoth, needsKinshipOfBoth } from '../plan/two-way-safeguards.ts'
import { leftAlone } from '../refs/advertisement.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import { checkSelection, unmatchedPatterns } from '../refs/select.ts'
import { otherSide, type Side } from '../remote/side.ts'
import { LANDED } from '../report/interest.ts'
import type { RefReport } from '../report/report.ts'
import type { Settings } from '../settings/settings.ts'
import { oneLine } from '../text/escape.ts'
import { isImpossible } from '../transfer/choice.ts'
import { joined, type Sides } from '../transfer/sides.ts'
import type { Transfer } from '../transfer/transfer.ts'
import { carryOut, type Leg, prepareLeg, reportRef } from './apply/apply.ts'
import { type Attempt, type AttemptContext, conclude, unusableRefs } from './attempt.ts'
import { spareReserved } from './protect-reserved.ts'

/** An attempt at both directions. Neither side counts more than the other, unless divergent refs are not kept. @throws Failure where nothing was planned yet */
export async function reconcile(sides: Sides, context: AttemptContext): Promise<Attempt> {
  const { settings, memory, host } = context
  const { here, there } = sides
  memory.here ??= here.refs
  memory.there ??= there.refs
  const id = baseId(settings.there)
  const base = readBase(here.own, id)
  const { selection, notices: narrowing } = await context.selection
  checkBoth(here, there, base)
  checkSelection(selection, [here, there])
  const { keepDivergent, prune } = settings
  const comparison = compareBoth({ here, there, base, selection, policy: { keepDivergent, prune } })
  const pairs = pairsToReconcile(comparison)
  const from = {
    here: sides.transfer('here', tipsToBring('here', comparison, pairs.here), givesForSure('here', comparison)),
    // Its turn comes second: what would be on its way by then might have to wait for too long.
    there: sides.transfer('there', tipsToBring('there', comparison, pairs.there), false),
  }
  const [answersHere, answersThere] = await Promise.all([from.here.relate(pairs.here), from.there.relate(pairs.there)])
  const relations = { here: answersHere, there: answersThere }
  const plan = await spareReservedHere(planBoth(comparison, relations), from.there, settings)
  const legs = prepareLegs({ plan, relations, from, comparison }, context)
  host.debug(
    `${pairs.here.length + pairs.there.length} relations asked, ${plan.filter(({ side }) => side !== null).length} changes planned`,
  )
  const planned = {
    legs: [legs.there, legs.here],
    notices: [...narrowing, ...unmatchedPatterns(selection, [here, there]), ...leftAlone(here, there)],
    refs: () => [...plan.map(entry => reportBoth(entry, legs)), ...unusableOf(sides)],
  }
  const work = async () => {
    await checkPlan(settings, comparison, plan, from.here)
    const failures: Failure[] = []
    const note = (error: unknown) => void failures.push(Failure.from(error))
    await carryOutBoth(legs, context, note)
    if (!settings.dryRun) await writeBase(planBase(comparison, landed(plan, legs), id), from.there).catch(note)
    if (failures.length > 0) throw joined(failures)
  }
  return await conclude(planned, work, context)
}

/** The branch of the running workflow is spared where it would be changed. @param toHere the way to the side that holds it @throws Failure */
async function spareReservedHere(
  plan: readonly TwoWayPlannedRef[],
  toHere: Transfer,
  { reserved, transfer: choice }: Settings,
): Promise<readonly TwoWayPlannedRef[]> {
  const changes = plan.filter(({ side }) => side === 'here')
  const spared = new Map((await spareReserved(changes, reserved, { transfer: toHere, choice })).map(entry => [entry.ref, entry]))
  return plan.map(entry => {
    const planned = spared.get(entry.ref)
    if (planned?.action !== 'keep') return entry
    // What neither side loses is told from there to here.
    return { ...planned, before: entry.after, after: entry.before, side: null }
  })
}

interface Legs {
  readonly plan: readonly TwoWayPlannedRef[]
  readonly relations: Asked<ReadonlyMap<RefName, Relation>>
  /** By the side that gives. */
  readonly from: Asked<Transfer>
  readonly comparison: TwoWayComparison
}

/** By the side that is changed. */
function prepareLegs({ plan, relations, from, comparison }: Legs, { settings, memory, surroundings }: AttemptContext): Asked<Leg> {
  const leg = (side: Side) => {
    const giving = otherSide(side)
    return prepareLeg(
      {
        ...{ side, here: comparison.here, there: comparison.there, plan: planAt(side, plan) },
        ...{ relations: relations[giving], transfer: from[giving], now: surroundings.now() },
        first: memory[side] ?? comparison[side].refs,
      },
      settings,
    )
  }
  return { here: leg('here'), there: leg('there') }
}

/** @throws Failure when the plan as a whole must not be carried out */
async function checkPlan(
  { maxDeletions, allowUnrelated }: Settings,
  comparison: TwoWayComparison,
  plan: readonly TwoWayPlannedRef[],
  fromHere: Transfer,
): Promise<void> {
  for (const side of ['there', 'here'] as const) checkDeletions(planAt(side, plan), maxDeletions, side)
  if (allowUnrelated || !needsKinshipOfBoth(comparison, plan)) return
  const related = await fromHere.sharesHistory([...comparison.here.refs.values()], [...comparison.there.refs.values()])
  if (!related) refuseUnrelated(comparison.there, 'there')
}

/** That one side takes nothing does not hold back the other one. @throws Failure `relay-impossible` where nothing has been changed, and git may go on */
async function carryOutBoth(legs: Asked<Leg>, context: AttemptContext, note: (error: unknown) => void): Promise<void> {
  for (const leg of [legs.there, legs.here]) {
    await carryOut(leg, context).catch((error: unknown) => {
      if (isImpossible(error) && context.settings.transfer === 'auto' && leg === legs.there) throw error
      note(error)
    })
  }
}

/** Both sides have it now, whoever did it. */
const isLanded = (outcome: string): boolean => LANDED.has(outcome) || outcome === 'up-to-date'

/** Refs that were changed on one side, and are the same on both now. */
function landed(plan: readonly TwoWayPlannedRef[], legs: Asked<Leg>): Map<RefName, Oid | null> {
  const outcomeOf = ({ ref, side }: TwoWayPlannedRef) => (side === null ? undefined : legs[side].progress.outcomes.get(ref)?.outcome)
  return new Map(plan.filter(entry => isLanded(outcomeOf(entry) ?? '')).map(({ ref, after }) => [ref, after]))
}

/** @param toHere the way to the side that holds the base @throws Failure `raced` where another run wrote it first, `base-refused` */
async function writeBase(changes: readonly RefChange[], toHere: Transfer): Promise<void> {
  if (changes.length === 0) return
  const outcomes = await toHere.applyOwn(changes)
  const missed = changes.flatMap(({ ref }) => {
    const { outcome, reason } = outcomes.get(ref) ?? { outcome: 'failed', reason: 'the server did not answer' }
    return isLanded(outcome) ? [] : [{ ref, outcome, reason: reason ?? outcome }]
  })
  // Another run may have been faster; or the server hides from readers what it shows to those who push.
  const found = changes.filter(({ ref, before }) => before === null && FOUND.has(outcomes.get(ref)?.outcome ?? ''))
  const hidden = found.length === 0 ? [] : await hiddenRefs(found, toHere)
  const [first] = hidden.map(ref => ({ ref, reason: 'the server hides it from readers' })).concat(missed)
  if (first === undefined) return
  if (hidden.length === 0 && missed.every(({ outcome }) => outcome === 'raced'))
    throw new Failure('raced', 'another run has written down meanwhile what both sides agree on', { side: 'here' })
  throw new Failure(
    'base-refused',
    `what both sides agree on could not be stored here for ${Math.max(hidden.length, missed.length)} of ${changes.length} refs, first "${first.ref}": ${oneLine(first.reason)}`,
    { side: 'here' },
  )
}

const FOUND: ReadonlySet<string> = new Set(['up-to-date', 'raced'])

async function hiddenRefs(found: readonly RefChange[], toHere: Transfer): Promise<RefName[]> {
  const now = await toHere.readAgain()
  return found.flatMap(({ ref }) => (now.has(ref) ? [] : [ref]))
}

const reportBoth = (entry: TwoWayPlannedRef, legs: Asked<Leg>): RefReport => reportRef(entry, entry.side === null ? null : legs[entry.side])

function unusableOf({ here, there }: Sides): RefReport[] {
  const refs = [here, there].flatMap(unusableRefs)
  return [...new Map(refs.map(report => [report.ref, report])).values()]
}
