import { KINDS } from '../errors/kinds.ts'
import { baseId, readBase, sealerOf, unsealedNotices } from '../plan/base.ts'
import { keepRenamed } from '../plan/folded-names.ts'
import { ONE_WAY } from '../plan/one-way-decisions.ts'
import { type Comparison, compareSides, type PlannedRef, planRefs, questionsTo, type Relation, SAME, tipsToBring } from '../plan/plan.ts'
import { changeToLookInto, keepReserved } from '../plan/reserved.ts'
import { checkBoth, checkSides } from '../plan/safeguards.ts'
import { sealedBase } from '../plan/seal.ts'
import { TWO_WAYS } from '../plan/two-way-decisions.ts'
import { allNamesOf } from '../refs/advertisement.ts'
import type { RefName } from '../refs/ref.ts'
import { checkSelection, type Selection, selects, unmatchedPatterns } from '../refs/select.ts'
import { otherSide, type Side } from '../remote/side.ts'
import type { RefReport } from '../report/report.ts'
import { isChanged, POLICIES, rolesOf } from '../settings/direction.ts'
import type { Settings } from '../settings/settings.ts'
import type { FirstTips, Sides } from '../transfer/sides.ts'
import type { Transfer } from '../transfer/transfer.ts'
import { isImpossible } from '../transfer/transfer-choice.ts'
import { reportDamaged } from './damage.ts'
import type { NarrowedSelection } from './selection.ts'
import { scopeTags } from './tag-scope.ts'

/** A side that the direction allows to change. */
export interface ChangeableSide {
  readonly side: Side
  /** To this side. */
  readonly transfer: Transfer
  /** Whether the other side contains the tips of this one. */
  readonly relations: ReadonlyMap<RefName, Relation>
}

/** The differences of both sides, and the plan for them. */
export type ComparedSides = Awaited<ReturnType<typeof compare>>

/** Compares both sides in the direction of the settings, and plans what happens to each ref. @throws Failure if the run must stop, or a side cannot be read */
export async function compare(sides: Sides, settings: Settings, { selection, notices }: NarrowedSelection, first: FirstTips) {
  const { stored, ...checked } = checkedSides(sides, settings, selection)
  const { notices: tagNotices, ...scoped } = await scopeTags(sides, settings, selection, first)
  const { here, there } = scoped
  const comparison = compareSides({ ...checked, ...scoped })
  const isVerification = settings.operation === 'verify'
  const asked = (['there', 'here'] as const)
    .filter(side => isChanged(side, settings.direction))
    .map((side, index) => {
      const giving = otherSide(side)
      const pairs = questionsTo(giving, comparison)
      // The second side is changed after the first, and a pack that is requested now might have to wait too long until then.
      const isCertain = index === 0 && !isVerification && tipsToBring(giving, comparison).length > 0
      return { side, pairs, transfer: sides.transfer(giving, tipsToBring(giving, comparison, pairs), isCertain) }
    })
  const changeable = await Promise.all(
    asked.map(async ({ side, pairs, transfer }) => ({ side, transfer, relations: await transfer.relate(pairs) })),
  )
  const answers = Object.fromEntries(changeable.map(({ side, relations }) => [otherSide(side), relations]))
  const planned = planRefs(comparison, answers)
  const plan: readonly PlannedRef[] = comparison.base === null ? planned : keepRenamed(planned)
  const isWhole = isVerification || changeable.length > 1
  return {
    comparison,
    plan,
    /** The destination first; in both directions that is `there`. */
    changeable,
    /** Refs that are not part of the plan. */
    unusable: [...unusableRefs(comparison, isWhole), ...reportDamaged({ here, there }, selection, settings.direction)],
    notices: [
      ...notices,
      ...tagNotices,
      ...unsealedNotices(stored, comparison.base),
      ...unmatchedPatterns(selection, [...allNamesOf(here), ...allNamesOf(there)]),
    ],
  }
}

function checkedSides({ here, there }: Sides, settings: Settings, selection: Selection) {
  const { direction, keepDivergent, prune } = settings
  const { source, destination } = rolesOf(direction)
  const sides = { here, there }
  const stored = direction === 'bidirectional' ? readBase(here.mirroringRefs, baseId(settings.there), [here, there]) : null
  const base = stored && sealedBase(stored, there.mirroringRefs, sealerOf(settings))
  if (base === null) checkSides(sides[source], sides[destination], source)
  else checkBoth(here, there, base)
  checkSelection(selection, [here, there])
  const policy = { ...POLICIES[direction], keepDivergent, prune }
  return { here, there, source, stored, base, selection, policy, table: base === null ? ONE_WAY : TWO_WAYS }
}

/** Refs whose names cannot be mirrored. @param isWhole what only the destination has is missing at the source, too */
function unusableRefs({ source, selection, ...sides }: Comparison, isWhole: boolean): RefReport[] {
  const [ours, theirs] = [source, otherSide(source)].map(side => new Map(sides[side].unusable.map(ref => [ref.bytes, ref])))
  const all = new Map([...(theirs ?? []), ...(ours ?? [])])
  return [...all.values()]
    .filter(({ name }) => selects(selection, name))
    .map(({ name, bytes, reason }): RefReport => {
      const report = { ref: name, action: 'none', before: null, after: null, side: null } as const
      if (ours?.get(bytes)?.tip === theirs?.get(bytes)?.tip)
        return { ...report, outcome: 'up-to-date', reason: SAME.reason, code: null, hint: null }
      const isExtra = !isWhole && ours?.has(bytes) === false
      const what = isExtra
        ? ({ outcome: 'kept', reason: `not at the source; ${reason}` } as const)
        : ({ outcome: 'skipped', reason } as const)
      return { ...report, ...what, code: 'name-unusable', hint: KINDS['name-unusable'].hint }
    })
}

/**
 * Keeps the ref that holds the running workflow. If the workflow's file at the source decides that, it is looked up.
 * @param toHere undefined if the run's own repository is not changed
 * @throws Failure if the source cannot be read; `relay-impossible` if git may do what the relay cannot
 */
export async function protectReserved(
  plan: readonly PlannedRef[],
  { reserved, direction, transfer: choice }: Settings,
  toHere: Transfer | undefined,
): Promise<readonly PlannedRef[]> {
  if (reserved === null || toHere === undefined) return plan
  const { destination } = rolesOf(direction)
  const change = changeToLookInto(plan, reserved)
  if (change === null || reserved.workflowFile === null) return keepReserved(plan, reserved, null, destination)
  const survives = await toHere.holdsFile(change, reserved.workflowFile).catch((error: unknown) => {
    if (choice === 'relay' && isImpossible(error)) return null
    throw error
  })
  return keepReserved(plan, reserved, survives, destination)
}
