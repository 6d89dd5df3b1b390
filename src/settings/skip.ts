import type { Failure } from '../errors/failure.ts'
import { isRepositoryOfRun } from '../remote/same-repository.ts'
import { isWeb } from '../remote/server.ts'
import type { RemoteUrl } from '../remote/url.ts'
import type { SettingsContext } from './context.ts'
import { directionIn } from './direction.ts'
import type { RawInputs } from './inputs.ts'
import { isDryRun } from './operation.ts'
import { parseUrl } from './url.ts'
import { isBlank } from './values.ts'
import type { NoSecretsReason, WorkflowRun } from './workflow-run.ts'

/** Why a mirror is skipped before anything is opened, in words that follow `skipped:`; null if it runs. */
export function reasonToSkip(raw: RawInputs, context: SettingsContext): string | null {
  const { run, serverUrl } = context
  if (run === null) return null
  // In a fork, a variable with the URL is as empty as a secret.
  const url = isBlank(raw['remote-url']) ? null : parseUrl(raw['remote-url'] ?? '', context)
  if (url !== null && !('problem' in url) && isInsideMirror(raw, url, run, serverUrl))
    return `the run belongs to "${run.repository}", which is the repository at \`remote-url\` itself`
  if (run.noSecretsBecause === null || !isBlank(raw['auth-secret'])) return null
  const needsSecret = url === null || (!('problem' in url) && cannotDoWithoutSecret(raw, url, context))
  return needsSecret ? whyWithout(run.noSecretsBecause, run) : null
}

/** Why a failure needs no action, because the run had no secrets; null if it may need action. @param raw the inputs of the failed run */
export function excuseFor({ kind, side }: Pick<Failure, 'kind' | 'side'>, raw: RawInputs, run: WorkflowRun | null): string | null {
  const reason = run?.noSecretsBecause ?? null
  if (run === null || reason === null) return null
  if (kind === 'credentials-missing' && side === 'there' && isBlank(raw['auth-secret'])) return whyWithout(reason, run)
  if (kind === 'token-read-only' && reason !== 'fork') return `${WHY[reason]}, and has a token that may only read`
  return null
}

/** A mirrored branch brings the workflow with it, which then runs in the mirror as well. Does not apply to a repository that the user named. */
function isInsideMirror(raw: RawInputs, url: RemoteUrl, { repository }: WorkflowRun, serverUrl: string | null): boolean {
  if (repository === null || serverUrl === null || !isBlank(raw['repository-url'])) return false
  return raw.repository?.trim().toLowerCase() === repository.toLowerCase() && isRepositoryOfRun(url, repository, serverUrl)
}

/** A login over SSH and writing over HTTPS need a secret. */
function cannotDoWithoutSecret(raw: RawInputs, url: RemoteUrl, { agentSocket }: SettingsContext): boolean {
  if (url.hasSecret) return false
  if (url.protocol === 'ssh') return agentSocket === null
  const onlyReads = directionIn(raw.direction) === 'pull' || isDryRun(raw)
  return isWeb(url) && !onlyReads && isBlank(raw['client-certificate'])
}

const WHY: Readonly<Record<NoSecretsReason, string>> = {
  'pull-request': 'the run is for a pull request from a fork, which gets no secrets',
  dependabot: "the run was started by Dependabot, which gets none of the repository's secrets",
  fork: 'this repository is a fork, which does not have the secret for `auth-secret`',
}

const whyWithout = (reason: NoSecretsReason, { secretsPage }: WorkflowRun): string =>
  reason === 'fork' && secretsPage !== null ? `${WHY.fork}; to mirror from here, store one at ${secretsPage}` : WHY[reason]
