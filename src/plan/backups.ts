import type { Advertisement } from '../refs/advertisement.ts'
import { backupName, freeSecond, parseBackupName } from '../refs/mirroring-ref.ts'
import { neighboursAmong } from '../refs/neighbour-names.ts'
import { isTag, type Oid, type RefName } from '../refs/ref.ts'
import { type Selection, selects, selectsEach } from '../refs/select.ts'
import type { Side } from '../remote/side.ts'
import { showTime } from '../text/quantity.ts'
import type { PlannedRef, Relation } from './plan.ts'

/** An old tip that the plan removes from the destination, and the backup that stores it before. */
export interface PlannedBackup {
  /** The ref that is forced or deleted. */
  readonly of: RefName
  /** Name of the backup. */
  readonly ref: RefName
  readonly tip: Oid
  /** A backup of an earlier run is reused. */
  readonly present: boolean
}

export interface BackupPlan {
  /** By the ref that is forced or deleted. */
  readonly backups: ReadonlyMap<RefName, PlannedBackup>
  /**
   * Changes that need no backup if one of these other changes lands, because its new tip contains the old one.
   * They are made after the others, and only if one of them landed. None of the others waits itself.
   */
  readonly waiting: ReadonlyMap<RefName, readonly RefName[]>
  /** The backups of waiting changes that force a ref, for the case that none of the others lands. A waiting deletion is then not made. */
  readonly fallback: ReadonlyMap<RefName, PlannedBackup>
  /** Backups that have been kept long enough. */
  readonly expired: ReadonlyMap<RefName, Oid>
}

export interface BackupRules {
  readonly backup: boolean
  /** How long a backup is kept; 0 = without limit. */
  readonly days: number
  readonly atomic: boolean
  readonly now: Date
}

export interface BackupInput {
  /** Only entries that change something. */
  readonly changes: readonly PlannedRef[]
  readonly source: Pick<Advertisement, 'refs' | 'head'>
  readonly destination: Pick<Advertisement, 'refs' | 'peeled' | 'mirroringRefs' | 'head' | 'symbolicIsWhole'>
  /** For deleted refs: whether its tip is contained in the source's default branch. */
  readonly relations: ReadonlyMap<RefName, Relation>
}

const DAY_MS = 86_400_000

/**
 * Decides which tips are stored before a plan is carried out: each that a force or a deletion removes from the destination, unless another ref there
 * certainly contains it afterwards.
 */
export function planBackups(input: BackupInput, rules: BackupRules): BackupPlan {
  const { changes, destination } = input
  const limit = rules.days === 0 ? Number.POSITIVE_INFINITY : rules.days * DAY_MS
  const earlier = backupsAmong(destination.mirroringRefs).map(backup => ({ ...backup, age: rules.now.getTime() - backup.time.getTime() }))
  const expired = new Map(earlier.flatMap(({ ref, tip, age }) => (age > limit ? [[ref, tip]] : [])))
  const backups = new Map<RefName, PlannedBackup>()
  const waiting = new Map<RefName, readonly RefName[]>()
  const fallback = new Map<RefName, PlannedBackup>()
  if (!rules.backup) return { backups, waiting, fallback, expired }
  const lasting = lastingTips(input)
  const tagged = destination.symbolicIsWhole ? lasting : lastingTips(input, isTag)
  const coming = comingTips(changes)
  // Otherwise a destination that refuses a change would get another backup with every run. A backup is reused until half of its time is over.
  const stored = new Map<Oid, typeof earlier>()
  for (const backup of earlier.filter(({ age }) => age <= limit / 2)) {
    const its = stored.get(backup.tip) ?? []
    its.push(backup)
    stored.set(backup.tip, its)
  }
  const time = freeSecond(rules.now, destination.mirroringRefs.keys())
  const createdBeside = neighboursAmong(changes.flatMap(({ ref, action }) => (action === 'create' ? [ref] : [])))
  for (const change of changes) {
    const tip = change.before
    if (tip === null || (change.action !== 'force' && change.action !== 'delete')) continue
    const containers = [tip, ...mergedInto(change, input)]
    // Another branch with this tip may be symbolic, and then moves along with the one that HEAD names.
    if (containers.some(oid => (change.ref === destination.head ? tagged : lasting).has(oid))) continue
    const others = containers.flatMap(oid => coming.get(oid) ?? [])
    if (others.length > 0 && rules.atomic) continue
    // Another ref can only be created when this one is deleted, which therefore cannot wait.
    const makesRoom = change.action === 'delete' && createdBeside(change.ref) !== undefined
    const waits = others.length > 0 && !makesRoom
    if (waits) waiting.set(change.ref, others)
    if (waits && change.action === 'delete') continue
    const present = stored.get(tip)?.findLast(backup => backup.ref === backupName(change.ref, backup.time))?.ref
    const ref = present ?? backupName(change.ref, time)
    const target = waits ? fallback : backups
    target.set(change.ref, { of: change.ref, ref, tip, present: present !== undefined })
  }
  return { backups, waiting, fallback, expired }
}

/** Tips that some ref of the destination has or contains, even if no change lands. */
function lastingTips({ changes, destination }: BackupInput, counts: (ref: RefName) => boolean = () => true): Set<Oid> {
  const lost = new Set(changes.flatMap(({ ref, action }) => (action === 'force' || action === 'delete' ? [ref] : [])))
  return new Set([...destination.refs, ...destination.peeled].flatMap(([ref, oid]) => (lost.has(ref) || !counts(ref) ? [] : [oid])))
}

/** The tips of refs that the plan creates or fast-forwards. A forced ref does not count, because it may have to wait itself. */
function comingTips(changes: readonly PlannedRef[]): Map<Oid, RefName[]> {
  const coming = new Map<Oid, RefName[]>()
  for (const { ref, action, after } of changes) {
    if (after === null || (action !== 'create' && action !== 'fast-forward')) continue
    const refs = coming.get(after) ?? []
    refs.push(ref)
    coming.set(after, refs)
  }
  return coming
}

/** The tip of the source's default branch, if it contains the deleted ref. No commit contains an annotated tag, only the object it points to. */
function mergedInto({ ref, action }: PlannedRef, { source, destination, relations }: BackupInput): Oid[] {
  if (action !== 'delete' || relations.get(ref) !== 'ancestor' || destination.peeled.has(ref) || source.head === null) return []
  const target = source.refs.get(source.head)
  return target === undefined ? [] : [target]
}

/** The backups among the mirroring refs of a side. */
export const backupsAmong = (mirroringRefs: ReadonlyMap<RefName, Oid>) =>
  [...mirroringRefs].flatMap(([ref, tip]) => {
    const parsed = parseBackupName(ref)
    return parsed === null ? [] : [{ ref, tip, ...parsed }]
  })

/** The same, with the refs of shortened names. @param names refs that those may stand for; `of` is null for others */
export function namedBackups(mirroringRefs: ReadonlyMap<RefName, Oid>, names: readonly RefName[]) {
  const long = names.filter(name => name.length > SURELY_SHORT)
  const owners = new Map(long.map(name => [afterTime(backupName(name, new Date(0))), name]))
  return backupsAmong(mirroringRefs).map(backup => ({ ...backup, of: backup.of ?? owners.get(afterTime(backup.ref)) ?? null }))
}

/** The rest of `refs/mirroring/backup/<time>/<rest>`. */
const afterTime = (backup: RefName): string => backup.split('/').slice(4).join('/')

/** Removes each backup of a selected ref, and no other ref. */
export const planPurge = (side: Side, backups: ReturnType<typeof namedBackups>, selection: Selection): PlannedRef[] =>
  backups.flatMap(({ ref, tip, time, of }): PlannedRef[] => {
    if (of === null ? !selectsEach(selection, isBranchBackup(ref)) : !selects(selection, of)) return []
    const reason = `the backup of ${of ?? 'a ref with a long name'} of ${showTime(time.getTime())}`
    return [{ ref, action: 'delete', before: tip, after: null, side, reason, code: null }]
  })

/** Characters of a ref. In UTF-8 each has three bytes at the most. */
const SURELY_SHORT = 60

const isBranchBackup = (ref: RefName): boolean => ref.includes('/long/heads/')
