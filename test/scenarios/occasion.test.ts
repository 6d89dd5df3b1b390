import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { runMain } from '../support/action-step.ts'
import { eventOf, FOREIGN, FORK } from '../support/event.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, createBare, git } from '../support/git-repository.ts'

const REMOTE = 'ssh://git@mirror.invalid/g/p.git'

describe('a run that can do nothing, through nobody’s fault, is skipped', () => {
  test.each<[string, Record<string, string>, () => Record<string, string>, string]>([
    ['in a fork', { 'remote-url': REMOTE }, () => eventOf(FORK), 'this repository is a fork, which does not have the secret'],
    ['in a fork, whose variables are empty, too', { 'remote-url': '' }, () => eventOf(FORK), 'this repository is a fork'],
    [
      'for a pull request from a fork',
      { 'remote-url': REMOTE },
      () => eventOf(FOREIGN, { GITHUB_EVENT_NAME: 'pull_request' }),
      'the run is for a pull request from a fork, which gets no secrets',
    ],
    ['for Dependabot', { 'remote-url': REMOTE }, () => ({ GITHUB_ACTOR: 'dependabot[bot]' }), 'the run was started by Dependabot'],
    [
      'inside the mirror itself',
      { 'remote-url': 'git@github.invalid:Octo/widgets.git', 'auth-secret': 'some-secret-of-its-own' },
      () => ({}),
      'the run belongs to "octo/widgets", which is the repository at `remote-url` itself',
    ],
  ])('%s', async (_, inputs, env, reason) => {
    const step = await runMain({ 'known-host-keys': '', ...inputs }, { env: env() })
    expect(step).toMatchObject({ code: 0, leaks: [], outputs: { status: 'skipped', 'in-sync': 'false', refs: '[]', created: '0' } })
    expect(step.outputs['skipped-reason']).toContain(reason)
    expect(step.log).toContain(`⏭️ Skipped: ${reason}`)
    expect(step.log).not.toMatch(/^::(?:error|warning)/m)
    expect(step.summary).toMatch(/^### ⏭️ Skipped/)
  })
})

describe('a secret that should be there', () => {
  test('is missed by name, with the page where secrets are stored', async () => {
    const step = await runMain({ 'remote-url': REMOTE }, { env: eventOf({ repository: { full_name: 'octo/widgets', fork: false } }) })
    expect(step).toMatchObject({ code: 1, outputs: { status: 'failed', 'skipped-reason': '' } })
    expect(step.log).toContain('::error title=Credentials missing::`auth-secret` is empty')
    expect(step.log).toContain('check its name at https://github.invalid/octo/widgets/settings/secrets/actions')
  })
})

describe('over https', () => {
  let http: GitHttp
  let source: string
  beforeAll(async () => {
    http = await startGitHttp()
    source = await createBare()
    await commit(source, 'main')
  })
  afterAll(async () => await http?.stop())
  const inputs = (more: Record<string, string>) => ({
    ...{ 'repository-url': source, 'remote-url': http.url('there'), 'ca-certificate': http.caPem, retries: '0', ...more },
  })

  test('a server that asks who we are is answered with the page, and in a fork with nothing', async () => {
    const there = await http.createRepository('there')
    await git(source, ['push', '-q', '--mirror', there])
    const asked = await runMain(inputs({ direction: 'pull' }), { env: eventOf({ repository: { full_name: 'octo/widgets', fork: false } }) })
    expect(asked).toMatchObject({ code: 1, outputs: { status: 'failed' } })
    expect(asked.log).toContain('as a secret at https://github.invalid/octo/widgets/settings/secrets/actions')
    const fork = await runMain(inputs({ direction: 'pull' }), { env: eventOf(FORK) })
    expect(fork).toMatchObject({ code: 0, outputs: { status: 'skipped', 'in-sync': 'false' } })
    const wrong = await runMain(inputs({ direction: 'pull', username: http.user, 'auth-secret': 'wrong-password' }), { env: eventOf(FORK) })
    expect(wrong).toMatchObject({ code: 1, outputs: { status: 'failed' } })
  })
})
