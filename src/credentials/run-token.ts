import { Failure } from '../failure.ts'
import { isChanged } from '../settings/direction.ts'
import type { Settings } from '../settings/settings.ts'

/** How GitHub's tokens for one run begin; those of other forges look like any other. */
const OF_GITHUB = 'ghs_'

/** A failure that says the token of the run may not write to its own repository, by the kind that tells what to allow; any other failure as it is. */
export function withTokenToAllow(failure: Failure, settings: Pick<Settings, 'here' | 'direction'>): Failure {
  const { kind, side, message, detail, cause } = failure
  if (side !== 'here' || !isChanged('here', settings.direction)) return failure
  if (kind !== 'permission-denied' && kind !== 'read-only') return failure
  if (settings.here.url.protocol === 'ssh' || !settings.here.secret?.startsWith(OF_GITHUB)) return failure
  // What is archived stays so, whatever the token.
  if (/archived/i.test(`${message}\n${detail ?? ''}`)) return failure
  return new Failure('token-read-only', message, { side, cause, ...(detail !== null && { detail }) })
}
