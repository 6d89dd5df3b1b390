import { Failure } from '../errors/failure.ts'
import { chooseBackups, countBackups, type PurgedBackup } from '../plan/purge.ts'
import type { RefName } from '../refs/ref.ts'
import { unmatchedPatterns } from '../refs/select.ts'
import { otherSide, type Side } from '../remote/side.ts'
import { hintOn } from '../report/advice.ts'
import { hasLanded } from '../report/interest.ts'
import type { RefReport } from '../report/report.ts'
import { isChanged } from '../settings/direction.ts'
import type { Settings } from '../settings/settings.ts'
import { showTime } from '../text/quantity.ts'
import { joined, type Sides } from '../transfer/sides.ts'
import type { ChangeOutcome } from '../transfer/transfer.ts'
import { isImpossible } from '../transfer/transfer-choice.ts'
import type { NarrowedSelection } from './selection.ts'

type Outcomes = ReadonlyMap<RefName, ChangeOutcome>

/** The result of a purge, for an attempt. */
interface Purge {
  readonly refs: readonly RefReport[]
  readonly raced: ReadonlySet<string>
  readonly notices: readonly string[]
  readonly failure: Failure | null
  readonly retryAfterMs: number
}

/**
 * Removes the backups of the selected refs from each side that the direction allows to change. A backup is removed only if it is as the run read it.
 * A dry run only lists them.
 * @throws Failure `relay-impossible` if nothing has been removed, and git may continue
 */
export async function purgeBackups(sides: Sides, settings: Settings, { selection, notices }: NarrowedSelection): Promise<Purge> {
  const refs: RefReport[] = []
  const failures: Failure[] = []
  const found: PurgedBackup[] = []
  for (const side of (['there', 'here'] as const).filter(each => isChanged(each, settings.direction))) {
    const backups = chooseBackups(sides[side].mirroringRefs, selection)
    const outcomes = await remove(sides, side, settings.dryRun ? [] : backups).catch((error: unknown) => {
      if (isImpossible(error) && settings.transfer === 'auto' && !refs.some(hasLanded)) throw error
      failures.push(Failure.from(error))
      return new Map() as Outcomes
    })
    refs.push(...backups.map(backup => reportBackup(backup, side, outcomes.get(backup.ref), settings)))
    found.push(...backups)
  }
  const backedUp = { refs: new Map(found.map(({ of, tip }) => [of, tip])) }
  return {
    refs,
    // Another writer changed this backup, so the run leaves it alone.
    raced: new Set(refs.flatMap(({ ref, outcome }) => (outcome === 'raced' ? [ref] : []))),
    notices: [...notices, ...unmatchedPatterns(selection, [backedUp]), ...purgeNotices(found, refs, settings)],
    failure: failures.length === 0 ? null : joined(failures),
    retryAfterMs: Math.max(0, ...failures.map(({ retryAfterMs }) => retryAfterMs ?? 0)),
  }
}

async function remove(sides: Sides, side: Side, backups: readonly PurgedBackup[]): Promise<Outcomes> {
  if (backups.length === 0) return new Map()
  const changes = backups.map(({ ref, tip }) => ({ ref, action: 'delete', before: tip, after: null }) as const)
  return await sides.transfer(otherSide(side), [], false).applyMirroringRefs(changes)
}

function reportBackup(
  { ref, of, time, tip }: PurgedBackup,
  side: Side,
  answer: ChangeOutcome | undefined,
  { direction }: Settings,
): RefReport {
  const code = answer?.code ?? null
  const reason = answer?.reason ?? `the backup of ${of} of ${showTime(time.getTime())}`
  const hint = answer?.hint ?? hintOn(code, ref, direction)
  return { ref, action: 'delete', outcome: answer?.outcome ?? 'skipped', before: tip, after: null, reason, code, hint, side }
}

const IN_OBJECTS = 'the server may keep the commits until its garbage collection, and forks and caches longer: revoke a secret in any case'

function purgeNotices(found: readonly PurgedBackup[], refs: readonly RefReport[], { dryRun }: Settings): string[] {
  if (found.length === 0) return []
  if (dryRun) return [`${countBackups(found)} would be removed; to remove them, set \`dry-run: false\` (on a terminal: \`--no-dry-run\`)`]
  const gone = new Set(refs.filter(hasLanded).map(({ ref }) => ref))
  const removed = found.filter(({ ref }) => gone.has(ref))
  return removed.length === 0 ? [] : [`${countBackups(removed)} removed; ${IN_OBJECTS}`]
}
