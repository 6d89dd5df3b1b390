import { hasLanded } from '../report/interest.ts'
import { laterLfs } from '../report/lfs.ts'
import type { BackupReport } from '../report/report.ts'
import type { Attempt } from './attempt.ts'

/** A later attempt finds up to date what an earlier one changed: the change stays in the report. */
export function withEarlier(earlier: Attempt, attempted: Attempt): Attempt {
  const later = { ...attempted, backups: laterBackups(earlier.backups, attempted.backups), lfs: laterLfs(earlier.lfs, attempted.lfs) }
  const done = new Map(earlier.refs.filter(hasLanded).map(ref => [ref.ref, ref]))
  if (later.refs.length === 0) return { ...later, refs: earlier.refs, transfer: later.transfer ?? earlier.transfer }
  const refs = later.refs.map(ref => (ref.outcome === 'up-to-date' ? (done.get(ref.ref) ?? ref) : ref))
  const names = new Set(refs.map(({ ref }) => ref))
  const deleted = [...done.values()].filter(({ ref }) => !names.has(ref))
  return { ...later, refs: [...refs, ...deleted].sort((a, b) => (a.ref < b.ref ? -1 : 1)), transfer: later.transfer ?? earlier.transfer }
}

/** If both attempts report a backup, the later report counts, unless it only found what the earlier attempt stored. */
function laterBackups(earlier: Attempt['backups'], later: Attempt['backups']): Attempt['backups'] {
  const keyOf = ({ side, ref }: BackupReport) => `${side} ${ref}`
  const all = new Map(earlier.map(backup => [keyOf(backup), backup]))
  for (const backup of later) if (backup.outcome !== 'present' || !all.has(keyOf(backup))) all.set(keyOf(backup), backup)
  return [...all.values()]
}
