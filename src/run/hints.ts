import type { Failure } from '../errors/failure.ts'
import { publicHalfOf } from '../keys/public-half.ts'
import { keyPlace } from '../remote/deploy-keys.ts'
import { isChanged } from '../settings/direction.ts'
import type { Settings } from '../settings/settings.ts'

/** How GitHub's tokens for one run begin; those of other forges look like any other. */
const OF_GITHUB = 'ghs_'

/** A failure that says the token of the run may not write to its own repository, by the kind that tells what to allow; any other failure as it is. */
export function withTokenToAllow(failure: Failure, settings: Pick<Settings, 'here' | 'direction'>): Failure {
  const { kind, side } = failure
  if (side !== 'here' || !isChanged('here', settings.direction)) return failure
  if (kind !== 'permission-denied' && kind !== 'read-only') return failure
  if (settings.here.url.protocol === 'ssh' || !settings.here.secret?.startsWith(OF_GITHUB)) return failure
  return failure.with({ kind: 'token-read-only' })
}

/** A failure that says the server refused our key, with what the person who reads it has to paste, and where; any other failure as it is. */
export function withKeyToRegister(failure: Failure, settings: Pick<Settings, 'here' | 'there' | 'serverUrl' | 'direction'>): Failure {
  const { kind, side } = failure
  if (kind !== 'ssh-key-refused' || side === null) return failure
  const { url, username, secret, passphrase } = settings[side]
  const line = secret === null ? null : publicHalfOf(secret, passphrase)
  if (line === null) return failure
  const { page, advice } = keyPlace(url, isChanged(side, settings.direction) ? 'write' : 'read', {
    serverUrl: settings.serverUrl,
    username,
  })
  const hint = `register this public key${page === null ? '' : ` at ${page}`}: ${advice}\n${line}`
  return failure.with({ hint })
}

/** A failure that says the server wants to know who we are, with where to put it; any other failure as it is. */
export function withSecretsPage(failure: Failure, { there, secretsPage }: Pick<Settings, 'there' | 'secretsPage'>): Failure {
  const { kind, side } = failure
  if (kind !== 'credentials-missing' || side !== 'there' || secretsPage === null || there.secret !== null) return failure
  const hint = `store a token or password as a secret at ${secretsPage}, and hand it over in the workflow as \`auth-secret\``
  return failure.with({ hint })
}
