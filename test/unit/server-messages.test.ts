import { describe, expect, test } from '@jest/globals'
import { classify } from '../../src/errors/error-table.ts'
import type { Fault } from '../../src/errors/kind.ts'
import { isTransient, KINDS, type Kind, UNKNOWN_HINT } from '../../src/errors/kinds.ts'
import type { Scope } from '../../src/errors/row.ts'
import { warningIn } from '../../src/errors/warnings.ts'
import { remoteFailure } from '../../src/git/remote-failure.ts'
import { EXPECTED, type Message, messageOf, messages } from '../support/server-messages.ts'

/** Messages that look like errors and are none. */
const WARNINGS: readonly (readonly [string, RegExp])[] = [
  ['github-gh001-large-file-warning', /nothing is required; consider LFS/],
  ['github-bypassed-rules', /nothing to do/],
  ['bitbucket-size-warning', /nothing to do yet/],
  ['lfs-locksverify', /locksverify.*false/],
]

/** The words of the fixture for what a message speaks of, and ours. */
const SCOPES: Readonly<Record<string, Scope>> = { ref: 'ref', push: 'request', connection: 'connection', auth: 'auth', lfs: 'lfs' }

/** Where ours differs on purpose, and why. */
const OTHER_SCOPES: Readonly<Record<string, readonly [Scope, string]>> = {
  'git-atomic-failed': ['request', 'git says it of a ref that was well, because of another one in the request'],
  'http-rpc-5xx': ['connection', 'the server judged no part of the push, so no part of it is tried apart to find a culprit'],
  'github-internal-error': ['connection', 'the same'],
  'git-sideband-disconnect': ['connection', 'git says it of a push, but it is the connection that ended'],
  'gitlab-no-repo': [
    'auth',
    'forges hide what one may not see: over HTTP their word for it stands above the status, which that of a proxy never does',
  ],
  'gitea-not-found': ['auth', 'the same'],
  'gitea-push-to-create': ['auth', 'the same'],
}

/** Who has to act, by what a message speaks of, where another try is of no use. */
const FAULTS: Readonly<Record<string, Fault>> = { ref: 'remote', push: 'remote', connection: 'remote', auth: 'auth', lfs: 'remote' }

/** Kinds of another fault than most messages of their scope have. */
const OTHER_FAULTS: Readonly<Record<Fault, readonly Kind[]>> = {
  settings: ['settings-invalid', 'secret-not-a-key', 'protocol-disabled', 'tls-untrusted', 'proxy-refused'],
  auth: ['permission-denied', 'read-only', 'archived', 'account-blocked', 'credentials-refused', 'credentials-missing'],
  'host-key': ['host-key-unknown', 'host-key-changed', 'host-key-revoked', 'host-key-algorithm'],
  remote: ['repository-not-found', 'repository-blocked'],
  network: [],
  race: ['raced', 'ref-not-written'],
  bug: [],
}

/** @param kind of the message */
function faultOf({ scope, transient }: Message, kind: Kind): Fault | undefined {
  const other = (Object.keys(OTHER_FAULTS) as Fault[]).find(fault => OTHER_FAULTS[fault].includes(kind))
  return other ?? (transient ? 'network' : FAULTS[scope])
}

describe('every message of a server that is known', () => {
  test.each(EXPECTED)('%s is %s', (id, kind, says) => {
    const row = classify(messageOf(id).text)
    expect(row?.kind).toBe(kind)
    expect(row?.hint ?? KINDS[kind].hint).toMatch(says)
  })

  test.each(EXPECTED)('%s has scope, fault, and whether another try may help', (id, kind) => {
    const message = messageOf(id)
    const row = classify(message.text)
    const fault = row === null ? null : KINDS[row.kind].fault
    expect({ scope: row?.scope, fault, transient: fault !== null && isTransient(fault) }).toEqual({
      scope: OTHER_SCOPES[id]?.[0] ?? SCOPES[message.scope],
      fault: faultOf(message, kind),
      transient: message.transient,
    })
  })

  test('where a scope is said to be another one, it is', () => {
    expect(Object.entries(OTHER_SCOPES).filter(([id, [scope]]) => SCOPES[messageOf(id).scope] === scope)).toEqual([])
  })

  test.each(WARNINGS)('%s is a warning', (id, says) => {
    const { text } = messageOf(id)
    expect(classify(text)).toBeNull()
    expect(text.split('\n').map(line => warningIn(line)?.hint)).toContainEqual(expect.stringMatching(says))
  })

  test('none is left out', () => {
    expect([...EXPECTED, ...WARNINGS].map(([id]) => id).sort()).toEqual(messages.map(({ id }) => id).sort())
  })

  test('has a kind of its own: none is what an unknown text is', () => {
    expect(EXPECTED.filter(([, kind]) => kind === 'remote-error' || kind === 'ref-rejected')).toEqual([])
  })
})

describe('what git says of a remote, as a failure', () => {
  test.each(EXPECTED)('%s keeps kind and hint, and its message is one of its lines', (id, kind, says) => {
    const { text } = messageOf(id)
    const failure = remoteFailure(text, 'there')
    expect(failure.kind).toBe(kind)
    expect(failure.hint).toMatch(says)
    expect(failure.message).not.toMatch(/^(?:fatal|error|remote): /)
  })

  test('a text that nobody knows is shown as it is, and called unknown', () => {
    const failure = remoteFailure('remote: The moon is full.\nfatal: Could not read from remote repository.\n', 'there')
    expect(failure).toMatchObject({ kind: 'remote-error', message: 'The moon is full.', hint: UNKNOWN_HINT })
    expect(failure.detail).toContain('fatal: Could not read from remote repository.')
  })

  test('a warning is not taken for the cause', () => {
    const failure = remoteFailure(`${messageOf('github-gh001-large-file-warning').text}\nremote: The moon is full.`, 'there')
    expect(failure).toMatchObject({ kind: 'remote-error', message: 'The moon is full.' })
  })
})
