import type { RemoteUrl } from '../remote/url.ts'

/** The user name that goes with a secret over HTTP, or why none can be derived. */
export type Username = { readonly username: string } | { readonly problem: string }

/** The user name that a forge expects next to a token, by host and by the beginning of the secret. */
interface Convention {
  readonly host?: RegExp
  readonly secret?: RegExp
  readonly says: Username
}

const user = (username: string): Username => ({ username })
const named = (whose: string): Username => ({ problem: `is missing: ${whose}` })

/**
 * The first match counts. Sources: GitHub, "Authenticating as a GitHub App installation"; GitLab, "Deploy tokens", "CI/CD job token" and
 * "Personal access tokens" (any user name will do, and `oauth2` is the one for OAuth tokens). Atlassian, "Using API tokens", "Using access tokens",
 * "Using app passwords". Microsoft, "Use personal access tokens" (any user name); Gitea, services/auth/basic.go (the same); AWS, "Git credentials".
 */
const CONVENTIONS: readonly Convention[] = [
  { secret: /^gldt-/, says: named("a deploy token of GitLab has a user name of its own (`gitlab+deploy-token-N`, or the token's name)") },
  { secret: /^glcbt-/, says: user('gitlab-ci-token') },
  { secret: /^ATBB/, says: named('an app password of Bitbucket goes with the name of its user, as in the Bitbucket profile settings') },
  { secret: /^ATATT/, says: user('x-bitbucket-api-token-auth') },
  { host: /(?:^|\.)bitbucket\.org$/, says: user('x-token-auth') },
  {
    host: /^git-codecommit\..*\.amazonaws\.com(?:\.cn)?$/,
    says: named('the Git credentials of CodeCommit are a user name and a password'),
  },
  { host: /(?:^|\.)gitlab\./, says: user('oauth2') },
  { says: user('x-access-token') },
]

/** The default user name for a token, by the convention of the forge. */
export function usualUsername({ host }: Pick<RemoteUrl, 'host'>, secret: string | null): Username {
  const fits = ({ host: hosts, secret: secrets }: Convention) =>
    (hosts?.test(host) ?? true) && (secrets?.test(secret?.trim() ?? '') ?? true)
  const found = CONVENTIONS.find(fits)?.says ?? user('')
  // Without a secret, no user name is needed.
  return 'problem' in found && secret === null ? user('') : found
}

/** Every default user name: each may be encoded before a secret in HTTP's Basic scheme. */
export const USUAL_USERNAMES: readonly string[] = CONVENTIONS.flatMap(({ says }) => ('username' in says ? [says.username] : []))
