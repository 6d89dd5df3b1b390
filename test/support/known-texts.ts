import type { Kind } from '../../src/errors/kinds.ts'

/** A text, its kind, and words of the hint where the kind's own says less. */
type Text = readonly [Kind, string, RegExp?]

/** Further texts of servers, git and curl, next to those of server-messages.ts. */
export const TEXTS: readonly Text[] = [
  ['private-email', 'remote: error: GH007: Your push would publish a private email address.'],
  [
    'workflow-scope',
    'refusing to allow a Personal Access Token to create or update workflow `.github/workflows/ci.yml` without `workflow` scope',
  ],
  [
    'workflow-scope',
    'refusing to allow a GitHub App to create or update workflow `.github/workflows/dlc.yml` without `workflows` permission',
  ],
  ['workflow-scope', 'refusing to allow an OAuth App to create or update workflow `.github/workflows/build.yml` without `workflow` scope'],
  ['lfs-objects-required', 'remote: GitLab: LFS objects are missing. Ensure LFS is properly set up or try a manual "git lfs push --all".'],
  ['large-file', 'pre-receive hook declined\nerror: GH001: Large files detected. You may want to try Git Large File Storage'],
  ['large-file', 'error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413'],
  ['push-limit', 'push declined due to repository rule violations\n- Pushes can not update more than 5 branches or tags.'],
  ['current-branch', 'refusing to delete the current branch: refs/heads/master'],
  ['current-branch', 'deletion of the current branch prohibited'],
  ['current-branch', 'pre-receive hook declined\nGitLab: The default branch of a project cannot be deleted.'],
  ['deletion-denied', 'deletion prohibited'],
  ['current-branch', 'branch is currently checked out'],
  ['raced', 'remote ref updated since checkout'],
  ['ssh-algorithms', 'Handshake failed: no matching C->S cipher'],
  ['repository-not-found', "fatal: unable to access 'https://h/': The requested URL returned error: 404"],
  ['not-a-repository', 'error: git-http-push failed'],
  ['proxy-refused', 'Proxy Authentication Required'],
  ['connection-refused', 'connect to address 2001:db8::1 port 443: Network is unreachable'],
  ['timed-out', 'net/http: request canceled (Client.Timeout exceeded while awaiting headers)'],
  ['force-push-denied', 'non-fast-forward'],
  ['force-push-denied', 'non-fast forward'],
  ['force-push-denied', 'remote: error: denying non-fast-forward refs/heads/main (you should pull first)'],
  [
    'force-push-denied',
    'remote: error: GH006: Protected branch update failed for refs/heads/master.\nremote: error: Cannot force-push to a protected branch.',
  ],
  ['protected-branch', 'protected branch hook declined'],
  ['protected-branch', 'pre-receive hook declined\nGitLab: You are not allowed to push code to protected branches on this project.'],
  ['protected-tag', 'pre-receive hook declined\nGitLab: Protected tags cannot be updated.'],
  ['read-only', 'remote: Write access to repository not granted.\nfatal: unable to access: The requested URL returned error: 403'],
  ['permission-denied', 'error: remote unpack failed: unable to create temporary object directory'],
  ['credentials-refused', 'remote: Failed to authenticate user\nfatal: unable to access'],
  ['disk-full', 'error: remote unpack failed: No space left on device'],
  ['unpack-failed', 'unpacker error'],
  ['ruleset-violation', 'push declined due to repository rule violations'],
  ['ref-conflict', "cannot lock ref 'refs/heads/a/b': 'refs/heads/a' exists; cannot create 'refs/heads/a/b'"],
  ['raced', 'stale info'],
  [
    'raced',
    "cannot lock ref 'refs/heads/x': is at 1234567890123456789012345678901234567890 but expected 0987654321098765432109876543210987654321",
  ],
  ['hidden-ref', 'deny updating a hidden ref'],
  ['read-only', 'ERROR: The key you are authenticating with has been marked as read only.\nfatal: Could not read from remote repository.'],
  ['archived', 'remote: This repository was archived so it is read-only.\nfatal: unable to access: The requested URL returned error: 403'],
  ['read-only', "remote: GitLab: You can't push code to a read-only GitLab instance."],
  [
    'permission-denied',
    'remote: Permission to o/r.git denied to somebody.\nfatal: unable to access: The requested URL returned error: 403',
  ],
  [
    'token-read-only',
    'remote: Permission to o/r.git denied to github-actions[bot].\nfatal: unable to access: The requested URL returned error: 403',
  ],
  ['permission-denied', "fatal: unable to access 'https://h/': The requested URL returned error: 403"],
  ['foreign-owner', "fatal: detected dubious ownership in repository at '/x'"],
  ['object-format-mismatch', 'fatal: protocol error: unexpected capabilities^{}'],
  ['repository-not-found', 'ERROR: Repository not found.\nfatal: Could not read from remote repository.'],
  ['repository-not-found', "fatal: '/x.git' does not appear to be a git repository\nfatal: Could not read from remote repository."],
  ['repository-not-found', "fatal: repository 'https://h/x.git/' not found"],
  [
    'credentials-missing',
    "fatal: could not read Username for 'https://bitbucket.org': terminal prompts disabled",
    /https:\/\/OWNER@bitbucket\.org/,
  ],
  ['credentials-refused', "remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://h/x.git/'"],
  ['redirected', "fatal: unable to access 'https://h/x/': The requested URL returned error: 301"],
  ['not-a-repository', 'fatal: https://h/x/info/refs not valid: is this a git repository?'],
  ['not-a-repository', 'error: Cannot access URL https://h/x.git/, return code 22\nfatal: git-http-push failed'],
  ['ssh-password-refused', 'git@h: Permission denied (password,keyboard-interactive).'],
  ['source-shallow', 'warning: rejected refs/tips/1 because shallow roots are not allowed to be updated'],
  ['tls-untrusted', "fatal: unable to access 'https://h/': SSL certificate problem: unable to get local issuer certificate"],
  ['tls-untrusted', "fatal: unable to access 'https://h/': server certificate verification failed. CAfile: none CRLfile: none"],
  ['credentials-missing', "fatal: unable to access 'https://h/': OpenSSL SSL_read: tlsv13 alert certificate required, errno 0"],
  ['proxy-refused', "fatal: unable to access 'https://h/': CONNECT tunnel failed, response 407"],
  ['proxy-refused', "fatal: unable to access 'https://h/': Received HTTP code 403 from proxy after CONNECT"],
  ['connection-refused', "fatal: unable to access 'https://h/': CONNECT tunnel failed, response 502"],
  ['host-not-found', "fatal: unable to access 'https://h/': Could not resolve host: h"],
  ['connection-refused', "fatal: unable to access 'https://h/': Failed to connect to h port 443 after 1 ms: Couldn't connect to server"],
  ['timed-out', "fatal: unable to access 'https://h/': Operation too slow. Less than 1 bytes/sec transferred the last 300 seconds"],
  ['rate-limited', "fatal: unable to access 'https://h/': The requested URL returned error: 429"],
  ['server-error', 'error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502\nfatal: the remote end hung up unexpectedly'],
  ['hook-declined', 'pre-receive hook declined'],
  ['hook-declined', 'hook declined'],
  ['hook-declined', 'update hook exited with status 1: not this one'],
  ['source-moved', 'fatal: remote error: upload-pack: not our ref 1234567890123456789012345678901234567890'],
  ['connection-lost', 'fatal: expected flush after ref listing'],
  ['connection-lost', 'fetch-pack: unexpected disconnect while reading sideband packet\nfatal: protocol error: bad pack header'],
  ['connection-lost', 'send-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly'],
]

const BATCH = 'http://u:p@127.0.0.1:44639/r.git/info/lfs/objects/batch'
const OBJECT = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'

/** Printed by git-lfs 3.7.1, of servers that answer so. */
export const LFS_TEXTS: readonly Text[] = [
  [
    'credentials-refused',
    `batch response: Authentication required: Authorization error: ${BATCH}\nCheck that you have proper access to the repository`,
  ],
  [
    'credentials-missing',
    'batch response: Git credentials for http://127.0.0.1:44639/r.git/info/lfs not found.',
    /credentials for that host/,
  ],
  [
    'permission-denied',
    `batch response: Authorization error: ${BATCH}\nCheck that you have proper access to the repository`,
    /access to LFS/,
  ],
  [
    'permission-denied',
    `LFS: Authorization error: http://127.0.0.1:44639/store/${OBJECT}\nCheck that you have proper access to the repository`,
    /access to LFS/,
  ],
  ['lfs-disabled', `batch response: Repository or object not found: ${BATCH}\nCheck that it exists and that you have proper access to it`],
  ['lfs-disabled', `batch response: Client error ${BATCH} from HTTP 410`],
  ['lfs-disabled', `batch response: Not Implemented: ${BATCH}`],
  ['lfs-disabled', 'batch request: git-lfs-authenticate: not found: exit status 127', /git-lfs-authenticate.*https/],
  ['lfs-disabled', 'batch request: missing protocol: "/srv/r.git/info/lfs"', /a directory has no LFS server/],
  ['large-file', `batch response: Client error ${BATCH} from HTTP 413`, /body of a request/],
  ['large-file', `LFS: Client error http://127.0.0.1:44639/store/${OBJECT} from HTTP 413`, /body of a request/],
  ['lfs-object-refused', `[${OBJECT}] Validation error: [422] Validation error`],
  ['rate-limited', `LFS: Rate limit exceeded: http://127.0.0.1:44639/store/${OBJECT}`, /LFS requests have a limit/],
  ['server-error', `batch response: Fatal error: Server error ${BATCH} from HTTP 502`],
  ['lfs-quota', `batch response: Bandwidth limit exceeded: ${BATCH}`],
  ['lfs-object-missing', `[${OBJECT}] Object does not exist: [404] Object does not exist`],
  ['lfs-object-missing', `[${OBJECT}] gone: [410] gone`],
  // giftless, of a batch.
  ['lfs-object-missing', 'batch response: 404 Not Found: Cannot find any of the requested objects'],
  ['lfs-object-missing', `Git LFS upload failed:\n  (missing) a.bin (${OBJECT})`],
  ['lfs-locked', 'Unable to push locked files:\n* a.bin - bob (refs: main)'],
  ['lfs-disabled', 'batch request: bash: line 1: git-lfs-authenticate: command not found: exit status 127'],
  ['lfs-disabled', 'batch response: Git LFS is not enabled on this GitLab server, contact your admin.'],
  ['lfs-disabled', 'batch response: Not Implemented: https://h/p.git/info/lfs/objects/batch'],
  ['server-error', 'batch response: Fatal error: whatever the server adds'],
  ['credentials-refused', 'Authentication required: whatever the server adds'],
  ['rate-limited', 'batch response: Too many requests'],
  ['lfs-incomplete', 'panic: runtime error: index out of range [0] with length 0'],
]

/** Printed by it too, in the words of Go, of connections that fail. */
export const GO_TEXTS: readonly Text[] = [
  ['connection-refused', 'batch response: Post "http://127.0.0.1:1/r/objects/batch": dial tcp 127.0.0.1:1: connect: connection refused'],
  [
    'host-not-found',
    'batch response: Post "http://nohost.invalid/r/objects/batch": dial tcp: lookup nohost.invalid on 127.0.0.53:53: no such host',
  ],
  [
    'tls-untrusted',
    'batch response: Post "https://127.0.0.1:44081/r/objects/batch": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    /ca-certificate/,
  ],
  [
    'tls-untrusted',
    `batch response: Post "https://127.0.0.1:36757/r/objects/batch": tls: failed to verify certificate: x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs`,
    /the name in the URL/,
  ],
  [
    'connection-lost',
    'batch response: Post "http://127.0.0.1:40197/r/objects/batch": read tcp 127.0.0.1:60816->127.0.0.1:40197: read: connection reset by peer',
  ],
  ['connection-lost', 'batch response: Post "http://127.0.0.1:39647/r/objects/batch": EOF'],
  ['connection-lost', `cannot write data to temporary file "/tmp/r.git/lfs/incomplete/${OBJECT}841": LFS: unexpected EOF`],
  ['connection-lost', `LFS: Put "https://h/${OBJECT}": write tcp 127.0.0.1:1->127.0.0.1:2: write: broken pipe`],
  ['connection-lost', `LFS: Get "https://h/${OBJECT}": http2: server sent GOAWAY and closed the connection; LastStreamID=1`],
  ['connection-lost', 'LFS: stream error: stream ID 5; INTERNAL_ERROR; received from peer'],
  ['connection-lost', `LFS: Put "https://h/${OBJECT}": http: server closed idle connection`],
]

/** A run mostly sees more than one line: the server's words, then git's words about them. */
export const TOGETHER: readonly Text[] = [
  [
    'secret-in-commit',
    'push declined due to repository rule violations\nerror: GH013: Repository rule violations found for refs/heads/main.\n- GITHUB PUSH PROTECTION',
  ],
  ['push-limit', 'error: GH013: Repository rule violations found for refs/heads/a\n- Pushes can not update more than 2 branches or tags.'],
  ['large-file', 'pre-receive hook declined\nerror: GH001: Large files detected.\nerror: See https://gh.io/lfs for more information.'],
  ['push-rule', 'pre-receive hook declined\nGitLab: Commit must be signed with a GPG key'],
  ['storage-limit', 'pre-receive hook declined\nForgejo: Quota exceeded'],
  ['disk-full', 'error: remote unpack failed: No space left on device\nunpacker error'],
  ['objects-missing', 'error: remote unpack failed: missing necessary objects'],
  [
    'tls-untrusted',
    "fatal: unable to access 'https://h/': SSL: no alternative certificate subject name matches target host name 'h'\nfatal: early EOF",
  ],
  [
    'credentials-missing',
    "fatal: unable to access 'https://h/': OpenSSL SSL_read: tlsv13 alert certificate required\nfatal: the remote end hung up unexpectedly",
  ],
  [
    'host-key-changed',
    'REMOTE HOST IDENTIFICATION HAS CHANGED!\nHost key verification failed.\nfatal: Could not read from remote repository.',
  ],
  ['host-key-revoked', 'REVOKED HOST KEY DETECTED!\nREMOTE HOST IDENTIFICATION HAS CHANGED!\nHost key verification failed.'],
  ['rate-limited', 'error: RPC failed; HTTP 429 curl 22 The requested URL returned error: 429\nfatal: early EOF'],
  ['large-file', 'LFS: Client error: https://h/lfs from HTTP 413\nerror: failed to push some refs'],
  ['large-file', 'LFS: Client error: https://h/lfs from HTTP 413\npanic: send on closed channel'],
  ['lfs-quota', 'batch response: This repository exceeded its LFS budget.\nerror: failed to fetch some objects from https://h'],
  ['current-branch', 'deletion of the current branch prohibited\nerror: deletion prohibited'],
  ['raced', "failed to update ref\nerror: cannot lock ref 'refs/heads/a': reference already exists"],
  ['raced', "failed to update ref\nerror: cannot lock ref 'refs/heads/a': unable to resolve reference 'refs/heads/a'"],
  ['atomic-refused', 'atomic transaction failed'],
]
