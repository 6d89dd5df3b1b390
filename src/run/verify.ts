import { KINDS } from '../errors/kinds.ts'
import { baseId, readBase } from '../plan/base.ts'
import { compareSides, type PlannedRef, pairsToRelate, planChanges, tipsToFetch } from '../plan/plan.ts'
import type { Reserved } from '../plan/reserved.ts'
import { checkSides } from '../plan/safeguards.ts'
import { compareBoth, pairsToReconcile, planBoth, tipsToBring } from '../plan/two-way-plan.ts'
import { checkBoth } from '../plan/two-way-safeguards.ts'
import { verdictOn } from '../plan/verification.ts'
import { leftAlone } from '../refs/advertisement.ts'
import { checkSelection, type Selection, unmatchedPatterns } from '../refs/select.ts'
import type { Side } from '../remote/side.ts'
import type { RefReport } from '../report/report.ts'
import { rolesOf } from '../settings/direction.ts'
import { POLICIES } from '../settings/policies.ts'
import type { Sides } from '../transfer/sides.ts'
import { type Attempt, type AttemptContext, unusableRefs } from './attempt.ts'

/** A mirror's plan, and what it took to make it. */
interface Compared {
  readonly plan: readonly (PlannedRef & { readonly side: Side | null })[]
  /** Of the packs that answered. */
  readonly bytes: number
}

/**
 * An attempt at a comparison: reads both sides, makes the plan that a mirror would, and tells how the sides differ. Sends nothing.
 * @throws Failure where a side cannot be read, or the selection selects nothing: what was not compared is never told as equal
 */
export async function verifyOnce(sides: Sides, context: AttemptContext): Promise<Attempt> {
  const { settings } = context
  const { here, there } = sides
  const { selection, notices } = await context.selection
  const isBoth = settings.direction === 'bidirectional'
  const { plan, bytes } = await (isBoth ? compareBothWays : compareOneWay)(sides, selection, context)
  const reserved = !isBoth && rolesOf(settings.direction).destination === 'here' ? settings.reserved : null
  const unusable = [here, there].flatMap(unusableRefs)
  return {
    refs: [...plan.map(entry => reportOn(entry, reserved)), ...new Map(unusable.map(report => [report.ref, report])).values()],
    spared: new Set(),
    backups: [],
    lfs: null,
    transfer: null,
    bytes,
    notices: [...notices, ...unmatchedPatterns(selection, [here, there]), ...leftAlone(here, there)],
    failure: null,
    retryAfterMs: 0,
  }
}

async function compareOneWay(sides: Sides, selection: Selection, { settings }: AttemptContext): Promise<Compared> {
  const roles = rolesOf(settings.direction)
  const [source, destination] = [sides[roles.source], sides[roles.destination]]
  checkSides(source, destination, roles.source)
  checkSelection(selection, [source, destination])
  const { keepDivergent, prune, direction } = settings
  const comparison = compareSides({ source, destination, selection, policy: { ...POLICIES[direction], keepDivergent, prune } })
  const pairs = pairsToRelate(comparison)
  const transfer = sides.transfer(roles.source, tipsToFetch(comparison, pairs), false)
  const plan = planChanges(comparison, await transfer.relate(pairs))
  return { plan: plan.map(planned => ({ ...planned, side: sideOf(planned, roles.destination) })), bytes: await transfer.bytes() }
}

async function compareBothWays({ here, there, transfer }: Sides, selection: Selection, { settings }: AttemptContext): Promise<Compared> {
  const base = readBase(here.own, baseId(settings.there))
  checkBoth(here, there, base)
  checkSelection(selection, [here, there])
  const { keepDivergent, prune } = settings
  const comparison = compareBoth({ here, there, base, selection, policy: { keepDivergent, prune } })
  const pairs = pairsToReconcile(comparison)
  const from = {
    here: transfer('here', tipsToBring('here', comparison, pairs.here), false),
    there: transfer('there', tipsToBring('there', comparison, pairs.there), false),
  }
  const [fromHere, fromThere] = await Promise.all([from.here.relate(pairs.here), from.there.relate(pairs.there)])
  const plan = planBoth(comparison, { here: fromHere, there: fromThere })
  return { plan, bytes: (await from.here.bytes()) + (await from.there.bytes()) }
}

const sideOf = ({ action }: PlannedRef, destination: Side): Side | null => (action === 'none' || action === 'keep' ? null : destination)

function reportOn({ side, ...planned }: Compared['plan'][number], reserved: Reserved | null): RefReport {
  const { ref, action, before, after } = planned
  const { outcome, code, reason } = verdictOn(planned, reserved)
  return { ref, action, outcome, before, after, reason, code, hint: code === null ? null : KINDS[code].hint, side }
}
