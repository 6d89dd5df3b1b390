import type { Advertisement } from '../refs/advertisement.ts'
import { backupName, parseBackupName } from '../refs/mirroring-ref.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import type { PlannedRef, Relation } from './plan.ts'

/** A tip of the destination that the plan would lose, and where it is stored before. */
export interface PlannedBackup {
  /** The ref that is forced or deleted. */
  readonly of: RefName
  /** Name of the backup. */
  readonly ref: RefName
  readonly tip: Oid
  /** An earlier run stored this tip already, and not so long ago. */
  readonly present: boolean
}

export interface BackupPlan {
  /** By the ref that is forced or deleted. */
  readonly backups: ReadonlyMap<RefName, PlannedBackup>
  /**
   * Changes that need no backup if one of these others lands, which then contains the old tip: they are made after them, and only then.
   * None of the others is such a change itself.
   */
  readonly waiting: ReadonlyMap<RefName, readonly RefName[]>
  /** For those of them that are forced: where the old tip is stored if none of the others lands. A ref that was to be deleted is kept instead. */
  readonly fallback: ReadonlyMap<RefName, PlannedBackup>
  /** Backups that have been kept long enough. */
  readonly expired: ReadonlyMap<RefName, Oid>
}

export interface BackupRules {
  readonly backup: boolean
  /** How long a backup is kept; 0 = for ever. */
  readonly days: number
  readonly atomic: boolean
  readonly now: Date
}

export interface BackupInput {
  /** What is to be changed, and nothing else. */
  readonly changes: readonly PlannedRef[]
  readonly source: Pick<Advertisement, 'refs' | 'head'>
  readonly destination: Pick<Advertisement, 'refs' | 'peeled' | 'mirroringRefs'>
  /** For what is deleted: whether its tip is contained in the source's default branch. */
  readonly relations: ReadonlyMap<RefName, Relation>
}

const DAY_MS = 86_400_000

/**
 * What must be stored before a plan is carried out: each tip that a force or a deletion takes from the destination, unless another ref there certainly
 * still contains it afterwards. What is not known counts as not contained.
 */
export function planBackups(input: BackupInput, rules: BackupRules): BackupPlan {
  const { changes, destination } = input
  const expired = expiredBackups(destination.mirroringRefs, rules)
  const backups = new Map<RefName, PlannedBackup>()
  const waiting = new Map<RefName, readonly RefName[]>()
  const fallback = new Map<RefName, PlannedBackup>()
  if (!rules.backup) return { backups, waiting, fallback, expired }
  const lasting = lastingTips(input)
  const coming = comingTips(changes)
  const stored = storedBackups(destination.mirroringRefs, expired, rules)
  for (const change of changes) {
    const tip = change.before
    if (tip === null || (change.action !== 'force' && change.action !== 'delete')) continue
    const containers = [tip, ...mergedInto(change, input)]
    if (containers.some(oid => lasting.has(oid))) continue
    const others = containers.flatMap(oid => coming.get(oid) ?? [])
    if (others.length > 0 && rules.atomic) continue
    const waits = others.length > 0 && !makesRoom(change, changes)
    if (waits) waiting.set(change.ref, others)
    if (waits && change.action === 'delete') continue
    const earlier = stored.get(`${tip} ${change.ref}`)
    const ref = earlier ?? freeName(change.ref, rules.now, destination.mirroringRefs)
    const target = waits ? fallback : backups
    target.set(change.ref, { of: change.ref, ref, tip, present: earlier !== undefined })
  }
  return { backups, waiting, fallback, expired }
}

/** Tips that a ref of the destination has or contains, whatever becomes of the plan. */
function lastingTips({ changes, destination }: BackupInput): Set<Oid> {
  const lost = new Set(changes.flatMap(({ ref, action }) => (action === 'force' || action === 'delete' ? [ref] : [])))
  return new Set([...destination.refs, ...destination.peeled].flatMap(([ref, oid]) => (lost.has(ref) ? [] : [oid])))
}

/** Tips that refs get by the plan, if the destination takes them. A forced ref does not count: it may have to wait itself. */
function comingTips(changes: readonly PlannedRef[]): Map<Oid, RefName[]> {
  const coming = new Map<Oid, RefName[]>()
  for (const { ref, action, after } of changes) {
    if (after === null || (action !== 'create' && action !== 'fast-forward')) continue
    coming.set(after, [...(coming.get(after) ?? []), ref])
  }
  return coming
}

/** The tip of the source's default branch, where it contains what is deleted. An annotated tag is contained in no commit, only what it points to is. */
function mergedInto({ ref, action }: PlannedRef, { source, destination, relations }: BackupInput): Oid[] {
  if (action !== 'delete' || relations.get(ref) !== 'ancestor' || destination.peeled.has(ref) || source.head === null) return []
  const target = source.refs.get(source.head)
  return target === undefined ? [] : [target]
}

/** Whether another ref can only be created when this one is gone: then it cannot wait. */
const makesRoom = ({ ref, action }: PlannedRef, changes: readonly PlannedRef[]): boolean =>
  action === 'delete' &&
  changes.some(other => other.action === 'create' && (other.ref.startsWith(`${ref}/`) || ref.startsWith(`${other.ref}/`)))

/** A name that no backup of the same second has, nor is above or below: of `a` there is one already where `a/b` needs one now. */
function freeName(ref: RefName, now: Date, mirroringRefs: ReadonlyMap<RefName, Oid>): RefName {
  for (let time = now; ; time = new Date(time.getTime() + 1000)) {
    const name = backupName(ref, time)
    const clashes = [...mirroringRefs.keys()].some(other => other === name || other.startsWith(`${name}/`) || name.startsWith(`${other}/`))
    if (!clashes) return name
  }
}

function expiredBackups(mirroringRefs: ReadonlyMap<RefName, Oid>, { days, now }: BackupRules): Map<RefName, Oid> {
  if (days === 0) return new Map()
  return new Map([...mirroringRefs].filter(([name]) => ageOf(name, now) > days * DAY_MS))
}

/** Milliseconds; below zero for what is no backup. */
function ageOf(name: string, now: Date): number {
  const parsed = parseBackupName(name)
  return parsed === null ? -1 : now.getTime() - parsed.time.getTime()
}

/**
 * Backups that need not be made again, by tip and ref: a destination that refuses a change would else get one more with every run.
 * They must stay for at least half of the time yet.
 */
function storedBackups(
  mirroringRefs: ReadonlyMap<RefName, Oid>,
  expired: ReadonlyMap<RefName, Oid>,
  { days, now }: BackupRules,
): Map<string, RefName> {
  const stored = new Map<string, RefName>()
  for (const [name, tip] of mirroringRefs) {
    const parsed = parseBackupName(name)
    if (parsed === null || expired.has(name)) continue
    if (days === 0 || ageOf(name, now) <= (days * DAY_MS) / 2) stored.set(`${tip} ${parsed.of}`, name)
  }
  return stored
}
