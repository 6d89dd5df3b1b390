import { type ErrorRow, row } from './row.ts'

const GITOLITE_RULE = "add a rule for the mirror's user in gitolite.conf: `RW+`, or `RW+CD` if refs are created and deleted"

/** Texts of forges about access that lead to specific advice, most specific first. The texts of git and HTTP, which come later, say less. */
export const ACCESS_TEXTS: readonly ErrorRow[] = [
  row(
    'account-blocked',
    'auth',
    /[Yy]our password expired|must accept the Terms of Service|account has been deactivated by your administrator/,
    {
      hint: "log in to the forge's web pages once with this account, and do what it asks for",
    },
  ),
  row('account-blocked', 'auth', /[Yy]our account (?:is (?:suspended|disabled|pending approval)|has been (?:blocked|suspended|disabled))/),
  row('repository-blocked', 'auth', /Repository [`'][^']*' is disabled|Access to this repository has been disabled|due to DMCA takedown/),
  row('repository-blocked', 'auth', /has been locked for migration/, {
    hint: 'unlock it after the migration, or mirror to the repository that replaced it',
  }),
  row('repository-blocked', 'auth', /repository is restricted to read-only access/, {
    hint: 'let the owner of the account raise its plan or remove users: until then, the server refuses pushes',
  }),
  row('permission-denied', 'auth', /lack one or more required privilege scopes/, {
    hint: 'give the token the scopes to read and write repositories',
  }),
  row('token-read-only', 'auth', /denied to github-actions\[bot\]/, {
    hint: "add `permissions: contents: write` to the workflow; the run's token works only for its own repository: for another one, put that of an app or user, or a deploy key, in `auth-secret`",
  }),
  row('permission-denied', 'auth', /Personal access tokens \(classic\) are forbidden/, {
    hint: 'use a fine-grained token, the token of an app, or a deploy key',
  }),
  row('permission-denied', 'auth', /has an IP allow list enabled/, {
    hint: 'run on a self-hosted runner, or one with a static address, that is on the allow list of the organisation',
  }),
  row('permission-denied', 'auth', /conditional access policy/, {
    hint: 'run from a network that the policy allows, or with a service principal',
  }),
  row('permission-denied', 'auth', /CI\/CD job token not allowed/, {
    hint: "add this project to the other project's allowlist for job tokens, or use a personal access token or a deploy token",
  }),
  row('permission-denied', 'ref', /TF401027:/, { hint: 'grant the permission that the message names to the identity that it names' }),
  row('permission-denied', 'auth', /git-codecommit\.[^\n]{0,300}returned error: 403/, {
    hint: "attach a policy with `codecommit:GitPush` to the mirror's user, and give new credentials: temporary ones expire",
  }),
  row('archived', 'request', /project state does not permit write/, {
    hint: 'set the state of the project in Gerrit to active, or mirror to another one',
  }),
  row('permission-denied', 'ref', /prohibited by Gerrit|not allowed to upload merges|you lack 'forge (?:author|committer|server)'/, {
    hint: "grant the mirror's user Push in Gerrit and, where the message says so, Force Push, Create Reference, Push Merge, Forge Committer, Forge Author",
  }),
  row('permission-denied', 'ref', /^(?:remote: )?FATAL: \S+ refs\/.* DENIED by/m, { hint: GITOLITE_RULE }),
  row('permission-denied', 'auth', /^(?:remote: )?FATAL: .* DENIED by/m, { hint: GITOLITE_RULE }),
  row('permission-denied', 'auth', /^(?:remote: )?Forbidden\s*$/m, {
    hint: 'give the token write access to repositories (Gitea, Forgejo: the scope `write:repository`)',
  }),
  row('credentials-missing', 'auth', /No anonymous write access/, {
    hint: 'give a token in `auth-secret`: it is empty in runs for pull requests from forks and of Dependabot, which get no secrets',
  }),
  row('credentials-missing', 'auth', /could not read (?:Username|Password) for '[^']*bitbucket/, {
    hint: 'set `auth-secret`, and name the owner in the URL: `https://OWNER@bitbucket.org/ACCOUNT/REPOSITORY.git`',
  }),
  row('credentials-refused', 'auth', /[Pp]assword authentication was removed/, {
    hint: 'put a token, or an SSH key for an ssh URL, in `auth-secret`: passwords of accounts are not accepted',
  }),
  row('credentials-refused', 'auth', /SAML SSO/, {
    hint: "allow the token or key for the organisation's single sign-on (its page in the settings: “Configure SSO”), or use the token of an app or a deploy key",
  }),
  row('credentials-refused', 'auth', /HTTP Basic: Access denied/, {
    hint: 'make a new token with the scope `write_repository` (for a source, `read_repository` is enough); the user name must not be empty (use `oauth2`)',
  }),
  row('credentials-refused', 'auth', /Users with two-factor authentication enabled cannot/, {
    hint: 'use a personal access token instead of the password',
  }),
  row('repository-not-found', 'auth', /repository for this project does not exist yet/, {
    hint: 'initialise the repository: create it, or push its first commit with an account that may',
  }),
  row('repository-not-found', 'auth', /TF401019:/, {
    hint: 'check the path of the URL, and that the token may see the repository (scope *Code*, read and write)',
  }),
]
