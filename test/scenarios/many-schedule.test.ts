import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { runMain, type StepResult } from '../support/action-step.ts'
import { type CacheServer, startCacheServer } from '../support/cache-server.ts'
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
    expect(second).toMatchObject({ code: 0, outputs: { status: 'skipped' } })
    expect(mirrorsOf(second)).toMatchObject(known)
  })

  test('one that does not answer is asked once for each, never again, and stops none of them', async () => {
    const { run, here, there } = await stepOfMany()
    cache.manner = 'never'
    cache.asked.length = 0
    const step = await run()
    expect(step).toMatchObject({ code: 0, outputs: { status: 'updated', created: String(COUNT) } })
    expect(step.log.match(/nothing is known of earlier runs/g)).toHaveLength(COUNT)
    for (const path of there) expect(await differences(here, path)).toEqual([])
    expect(cache.asked).toEqual(Array.from({ length: COUNT }, () => 'GetCacheEntryDownloadURL'))
  })
})
