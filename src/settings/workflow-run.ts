import { fieldsOf } from '../text/json.ts'

/** The run of a workflow, as its runner describes it. */
export interface WorkflowRun {
  /** GITHUB_REPOSITORY: `owner/name`. */
  readonly repository: string | null
  /** GITHUB_WORKFLOW_REF: `owner/name/.github/workflows/x.yml@refs/heads/main`; of a reusable workflow, that of its caller. */
  readonly workflowRef: string | null
  /** GITHUB_REF: the ref that started the run. */
  readonly ref: string | null
  /** A person started the run, or ran it again. */
  readonly manual: boolean
  /** The web page on which the secrets of the repository are stored. */
  readonly secretsPage: string | null
  /** Why the run has no secrets although the user made no mistake; null = it should have them. */
  readonly noSecretsBecause: NoSecretsReason | null
}

/**
 * - `pull-request`: runs for a pull request from a fork get no secrets, and a token that may only read
 * - `dependabot`: runs of Dependabot get only its own secrets, and a token that may only read
 * - `fork`: the repository is a fork of the one for which the workflow was written
 * (GitHub docs, "Events that trigger workflows" and "Restrictions when Dependabot triggers events")
 */
export type NoSecretsReason = 'pull-request' | 'dependabot' | 'fork'

/** @param event the payload of the event that started the run, as JSON.parse gives it; null = it was not read */
export function workflowRunOf(env: NodeJS.ProcessEnv, event: unknown): WorkflowRun {
  const repository = env['GITHUB_REPOSITORY'] || null
  const serverUrl = env['GITHUB_SERVER_URL'] || null
  return {
    repository,
    workflowRef: env['GITHUB_WORKFLOW_REF'] || null,
    ref: env['GITHUB_REF'] || null,
    manual: env['GITHUB_EVENT_NAME'] === 'workflow_dispatch' || Number(env['GITHUB_RUN_ATTEMPT']) > 1,
    secretsPage:
      repository === null || serverUrl === null ? null : `${serverUrl.replace(/(?<!\/)\/+$/, '')}/${repository}/settings/${folderOf(env)}`,
    noSecretsBecause: noSecretsReason(env, event),
  }
}

const folderOf = (env: NodeJS.ProcessEnv): string =>
  env['GITEA_ACTIONS'] === 'true' || env['FORGEJO_ACTIONS'] === 'true' ? 'actions/secrets' : 'secrets/actions'

// `pull_request_target` is not among them: it runs with the secrets of the base.
const PULL_REQUEST_EVENTS: ReadonlySet<string> = new Set(['pull_request', 'pull_request_review', 'pull_request_review_comment'])

function noSecretsReason(env: NodeJS.ProcessEnv, event: unknown): NoSecretsReason | null {
  if (env['GITHUB_ACTOR'] === 'dependabot[bot]') return 'dependabot'
  const pullRequest = fieldsOf(event)['pull_request']
  if (PULL_REQUEST_EVENTS.has(env['GITHUB_EVENT_NAME'] ?? '') && pullRequest !== undefined) {
    // A deleted fork has no name.
    const head = fieldsOf(fieldsOf(fieldsOf(pullRequest)['head'])['repo'])['full_name']
    if (head !== fieldsOf(fieldsOf(event)['repository'])['full_name']) return 'pull-request'
  }
  return fieldsOf(fieldsOf(event)['repository'])['fork'] === true ? 'fork' : null
}
