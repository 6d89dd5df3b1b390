import type { FailOn } from '../settings/settings.ts'
import { showCount } from '../text/quantity.ts'
import { exitCode } from './exit.ts'
import { type Report, STATUSES, type Status } from './report.ts'

/** One mirror after its run. */
export interface MirrorReport {
  /** Its name in the file of mirrors; empty for the one mirror that inputs or flags describe. */
  readonly name: string
  readonly report: Report
  readonly failOn: ReadonlySet<FailOn>
}

/** The mirrors of a step or of a command, in their order. One mirror is a list of one. */
export interface Reports {
  readonly mirrors: readonly MirrorReport[]
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly durationMs: number
}

/** The one mirror that inputs or flags describe; null if a file describes the mirrors and names them. */
export const onlyReport = ({ mirrors: [first, ...others] }: Pick<Reports, 'mirrors'>): Report | null =>
  first !== undefined && first.name === '' && others.length === 0 ? first.report : null

/** The worst comes first: a bug may hide other errors, a mistake in the settings stays until it is corrected, and a network may recover. */
const WORST_CODES = [70, 2, 3, 4, 1, 0] as const

export function worstExitCode({ mirrors }: Pick<Reports, 'mirrors'>): number {
  const codes = new Set<number>(mirrors.map(({ report, failOn }) => exitCode(report, failOn)))
  return WORST_CODES.find(code => codes.has(code)) ?? 0
}

/** The common status: `failed` only if every mirror failed; `skipped` if nothing was changed and at least one mirror was skipped. */
export function statusOfAll({ mirrors }: Pick<Reports, 'mirrors'>): Status {
  const statuses = new Set(mirrors.map(({ report }) => report.status))
  if (statuses.has('partial') || statuses.has('failed')) return statuses.size === 1 && statuses.has('failed') ? 'failed' : 'partial'
  if (statuses.has('updated')) return 'updated'
  return statuses.has('skipped') ? 'skipped' : 'up-to-date'
}

export const allInSync = ({ mirrors }: Pick<Reports, 'mirrors'>): boolean => mirrors.every(({ report }) => report.inSync)

/** Why every mirror was skipped: one reason if all have the same, otherwise one per mirror after its name; empty if any mirror ran. */
export function skippedReasonOfAll({ mirrors }: Pick<Reports, 'mirrors'>): string {
  const reasons = mirrors.flatMap(({ name, report: { skipped } }) => (skipped === undefined ? [] : [{ name, skipped }]))
  if (reasons.length < mirrors.length) return ''
  const [only, ...others] = new Set(reasons.map(({ skipped }) => skipped))
  return others.length === 0 ? (only ?? '') : reasons.map(({ name, skipped }) => `${name}: ${skipped}`).join('; ')
}

/** `3 mirrors: 1 failed, 2 up to date`. */
export function headlineOfAll({ mirrors }: Pick<Reports, 'mirrors'>): string {
  const counts = STATUSES.map(status => ({ status, count: mirrors.filter(({ report }) => report.status === status).length }))
  const parts = counts.filter(({ count }) => count > 0).map(({ status, count }) => `${count} ${status.replaceAll('-', ' ')}`)
  return `${showCount(mirrors.length, 'mirror')}: ${parts.join(', ')}`
}
