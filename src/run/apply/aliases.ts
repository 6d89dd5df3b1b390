import { Failure } from '../../errors/failure.ts'
import {
  type Findings,
  findAliases,
  planHealing,
  planMarks,
  type Result,
  returned,
  type TwinGroup,
  twinGroups,
} from '../../plan/aliases.ts'
import { baseId, readBase, sealerOf } from '../../plan/base.ts'
import { isLanded } from '../../plan/outcome.ts'
import type { PlannedRef, RefChange } from '../../plan/plan.ts'
import { type Sealer, sealedBase } from '../../plan/seal.ts'
import { allNamesOf } from '../../refs/advertisement.ts'
import type { Oid, RefName } from '../../refs/ref.ts'
import { otherSide, SIDES } from '../../remote/side.ts'
import { isChanged } from '../../settings/direction.ts'
import type { Settings } from '../../settings/settings.ts'
import { failed, kept } from '../../transfer/push-outcome.ts'
import type { Sides } from '../../transfer/sides.ts'
import type { ChangeOutcome, Transfer } from '../../transfer/transfer.ts'

/** The refs of a destination that may not report its symbolic refs. */
export interface TwinWatch {
  /** As they are known now. */
  readonly tips: Map<RefName, Oid>
  /** The branch that HEAD names. */
  readonly head: RefName | null
  readonly mirroringRefs: ReadonlyMap<RefName, Oid>
  readonly sealer: Sealer
  /** Refs that turned out to be symbolic. */
  readonly aliases: Set<RefName>
}

export interface ApplyOptions extends Pick<Settings, 'atomic' | 'backup'> {
  readonly transfer: Transfer
  /** null if the server reports its symbolic refs. */
  readonly watch: TwinWatch | null
  readonly outcomes: Map<RefName, ChangeOutcome>
}

const UNMARKED = kept(
  'backup-refused',
  'another ref has the same tip, and the server refuses the refs that would protect it if both are one',
)
const HELD_BACK = kept('backup-refused', '`atomic` is set, and another ref could not be protected before its change')
const SYMBOLIC = kept('symbolic-ref', 'it is a symbolic ref, or leads to the same ref as one: a push would change another ref instead')

/**
 * Makes changes, and looks at the refs again if one of them may have changed another ref as well. Refs that moved by accident are put back.
 * @param push makes the changes, and stores their outcomes
 */
export async function applyWatching(
  changes: readonly PlannedRef[],
  options: ApplyOptions,
  push: (changes: readonly PlannedRef[]) => Promise<void>,
): Promise<void> {
  const { transfer, watch, outcomes, backup } = options
  for (let pending = changes; pending.length > 0; ) {
    const groups = watch === null ? [] : twinGroups(pending, watch.tips, watch.aliases)
    if (watch === null || groups.length === 0 || (await transfer.tellsSymbolicRefs())) {
      await push(pending)
      if (watch !== null) await update(watch, pending, options)
      return
    }
    const marks = planMarks(groups, watch.head, watch.mirroringRefs, watch.sealer)
    const isMarked = await store(marks, transfer)
    if (!isMarked && backup) keepUnprotected(groups, pending, options, watch)
    const going = pending.filter(({ ref }) => !outcomes.has(ref))
    if (going.length > 0) await push(going)
    const found = await settle(groups, options, watch)
    if (found === null) return
    if (found.isClean)
      await store(
        marks.map(({ ref, after }) => ({ ref, action: 'delete', before: after, after: null })),
        transfer,
      )
    const names = new Set(found.again.map(({ ref }) => ref))
    if (options.atomic && names.size > 0)
      for (const { ref } of going) if (!watch.aliases.has(ref) && !isLanded(outcomes.get(ref)?.outcome)) names.add(ref)
    pending = going.filter(({ ref }) => names.has(ref))
    for (const { ref } of pending) outcomes.delete(ref)
  }
}

/** Keeps the refs whose change could lose a commit if the run is killed, and nothing protects it; with `atomic`, the others as well. */
function keepUnprotected(
  groups: readonly TwinGroup[],
  pending: readonly PlannedRef[],
  { outcomes, atomic }: ApplyOptions,
  { head }: TwinWatch,
): void {
  const unprotected = groups.flatMap(({ changes }) => changes.filter(({ ref, action }) => ref !== head && action !== 'fast-forward'))
  for (const { ref } of unprotected) outcomes.set(ref, UNMARKED)
  if (atomic && unprotected.length > 0) for (const { ref } of pending) if (!outcomes.has(ref)) outcomes.set(ref, HELD_BACK)
}

/** Notes the new tips. If refs moved along with others, they have to be read again. */
async function update(watch: TwinWatch, changes: readonly PlannedRef[], { transfer, outcomes }: ApplyOptions): Promise<void> {
  for (const { ref, after } of changes) {
    if (!isLanded(outcomes.get(ref)?.outcome)) continue
    if (after === null) watch.tips.delete(ref)
    else watch.tips.set(ref, after)
  }
  // Without an answer they count as different.
  if (watch.aliases.size > 0) await look(watch, transfer).catch(() => {})
}

async function look({ tips }: TwinWatch, transfer: Transfer): Promise<void> {
  const now = await transfer.readAgain()
  tips.clear()
  for (const [ref, tip] of now) tips.set(ref, tip)
}

/** Whether all of these changes were made. @throws Failure, unless the server only refuses them */
async function store(changes: readonly RefChange[], transfer: Transfer): Promise<boolean> {
  if (changes.length === 0) return true
  try {
    const outcomes = await transfer.applyMirroringRefs(changes)
    return changes.every(({ ref }) => isLanded(outcomes.get(ref)?.outcome))
  } catch (error) {
    const failure = Failure.from(error)
    if (failure.fault !== 'remote') throw failure
    return false
  }
}

/** Looks at the refs, and puts back what moved by accident. @returns null if that is not known: the next attempt then puts it back */
async function settle(groups: readonly TwinGroup[], { transfer, outcomes }: ApplyOptions, watch: TwinWatch) {
  const resultOf = (ref: RefName): Result => {
    const outcome = outcomes.get(ref)
    return { isLanded: isLanded(outcome?.outcome), isInconsistent: outcome?.outcome === 'rejected' && outcome.code === 'symbolic-ref' }
  }
  try {
    await look(watch, transfer)
    const { tips } = watch
    const found = findAliases(groups, tips, watch.head, resultOf)
    const isClean = await store(found.putBack, transfer)
    if (found.putBack.length > 0) await look(watch, transfer)
    const symbolic = [...found.aliases, ...returned(groups, tips, resultOf)]
    // Another ref was moved, and could not be put back.
    for (const { ref, after } of found.putBack) if (tips.get(ref) !== after) symbolic.push(ref)
    for (const ref of symbolic) {
      watch.aliases.add(ref)
      if (outcomes.has(ref)) outcomes.set(ref, SYMBOLIC)
    }
    const again: Findings['again'] = found.again.filter(({ ref }) => !watch.aliases.has(ref))
    return { isClean, again }
  } catch (error) {
    const failure = Failure.from(error)
    for (const { ref } of groups.flatMap(({ changes }) => changes)) if (resultOf(ref).isLanded) outcomes.set(ref, failed(failure))
    return null
  }
}

/** Puts back what a run that was killed has moved by accident. @returns whether something was changed, so that both sides have to be read again */
export async function putBackTwins(sides: Sides, settings: Settings): Promise<boolean> {
  if (settings.dryRun || settings.operation !== 'mirror') return false
  const { here, there } = sides
  const sealer = sealerOf(settings)
  const stored = settings.direction === 'bidirectional' ? readBase(here.mirroringRefs, baseId(settings.there), [here, there]) : null
  const base = stored && sealedBase(stored, there.mirroringRefs, sealer)
  let isChangedNow = false
  for (const side of SIDES.filter(each => isChanged(each, settings.direction))) {
    const { putBack, marks } = planHealing(sides[side], [here, there].flatMap(allNamesOf), sealer, base)
    if (marks.length === 0) continue
    const transfer = sides.transfer(otherSide(side), [], false)
    if (await store(putBack, transfer)) await store(marks, transfer)
    isChangedNow = true
  }
  return isChangedNow
}
