import { parseBackupName } from '../refs/mirroring-ref.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import { type Selection, selects } from '../refs/select.ts'
import { showCount, showTime } from '../text/quantity.ts'

/** A backup that is to be removed. */
export interface PurgedBackup {
  readonly ref: RefName
  /** The branch or tag whose old tip it keeps. */
  readonly of: RefName
  readonly time: Date
  readonly tip: Oid
}

/** The backups of the selected branches and tags, sorted by name. Every other ref stays, whatever the selection is. */
export function chooseBackups(mirroringRefs: ReadonlyMap<RefName, Oid>, selection: Selection): PurgedBackup[] {
  const backups = [...mirroringRefs].flatMap(([ref, tip]) => {
    const parsed = parseBackupName(ref)
    return parsed !== null && selects(selection, parsed.of) ? [{ ref, tip, ...parsed }] : []
  })
  return backups.sort((a, b) => (a.ref < b.ref ? -1 : 1))
}

const MAX_NAMES = 10

/** The number and the times of the backups of each branch and tag: `refs/heads/main: 2, from … to …`. */
export function countBackups(backups: readonly PurgedBackup[]): string {
  const times = new Map<RefName, number[]>()
  for (const { of, time } of backups) times.set(of, [...(times.get(of) ?? []), time.getTime()])
  const counts = [...times].slice(0, MAX_NAMES).map(([of, all]) => {
    const [first, last] = [Math.min(...all), Math.max(...all)]
    return `${of}: ${all.length}, ${first === last ? `of ${showTime(first)}` : `from ${showTime(first)} to ${showTime(last)}`}`
  })
  const rest = times.size - counts.length
  const more = rest > 0 ? [`and ${showCount(rest, 'more ref')}`] : []
  return `${showCount(backups.length, 'backup')} of ${showCount(times.size, 'ref')} (${[...counts, ...more].join('; ')})`
}
