import { namedBackups, planPurge } from '../plan/backups.ts'
import { exactNames, unmatchedPatterns } from '../refs/select.ts'
import { otherSide } from '../remote/side.ts'
import { isChanged } from '../settings/direction.ts'
import type { Settings } from '../settings/settings.ts'
import type { FirstTips, Sides, SidesContext } from '../transfer/sides.ts'
import { type SideUpdate, updateWithout } from './apply/apply.ts'
import type { NarrowedSelection } from './selection.ts'

const TO_REMOVE = 'nothing was removed; to remove these backups, set `dry-run: false` (on a terminal: `--no-dry-run`)'
const REMAINS = 'the server may keep the commits until its garbage collection, and forks and caches longer: revoke a secret in any case'

/** The removal of the backups of the selected refs, from each side that the direction allows to change. */
export function planPurges(sides: Sides, { direction, dryRun }: Settings, memory: FirstTips, { selection, notices }: NarrowedSelection) {
  const changed = (['there', 'here'] as const).filter(side => isChanged(side, direction))
  const names = [...sides.here.refs.keys(), ...sides.there.refs.keys(), ...exactNames(selection)]
  const backups = { here: namedBackups(sides.here.mirroringRefs, names), there: namedBackups(sides.there.mirroringRefs, names) }
  const plan = changed.flatMap(side => planPurge(side, backups[side], selection)).sort((a, b) => (a.ref < b.ref ? -1 : 1))
  const updates = changed.map(side => {
    memory[side] ??= sides[side].mirroringRefs
    return updateWithout(sides.transfer(otherSide(side), [], false), side, plan, memory[side])
  })
  const backedUp = changed.flatMap(side => backups[side].flatMap(({ of }) => of ?? []))
  const advice = plan.length === 0 ? [] : [dryRun ? TO_REMOVE : REMAINS]
  return { plan, updates, unusable: [], notices: [...notices, ...unmatchedPatterns(selection, backedUp), ...advice] }
}

/** Removes the backups of one side, each only if it is as the run read it; a dry run changes nothing. @throws Failure if nothing could be sent */
export async function purgeSide({ transfer, changes, progress }: SideUpdate, { settings }: SidesContext): Promise<void> {
  if (settings.dryRun || changes.length === 0) return
  for (const [ref, outcome] of await transfer.applyMirroringRefs(changes)) progress.outcomes.set(ref, outcome)
}
