import { Failure } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import type { Runtime } from '../host/runtime.ts'
import type { Advertisement } from '../refs/advertisement.ts'
import type { Oid } from '../refs/ref.ts'
import type { Side } from '../remote/side.ts'
import type { Session } from '../session/session.ts'
import type { Settings } from '../settings/settings.ts'
import type { openTransport } from '../transport/open.ts'
import type { Transfer } from './transfer.ts'

/** Both sides, opened and read, and a way from each to the other. */
export interface Sides {
  readonly here: Advertisement
  readonly there: Advertisement
  /**
   * The way from a side to the other one.
   * @param wants every tip of the source that the run may need
   * @param certain whether some of them will be needed, whatever the transfer's answers
   */
  transfer(source: Side, wants: readonly Oid[], certain: boolean): Transfer
  /** Ends every connection. Never throws. */
  close(): void
}

/** What is needed to open them. */
export interface SidesContext {
  readonly settings: Settings
  readonly session: Session
  readonly runtime: Runtime
  readonly host: Host
  /** How to reach a side in git's own protocol; left out: as its URL says. */
  readonly openTransport?: typeof openTransport | undefined
}

/**
 * Waits for both sides, which are being read at the same time.
 * @throws Failure of the source first; the other side's is told in its detail. A real failure comes before one that only means "use git".
 */
export async function bothOf<T>(source: Promise<T>, destination: Promise<T>): Promise<readonly [T, T]> {
  const results = await Promise.allSettled([source, destination])
  const [ours, theirs] = results
  if (ours.status === 'fulfilled' && theirs.status === 'fulfilled') return [ours.value, theirs.value]
  throw joined(results.flatMap(result => (result.status === 'rejected' ? [Failure.from(result.reason)] : [])))
}

/** One failure of several: the first, those last that only mean "use git"; the second is told in its detail. @param failures at least one */
export function joined(failures: readonly Failure[]): Failure {
  const isReal = ({ kind }: Failure) => kind !== 'relay-impossible'
  return [...failures.filter(isReal), ...failures.filter(failure => !isReal(failure))].reduce((first, second, index) => {
    if (index > 1) return first
    const detail = [first.detail, `the other side failed too: ${second.message}`, second.detail].filter(Boolean).join('\n')
    return first.with({ detail })
  })
}
