import { describe, expect, test } from '@jest/globals'
import { classify, ERROR_TABLE } from '../../src/errors/error-table.ts'
import { KINDS } from '../../src/errors/kinds.ts'
import type { ErrorRow } from '../../src/errors/row.ts'
import { GO_TEXTS, LFS_TEXTS, TEXTS, TOGETHER } from '../support/known-texts.ts'
import { EXPECTED, messageOf, messages } from '../support/server-messages.ts'

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
  ['github-archived', 'archived > read-only > permission-denied'],
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
  ['gitea-archived', 'archived > permission-denied'],
  ['gitea-push-to-create', 'repository-not-found > permission-denied'],
  ['bitbucket-size-limit', 'storage-limit > hook-declined'],
  ['bitbucket-branch-permission', 'protected-branch > hook-declined'],
  ['ssh-load-key-libcrypto', 'secret-not-a-key > ssh-key-refused'],
  ['ssh-identity-missing', 'secret-not-a-key > ssh-key-refused'],
  ['lfs-auth-required', 'credentials-refused > permission-denied'],
  ['git-ref-exists', 'raced > ref-not-written'],
  ['github-push-ref-count', 'push-limit > ruleset-violation'],
  ['github-no-anonymous-write', 'credentials-missing > credentials-refused'],
  ['github-suspended', 'account-blocked > permission-denied'],
  ['github-staff-disabled', 'repository-blocked > permission-denied'],
  ['github-dmca', 'repository-blocked > permission-denied'],
  ['github-locked-for-migration', 'repository-blocked > permission-denied'],
  ['azure-tf402462', 'large-file > unpack-failed'],
  ['azure-vs403654', 'secret-in-commit > unpack-failed'],
  ['azure-vs403702', 'push-rule > unpack-failed'],
  ['gerrit-project-state', 'archived > permission-denied'],
  ['gerrit-object-size', 'large-file > unpack-failed'],
  ['git-fsck', 'history-refused > unpack-failed'],
  ['http-411', 'length-required > connection-lost'],
  ['http-400', 'bad-request > connection-lost'],
  ['git-cannot-start-proxy', 'settings-invalid > permission-denied'],
]

describe('rows that could swallow each other', () => {
  test.each(ORDER)('%s: %s', (id, kinds) => expect(kindsIn(messages.find(one => one.id === id)?.text ?? '')).toBe(kinds))

  test('all messages that several kinds match are in this table', () => {
    expect(messages.filter(({ text }) => kindsIn(text).includes(' > ')).map(({ id }) => id)).toEqual(ORDER.map(([id]) => id))
  })
})

/** A text, and what other tests ask of the row that it finds. */
type Known = readonly [string, (row: ErrorRow | null) => boolean]

const OF_LFS = new Set(LFS_TEXTS.map(([, text]) => text))

const KNOWN: readonly Known[] = [
  ...EXPECTED.map(([id, kind, says]): Known => {
    const { text } = messageOf(id)
    const scope = classify(text)?.scope
    return [text, row => row?.kind === kind && row.scope === scope && says.test(row.hint ?? KINDS[kind].hint)]
  }),
  ...[...TEXTS, ...LFS_TEXTS, ...GO_TEXTS, ...TOGETHER].map(
    ([kind, text, says = /./]): Known => [
      text,
      row => row?.kind === kind && says.test(row.hint ?? KINDS[kind].hint) && (row.scope === 'lfs' || !OF_LFS.has(text)),
    ],
  ),
]

/** What is told of a text that finds this row. */
const toldBy = ({ kind, scope, hint }: ErrorRow): string => JSON.stringify([kind, scope, hint])

/** The rows below the first that match one of the texts, too, and tell something else: first or not makes a difference to them. */
function rivals(): { readonly first: ErrorRow; readonly other: ErrorRow }[] {
  const pairs = new Map<string, { readonly first: ErrorRow; readonly other: ErrorRow }>()
  for (const [text] of KNOWN) {
    const [first, ...others] = ERROR_TABLE.filter(({ match }) => match.test(text))
    for (const other of others) if (first && toldBy(first) !== toldBy(other)) pairs.set(`${first.match} ${other.match}`, { first, other })
  }
  return [...pairs.values()]
}

describe('the order', () => {
  test('every known text finds the row that is expected', () => {
    expect(KNOWN.filter(([text, holds]) => !holds(classify(text)))).toEqual([])
  })

  test.each(rivals())(
    '$first.kind $first.match.source stands above $other.kind $other.match.source, or a test fails',
    ({ first, other }) => {
      const turned = ERROR_TABLE.flatMap(row => (row === first ? [other, first] : row === other ? [] : [row]))
      expect(KNOWN.filter(([text, holds]) => !holds(turned.find(({ match }) => match.test(text)) ?? null))).not.toEqual([])
    },
  )
})

// git's last words, after those of a server or an SSH program, and before them where both are one stream.
const LAST_WORDS = [
  'fatal: the remote end hung up unexpectedly',
  'fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.',
  "error: failed to push some refs to 'https://example.org/a.git'",
]
const OF_HOOKS = [
  ' ! [remote rejected] main -> main (pre-receive hook declined)',
  ' ! [remote rejected] main -> main (hook declined)',
  'error: hook declined to update refs/heads/main',
]
const OF_HTTP = ["fatal: unable to access 'https://example.org/a.git/': The requested URL returned error: 403"]

/** Last words themselves, or reasons of git's own that stand where else the hook's would. */
const NO_CAUSE: readonly string[] = [
  'git-could-not-read',
  'git-sideband-disconnect',
  'git-atomic-failed',
  'git-failed-to-update-ref',
  'git-update-hook-declined',
  'git-pre-receive-declined',
  'git-unpacker-error',
  'git-missing-objects',
  'lfs-fetch-failed',
]

describe('what follows from a cause does not hide it', () => {
  test.each(EXPECTED.filter(([id]) => !NO_CAUSE.includes(id)))('%s stays %s', id => {
    const { text, scope } = messageOf(id)
    const row = classify(text)
    const following = [...LAST_WORDS, ...(scope === 'connection' || scope === 'auth' ? [] : OF_HOOKS), ...(scope === 'auth' ? OF_HTTP : [])]
    for (const words of following) {
      expect(classify(`${text}\n${words}`)).toBe(row)
      expect(classify(`${words}\n${text}`)).toBe(row)
    }
  })
})

describe('of several lines, the cause counts', () => {
  test.each(TOGETHER)('%s: %j', (kind, text) => expect(classify(text)?.kind).toBe(kind))
  test('whatever the order of the lines', () => {
    for (const [kind, text] of TOGETHER) expect(classify(text.split('\n').reverse().join('\n'))?.kind).toBe(kind)
  })
})
