import { Failure } from '../failure.ts'
import { keyPlace } from '../remote/deploy-keys.ts'
import { isChanged } from '../settings/direction.ts'
import type { Settings } from '../settings/settings.ts'
import { publicHalfOf } from './public-half.ts'

/** A failure that says the server refused our key, with what the person who reads it has to paste, and where; any other failure as it is. */
export function withKeyToRegister(failure: Failure, settings: Pick<Settings, 'here' | 'there' | 'serverUrl' | 'direction'>): Failure {
  const { kind, side, message, detail, cause } = failure
  if (kind !== 'ssh-key-refused' || side === null) return failure
  const { url, username, secret, passphrase } = settings[side]
  const line = secret === null ? null : publicHalfOf(secret, passphrase)
  if (line === null) return failure
  const { page, advice } = keyPlace(url, isChanged(side, settings.direction) ? 'write' : 'read', {
    serverUrl: settings.serverUrl,
    username,
  })
  const hint = `register this public key${page === null ? '' : ` at ${page}`}: ${advice}\n${line}`
  return new Failure(kind, message, { side, hint, cause, ...(detail !== null && { detail }) })
}
