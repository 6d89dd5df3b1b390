import { createHash } from 'node:crypto'
import { hasRefSyntax, isOid, type Oid, type RefName } from './ref.ts'

/** The refs of this program are neither branches nor tags, so they are not cloned or mirrored by accident. */
export const MIRRORING_PREFIX = 'refs/mirroring/'

/** Whether it is a ref of this program, with a name that git accepts. */
export const isMirroringRef = (name: string): name is RefName => name.startsWith(MIRRORING_PREFIX) && hasRefSyntax(name)

const BACKUP_PREFIX = `${MIRRORING_PREFIX}backup/`

/** Bytes of the longest name that GitHub takes ("GH002"). */
const MAX_NAME_BYTES = 255

/** Hexadecimal digits of the hash in a shortened name. */
const HASH_LENGTH = 32

/** A prefix and a ref without `refs/`. A longer name than servers take is cut, and a hash of the ref makes it unambiguous: `long/heads/a-long-na-9f…`. */
function nameBelow(prefix: string, ref: RefName): RefName {
  const rest = ref.slice('refs/'.length)
  const whole = `${prefix}${rest}`
  if (Buffer.byteLength(whole) <= MAX_NAME_BYTES) return whole as RefName
  const end = `-${createHash('sha256').update(ref).digest('hex').slice(0, HASH_LENGTH)}`
  let left = MAX_NAME_BYTES - Buffer.byteLength(`${prefix}${LONG}`) - end.length
  let beginning = ''
  for (const character of rest) {
    left -= Buffer.byteLength(character)
    if (left < 0) break
    beginning += character
  }
  return `${prefix}${LONG}${beginning}${end}` as RefName
}

const LONG = 'long/'

/** The time of a backup, in a ref's name: `20261125T050138Z` (ISO 8601, basic format, UTC, whole seconds). */
const stamp = (time: Date): string => time.toISOString().replace(/\.\d+|[-:]/g, '')

/** `refs/mirroring/backup/20261125T050138Z/heads/main` for `refs/heads/main`. */
export const backupName = (ref: RefName, time: Date): RefName => nameBelow(`${BACKUP_PREFIX}${stamp(time)}/`, ref)

/** The first second from a time on that is in no name of a backup: all names with it are free, and neither above nor below a used one. */
export function freeSecond(from: Date, names: Iterable<string>): Date {
  const used = new Set<string>()
  for (const name of names) if (name.startsWith(BACKUP_PREFIX)) used.add(name.slice(BACKUP_PREFIX.length).split('/', 1)[0] ?? '')
  let time = from
  while (used.has(stamp(time))) time = new Date(time.getTime() + 1000)
  return time
}

/** The ref and the time in the name of a backup; null if it is no backup. The ref is null in a shortened name, which does not tell it. */
export function parseBackupName(name: string): { readonly of: RefName | null; readonly time: Date } | null {
  const [, year, month, day, hour, minute, second, rest] =
    /^refs\/mirroring\/backup\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\/((?:long\/)?(?:heads|tags)\/.+)$/s.exec(name) ?? []
  if (rest === undefined) return null
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(time.getTime()) ? null : { of: rest.startsWith(LONG) ? null : (`refs/${rest}` as RefName), time }
}

const basePrefix = (id: string): string => `${MIRRORING_PREFIX}base/${id}/`

/** `refs/mirroring/base/1f0c…/heads/main` for `refs/heads/main`. @param id of the mirror, plan/base.ts */
export const baseName = (ref: RefName, id: string): RefName => nameBelow(basePrefix(id), ref)

/** Whether it is the base of a ref with a long name, which a shortened name does not tell. */
export const isLongBase = (name: string, id: string): boolean => name.startsWith(`${basePrefix(id)}${LONG}`)

/** The branch or tag whose base it is; null if it is no base of this mirror, and in a shortened name. */
export function parseBaseName(name: string, id: string): RefName | null {
  const prefix = basePrefix(id)
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : ''
  return /^(?:heads|tags)\/./s.test(rest) ? (`refs/${rest}` as RefName) : null
}

/** `refs/mirroring/seal/1f0c…-77aa…/9b…`: the seal of a base, at the other side. @param id of the mirror, plan/base.ts */
export const sealName = (code: string, id: string): RefName => `${MIRRORING_PREFIX}seal/${id}/${code}` as RefName

/** Whether it is the seal of a base of this mirror, or has such a name. */
export const isSealName = (name: string, id: string): boolean => name.startsWith(sealName('', id))

/** `refs/mirroring/twin/9b…/heads/main`: the branch must not move while refs with the same tip are changed. @param code of plan/seal.ts */
export const twinName = (code: string, ref: RefName): RefName => nameBelow(`${TWIN_PREFIX}${code}/`, ref)

const TWIN_PREFIX = `${MIRRORING_PREFIX}twin/`

/** Whether it is such a mark of a ref with a long name, which a shortened name does not tell. */
export const isLongTwin = (name: string): boolean => name.startsWith(TWIN_PREFIX) && name.split('/')[4] === 'long'

/** The branch or tag that must not move; null if it is no such mark, and in a shortened name. */
export function parseTwinName(name: string): RefName | null {
  const [, rest] = /^refs\/mirroring\/twin\/[0-9a-f]+\/((?:heads|tags)\/.+)$/s.exec(name) ?? []
  return rest === undefined ? null : (`refs/${rest}` as RefName)
}

/** `refs/mirroring/moving/9b…/77aa…`: a ref is moved from the tip of this mark to that one. @param after null = it is deleted */
export const movingName = (code: string, after: Oid | null): RefName => `${MIRRORING_PREFIX}moving/${code}/${after ?? 'gone'}` as RefName

/** The tip to which a ref is moved; null = it is deleted; undefined if it is no such mark. */
export function parseMovingName(name: string): Oid | null | undefined {
  const [, after] = /^refs\/mirroring\/moving\/[0-9a-f]+\/(\w+)$/.exec(name) ?? []
  return after === 'gone' ? null : after !== undefined && isOid(after) ? after : undefined
}

const stepPrefix = (id: string): string => `${MIRRORING_PREFIX}steps/${id}/`

/** `refs/mirroring/steps/1f0c…-77aa…/9b…`: a commit of a long history that goes to the destination in steps. @param id of the mirror, plan/base.ts */
export const stepName = (commit: Oid, id: string): RefName => `${stepPrefix(id)}${commit}` as RefName

/** Whether it is such a ref of this mirror. */
export const isStepName = (name: string, id: string): boolean => name.startsWith(stepPrefix(id))
