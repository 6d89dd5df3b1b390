import { describe, expect, test } from '@jest/globals'
import { settingsContext } from '../../src/settings/context.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { excuseFor, reasonToSkip } from '../../src/settings/skip.ts'
import { type NoSecretsReason, workflowRunOf } from '../../src/settings/workflow-run.ts'

const ENV = { GITHUB_REPOSITORY: 'o/r', GITHUB_SERVER_URL: 'https://github.com', GITHUB_EVENT_NAME: 'push', GITHUB_ACTOR: 'ann' }
const SSH: RawInputs = { 'remote-url': 'ssh://git@mirror.example/g/p.git', repository: 'o/r' }
const HTTPS: RawInputs = { 'remote-url': 'https://mirror.example/g/p.git', repository: 'o/r' }

/** As GitHub writes them to GITHUB_EVENT_PATH, without what nobody looks at. */
const EVENTS = {
  own: { repository: { full_name: 'o/r', fork: false } },
  fork: { repository: { full_name: 'o/r', fork: true } },
  ownPullRequest: { repository: { full_name: 'o/r', fork: false }, pull_request: { head: { repo: { full_name: 'o/r', fork: false } } } },
  foreignPullRequest: { repository: { full_name: 'o/r', fork: false }, pull_request: { head: { repo: { full_name: 'x/r', fork: true } } } },
  lostFork: { repository: { full_name: 'o/r', fork: false }, pull_request: { head: { repo: null } } },
  pullRequestWithinFork: {
    repository: { full_name: 'o/r', fork: true },
    pull_request: { head: { repo: { full_name: 'o/r', fork: true } } },
  },
}
const DEPENDABOT = { GITHUB_ACTOR: 'dependabot[bot]' }
const PULL_REQUEST = { GITHUB_EVENT_NAME: 'pull_request' }

describe('who gets no secrets', () => {
  test.each<[string, Record<string, string>, unknown, NoSecretsReason | null]>([
    ['a push', {}, EVENTS.own, null],
    ['a push in a fork', {}, EVENTS.fork, 'fork'],
    ['a pull request of our own', PULL_REQUEST, EVENTS.ownPullRequest, null],
    ['a pull request from a fork', PULL_REQUEST, EVENTS.foreignPullRequest, 'pull-request'],
    ['a pull request from a fork that is gone', PULL_REQUEST, EVENTS.lostFork, 'pull-request'],
    ['a review of one', { GITHUB_EVENT_NAME: 'pull_request_review' }, EVENTS.foreignPullRequest, 'pull-request'],
    ['its run with the secrets of the base', { GITHUB_EVENT_NAME: 'pull_request_target' }, EVENTS.foreignPullRequest, null],
    ['a pull request within a fork', PULL_REQUEST, EVENTS.pullRequestWithinFork, 'fork'],
    ['a push of Dependabot', DEPENDABOT, EVENTS.own, 'dependabot'],
    ['a person of a like name', { GITHUB_ACTOR: 'dependabot' }, EVENTS.own, null],
    ['a runner that writes no event', {}, null, null],
    ['an event that is none', PULL_REQUEST, 'text', null],
  ])('%s', (_, env, event, expected) => expect(workflowRunOf({ ...ENV, ...env }, event).noSecretsBecause).toBe(expected))
})

/** Of a step on Linux. */
const contextOf = (env: Record<string, string>, event: unknown) => ({
  ...settingsContext(env, workflowRunOf(env, event), input => input),
  windows: false,
})

test('what is a path on Windows needs no secret there', () => {
  const raw = { ...SSH, 'remote-url': 'C:/mirror.git' }
  const context = contextOf(ENV, EVENTS.fork)
  expect(reasonToSkip(raw, { ...context, windows: true })).toBeNull()
  // Elsewhere it is the path `/mirror.git` on the host `c`.
  expect(reasonToSkip(raw, context)).toMatch(/is a fork/)
})

describe('nothing to do', () => {
  test.each<[string, RawInputs, Record<string, string>, unknown, RegExp | null]>([
    ['a secret, in a fork', { ...SSH, 'auth-secret': 'x' }, {}, EVENTS.fork, null],
    ['no secret, in a fork', SSH, {}, EVENTS.fork, /is a fork.*https:\/\/github\.com\/o\/r\/settings\/secrets\/actions$/],
    ['no secret, elsewhere', SSH, {}, EVENTS.own, null],
    ['no secret, a pull request from a fork', HTTPS, PULL_REQUEST, EVENTS.foreignPullRequest, /pull request from a fork/],
    ['no secret, Dependabot', HTTPS, DEPENDABOT, EVENTS.own, /Dependabot/],
    ['neither secret nor variable, in a fork', { ...SSH, 'remote-url': '' }, {}, EVENTS.fork, /fork/],
    ['neither secret nor variable, elsewhere', { ...SSH, 'remote-url': '' }, {}, EVENTS.own, null],
    ['an agent logs in', SSH, { SSH_AUTH_SOCK: '/s' }, EVENTS.fork, null],
    ['the URL holds the secret', { ...HTTPS, 'remote-url': 'https://u:p@mirror.example/g/p' }, {}, EVENTS.fork, null],
    ['a certificate logs in', { ...HTTPS, 'client-certificate': 'PEM' }, {}, EVENTS.fork, null],
    ['a pull over https, which may need none', { ...HTTPS, direction: 'pull' }, {}, EVENTS.fork, null],
    ['both ways over https', { ...HTTPS, direction: 'bidirectional' }, {}, EVENTS.fork, /fork/],
    ['a verification over https', { ...HTTPS, operation: 'verify' }, {}, EVENTS.fork, null],
    ['a purge over https that only lists', { ...HTTPS, operation: 'purge-backups' }, {}, EVENTS.fork, null],
    ['a purge over https', { ...HTTPS, operation: 'purge-backups', 'dry-run': 'false' }, {}, EVENTS.fork, /fork/],
    ['a dry run over https', { ...HTTPS, 'dry-run': 'TRUE' }, {}, EVENTS.fork, null],
    ['a dry run, written with blanks', { ...HTTPS, 'dry-run': ' true\n' }, {}, EVENTS.fork, null],
    ['a path, written with blanks', { ...SSH, 'remote-url': ' /srv/p\n' }, {}, EVENTS.fork, null],
    [
      'a URL that holds the secret, written with blanks',
      { ...HTTPS, 'remote-url': ' https://u:p@mirror.example/g/p\n' },
      {},
      EVENTS.fork,
      null,
    ],
    ['a verification over ssh', { ...SSH, operation: 'verify' }, {}, EVENTS.fork, /fork/],
    ['a path', { ...SSH, 'remote-url': '/srv/p' }, {}, EVENTS.fork, null],
    ['a URL that is none', { ...SSH, 'remote-url': 'ssh://' }, {}, EVENTS.fork, null],
    ['inside the mirror', { ...HTTPS, 'remote-url': 'https://github.com/O/R' }, {}, null, /belongs to "o\/r".*itself/],
    ['inside the mirror, by ssh', { ...SSH, 'remote-url': 'git@GITHUB.com:o/r.git', 'auth-secret': 'x' }, {}, null, /itself/],
    ['inside what is pulled from', { 'remote-url': 'git@github.com:o/r', repository: 'o/r', direction: 'pull' }, {}, null, /itself/],
    ['another repository, named on purpose', { 'remote-url': 'git@github.com:o/r', repository: 'o/x' }, {}, null, null],
    ['a URL, named on purpose', { 'remote-url': 'git@github.com:o/r', repository: 'o/r', 'repository-url': '/x' }, {}, null, null],
  ])('%s', (_, raw, env, event, expected) => {
    const reason = reasonToSkip(raw, contextOf({ ...ENV, ...env }, event))
    if (expected === null) expect(reason).toBeNull()
    else expect(reason).toMatch(expected)
    expect(reason ?? '').not.toMatch(/\.$/)
  })
})

describe('a failure is nobody’s fault', () => {
  const missing = { kind: 'credentials-missing', side: 'there' } as const
  const readOnly = { kind: 'token-read-only', side: 'here' } as const
  test.each<[string, Parameters<typeof excuseFor>[0], Record<string, string>, unknown, RegExp | null]>([
    ['who are you? in a fork', missing, {}, EVENTS.fork, /fork/],
    ['who are you? elsewhere', missing, {}, EVENTS.own, null],
    ['who are you? asked here', { ...missing, side: 'here' }, {}, EVENTS.fork, null],
    ['Dependabot may not write here', readOnly, DEPENDABOT, EVENTS.own, /Dependabot.*may only read/],
    ['a run of a fork of its own may not write here', readOnly, {}, EVENTS.fork, null],
    ['something else', { kind: 'connection-refused', side: 'there' }, DEPENDABOT, EVENTS.own, null],
  ])('%s', (_, failure, env, event, expected) => {
    const excuse = excuseFor(failure, { ...HTTPS, direction: 'pull' }, workflowRunOf({ ...ENV, ...env }, event))
    if (expected === null) expect(excuse).toBeNull()
    else expect(excuse).toMatch(expected)
  })
  test('a secret that was refused is somebody’s fault', () =>
    expect(excuseFor(missing, { ...HTTPS, 'auth-secret': 'x' }, workflowRunOf(ENV, EVENTS.fork))).toBeNull())
})

test.each([
  [{}, 'https://github.com/o/r/settings/secrets/actions'],
  [{ GITHUB_SERVER_URL: 'https://ghe.example/' }, 'https://ghe.example/o/r/settings/secrets/actions'],
  [{ GITEA_ACTIONS: 'true', GITHUB_SERVER_URL: 'https://git.example/gitea' }, 'https://git.example/gitea/o/r/settings/actions/secrets'],
  [{ FORGEJO_ACTIONS: 'true' }, 'https://github.com/o/r/settings/actions/secrets'],
  [{ GITHUB_REPOSITORY: '' }, null],
])('the page of the secrets: %j', (env, page) => expect(workflowRunOf({ ...ENV, ...env }, null).secretsPage).toBe(page))
