import { describe, expect, test } from '@jest/globals'
import type { Kind } from '../../src/errors/kinds.ts'
import { classify, ERROR_TABLE } from '../../src/errors/table.ts'
import { messages } from '../support/server-messages.ts'

/** The kinds of all rows that match, in the table's order, without repetitions next to each other. */
const kindsIn = (text: string): string =>
  ERROR_TABLE.filter(({ match }) => match.test(text))
    .map(({ kind }) => kind)
    .filter((kind, index, all) => kind !== all[index - 1])
    .join(' > ')

// Messages that several rows match: the first is the cause, the others are what git, HTTP or a more general rule makes of it.
const ORDER: readonly (readonly [string, string])[] = [
  ['github-gh006-force-push', 'force-push-denied > protected-branch'],
  ['github-pull-refs-hook-old', 'hidden-ref > hook-declined'],
  ['github-actions-bot-403', 'token-read-only > permission-denied'],
  ['github-write-not-granted', 'read-only > permission-denied'],
  ['github-delete-protected', 'deletion-denied > protected-branch'],
  ['github-archived', 'read-only > permission-denied'],
  ['git-df-conflict', 'ref-conflict > ref-not-written'],
  ['git-ref-moved', 'raced > ref-not-written'],
  ['git-max-input-size', 'large-file > unpack-failed'],
  ['http-408-413-rpc', 'large-file > connection-lost'],
  ['http-rpc-5xx', 'server-error > connection-lost'],
  ['http-rpc-403', 'permission-denied > connection-lost'],
  ['gitlab-protected-push', 'protected-branch > permission-denied'],
  ['gitlab-401', 'server-misconfigured > credentials-refused > hook-declined'],
  ['gitea-protected-push', 'protected-branch > hook-declined'],
  ['gitea-mirror-ro-http', 'read-only > permission-denied'],
  ['gitea-archived', 'read-only > permission-denied'],
  ['gitea-push-to-create', 'repository-not-found > permission-denied'],
  ['bitbucket-size-limit', 'storage-limit > hook-declined'],
  ['bitbucket-branch-permission', 'protected-branch > hook-declined'],
  ['ssh-load-key-libcrypto', 'secret-not-a-key > ssh-key-refused'],
  ['ssh-identity-missing', 'secret-not-a-key > ssh-key-refused'],
  ['lfs-auth-required', 'credentials-refused > permission-denied'],
  ['git-ref-exists', 'raced > ref-not-written'],
  ['github-push-ref-count', 'push-limit > ruleset-violation'],
  ['github-no-anonymous-write', 'credentials-missing > credentials-refused'],
]

describe('rows that could swallow each other', () => {
  test.each(ORDER)('%s: %s', (id, kinds) => expect(kindsIn(messages.find(one => one.id === id)?.text ?? '')).toBe(kinds))

  test('all messages that several kinds match are in this table', () => {
    expect(messages.filter(({ text }) => kindsIn(text).includes(' > ')).map(({ id }) => id)).toEqual(ORDER.map(([id]) => id))
  })
})

// What a run sees is mostly more than one line: the server's words, then what git makes of them.
const TOGETHER: readonly (readonly [Kind, string])[] = [
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
  ['atomic-refused', 'atomic transaction failed'],
]

describe('of several lines, the cause counts', () => {
  test.each(TOGETHER)('%s: %j', (kind, text) => expect(classify(text)?.kind).toBe(kind))
  test('whatever the order of the lines', () => {
    for (const [kind, text] of TOGETHER) expect(classify(text.split('\n').reverse().join('\n'))?.kind).toBe(kind)
  })
})
