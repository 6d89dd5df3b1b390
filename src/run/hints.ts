import type { Failure } from '../errors/failure.ts'
import { publicHalfOf } from '../keys/public-half.ts'
import { keyPlace } from '../remote/deploy-keys.ts'
import { isChanged } from '../settings/direction.ts'
import type { Settings } from '../settings/settings.ts'

/** GitHub's tokens for one run begin with this; those of other forges look like any other token. */
const OF_GITHUB = 'ghs_'

/** Gives the failure "the token of the run may not write to its own repository" the kind whose advice is to allow it; other failures are unchanged. */
export function withTokenToAllow(failure: Failure, settings: Pick<Settings, 'here' | 'direction'>): Failure {
  const { kind, side } = failure
  if (side !== 'here' || !isChanged('here', settings.direction)) return failure
  if (kind !== 'permission-denied' && kind !== 'read-only') return failure
  if (settings.here.url.protocol === 'ssh' || !settings.here.secret?.startsWith(OF_GITHUB)) return failure
  return failure.with({ kind: 'token-read-only' })
}

/** Adds to the failure "the server refused the key" the public key, and where to register it; other failures are unchanged. */
export function withKeyToRegister(failure: Failure, settings: Pick<Settings, 'here' | 'there' | 'serverUrl' | 'direction'>): Failure {
  const { kind, side } = failure
  if (kind !== 'ssh-key-refused' || side === null) return failure
  const { url, username, secret, passphrase } = settings[side]
  const line = secret === null ? null : publicHalfOf(secret, passphrase)
  if (line === null) return failure
  const { direction, serverUrl } = settings
  const { page, advice } = keyPlace(url, isChanged(side, direction) ? 'write' : 'read', { serverUrl, username })
  return failure.with({ hint: `register this public key${page === null ? '' : ` at ${page}`}: ${advice}\n${line}` })
}

/** Adds to the failure "the server asks for credentials" where to store them; other failures are unchanged. */
export function withSecretsPage(failure: Failure, { there, secretsPage }: Pick<Settings, 'there' | 'secretsPage'>): Failure {
  const { kind, side } = failure
  if (kind !== 'credentials-missing' || side !== 'there' || secretsPage === null || there.secret !== null) return failure
  return failure.with({ hint: `store a token or password as a secret at ${secretsPage}, and pass it as \`auth-secret\` in the workflow` })
}
