import { describe, expect, test } from '@jest/globals'
import { isTransient, KINDS, UNKNOWN_HINT } from '../../src/errors/kinds.ts'
import { classify } from '../../src/errors/table.ts'
import { warningIn } from '../../src/errors/warnings.ts'
import { remoteFailure } from '../../src/git/remote-failure.ts'
import { EXPECTED, messageOf, messages } from '../support/server-messages.ts'

/** Messages that look like errors and are none. */
const WARNINGS: readonly (readonly [string, RegExp])[] = [
  ['github-gh001-large-file-warning', /nothing is required; consider LFS/],
  ['github-bypassed-rules', /nothing to do/],
  ['bitbucket-size-warning', /nothing to do yet/],
  ['lfs-locksverify', /locksverify.*false/],
]

describe('every message of a server that is known', () => {
  test.each(EXPECTED)('%s is %s', (id, kind, says) => {
    const row = classify(messageOf(id).text)
    expect(row?.kind).toBe(kind)
    expect(row?.hint ?? KINDS[kind].hint).toMatch(says)
  })

  test.each(WARNINGS)('%s is a warning', (id, says) => {
    const { text } = messageOf(id)
    expect(classify(text)).toBeNull()
    expect(text.split('\n').map(line => warningIn(line)?.hint)).toContainEqual(expect.stringMatching(says))
  })

  test('none is left out', () => {
    expect([...EXPECTED, ...WARNINGS].map(([id]) => id).sort()).toEqual(messages.map(({ id }) => id).sort())
  })

  test('is worth another try where it goes away by itself, and nowhere else', () => {
    const worth = EXPECTED.filter(([, kind]) => isTransient(KINDS[kind].fault)).map(([id]) => id)
    expect(worth).toEqual(EXPECTED.map(([id]) => id).filter(id => messageOf(id).transient))
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
