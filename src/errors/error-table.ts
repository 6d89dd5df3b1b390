import { excerptOf } from '../text/excerpt.ts'
import { ACCESS_TEXTS } from './access-texts.ts'
import { DAMAGE_TEXTS } from './damage-texts.ts'
import { LFS_TEXTS } from './lfs-texts.ts'
import { type ErrorRow, row } from './row.ts'
import { RULE_TEXTS } from './rule-texts.ts'
import { SSH_TEXTS } from './ssh-texts.ts'

/** Advice for a request that is too large for HTTP. */
export const REQUEST_LIMIT =
  'raise the limit of the server, or of the proxy in front of it, for the body of a request (nginx: `client_max_body_size`), or mirror over SSH'

/**
 * Texts of servers, git and curl, in English (git runs with LC_ALL=C), most specific first: the first row that matches gives the kind.
 * A server's own text comes before git's comment on it, and a cause before its consequences ("the remote end hung up").
 */
export const ERROR_TABLE: readonly ErrorRow[] = [
  ...DAMAGE_TEXTS,
  // Contents that a server refuses.
  row('private-email', 'ref', /GH007:|would publish a private email/),
  row('workflow-scope', 'ref', /refusing to allow .{1,200} to create or update workflow/),
  ...LFS_TEXTS,
  ...RULE_TEXTS,
  row(
    'large-file',
    'request',
    /GH001:|exceeds GitHub's file size limit|which exceed the \d+\s?MiB limit|is larger than the allowed size of/,
  ),
  row('large-file', 'request', /Object too large \([\d.,]+ bytes\)/),
  row('push-limit', 'ref', /more than \d+ commits, and skip-validation not set/, {
    hint: "set `push-options: skip-validation` (the mirror's user needs Forge Author, Forge Committer, Forge Server and Push Merge in Gerrit), or raise `receive.maxBatchCommits` there",
  }),
  row('push-limit', 'request', /can ?not update more than \d+ (?:branch|tag)/i),

  // Rules about one ref.
  row('current-branch', 'ref', /refusing to (?:delete the current|update checked out) branch|deletion of the current branch prohibited/),
  row('current-branch', 'ref', /branch is currently checked out/),
  row('current-branch', 'ref', /Working directory has (?:un)?staged changes|Could not update working tree to new HEAD|needs a worktree/, {
    hint: "commit or discard the changes in the destination's work tree (`receive.denyCurrentBranch=updateInstead` needs a clean one), or mirror to a bare repository",
  }),
  row('current-branch', 'ref', /default branch of a project cannot be deleted|is the default branch and cannot be deleted/),
  row('deletion-denied', 'ref', /only delete protected branches using the web interface/, {
    hint: 'unprotect the branch at the destination first, leave it out with a `!` pattern, or set `prune: none`',
  }),
  row('deletion-denied', 'ref', /denying ref deletion|\bdeletion prohibited\b|Cannot delete (?:a protected|this) (?:branch|tag)/),
  row('deletion-denied', 'ref', /protected from deletion/),
  row('deletion-denied', 'ref', /not allowed to delete protected (?:branches|tags)|You cannot delete a tag/),
  row('diverged', 'ref', /\[rejected\][^[\n]*\(non-fast-forward\)/),
  row('diverged', 'ref', /\[rejected\][^[\n]*\(already exists\)/, {
    hint: 'set `keep-divergent: false` to force the tag at the destination, or leave it out of `tags`',
  }),
  row('force-push-denied', 'ref', /denying non-fast-forward|GH003:|Cannot force-push to|force push code to a protected branch/),
  row('force-push-denied', 'ref', /protected from force push|^non-fast[- ]forward$/m),
  row('protected-branch', 'ref', /GH006:|protected branch hook declined|push code to protected branches/),
  row('protected-branch', 'ref', /Not allowed to push to protected branch|protected branches on this project/),
  row('protected-branch', 'ref', /(?:merge code into|create) protected branches|[Pp]ermission denied to update branch/),
  row('protected-branch', 'ref', /TF402455:/, {
    hint: "give the mirror's identity the permission “Bypass policies when pushing”, remove the policy from the branch, or leave it out of `branches`",
  }),
  row('ruleset-violation', 'ref', /GH013:|repository rule violations|Cannot create ref due to creations being restricted/),
  row('ref-conflict', 'ref', /cannot lock ref '[^']*': '[^']*' exists; cannot create|directory\/file conflict|refname conflict/i),
  row('symbolic-ref', 'ref', /inconsistent aliased update|refusing inconsistent update between symref|broken symref/),
  row('raced', 'ref', /stale info|cannot lock ref '[^']*': (?:is at [0-9a-f]+ but expected|reference already exists)/),
  row(
    'raced',
    'ref',
    /remote ref updated since checkout|incorrect old value provided|TF401028:|cannot lock ref '[^']*': unable to resolve reference '[^']*'(?!:)/,
  ),
  row('name-folded', 'ref', /reference conflict due to case-insensitive filesystem/),
  row('name-too-long', 'ref', /File name too long/),
  row('ref-not-written', 'ref', /cannot lock ref '[^']*': Unable to create/),
  row('hidden-ref', 'ref', /deny (?:updating|deleting) a hidden ref|skipped as it's an internal reference/),
  row('hidden-ref', 'ref', /hook declined to update refs\/pull\//),

  ...SSH_TEXTS,

  // Access.
  row('read-only', 'auth', /marked as read only/, {
    hint: 'add the deploy key again with write access (this cannot be changed later), or use another key',
  }),
  row('read-only', 'request', /[Mm]irror [Rr]epository (?:\S+ )?is read-only/, {
    hint: 'convert the destination to a regular repository: it is a mirror that its own server updates',
  }),
  row('read-only', 'auth', /Write access to repository not granted/, {
    hint: "give the token *Contents* read and write for this repository (a run's own token: `permissions: contents: write`)",
  }),
  row('read-only-for-now', 'request', /temporarily read-only|\(read-only\) maintenance mode/),
  row('read-only', 'auth', /deploy key does not have write access|is not authorized to write/),
  row('archived', 'request', /archived project|is archived|was archived/),
  row('read-only', 'request', /read-only GitLab instance|is read-only/),
  ...ACCESS_TEXTS,
  row('permission-denied', 'auth', /Permission to \S+ denied to|not allowed to (?:push|upload) code|User permission denied for writing/),
  row('protocol-disabled', 'connection', /(?:Pushing|Pulling|Git access) over (?:HTTP|SSH)S? is not allowed/i),
  row('server-misconfigured', 'request', /GitLab: 401 Unauthorized/),
  row('foreign-owner', 'connection', /detected dubious ownership/),
  // Before the refusal by the system, which is its reason.
  row('settings-invalid', 'connection', /cannot start proxy \S/, {
    hint: 'set `transfer: relay`, or let the directory for temporary files (`RUNNER_TEMP`, `TMPDIR`) be one from which programs may start: git needs one for `git://`',
  }),
  row('permission-denied', 'auth', /unable to create temporary object directory|: Permission denied$/m),
  row('repository-not-found', 'auth', /Repository not found|project you were looking for could not be found|Cannot find repository/),
  row('repository-not-found', 'auth', /Push to create is not enabled/),
  row('repository-not-found', 'connection', /repository '[^']*' not found|does not appear to be a git repository|not a git repository/),
  row('repository-not-found', 'connection', /returned error: 404/),
  row('repository-not-found', 'connection', /(?:repository not exported|no such repository|service not enabled): \S/, {
    hint: "check the path of the URL, and that git's daemon serves the repository: it needs the file `git-daemon-export-ok`, unless the daemon runs with `--export-all`",
  }),
  row('credentials-missing', 'auth', /could not read (?:Username|Password) for/),
  row('credentials-refused', 'auth', /Authentication failed|Invalid username or (?:token|password)|returned error: 401/),
  row('credentials-refused', 'auth', /Failed to authenticate user|401 Unauthorized/),
  row('permission-denied', 'auth', /returned error: 403|HTTP 403/),

  // Wrong repository or server.
  row('source-shallow', 'ref', /shallow update not allowed|shallow roots are not allowed to be updated/),
  row('object-format-mismatch', 'request', /mismatched algorithms|does not support this repository's hash algorithm/),
  row('object-format-mismatch', 'request', /unexpected capabilities\^\{\}/),
  row('not-supported', 'request', /does not support --atomic push/, {
    hint: 'set `atomic: false`: the server does not support atomic pushes',
  }),
  row('not-supported', 'request', /does not support push options/, {
    hint: 'leave `push-options` empty: the server does not support them',
  }),
  row('redirected', 'connection', /returned error: 30\d|unable to update url base from redirection/),
  row('not-a-repository', 'connection', /info\/refs not valid|is this a git repository|Cannot access URL \S+, return code/),
  row('not-a-repository', 'connection', /git-http-push failed/),

  // TLS and the network: texts of curl, and of Go, in which git-lfs is written.
  row('tls-untrusted', 'connection', /SSL certificate problem: certificate has expired|x509: certificate has expired/, {
    hint: "let the server's owner renew the certificate; on an old runner, update the list of authorities",
  }),
  row(
    'tls-untrusted',
    'connection',
    /no alternative certificate subject name|certificate subject name .{1,300} does not match|x509: (?:cannot validate certificate for|certificate is valid for)/,
    { hint: 'use the name in the URL that the certificate is for' },
  ),
  row('tls-untrusted', 'connection', /SSL certificate problem|certificate verification failed/),
  row('tls-untrusted', 'connection', /x509: certificate signed by unknown authority/),
  row('connection-lost', 'connection', /gnutls_handshake\(\) failed/, {
    hint: 'check scheme and port of the URL (TLS must answer there), and run again',
  }),
  // The server requires a client certificate: OpenSSL's text and GnuTLS's.
  row('credentials-missing', 'auth', /alert certificate required|certificate is required/i),
  // Some proxies answer a wrong password with the status of servers (401).
  row('proxy-refused', 'connection', /CONNECT tunnel failed, response 403|Received HTTP code 403 from proxy|Proxy CONNECT aborted/, {
    hint: "ask the proxy's owner to allow this host, or name it in `NO_PROXY`; if the proxy wants a login: `HTTPS_PROXY=http://user:password@proxy:port`",
  }),
  row('proxy-refused', 'connection', /CONNECT tunnel failed, response 4\d\d|Received HTTP code 4\d\d from proxy/),
  row('proxy-refused', 'connection', /Proxy Authentication Required/),
  row('connection-refused', 'connection', /CONNECT tunnel failed, response 5\d\d|Received HTTP code 5\d\d from proxy/),
  row('host-not-found', 'connection', /Could not resolve (?:host|proxy|hostname)|: no such host/),
  row('connection-refused', 'connection', /[Cc]onnection refused|Couldn't connect to server|Failed to connect to|[Nn]o route to host/),
  row('connection-refused', 'connection', /[Nn]etwork is unreachable/),
  row('timed-out', 'request', /Push operation timed out/, {
    hint: 'run again; if it fails again, push fewer refs at once: mirror in steps with `branches` and `tags`',
  }),
  row('timed-out', 'connection', /timed out|Timeout was reached|Operation too slow|i\/o timeout|TLS handshake timeout/),
  row('timed-out', 'connection', /Client\.Timeout exceeded/),
  row('answer-too-large', 'connection', /Too large response headers/),
  row('rate-limited', 'connection', /returned error: 429|HTTP 429|rate limited/i),
  row('large-file', 'request', /HTTP 413|returned error: 413/, { hint: REQUEST_LIMIT }),
  row('length-required', 'connection', /HTTP 411|returned error: 411/),
  row('bad-request', 'connection', /HTTP 400|returned error: 400/),
  row('read-only-for-now', 'connection', /HTTP 423|returned error: 423/),
  row('repository-blocked', 'connection', /HTTP 451|returned error: 451/),
  row('server-error', 'ref', /fatal error in commit_refs/, {
    hint: 'run again; if it fails again, check whether two names conflict (`a` and `a/b`), or differ only in case',
  }),
  row('server-error', 'connection', /returned error: 5\d\d|HTTP 5\d\d|Internal Server Error/),
  row('disk-full', 'request', /No space left on device|disk quota exceeded/i),

  // The checks of `receive.fsckObjects` (git-config(1)).
  row('history-refused', 'request', /fsck error in pack(?:ed)? object|object [0-9a-f]{40}(?:[0-9a-f]{24})?: [a-z]{1,20}[A-Z]\w{1,40}: /),
  row('protocol-error', 'connection', /bad line length character/, {
    hint: 'the account prints text at login: remove it, or use an account that may run git',
  }),

  // Hooks that give no reason.
  row('hook-declined', 'request', /pre-receive hook declined/),
  row('hook-declined', 'ref', /hook declined|update hook exited with status \d/),
  row('objects-missing', 'request', /missing necessary objects|did not send all necessary objects/),
  row('unpack-failed', 'request', /unpacker error|remote unpack failed|unable to migrate objects/),
  row('atomic-refused', 'request', /atomic (?:push|transaction) fail/),
  row('ref-not-written', 'ref', /failed to update ref\b/),
  row('source-moved', 'request', /not our ref|unadvertised object/),

  // Consequences: they follow almost every failure, so they come last.
  row(
    'connection-lost',
    'connection',
    /hung up|early EOF|unexpected EOF|GOAWAY|stream error: stream ID|server closed idle connection|": EOF$|unexpected disconnect|[Cc]onnection (?:reset|closed|broken)|use of closed network connection|expected (?:flush|response end packet) after ref listing|bad pack header|Recv failure|Empty reply|transfer closed|[Bb]roken pipe|RPC failed|unexpected flush packet|not closed cleanly|OpenSSL SSL_(?:read|connect)|GnuTLS recv error/m,
  ),
  row('lfs-incomplete', 'lfs', /failed to fetch some objects from/),
  // git prints this after the text of an SSH program or a server. It counts only if it is the whole text.
  row(
    'remote-unreadable',
    'connection',
    /^(?:fatal: )?Could not read from remote repository\.?(?:\s*|\s+Please make sure [^\n]*(?:\n\s*(?:and the repository exists\.?\s*)?)?)$/,
  ),
]

/** The first row of the table that matches the excerpt of a text; null = none does. */
export function classify(text: string): ErrorRow | null {
  const excerpt = excerptOf(text)
  return ERROR_TABLE.find(({ match }) => match.test(excerpt)) ?? null
}

/** Classifies several texts together: of their rows, the first of the table counts. */
export type Classifier = (texts: readonly string[]) => ErrorRow | null

/** A classifier for one request. It searches each different text once: a push of thousands of refs is often refused with the same lines for each. */
export function classifier(): Classifier {
  const ranks = new Map<string, number>()
  const rankOf = (text: string): number => {
    const known = ranks.get(text)
    if (known !== undefined) return known
    const row = classify(text)
    const rank = row === null ? ERROR_TABLE.length : ERROR_TABLE.indexOf(row)
    ranks.set(text, rank)
    return rank
  }
  return texts => ERROR_TABLE[texts.reduce((first, text) => Math.min(first, rankOf(text)), ERROR_TABLE.length)] ?? null
}

/** The number of refs that the server allows in one push; null = the text names none. */
export function pushLimitIn(text: string): number | null {
  const limit = Number(/can ?not update more than (\d+) (?:branch|tag)/i.exec(excerptOf(text))?.[1])
  return limit > 0 ? limit : null
}
