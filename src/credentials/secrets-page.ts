import { Failure } from '../failure.ts'
import type { Settings } from '../settings/settings.ts'

/** A failure that says the server wants to know who we are, with where to put it; any other failure as it is. */
export function withSecretsPage(failure: Failure, { there, secretsPage }: Pick<Settings, 'there' | 'secretsPage'>): Failure {
  const { kind, side, message, detail, cause } = failure
  if (kind !== 'credentials-missing' || side !== 'there' || secretsPage === null || there.secret !== null) return failure
  const hint = `store a token or password as a secret at ${secretsPage}, and hand it over in the workflow as \`auth-secret\``
  return new Failure(kind, message, { side, hint, cause, ...(detail !== null && { detail }) })
}
