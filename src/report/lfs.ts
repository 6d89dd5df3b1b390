import { shortened } from '../text/names.ts'
import { showBytes, showCount } from '../text/quantity.ts'

/** Number and size of LFS objects. */
export interface Amount {
  readonly objects: number
  readonly bytes: number
}

/** The result for the LFS objects that the run's changes bring. */
export interface LfsReport {
  readonly moved: Amount
  /** The destination had them. */
  readonly present: Amount
  readonly failed: Amount
  /** Oids of objects that the source has lost, and without which refs were mirrored; missing if there are none. */
  readonly lost?: readonly string[] | undefined
}

export function amountOf(objects: Iterable<{ readonly size: number }>): Amount {
  let [count, bytes] = [0, 0]
  for (const { size } of objects) {
    count += 1
    bytes += size
  }
  return { objects: count, bytes }
}

const NONE: Amount = { objects: 0, bytes: 0 }

const add = (a: Amount, b: Amount): Amount => ({ objects: a.objects + b.objects, bytes: a.bytes + b.bytes })

/** Each lost object once. */
function allLost(reports: readonly LfsReport[]): LfsReport['lost'] {
  const lost = new Set(reports.flatMap(report => report.lost ?? []))
  return lost.size === 0 ? undefined : [...lost]
}

/** The sum over both directions of a run; null = no LFS objects were needed. */
export function sumLfs(reports: readonly (LfsReport | null)[]): LfsReport | null {
  const known = reports.flatMap(report => report ?? [])
  const total = (of: 'moved' | 'present' | 'failed') => known.reduce((sum, report) => add(sum, report[of]), NONE)
  return known.length === 0 ? null : { moved: total('moved'), present: total('present'), failed: total('failed'), lost: allLost(known) }
}

/** The sum over two attempts: objects that the earlier one moved are not counted as present in the later one. */
export function laterLfs(earlier: LfsReport | null, later: LfsReport | null): LfsReport | null {
  if (earlier === null || later === null) return later ?? earlier
  const rest = ({ objects, bytes }: Amount, moved: Amount): Amount =>
    objects >= moved.objects ? { objects: objects - moved.objects, bytes: Math.max(0, bytes - moved.bytes) } : NONE
  const lost = allLost([earlier, later])
  return { moved: add(earlier.moved, later.moved), present: rest(later.present, earlier.moved), failed: later.failed, lost }
}

/** `5 LFS objects (488.3 KiB)` */
export const describeAmount = ({ objects, bytes }: Amount): string => `${showCount(objects, 'LFS object')} (${showBytes(bytes)})`

/** `5 LFS objects (488.3 KiB) moved, 495 already there, 1 not moved` */
export function describeLfs({ moved, present, failed, lost = [] }: LfsReport): string {
  return [
    `${describeAmount(moved)} moved`,
    ...(present.objects > 0 ? [`${present.objects} already there`] : []),
    ...(failed.objects > 0 ? [`${failed.objects} not moved`] : []),
    ...(lost.length > 0 ? [`${lost.length} lost at the source`] : []),
  ].join(', ')
}

/** Notice about objects that the source has lost. */
export function lostNotices(lost: readonly string[] = []): string[] {
  if (lost.length === 0) return []
  const what = `the source has lost ${showCount(lost.length, 'LFS object')}`
  return [`${what}, and \`lfs-missing\` is \`allow\`: the refs that need such an object are mirrored without it: ${shortened(lost)}`]
}
