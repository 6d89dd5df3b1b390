import type { RemoteUrl } from '../remote/url.ts'

/** What goes with a secret as its user name over HTTP, or why that cannot be told. */
export type Username = { readonly username: string } | { readonly problem: string }

/** A kind of secret, or a forge, that has its own word for "who this is, the token says". */
interface Convention {
  readonly host?: RegExp
  /** Of the secret's beginning. */
  readonly secret?: RegExp
  readonly says: Username
}

const user = (username: string): Username => ({ username })
const named = (whose: string): Username => ({ problem: `is missing: ${whose}` })

/**
 * The first that fits counts. Sources: GitHub, "Authenticating as a GitHub App installation"; GitLab, "Deploy tokens", "CI/CD job token", "Personal access
 * tokens" (any user name will do, and `oauth2` is the one for OAuth tokens); Atlassian, "Using API tokens", "Using access tokens", "Using app passwords";
 * Microsoft, "Use personal access tokens" (any user name); Gitea, services/auth/basic.go (any user name next to a token); AWS, "Git credentials".
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

/** The user name for a token where the user gave none, by the convention of the forge. */
export function usualUsername({ host }: Pick<RemoteUrl, 'host'>, secret: string | null): Username {
  const fits = ({ host: hosts, secret: secrets }: Convention) =>
    (hosts?.test(host) ?? true) && (secrets?.test(secret?.trim() ?? '') ?? true)
  const found = CONVENTIONS.find(fits)?.says ?? user('')
  // Nobody in particular needs no name.
  return 'problem' in found && secret === null ? user('') : found
}

/** Every name that stands for "the token says who": each may go before a secret in HTTP's Basic scheme. */
export const USUAL_USERNAMES: readonly string[] = CONVENTIONS.flatMap(({ says }) => ('username' in says ? [says.username] : []))
