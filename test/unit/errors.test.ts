import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { docsOf, KINDS, type Kind } from '../../src/errors/kinds.ts'
import { classify, ERROR_TABLE, pushLimitIn } from '../../src/errors/table.ts'
import { Failure } from '../../src/failure.ts'
import { messages } from '../support/server-messages.ts'

// Verbatim texts of servers, git and curl.
const TEXTS: readonly (readonly [Kind, string])[] = [
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
  ['lfs-disabled', 'batch request: bash: line 1: git-lfs-authenticate: command not found: exit status 127'],
  ['lfs-disabled', 'batch response: Git LFS is not enabled on this GitLab server, contact your admin.'],
  ['lfs-disabled', 'batch response: Not Implemented: https://h/p.git/info/lfs/objects/batch'],
  ['server-error', 'batch response: Fatal error: whatever the server adds'],
  ['credentials-refused', 'Authentication required: whatever the server adds'],
  ['rate-limited', 'batch response: Too many requests'],
  ['host-not-found', 'batch response: Post "https://h.invalid/objects/batch": dial tcp: lookup h.invalid: no such host'],
  ['connection-refused', 'batch response: Post "https://h/objects/batch": dial tcp 127.0.0.1:1: connect: connection refused'],
  ['timed-out', 'batch response: Post "https://h/objects/batch": dial tcp 192.0.2.1:443: i/o timeout'],
  ['tls-untrusted', 'batch response: Post "https://h/objects/batch": x509: certificate signed by unknown authority'],
  ['connection-lost', 'LFS: Put "https://h/x": read tcp 192.0.2.1:1->192.0.2.2:443: read: connection reset by peer'],
  ['connection-lost', 'batch response: Post "https://h/objects/batch": EOF'],
  ['lfs-incomplete', 'panic: runtime error: index out of range [0] with length 0'],
  ['large-file', 'pre-receive hook declined\nerror: GH001: Large files detected. You may want to try Git Large File Storage'],
  ['large-file', 'error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413'],
  ['push-limit', 'push declined due to repository rule violations\n- Pushes can not update more than 5 branches or tags.'],
  ['current-branch', 'refusing to delete the current branch: refs/heads/master'],
  ['current-branch', 'deletion of the current branch prohibited'],
  ['current-branch', 'pre-receive hook declined\nGitLab: The default branch of a project cannot be deleted.'],
  ['deletion-denied', 'deletion prohibited'],
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
  ['read-only', 'remote: This repository was archived so it is read-only.\nfatal: unable to access: The requested URL returned error: 403'],
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
  ['credentials-missing', "fatal: could not read Username for 'https://bitbucket.org': terminal prompts disabled"],
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
  ['connection-lost', 'send-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly'],
]

describe('the table of texts', () => {
  test.each(TEXTS)('%s: %s', (kind, text) => expect(classify(text)?.kind).toBe(kind))
  test('a text that nobody knows has no kind', () => expect(classify('the moon is full')).toBeNull())
  test('every row is the first for some text, so none is swallowed by one above it', () => {
    const texts = [...TEXTS.map(([, text]) => text), ...messages.map(({ text }) => text)]
    const reached = new Set(texts.map(classify))
    expect(ERROR_TABLE.filter(row => !reached.has(row)).map(({ match }) => match.source)).toEqual([])
  })
  test('what concerns a whole request is told apart', () => {
    expect(classify('pre-receive hook declined')?.scope).toBe('request')
    expect(classify('hook declined')?.scope).toBe('ref')
  })
  test('the limit that a server names', () => {
    expect(pushLimitIn('- Pushes can not update more than 5 branches or tags.')).toBe(5)
    expect(pushLimitIn('nothing of the kind')).toBeNull()
  })
})

/** As GitHub makes them: lower case, without punctuation, hyphens for spaces. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')

describe('kinds', () => {
  const page = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8')
  const headings = new Set([...page.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading))
  test('each has its heading in the troubleshooting page, and each heading its kind', () => {
    expect([...headings].sort()).toEqual(Object.keys(KINDS).sort())
  })
  test('each section begins with the title, and has symptom, cause, fix and how to check', () => {
    const sections = page.split(/^#{3,4} /m).slice(1)
    const lacking = ['Symptom', 'Cause', 'Fix', 'Check'].flatMap(word =>
      sections.filter(text => !text.includes(`\n- ${word}: `)).map(text => `${text.split('\n')[0]}: ${word}`),
    )
    expect(lacking).toEqual([])
    for (const [kind, { title }] of Object.entries(KINDS)) expect(page).toContain(`### ${kind}\n\n**${title}.**\n`)
  })
  test.each([
    ['Received RST_STREAM with error code 2', 'private-email'],
    ['Deadline Exceeded', 'timed-out'],
    ['Connection blocked because server only allows public key authentication', 'ssh-key-refused'],
    ['Could not read Username: terminal prompts disabled', 'credentials-missing'],
    ['LFS files are missing', 'lfs-objects-required'],
    ['The repository is being updated', null],
    ['Invalid URL', 'settings-invalid'],
  ])("GitLab's entry %j has its section, which leads to %s", (heading, kind) => {
    const section = new RegExp(`^#### ${heading}\\n([\\s\\S]*?)(?=^#|(?![\\s\\S]))`, 'm').exec(page)?.[1] ?? ''
    expect(section).not.toBe('')
    if (kind !== null) expect(section).toContain(`(#${kind})`)
  })
  test('links within the page lead somewhere', () => {
    const anchors = [...page.matchAll(/^#{1,4} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))
    expect([...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor).filter(anchor => !anchors.includes(anchor ?? ''))).toEqual([])
  })
  test('links lead to the heading', () => expect(docsOf('raced')).toMatch(/docs\/troubleshooting\.md#raced$/))
  test('hints and titles are short, and no sentence ends with a full stop', () => {
    for (const { title, hint } of Object.values(KINDS)) {
      expect(title.length).toBeLessThan(60)
      expect(hint).not.toMatch(/\.$/)
    }
  })
})

describe('Failure', () => {
  test('what nobody foresaw is our bug', () =>
    expect(Failure.from(new TypeError('x is not a function'))).toMatchObject({ kind: 'internal', fault: 'bug' }))
  test('a failure stays what it is', () => {
    const failure = new Failure('raced', 'x')
    expect(Failure.from(failure)).toBe(failure)
    expect(failure.fault).toBe('race')
  })
})
