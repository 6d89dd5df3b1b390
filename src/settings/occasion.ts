import type { Kind } from '../errors/kinds.ts'
import { isRepositoryOfRun } from '../remote/same-repository.ts'
import type { Side } from '../remote/side.ts'
import { parseRemoteUrl } from '../remote/url.ts'
import { fieldsOf } from '../text/json.ts'
import { directionIn } from './direction.ts'
import type { RawInputs } from './inputs.ts'
import { runIn } from './operation.ts'

/** What the runner says of the run, as far as it decides whether there can be anything to do. */
export interface Occasion {
  /** GITHUB_REPOSITORY: `owner/name`; null = the run belongs to none. */
  readonly repository: string | null
  /** GITHUB_SERVER_URL. */
  readonly serverUrl: string | null
  /** The web page on which the secrets of the repository are kept; null where that is not known. */
  readonly secretsPage: string | null
  /** Why the run gets no secrets, or has none yet, without anybody's fault; null = it should have them. */
  readonly bereft: Bereft | null
  /** Whether an SSH agent can log in where there is no secret. */
  readonly hasAgent: boolean
}

/**
 * - `pull-request`: from a fork; such runs get no secrets, and a token that may only read
 * - `dependabot`: its runs get the secrets of Dependabot alone, and a token that may only read
 * - `fork`: the repository is a copy of the one for which the workflow was written
 * (GitHub docs, "Events that trigger workflows" and "Restrictions when Dependabot triggers events")
 */
export type Bereft = 'pull-request' | 'dependabot' | 'fork'

/** @param event the payload of the event that started the run, as JSON.parse gives it; null where nobody has looked */
export function occasionOf(env: NodeJS.ProcessEnv, event: unknown): Occasion {
  const repository = env['GITHUB_REPOSITORY'] || null
  const serverUrl = env['GITHUB_SERVER_URL'] || null
  return {
    repository,
    serverUrl,
    secretsPage:
      repository === null || serverUrl === null ? null : `${serverUrl.replace(/\/+$/, '')}/${repository}/settings/${folderOf(env)}`,
    bereft: bereftBy(env, event),
    hasAgent: Boolean(env['SSH_AUTH_SOCK']),
  }
}

const folderOf = (env: NodeJS.ProcessEnv): string =>
  env['GITEA_ACTIONS'] === 'true' || env['FORGEJO_ACTIONS'] === 'true' ? 'actions/secrets' : 'secrets/actions'

// `pull_request_target` is none of them: it runs with the secrets of the base.
const PULL_REQUEST_EVENTS: ReadonlySet<string> = new Set(['pull_request', 'pull_request_review', 'pull_request_review_comment'])

function bereftBy(env: NodeJS.ProcessEnv, event: unknown): Bereft | null {
  if (env['GITHUB_ACTOR'] === 'dependabot[bot]') return 'dependabot'
  const pullRequest = fieldsOf(event)['pull_request']
  if (PULL_REQUEST_EVENTS.has(env['GITHUB_EVENT_NAME'] ?? '') && pullRequest !== undefined) {
    // A fork that was deleted meanwhile has no name.
    const head = fieldsOf(fieldsOf(fieldsOf(pullRequest)['head'])['repo'])['full_name']
    if (head !== fieldsOf(fieldsOf(event)['repository'])['full_name']) return 'pull-request'
  }
  return fieldsOf(fieldsOf(event)['repository'])['fork'] === true ? 'fork' : null
}

/** Why there is nothing to do at all, in words that follow `skipped:`; null where there is. Asked before anything is opened. */
export function reasonToSkip(raw: RawInputs, occasion: Occasion): string | null {
  if (isInsideMirror(raw, occasion)) return `the run belongs to "${occasion.repository}", which is the repository at \`remote-url\` itself`
  const { bereft } = occasion
  return bereft !== null && isEmpty(raw['auth-secret']) && needsSecret(raw, occasion) ? whyWithout(bereft, occasion) : null
}

/** Why a failure is nobody's fault; null where it may be somebody's. @param raw of the run that failed */
export function excuseFor(failure: { readonly kind: Kind; readonly side: Side | null }, raw: RawInputs, occasion: Occasion): string | null {
  const { bereft } = occasion
  if (bereft === null) return null
  if (failure.kind === 'credentials-missing' && failure.side === 'there' && isEmpty(raw['auth-secret'])) return whyWithout(bereft, occasion)
  if (failure.kind === 'token-read-only' && bereft !== 'fork') return `${WHY[bereft]}, and a token that may only read`
  return null
}

const isEmpty = (text: string | undefined): boolean => (text ?? '').trim() === ''

/** The workflow travels with the branches that it mirrors, and so runs in the mirror, too. A repository that was named on purpose is another matter. */
function isInsideMirror(raw: RawInputs, { repository, serverUrl }: Occasion): boolean {
  if (repository === null || serverUrl === null || !isEmpty(raw['repository-url'])) return false
  if (raw.repository?.trim().toLowerCase() !== repository.toLowerCase()) return false
  const url = parseRemoteUrl(raw['remote-url'] ?? '', { allowInsecureHttp: true })
  return !('problem' in url) && isRepositoryOfRun(url, repository, serverUrl)
}

/** Whether nothing can come of the run without a secret: nobody logs in over ssh, or writes over https, without one. */
function needsSecret(raw: RawInputs, { hasAgent }: Occasion): boolean {
  // A variable that holds the URL is as empty in a fork as a secret is.
  if (isEmpty(raw['remote-url'])) return true
  const url = parseRemoteUrl(raw['remote-url'] ?? '', { allowInsecureHttp: true })
  if ('problem' in url || url.hasSecret) return false
  if (url.protocol === 'ssh') return !hasAgent
  const onlyReads = directionIn(raw.direction) === 'pull' || runIn(raw) === 'verify' || /^true$/i.test(raw['dry-run'] ?? '')
  return url.protocol !== 'file' && !onlyReads && isEmpty(raw['client-certificate'])
}

const WHY: Readonly<Record<Bereft, string>> = {
  'pull-request': 'the run is for a pull request from a fork, which gets no secrets',
  dependabot: "the run was started by Dependabot, which gets none of the repository's secrets",
  fork: 'this repository is a fork, which has not the secret for `auth-secret`',
}

function whyWithout(bereft: Bereft, { secretsPage }: Occasion): string {
  return bereft === 'fork' && secretsPage !== null ? `${WHY.fork}; to mirror from here, store one at ${secretsPage}` : WHY[bereft]
}
