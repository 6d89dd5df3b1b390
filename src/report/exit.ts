import type { Fault } from '../errors/kind.ts'
import type { FailOn } from '../settings/settings.ts'
import { isDivergent, isTrouble } from './interest.ts'
import type { RefReport, Report } from './report.ts'

type Judged = Pick<Report, 'refs' | 'failure'> & Partial<Pick<Report, 'operation' | 'lfs'>>

/** Includes a ref whose name cannot be mirrored. */
const isKept = ({ outcome, code }: RefReport): boolean => outcome === 'kept' || code === 'name-unusable'

/**
 * Whether the step fails. `rejected` stands for the outcomes rejected, raced and failed; `diverged` for refs that were kept because they
 * diverged or their relation is unknown; `any-kept` for every kept ref. Lost LFS objects count as kept. A failure that ended the run always fails
 * the step, even with `never`, which is about refs. A verification that finds a difference fails unless `never` is set.
 */
export function failsStep({ refs, failure, operation, lfs }: Judged, failOn: ReadonlySet<FailOn>): boolean {
  if (failure !== null) return true
  if (failOn.has('never')) return false
  if (operation === 'verify') return refs.some(ref => isDivergent(ref) || isTrouble(ref))
  if (failOn.has('any-kept') && lfs?.lost !== undefined) return true
  return refs.some(
    ref =>
      (failOn.has('rejected') && isTrouble(ref)) || (failOn.has('diverged') && isDivergent(ref)) || (failOn.has('any-kept') && isKept(ref)),
  )
}

const CODES = { settings: 2, auth: 3, 'host-key': 3, network: 4, remote: 1, race: 1, bug: 70 } as const satisfies Record<Fault, number>

/** Exit code of the command line: 0 fine, 1 refs or the remote, 2 settings, 3 host not trusted or not authorised, 4 network, 70 our bug. */
export function exitCode(report: Judged, failOn: ReadonlySet<FailOn>): 0 | 1 | 2 | 3 | 4 | 70 {
  if (report.failure !== null) return CODES[report.failure.fault]
  return failsStep(report, failOn) ? 1 : 0
}
