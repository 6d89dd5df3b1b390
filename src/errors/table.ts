import type { Kind } from './kinds.ts'

/** What a text speaks of: one ref, a whole request (all refs sent together), the connection, or who we are. */
export type Scope = 'ref' | 'request' | 'connection' | 'auth'

export interface ErrorRow {
  readonly kind: Kind
  readonly scope: Scope
  readonly match: RegExp
}

const row = (kind: Kind, scope: Scope, match: RegExp): ErrorRow => ({ kind, scope, match })

/**
 * Texts of servers, git and curl, in English (git runs with LC_ALL=C), most specific first: the first row that matches tells the kind.
 * A server's own words come before what git makes of them, and causes before their consequences ("the remote end hung up").
 */
export const ERROR_TABLE: readonly ErrorRow[] = [
  // Contents that a server will not take.
  row('private-email', 'ref', /GH007:|would publish a private email/),
  row('workflow-scope', 'ref', /refusing to allow .* to create or update workflow/),
  row('lfs-object-missing', 'ref', /GH008:|LFS objects are missing/),
  row(
    'large-file',
    'request',
    /GH001:|exceeds GitHub's file size limit|which exceed the \d+\s?MiB limit|pack exceeds maximum allowed size/,
  ),
  row('push-limit', 'request', /can ?not update more than \d+ (?:branch|tag)/i),

  // Rules about one ref.
  row(
    'current-branch',
    'ref',
    /refusing to (?:delete the current|update checked out) branch|deletion of the current branch prohibited|branch is currently checked out/,
  ),
  row('current-branch', 'ref', /default branch of a project cannot be deleted|is the default branch and cannot be deleted/),
  row(
    'deletion-denied',
    'ref',
    /denying ref deletion|\bdeletion prohibited\b|Cannot delete (?:a protected|this) (?:branch|tag)|protected from deletion/,
  ),
  row(
    'force-push-denied',
    'ref',
    /denying non-fast-forward|GH003:|Cannot force-push to|force push code to a protected branch|protected from force push|^non-fast[- ]forward$/m,
  ),
  row(
    'protected-branch',
    'ref',
    /GH006:|protected branch hook declined|push code to protected branches|Not allowed to push to protected branch|protected branches on this project/,
  ),
  row(
    'protected-branch',
    'ref',
    /delete protected branches|[Pp]ermission denied to update branch|TF402455:|Protected tags cannot be|create this tag as it is protected|change existing tags/,
  ),
  row('ruleset-violation', 'ref', /GH013:|repository rule violations|Cannot create ref due to creations being restricted/),
  row('ref-conflict', 'ref', /cannot lock ref '[^']*': '[^']*' exists; cannot create|directory\/file conflict|refname conflict/i),
  row(
    'raced',
    'ref',
    /stale info|cannot lock ref '[^']*': (?:is at [0-9a-f]+ but expected|reference already exists)|remote ref updated since checkout|incorrect old value provided/,
  ),
  row('hidden-ref', 'ref', /deny (?:updating|deleting) a hidden ref|skipped as it's an internal reference/),

  // Who may do what.
  row(
    'read-only',
    'auth',
    /marked as read only|deploy key does not have write access|was archived so it is read-only|archived project|read-only instance|is archived|is read-only/,
  ),
  row('read-only', 'auth', /temporarily read-only|Write access to repository not granted|is not authorized to write/),
  row('token-read-only', 'auth', /Permission to \S+ denied to github-actions\[bot\]/),
  row(
    'permission-denied',
    'auth',
    /Permission to \S+ denied to|not allowed to (?:push|upload) code|User permission denied for writing|No anonymous write access|TF401027:/,
  ),
  row('foreign-owner', 'connection', /detected dubious ownership/),
  row('permission-denied', 'auth', /unable to create temporary object directory|: Permission denied$/m),
  row(
    'repository-not-found',
    'auth',
    /Repository not found|project you were looking for could not be found|Cannot find repository|TF401019:|Push to create is not enabled/,
  ),
  row(
    'repository-not-found',
    'connection',
    /repository '[^']*' not found|does not appear to be a git repository|not a git repository|returned error: 404/,
  ),
  row('credentials-missing', 'auth', /could not read (?:Username|Password) for/),
  row(
    'credentials-refused',
    'auth',
    /Authentication failed|HTTP Basic: Access denied|Password authentication was removed|Invalid username or (?:token|password)|returned error: 401/,
  ),
  row('credentials-refused', 'auth', /Public key authentication failed|Failed to authenticate user|SAML SSO|401 Unauthorized/),
  row('permission-denied', 'auth', /returned error: 403|HTTP 403/),

  // The wrong place.
  row('source-shallow', 'request', /shallow update not allowed|shallow roots are not allowed to be updated/),
  row(
    'object-format-mismatch',
    'request',
    /mismatched algorithms|does not support this repository's hash algorithm|unexpected capabilities\^\{\}/,
  ),
  row('redirected', 'connection', /returned error: 30\d|unable to update url base from redirection/),
  row(
    'not-a-repository',
    'connection',
    /info\/refs not valid|is this a git repository|Cannot access URL .*, return code|git-http-push failed/,
  ),

  // TLS and the network.
  row(
    'tls-untrusted',
    'connection',
    /SSL certificate problem|certificate verification failed|no alternative certificate subject name|certificate subject name .* does not match/,
  ),
  // A server's own wish for a certificate, by the TLS of OpenSSL and of GnuTLS.
  row('credentials-missing', 'auth', /alert certificate required|certificate is required/i),
  // Some proxies answer a wrong password with the status of servers (401).
  row('proxy-refused', 'connection', /CONNECT tunnel failed, response 4\d\d|Received HTTP code 4\d\d from proxy/),
  row('connection-refused', 'connection', /CONNECT tunnel failed, response 5\d\d|Received HTTP code 5\d\d from proxy/),
  row('host-not-found', 'connection', /Could not resolve (?:host|proxy|hostname)/),
  row(
    'connection-refused',
    'connection',
    /Connection refused|Couldn't connect to server|Failed to connect to|No route to host|Network is unreachable/,
  ),
  row('timed-out', 'connection', /timed out|Timeout was reached|Operation too slow|Push operation timed out/),
  row('rate-limited', 'connection', /returned error: 429|HTTP 429|rate limited/i),
  row('large-file', 'request', /HTTP 413|returned error: 413/),
  row('server-error', 'connection', /returned error: 5\d\d|HTTP 5\d\d|Internal Server Error|fatal error in commit_refs/),
  row('disk-full', 'request', /No space left on device|disk quota exceeded|Quota exceeded/i),

  // What hooks say without words of their own.
  row('hook-declined', 'request', /pre-receive hook declined/),
  row('hook-declined', 'ref', /hook declined|update hook exited with status \d/),
  row(
    'remote-error',
    'request',
    /unpacker error|remote unpack failed|unable to migrate objects|missing necessary objects|atomic (?:push|transaction) fail/,
  ),
  row('source-moved', 'request', /not our ref|unadvertised object/),

  // Consequences: true of almost every failure, so last.
  row(
    'connection-lost',
    'connection',
    /hung up|early EOF|unexpected disconnect|Connection (?:reset|closed)|Recv failure|Empty reply|transfer closed|Broken pipe|RPC failed|unexpected flush packet|not closed cleanly/,
  ),
]

/** The first row of the table that the text matches; null for a text that nobody knows. */
export function classify(text: string): ErrorRow | null {
  return ERROR_TABLE.find(({ match }) => match.test(text)) ?? null
}

/** How many refs the server allows in one push, where a text says so. */
export function pushLimitIn(text: string): number | null {
  const limit = Number(/can ?not update more than (\d+) (?:branch|tag)/i.exec(text)?.[1])
  return limit > 0 ? limit : null
}
