import { expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import type { Kind } from '../../src/errors/kinds.ts'
import type { Side } from '../../src/remote/side.ts'
import { withTokenToAllow } from '../../src/run/hints.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { ON_GITHUB, settingsFrom } from '../support/settings.ts'

const settingsOf = (inputs: RawInputs) =>
  settingsFrom(
    { repository: 'o/r', 'remote-url': 'https://example.com/o/r.git', token: 'ghs_0123456789', direction: 'pull', ...inputs },
    ON_GITHUB,
  )

test.each<[string, Kind, Side, RawInputs, string, Kind]>([
  ['the token of the run, refused', 'permission-denied', 'here', {}, '', 'token-read-only'],
  ['the token of the run, refused in other words', 'read-only', 'here', {}, 'Write access to repository not granted.', 'token-read-only'],
  ['an archived repository', 'archived', 'here', {}, 'This repository was archived so it is read-only.', 'archived'],
  ['a token of the user', 'permission-denied', 'here', { token: 'ghp_0123456789' }, '', 'permission-denied'],
  ['the other side', 'permission-denied', 'there', {}, '', 'permission-denied'],
  ['both ways, which writes here, too', 'permission-denied', 'here', { direction: 'bidirectional' }, '', 'token-read-only'],
  ['a push, which only reads here', 'permission-denied', 'here', { direction: 'push' }, '', 'permission-denied'],
  ['another failure', 'repository-not-found', 'here', {}, '', 'repository-not-found'],
])('%s: %s at %s', (_, kind, side, inputs, detail, expected) => {
  const kept = { side, retryAfterMs: 5000, cause: 'below' }
  const failure = withTokenToAllow(new Failure(kind, 'denied', { ...kept, detail }), settingsOf(inputs))
  expect(failure).toMatchObject({ ...kept, kind: expected, message: 'denied' })
  if (expected === 'token-read-only') expect(failure.hint).toContain('`permissions: contents: write`')
})
