import { type Fault, type KindOfError, of } from './kind.ts'
import { LFS_KINDS } from './lfs-kinds.ts'

/** For a text that no row of the table matches. */
export const UNKNOWN_HINT = 'this message is not recognised: read it as it is, and please report it if it should be'

/** Every kind of error, and of ref that was kept, that a run can report. Each has its heading in docs/troubleshooting.md. */
export const KINDS = {
  // The run cannot start.
  'settings-invalid': of('settings', 'Invalid settings', { hint: 'correct the inputs named above' }),
  'secret-not-a-key': of('settings', 'The secret is not a private key', {
    hint: 'for an ssh URL, put the whole private key file, with its BEGIN and END lines, in the secret; or a password, if the server takes one',
  }),
  'selection-empty': of('settings', 'Selection matches nothing', {
    hint: 'nothing was mirrored: correct `branches`, `branch-regex`, `tags` or `protected-branches`; a `!` pattern alone excludes without asking for anything',
  }),
  'no-protected-branches': of('settings', 'No protected branch', {
    hint: 'nothing was mirrored: protect the branches at the forge, name them in `protected-branches`, or set `protected-only: false` to mirror all branches',
  }),
  'protected-branches-unreadable': of('auth', 'Protected branches not readable', {
    hint: 'nothing was mirrored: give `token` the right to read them, or name the branches in `protected-branches`',
  }),
  'git-missing': of('settings', 'git is missing', { hint: 'install git 2.32 or newer on the runner' }),
  'relay-impossible': of('settings', 'Mirroring without a clone is not possible', { hint: 'set `transfer: auto`, which goes on with git' }),
  'proxy-refused': of('settings', 'Proxy refused', {
    hint: "put the proxy's user and password into its URL: `HTTPS_PROXY=http://user:password@proxy:port`; for hosts that need no proxy set `NO_PROXY`",
  }),
  'git-lfs-missing': of('settings', 'git-lfs is missing', {
    hint: 'install git-lfs 3 or newer on the runner, or set `lfs: false` to mirror without LFS objects',
  }),
  'git-too-old': of('settings', 'git is too old', { hint: 'install git 2.32 or newer on the runner' }),

  'secret-not-stored': of('settings', 'Secret not stored', {
    hint: 'the key pair was discarded: install `gh`, log in with `gh auth login` to an account that may administer the repository, and run again',
  }),

  paused: of('settings', 'Mirror paused', {
    hint: 'nothing was mirrored: mend what made the runs fail, then start the workflow by hand, or once with `update-now: true`',
  }),
  'issue-refused': of('auth', 'Issue not written', {
    hint: 'the mirror itself works: add `permissions: issues: write` to the workflow, or give a token that may write issues as `token`',
  }),

  'default-branch-refused': of('auth', 'Default branch not changed', {
    hint: 'the refs are mirrored: set the default branch of the destination by hand, or give a token that may change its settings',
  }),

  // The server's identity.
  'host-key-unknown': of('host-key', 'Unknown host', {
    hint: "verify the fingerprint with the server's owner, then add the line to `known-host-keys`",
  }),
  'host-key-changed': of('host-key', 'Host key changed', {
    hint: "ask the server's owner whether its key was replaced; if it was, replace the line in `known-host-keys`; if not, do not connect: someone may be intercepting the connection",
  }),
  'host-key-revoked': of('host-key', 'Host key revoked', { hint: "do not connect: the key is marked as revoked; ask the server's owner" }),
  'host-key-algorithm': of('host-key', 'No host key in common', {
    hint: 'add a key of a type that the server offers to `known-host-keys`',
  }),

  // The login.
  'ssh-key-refused': of('auth', 'SSH key refused', {
    hint: 'add the public half of the key to the repository as a deploy key with write access, or to the account',
  }),
  'ssh-password-refused': of('auth', 'SSH password refused', {
    hint: 'check the password and the user of the URL; forges take only keys over SSH',
  }),
  'ssh-agent-unusable': of('auth', 'SSH agent not usable', {
    hint: 'start the agent again and add the key to it (`ssh-add`), or put a private key in `auth-secret`',
  }),
  'credentials-refused': of('auth', 'Credentials refused', {
    hint: 'check the token or password and its user name; a token may have expired, and some are accepted only with `auth-scheme: bearer`',
  }),
  'credentials-missing': of('auth', 'Credentials missing', {
    hint: 'set `auth-secret` (for the repository of the run: `token`), or, over SSH, use an agent (`SSH_AUTH_SOCK`)',
  }),
  'permission-denied': of('auth', 'Permission denied', { hint: 'give the key, token or user write access to the repository' }),
  'token-read-only': of('auth', 'The token of the run may not write', {
    hint: 'add `permissions: contents: write` to the workflow, or give a token with write access as `token`; the token of a run works only for its own repository',
  }),
  'read-only': of('auth', 'Read-only access', { hint: 'give the deploy key or token write access' }),
  'account-blocked': of('auth', 'Account blocked', {
    hint: 'ask the forge or its administrator why the account is blocked; until then, mirror with the key or token of another account',
  }),
  archived: of('auth', 'Archived repository', { hint: 'unarchive the repository, or mirror to another one' }),

  // The other side, as a whole.
  'foreign-owner': of('remote', 'Repository of another user', {
    hint: 'run as the user that owns the repository, or mirror to it over SSH or HTTPS',
  }),
  'repository-not-found': of('remote', 'Repository not found', {
    hint: 'check the path of the URL, and that the credentials may see the repository; create it if it does not exist',
  }),
  'repository-blocked': of('remote', 'Repository blocked', {
    hint: 'ask its owner, or the support of the forge, why it is blocked; until then, nothing can be mirrored from or to it',
  }),
  'not-a-repository': of('remote', 'No git repository at this URL', {
    hint: 'check that the URL is the clone URL of a repository, and the token: without a valid one, some servers answer with a sign-in page',
  }),
  redirected: of('remote', 'The URL redirects', {
    hint: 'use the URL that the server redirects to (often the same one with `.git` at the end)',
  }),
  'source-empty': of('remote', 'Empty source', {
    hint: 'nothing was changed, because an empty source is usually a broken answer; to empty the destination, delete its refs by hand',
  }),
  'source-shallow': of('remote', 'Shallow source', {
    hint: 'mirror from a full clone (`git fetch --unshallow`), or from the server itself',
  }),
  'source-damaged': of('remote', 'Damaged at the source', {
    hint: 'restore the missing objects there (`git fsck` lists them) from a clone that still has them, or delete the ref; until then it stays as it is at the mirror',
  }),
  'source-partial': of('remote', 'Partial clone as source', {
    hint: 'mirror from the server that it was cloned from, or fetch the missing objects (`git fetch --refetch --no-filter`, git 2.36 or newer)',
  }),
  unrelated: of('remote', 'Unrelated repositories', {
    hint: 'check that both URLs belong together; to overwrite the destination anyway, set `allow-unrelated: true`',
  }),
  'too-many-deletions': of('remote', 'Too many deletions', { hint: 'check the list; if it is right, raise `max-deletions` for one run' }),
  'object-format-mismatch': of('remote', 'Different object formats', { hint: "create the destination with the source's object format" }),
  'disk-full': of('remote', 'Out of disk space', { hint: 'free space on the machine named in the message' }),
  'remote-error': of('remote', 'The remote answered with an error', { hint: "read the server's output" }),
  'length-required': of('remote', 'Only requests of known length are accepted', {
    hint: 'let the server, or the proxy in front of it, take chunked requests (HTTP/1.1)',
  }),
  'bad-request': of('remote', 'Request not understood', {
    hint: 'check the URL, whether the server asks for a `client-certificate`, and whether a proxy refuses chunked requests (HTTP/1.1); otherwise mirror over SSH',
  }),
  'protocol-error': of('remote', "The answer is not git's protocol", {
    hint: 'check that the URL is the clone URL of a repository, and whether a proxy or a login page answers instead; with `transfer: git`, git itself tries',
  }),
  'answer-too-large': of('remote', 'The answer does not end', { hint: 'check the URL, and any proxy on the way' }),

  // One ref, or one request.
  'protected-branch': of('remote', 'Protected branch', {
    hint: "remove the rule at the destination, let the mirror's user or key push to this branch (and force-push, if history is rewritten), or leave the branch out of `branches`",
  }),
  'ruleset-violation': of('remote', 'Ruleset violation', {
    hint: "add the mirror's user or key to the bypass list of the ruleset, or leave the ref out",
  }),
  'force-push-denied': of('remote', 'Force push denied', {
    hint: 'allow force pushes for the mirror at the destination, set `keep-divergent: true`, or leave the ref out',
  }),
  'deletion-denied': of('remote', 'Deletion denied', {
    hint: 'allow deletions at the destination, leave the ref out with a `!` pattern, or set `prune: none`',
  }),
  'current-branch': of('remote', 'Current branch of the destination', {
    hint: "make another branch the destination's default, or mirror to a bare repository",
  }),
  'ref-conflict': of('remote', 'Ref names in conflict', {
    hint: 'a ref `a` and a ref `a/b` cannot both exist: delete or rename the one at the destination',
  }),
  'name-too-long': of('remote', 'Ref name too long for the destination', {
    hint: 'rename the ref at the source, or leave it out with `branches` or `tags`: most servers store each part of a name as a file, with at most 250 bytes',
  }),
  'name-folded': of('remote', 'Ref name that the destination takes for another', {
    hint: 'rename one of the two refs at the source, leave one out with a `!` pattern, or move the destination to a disk that tells such names apart',
  }),
  'name-ambiguous': of('remote', 'Ref name that git confuses with another', {
    hint: 'rename the longer of the two refs at the destination',
  }),
  'hidden-ref': of('remote', 'Ref reserved by the server', { hint: 'leave the ref out with `branches` or `tags`' }),
  'large-file': of('remote', 'File too large', {
    hint: "rewrite the history without the file or with LFS (`git lfs migrate import`), raise the destination's limit, or leave the ref out",
  }),
  'private-email': of('remote', 'Push would publish a private e-mail address', {
    hint: 'at https://github.com/settings/emails clear “Block command line pushes that expose my email”, make the address public, or push with a deploy key',
  }),
  'workflow-scope': of('remote', 'Token may not change workflows', {
    hint: 'use a token with the `workflow` scope (fine-grained or app: Workflows read and write), or a deploy key. In a pull give it as `token`: the token of the run can never do this',
  }),
  'lfs-objects-required': of('remote', 'LFS objects missing at the destination', {
    hint: 'set `lfs: true`, so that the LFS objects go first; those that an earlier run left behind, send once by hand (`git lfs fetch --all`, `git lfs push --all`)',
  }),
  'push-limit': of('remote', 'Limit of one push', {
    hint: "set `atomic: false`, so that the refs go in smaller pushes, or raise the destination's limit on branches and tags in a single push",
  }),
  'history-refused': of('remote', 'History refused by the checks of the server', {
    hint: "the server's output names an object of the source's history: accept it at the destination (`git config receive.fsck.<id> ignore`), rewrite the source's history, or leave the ref out",
  }),
  'hook-declined': of('remote', 'Refused by a hook', { hint: "read the hook's output; only the destination's owner can change the rule" }),
  'ref-rejected': of('remote', 'Ref rejected, for an unknown reason', { hint: UNKNOWN_HINT }),

  // The network, and other writers.
  'host-not-found': of('network', 'Host not found', { hint: "check the host's name and the runner's DNS" }),
  'connection-refused': of('network', 'Connection refused', { hint: 'check host and port, and whether a firewall blocks the connection' }),
  'connection-lost': of('network', 'Connection lost', {
    hint: "run again; if it fails again, check the server's log, and the proxies and firewalls on the way",
  }),
  'timed-out': of('network', 'Timed out', { hint: 'run again; if it fails again, look for a firewall that drops packets' }),
  interrupted: of('network', 'Interrupted', {
    hint: 'run again to check: if a push was in progress, the server may still complete it; the next run mirrors the rest',
  }),
  'server-error': of('network', 'Server error', { hint: 'the server reported an error of its own: run again later' }),
  'rate-limited': of('network', 'Rate limited', { hint: 'run less often, or later' }),
  'tls-untrusted': of('settings', 'TLS certificate not trusted', { hint: 'give the authority that signed it in `ca-certificate`' }),
  raced: of('race', 'Ref changed during the run', { hint: 'nothing was overwritten: the next run sees the new state' }),
  'source-moved': of('race', 'The source moved', { hint: 'run again' }),

  // Refs that were kept on purpose, and how a verification finds that the sides differ.
  diverged: of('remote', 'Diverged', { hint: 'bring both sides together, or decide which one is right: the report shows the commands' }),
  missing: of('remote', 'Only at the source', {
    hint: 'let the mirror run: it creates such refs; if it remains, the report of the last run says why',
  }),
  behind: of('remote', 'Behind', {
    hint: 'let the mirror run: it fast-forwards such refs; if it remains, the report of the last run says why',
  }),
  extra: of('remote', 'Not at the source', {
    hint: 'delete it at the destination, let the mirror delete such refs with `prune`, or leave it out with `branches` or `tags` if it is meant to be there',
  }),
  'backup-refused': of('remote', 'No backup, so not overwritten', {
    hint: 'let the mirror create refs below `refs/mirroring/backup/` at the destination, or set `backup: false` to overwrite and delete without backups',
  }),
  'base-refused': of('remote', 'Shared state of both sides not stored', {
    hint: 'allow refs below `refs/mirroring/base/` here (`token`) and `refs/mirroring/seal/` there (`auth-secret`): without them no deletion is carried over',
  }),
  'not-merged': of('remote', 'Only at the destination, not merged', { hint: 'delete it where it is, or set `prune: all`' }),
  'not-pruned': of('remote', 'Only at the destination', {
    hint: 'nothing, if this is wanted; to delete such refs set `prune: merged` or `prune: all`',
  }),
  'default-branch': of('remote', 'Default branch of the destination', {
    hint: "make another branch the destination's default, then it can be deleted",
  }),
  'reserved-branch': of('remote', 'Branch of the running workflow', {
    hint: 'move this workflow to a default branch of its own, which exists only in this repository: then this branch follows the source like any other',
  }),
  'relation-unknown': of('remote', 'Relation unknown', { hint: 'nothing was guessed: run again, or compare the two tips by hand' }),
  'symbolic-ref': of('remote', 'Symbolic ref, which a push would write through', {
    hint: 'replace it by a branch or tag of its own where it is (`git update-ref --no-deref REF COMMIT`), delete it there (`git symbolic-ref --delete REF`), or leave it out with a `!` pattern',
  }),
  'name-unusable': of('remote', 'Ref name cannot be mirrored', { hint: 'rename the ref at its source' }),

  // Rules about contents and names.
  'secret-in-commit': of('remote', 'Secret found in a commit', {
    hint: 'open the address that the server prints and let the secret pass, switch push protection off at the destination, or rewrite the history without it (GitLab also takes `push-options: secret_push_protection.skip_all`)',
  }),
  'push-rule': of('remote', 'Push rule', {
    hint: 'relax or disable the rule at the destination, which is a mirror: a mirror cannot change commits; or leave the ref out with `branches` or `tags`',
  }),
  'ref-name-refused': of('remote', 'Ref name refused', {
    hint: "leave the ref out with `branches` or `tags`, rename it at the source, or disable the destination's rule about names",
  }),
  'protected-tag': of('remote', 'Protected tag', {
    hint: "unprotect the tag at the destination, allow the mirror's user or key to create and change it, or leave it out of `tags`",
  }),

  // The server's state.
  'storage-limit': of('remote', 'Storage limit reached', {
    hint: 'free space at the destination or raise its limit; if neither is possible, mirror to a new repository without the large history',
  }),
  'read-only-for-now': of('network', 'Read-only for now', {
    hint: 'run again later; if the server has several sites, push to the primary one',
  }),
  'protocol-disabled': of('settings', 'Protocol switched off at the server', {
    hint: 'use the other protocol in the URL: `https://` becomes `ssh://`, and the reverse',
  }),
  'server-misconfigured': of('remote', 'Server set up wrongly', {
    hint: "the server's administrator has to repair it: its parts do not trust each other (GitLab: check the secret of gitlab-shell)",
  }),
  'not-supported': of('remote', 'Not supported by the server', {
    hint: 'do without what the message names: `atomic`, `push-options` or deletions',
  }),
  'ssh-algorithms': of('remote', 'No SSH algorithm in common', {
    hint: 'let the server offer current key exchanges, ciphers and MACs (old ones are refused for good reason), or use HTTPS',
  }),
  'remote-unreadable': of('remote', 'Could not read from the remote', {
    hint: 'read the lines above it, from the SSH program or the server; check the path of the URL and the access rights',
  }),

  // Requests and objects.
  'atomic-refused': of('remote', 'Refused together with another ref', {
    hint: 'see the reasons of the other refs: with `atomic`, one refused ref holds back all others',
  }),
  'ref-not-written': of('race', 'Ref could not be written', {
    hint: "run again; if it fails again, read the server's output: a lock file that was left behind has to be removed on the server",
  }),
  'objects-missing': of('remote', 'Objects missing', {
    hint: 'mirror from a full clone of the source, or from its server; `git fsck` there shows whether it is complete',
  }),
  'unpack-failed': of('remote', 'The server could not store the objects', {
    hint: "read the server's own `fatal:` line: the cause is usually on the server (space, memory, rights, a damaged repository)",
  }),

  ...LFS_KINDS,

  'no-report': of('remote', 'No report', {
    hint: "look at the log of the mirror's own job: it ended before the mirror could say what became of it",
  }),
  internal: of('bug', 'A bug in Repository Mirroring', { hint: 'please report it with the message and the version' }),
} as const satisfies Record<string, KindOfError>

export type Kind = keyof typeof KINDS

/** Whether a retry can help: only faults of the network and of other writers go away by themselves. */
export const isTransient = (fault: Fault): boolean => fault === 'network' || fault === 'race'

/** The page and heading that explain a kind. */
export const docsOf = (kind: Kind): string =>
  `https://github.com/repository-mirroring/repository-mirroring/blob/main/docs/troubleshooting.md#${kind}`
