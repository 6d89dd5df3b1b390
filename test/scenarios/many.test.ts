import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { runCli, runMain, runPost } from '../support/action-step.ts'
import { eventOf, FOREIGN, FORK } from '../support/event.ts'
import { startGitHttp } from '../support/git-http.ts'
import { commit, createBare, git, refsOf } from '../support/git-repository.ts'
import { differences } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let here: string
beforeAll(async () => {
  here = await createBare()
  for (const branch of ['main', 'dev']) await commit(here, branch, { files: { 'a.txt': branch } })
})

/** A file of two mirrors that work, one that has nowhere to go, and one whose secret is not there. */
async function fourMirrors() {
  const directory = temporaryDirectory()
  const [first, last] = [await createBare(join(directory, 'first.git')), await createBare(join(directory, 'last.git'))]
  const config = join(directory, 'mirrors.yml')
  mkdirSync(directory, { recursive: true })
  writeFileSync(
    config,
    `defaults: { repository-url: "${here}", retries: 0 }
mirrors:
  - { name: first, remote-url: "${first}", auth-secret: FIRST_TOKEN }
  - { name: lost, remote-url: "${join(directory, 'nowhere.git')}" }
  - { name: poor, remote-url: "ssh://git@127.0.0.1:1/x.git", auth-secret: POOR_KEY }
  - { name: last, remote-url: "${last}", transfer: git }
`,
  )
  return { config, first, last }
}

describe('a step with `config`', () => {
  test('mirrors one after the other, tells all in one table, and fails as one of them failed', async () => {
    const { config, first, last } = await fourMirrors()
    const step = await runMain({ config }, { env: { FIRST_TOKEN: 'hunter2-first' } })
    expect(step).toMatchObject({
      code: 1,
      leaks: [],
      outputs: { status: 'partial', 'in-sync': 'false', created: '4', refs: '[]' },
    })
    expect([await differences(here, first), await differences(here, last)]).toEqual([[], []])
    expect(JSON.parse(step.outputs['mirrors'] ?? '').map(({ name, status }: Record<string, string>) => `${name} ${status}`)).toEqual([
      'first updated',
      'lost failed',
      'poor failed',
      'last updated',
    ])
    expect(step.log).toMatch(/^::error title=lost%3A Repository not found::/m)
    expect(step.log).toMatch(/^::error title=poor%3A /m)
    expect(step.log).toContain('the variable POOR_KEY that the file names is not set, or empty')
    expect(step.summary).toContain('### ⚠️ 4 mirrors: 2 failed, 2 updated')
    const report = JSON.parse(readFileSync(step.outputs['report-file'] ?? '', 'utf8'))
    expect(report.mirrors.map(({ name }: Record<string, string>) => name)).toEqual(['first', 'lost', 'poor', 'last'])
    expect((await runPost(step)).code).toBe(0)
  })

  test('runs those of `config-mirror` alone, and changes nothing in a dry run', async () => {
    const { config, first, last } = await fourMirrors()
    const step = await runMain({ config, 'config-mirror': 'first, last', 'dry-run': 'true' })
    expect(step).toMatchObject({ code: 0, outputs: { status: 'skipped', created: '0' } })
    expect([(await refsOf(first)).size, (await refsOf(last)).size]).toEqual([0, 0])
  })

  test.each<[string, Record<string, string>, string]>([
    ['a mistake in the file', {}, 'mirrors.yml:2:3: unknown key "branchs"; did you mean `branches`?'],
    ['a secret of the step', { 'auth-secret': 'hunter2-step' }, '`auth-secret` has no effect with `config`'],
    ['names that are none', { 'config-mirror': ' , ' }, '`config-mirror` names no mirror'],
    ['a URL of the step', { 'remote-url': 'https://example.com/x.git' }, '`remote-url` has no effect with `config`'],
  ])('is refused before anything is changed: %s', async (_, given, words) => {
    const config = join(temporaryDirectory(), 'mirrors.yml')
    writeFileSync(config, `mirrors:\n- branchs: a\n  name: a\n  remote-url: "${await createBare()}"\n  repository-url: "${here}"\n`)
    const step = await runMain({ config, ...given })
    expect(step).toMatchObject({ code: 1, leaks: [], outputs: { status: 'failed' } })
    expect(step.log).toContain(words)
  })
})

describe('a mirror that has nothing to do, through nobody’s fault, is skipped, and the others run', () => {
  async function runTwo(poor: string, env: Record<string, string>, inputs: Record<string, string> = {}) {
    const directory = temporaryDirectory()
    const [config, first] = [join(directory, 'mirrors.yml'), await createBare(join(directory, 'first.git'))]
    writeFileSync(config, `mirrors:\n  - { name: poor, ${poor} }\n  - { name: first, remote-url: "${first}", repository-url: "${here}" }\n`)
    const step = await runMain({ config, ...inputs }, { env })
    return { step, first }
  }
  const SSH = 'remote-url: "ssh://git@mirror.invalid/g/p.git", known-host-keys: "SHA256:EoZxq7BdqLBn2xvuMFyGLJZn7AoTnQ5uTQSEAhFVNQ4"'
  const BY_SECRET = `${SSH}, auth-secret: POOR_KEY`
  const ITSELF = 'remote-url: "git@github.invalid:octo/widgets.git", auth-secret: POOR_KEY'

  test.each<[string, string, () => Record<string, string>, string]>([
    ['in a fork', BY_SECRET, () => eventOf(FORK), 'this repository is a fork, which does not have the secret'],
    [
      'for a pull request from a fork',
      BY_SECRET,
      () => eventOf(FOREIGN, { GITHUB_EVENT_NAME: 'pull_request' }),
      'the run is for a pull request from a fork',
    ],
    ['for Dependabot', BY_SECRET, () => ({ GITHUB_ACTOR: 'dependabot[bot]' }), 'the run was started by Dependabot'],
    ['inside the mirror itself', ITSELF, () => ({ POOR_KEY: 'some-secret-of-its-own' }), 'the run belongs to "octo/widgets"'],
  ])('%s', async (_, poor, env, reason) => {
    const { step, first } = await runTwo(poor, env())
    expect(step).toMatchObject({ code: 0, leaks: [], outputs: { status: 'updated', 'in-sync': 'false', created: '2' } })
    expect(JSON.parse(step.outputs['mirrors'] ?? '')).toMatchObject([{ status: 'skipped' }, { status: 'updated' }])
    expect(step.log).toContain(`Skipped: ${reason}`)
    expect(step.log).not.toMatch(/^::(?:error|warning)/m)
    expect(await differences(here, first)).toEqual([])
  })

  test('a list names it nevertheless', async () => {
    const { step } = await runTwo(BY_SECRET, eventOf(FORK), { operation: 'list-mirrors' })
    expect(step.code).toBe(0)
    expect(JSON.parse(step.outputs['matrix'] ?? '').include).toMatchObject([{ name: 'poor' }, { name: 'first' }])
  })

  test('a server that wants to know who we are, where a fork cannot say', async () => {
    const http = await startGitHttp()
    const there = await http.createRepository('there')
    await git(here, ['push', '-q', '--mirror', there])
    const url = `remote-url: "${http.url('there')}", auth-secret: POOR_TOKEN, direction: pull, repository-url: "${await createBare()}"`
    const { step } = await runTwo(url, eventOf(FORK), { 'ca-certificate': http.caPem, retries: '0' }).finally(() => http.stop())
    expect(JSON.parse(step.outputs['mirrors'] ?? '')).toMatchObject([{ status: 'skipped' }, { status: 'updated' }])
    expect(step.code).toBe(0)
  })
})

describe('a file that was changed to get the tokens of the step', () => {
  const STEP = { token: 'github_pat_11AAAA0123_of_the_step', 'config-may-set': 'allow-insecure-http' }
  const RUN = { env: { GITHUB_TOKEN: 'ghs_run_token_0123456789', OTHER: 'ghs_run_token_0123456789' }, github: { repository: 'o/r' } }

  /** A server that keeps what it is sent. */
  async function startThief() {
    const sent: string[] = []
    const server = createServer(({ headers }, response) => {
      sent.push(headers.authorization ?? '')
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { sent, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.close() }
  }

  test.each([
    ['by the name of the token', 'GITHUB_TOKEN', { ...STEP }, 'names "GITHUB_TOKEN", which may hold a secret of the runner or the machine'],
    ['under another name', 'OTHER', STEP, 'is the token of the run, which is only for github.invalid'],
    ['in clear text', 'MINE', { token: STEP.token }, '`allow-insecure-http` decides which servers are trusted'],
  ])('%s: nothing is sent', async (_, secret, given, words) => {
    const thief = await startThief()
    const config = join(temporaryDirectory(), 'mirrors.yml')
    const [from, to] = [`${thief.origin}/here.git`, `${thief.origin}/there.git`]
    writeFileSync(
      config,
      `mirrors: [{ name: a, repository-url: "${from}", remote-url: "${to}", auth-secret: ${secret}, allow-insecure-http: true }]\n`,
    )
    const step = await runMain({ config, ...given, retries: '0' }, RUN)
    thief.stop()
    expect(step).toMatchObject({ code: 1, leaks: [], outputs: { status: 'failed' } })
    expect(step.log).toContain(words)
    expect(thief.sent).toEqual([])
  })

  test('as its own repository: the server gets no token of the step', async () => {
    const thief = await startThief()
    const config = join(temporaryDirectory(), 'mirrors.yml')
    writeFileSync(
      config,
      `mirrors: [{ name: a, repository-url: "${thief.origin}/here.git", remote-url: "${await createBare()}", allow-insecure-http: true }]\n`,
    )
    const step = await runMain({ config, ...STEP, retries: '0' }, RUN)
    thief.stop()
    expect(step.log).toContain('the token of the step was not sent to "127.0.0.1')
    expect(new Set(thief.sent)).toEqual(new Set(['']))
  })
})

describe('`operation: list-mirrors`', () => {
  test('gives a matrix, with secrets by name', async () => {
    const { config, first } = await fourMirrors()
    const step = await runMain(
      { operation: 'list-mirrors', config, 'config-mirror': 'first' },
      { env: { FIRST_TOKEN: 'hunter2-first' }, github: { repository: 'o/r' } },
    )
    expect(step).toMatchObject({ code: 0, leaks: [] })
    expect(JSON.parse(step.outputs['matrix'] ?? '')).toEqual({
      include: [
        { name: 'first', 'remote-url': first, 'auth-secret': 'FIRST_TOKEN', retries: '0', repository: 'o/r', 'repository-url': here },
      ],
    })
    expect((await refsOf(first)).size).toBe(0)
  })

  test('needs a file', async () => {
    const step = await runMain({ operation: 'list-mirrors' })
    expect(step).toMatchObject({ code: 1, outputs: { status: 'failed' } })
    expect(step.log).toContain('`config` is missing; give the path of the file')
  })
})

test('on a terminal: secrets from variables, a line for each mirror, the worst exit code', async () => {
  const { config, first, last } = await fourMirrors()
  const { code, stdout } = await runCli(['mirror', '--config', config], { env: { FIRST_TOKEN: 'hunter2-first' } })
  expect(code).toBe(3)
  expect([await differences(here, first), await differences(here, last)]).toEqual([[], []])
  expect(stdout).toMatch(/\n4 mirrors: 2 failed, 2 updated \(.*\)\n(?: {2}\S.*\n){4}$/)
})
