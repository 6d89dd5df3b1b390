import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { runMain, type StepResult } from '../support/action-step.ts'
import { type CacheServer, startCacheServer } from '../support/cache-server.ts'
import { eventOf, FORK } from '../support/event.ts'
import { type ForgeServer, startForge } from '../support/forge-server.ts'
import { commit, createBare } from '../support/git-repository.ts'
import { IssueTracker } from '../support/issue-tracker.ts'
import { differences } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let cache: CacheServer
let forge: ForgeServer
beforeAll(async () => {
  cache = await startCacheServer()
  forge = await startForge()
})
afterAll(async () => {
  await Promise.allSettled([cache, forge].map(async server => await server?.stop()))
})

const mirrorsOf = ({ outputs }: StepResult): unknown => JSON.parse(outputs['mirrors'] ?? '')

test('a mirror whose secret is missing is counted and told in an issue as one that failed, and the others run', async () => {
  const tracker = new IssueTracker('github', '/api/v3')
  forge.respond = tracker.respond
  const temp = temporaryDirectory()
  const [here, fine, config] = [await createBare(), await createBare(), join(temp, 'mirrors.yml')]
  await commit(here, 'main', { files: { a: '1' } })
  writeFileSync(
    config,
    `mirrors:
  - name: poor
    remote-url: ssh://git@127.0.0.1:9/g/p.git
    auth-secret: POOR_KEY
    failure-issue: true
    pause-after: 2
  - { name: fine, remote-url: "${fine}", repository-url: "${here}" }
`,
  )
  const run = () =>
    runMain(
      { config, 'allow-insecure-http': 'true', retries: '0' },
      {
        github: { server_url: forge.origin, repository: 'o/r' },
        secrets: [cache.env['ACTIONS_RUNTIME_TOKEN'] ?? ''],
        env: {
          ...cache.oldEnv,
          GITHUB_SERVER_URL: forge.origin,
          RUNNER_TEMP: temp,
          GITHUB_EVENT_NAME: 'schedule',
          GITHUB_API_URL: `${forge.origin}/api/v3`,
        },
      },
    )
  const first = await run()
  expect(first).toMatchObject({ code: 1, leaks: [], outputs: { status: 'partial', created: '1' } })
  expect(first.log).toMatch(/issue #1 was opened/)
  expect(tracker.issues[0]?.body).toMatch(/\*\*Credentials missing\*\*.*the variable POOR/)
  expect(await differences(here, fine)).toEqual([])
  expect(mirrorsOf(first)).toEqual([
    { name: 'poor', status: 'failed', 'in-sync': false, 'consecutive-failures': '1', 'next-due': '' },
    { name: 'fine', status: 'updated', 'in-sync': true },
  ])

  const second = await run()
  expect(mirrorsOf(second)).toMatchObject([{ 'consecutive-failures': '2' }, {}])
  expect(second.log).toMatch(/this was failure 2 in a row: from now on the mirror is paused/)
  expect(tracker.issues).toHaveLength(1)
  expect(JSON.stringify(tracker.issues)).not.toMatch(/ghs_|runtime-0/)
})

describe('several mirrors of one step, and one cache', () => {
  const COUNT = 5
  async function stepOfMany() {
    const temp = temporaryDirectory()
    const [here, config] = [await createBare(), join(temp, 'mirrors.yml')]
    await commit(here, 'main', { files: { a: '1' } })
    const there = await Promise.all(Array.from({ length: COUNT }, () => createBare()))
    const lines = there.map((path, index) => `  - { name: m${index}, remote-url: "${path}" }\n`)
    writeFileSync(config, `defaults: { repository-url: "${here}", min-interval: 1h }\nmirrors:\n${lines.join('')}`)
    const env = { ...cache.env, RUNNER_TEMP: temp, GITHUB_EVENT_NAME: 'schedule', GITHUB_SERVER_URL: 'https://github.com' }
    const run = () => runMain({ config, retries: '0' }, { secrets: [cache.env['ACTIONS_RUNTIME_TOKEN'] ?? ''], env })
    return { run, here, there }
  }

  test('each is known to the next step', async () => {
    cache.manner = 'well'
    const { run } = await stepOfMany()
    const first = await run()
    expect(first).toMatchObject({ code: 0, leaks: [], outputs: { status: 'updated', created: String(COUNT) } })
    const known = Array.from({ length: COUNT }, () => ({
      status: 'skipped',
      'consecutive-failures': '0',
      'next-due': expect.stringMatching(/Z$/),
    }))
    const second = await run()
    expect(second).toMatchObject({
      code: 0,
      // One reason for all where all began within the same second, and otherwise one per mirror.
      outputs: { status: 'skipped', 'skipped-reason': expect.stringMatching(/^(?:m0: not yet due: .*; m4: )?not yet due: [^;]*$/) },
    })
    expect(mirrorsOf(second)).toMatchObject(known)
  })

  test('one that does not answer is asked once for each, never again, and stops none of them', async () => {
    const { run, here, there } = await stepOfMany()
    cache.manner = 'never'
    cache.asked.length = 0
    const step = await run()
    expect(step).toMatchObject({ code: 0, outputs: { status: 'updated', created: String(COUNT) } })
    expect(step.log.match(/no state of earlier runs was found/g)).toHaveLength(COUNT)
    for (const path of there) expect(await differences(here, path)).toEqual([])
    expect(cache.asked).toEqual(Array.from({ length: COUNT }, () => 'GetCacheEntryDownloadURL'))
  })
})

describe('a job of the reusable workflow, for a mirror whose secret is missing', () => {
  const ENV = { GITHUB_EVENT_NAME: 'schedule' }

  /** The row of the mirror, as `operation: list-mirrors` gives it. */
  let row: Readonly<Record<string, string>>
  const github = () => ({ server_url: forge.origin, repository: 'o/r' })
  beforeAll(async () => {
    const config = join(temporaryDirectory(), 'mirrors.yml')
    writeFileSync(
      config,
      'mirrors:\n  - { name: poor, remote-url: "https://mirror.invalid/g/p.git", auth-secret: POOR_TOKEN, failure-issue: true, min-interval: 1h }\n',
    )
    const inputs = { operation: 'list-mirrors', config, 'allow-insecure-http': 'true', retries: '0' }
    const list = await runMain(inputs, { github: github() })
    row = JSON.parse(list.outputs['matrix'] ?? '').include[0]
  })

  /** The job's step as the workflow starts it: the row's inputs, each secret that is not stored as nothing, and the row by name. */
  function jobOf(env: Readonly<Record<string, string>>) {
    const temp = temporaryDirectory()
    const { name: _, 'auth-secret': named, ...inputs } = row
    expect(named).toBe('POOR_TOKEN')
    const { jobs } = parse(readFileSync('.github/workflows/mirror.yml', 'utf8'))
    const [variable = ''] = Object.keys(jobs.mirrors.steps.find(({ id }: { id?: string }) => id === 'mirror').env)
    return () =>
      runMain(inputs, {
        github: github(),
        secrets: [cache.env['ACTIONS_RUNTIME_TOKEN'] ?? ''],
        env: {
          ...{ ...cache.oldEnv, ...ENV, GITHUB_SERVER_URL: forge.origin, GITHUB_API_URL: `${forge.origin}/api/v3` },
          ...{ RUNNER_TEMP: temp, [variable]: JSON.stringify(row), ...env },
        },
      })
  }

  test('it is told with its name and the page where it belongs, counted, and written into the issue; the summary of all has the count', async () => {
    cache.manner = 'well'
    const tracker = new IssueTracker('github', '/api/v3')
    forge.respond = tracker.respond
    const run = jobOf({})
    const first = await run()
    expect(first).toMatchObject({ code: 1, leaks: [], outputs: { status: 'failed', 'consecutive-failures': '1' } })
    expect(first.log).toContain(
      '::error title=Credentials missing::`auth-secret` is missing: the secret POOR_TOKEN that the file names is not stored, or the workflow was called without `secrets: inherit`; ' +
        `secrets are stored at ${forge.origin}/o/r/settings/secrets/actions`,
    )
    expect(tracker.issues).toMatchObject([{ state: 'open', body: expect.stringContaining('the secret POOR') }])
    const second = await run()
    expect(second).toMatchObject({ code: 1, outputs: { status: 'failed', 'consecutive-failures': '2' } })
    expect(tracker.issues).toHaveLength(1)

    const reports = temporaryDirectory()
    copyFileSync(second.outputs['report-file'] ?? '', join(reports, 'poor.json'))
    const sum = await runMain({ operation: 'summarize', reports, 'config-mirror': 'poor' })
    expect(mirrorsOf(sum)).toEqual([
      { name: 'poor', status: 'failed', 'in-sync': false, 'consecutive-failures': '2', 'next-due': expect.stringMatching(/Z$/) },
    ])
    expect(sum.summary.replaceAll(/<\/?span>/g, '')).toMatch(/\| ❌ Failed: Credentials missing · 2 failures in a row · next due .* UTC \|/)
  })

  test.each<[string, () => Record<string, string>]>([
    ['a fork', () => eventOf(FORK)],
    ['Dependabot', () => ({ GITHUB_ACTOR: 'dependabot[bot]' })],
  ])('where that is nobody’s fault it is skipped: %s', async (_, env) => {
    const step = await jobOf(env())()
    expect(step).toMatchObject({ code: 0, outputs: { status: 'skipped' } })
    expect(step.log).not.toMatch(/^::(?:error|warning)/m)
  })

  test('in a fork a pull goes on without it, until a server asks', async () => {
    const row = { name: 'poor', 'remote-url': 'https://127.0.0.1:9/g/p.git', direction: 'pull', 'auth-secret': 'POOR_TOKEN' }
    const { name: _, 'auth-secret': __, ...inputs } = row
    const run = (fork: boolean) =>
      runMain(
        { ...inputs, retries: '0', 'repository-url': 'file:///nowhere.git' },
        { env: { ...eventOf({ repository: { full_name: 'octo/widgets', fork } }), REPOSITORY_MIRRORING_ROW: JSON.stringify(row) } },
      )
    expect((await run(false)).log).toContain('is missing: the secret POOR_TOKEN')
    const fork = await run(true)
    expect(fork.log).not.toContain('POOR_TOKEN')
    expect(fork.log).toMatch(/127\.0\.0\.1:9.*refused/)
  })
})
