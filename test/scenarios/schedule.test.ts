import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { findNode20, runMain, runPost } from '../support/action-step.ts'
import { type CacheManner, type CacheServer, startCacheServer } from '../support/cache-server.ts'
import { type ForgeServer, startForge } from '../support/forge-server.ts'
import { startGitHttp } from '../support/git-http.ts'
import { commit, createBare, installHook, refsOf } from '../support/git-repository.ts'
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

let source: string
let destination: string
let temp: string
beforeEach(async () => {
  cache.manner = 'well'
  source = await createBare()
  destination = await createBare()
  temp = temporaryDirectory()
  await commit(source, 'main', { files: { a: '1' } })
})

/** One run after the other on the same runner, started by a schedule. */
const run = (inputs: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}, node?: string) =>
  runMain(
    { 'repository-url': source, 'remote-url': destination, retries: '0', ...inputs },
    {
      env: { ...cache.env, GITHUB_SERVER_URL: 'https://github.com', RUNNER_TEMP: temp, GITHUB_EVENT_NAME: 'schedule', ...env },
      ...(node && { node }),
      secrets: [cache.env['ACTIONS_RUNTIME_TOKEN'] ?? ''],
    },
  )

describe('min-interval', () => {
  test('with node 20: mirrored, skipped, and mirrored when a person starts it', async () => {
    const node = findNode20()
    const first = await run({ 'min-interval': '1h' }, {}, node)
    expect(first).toMatchObject({ code: 0, leaks: [], outputs: { status: 'updated', 'consecutive-failures': '0' } })
    await commit(source, 'main', { files: { a: '2' } })

    const second = await run({ 'min-interval': '1h' }, {}, node)
    expect(second).toMatchObject({ code: 0, leaks: [], outputs: { status: 'skipped', 'in-sync': 'false', 'consecutive-failures': '0' } })
    expect(second.outputs['next-due']).toBe(first.outputs['next-due'])
    const words =
      /Skipped: not yet due: the last run began at [-0-9]{10} [:0-9]{8} UTC \(updated\), and the next is due at [-0-9]{10} [:0-9]{8} UTC/
    expect(second.summary.replaceAll(/<\/?span>/g, '')).toMatch(words)
    expect(second.log).toMatch(words)
    expect(await differences(source, destination)).not.toEqual([])

    const third = await run({ 'min-interval': '1h' }, { GITHUB_EVENT_NAME: 'workflow_dispatch' }, node)
    expect(third).toMatchObject({ code: 0, outputs: { status: 'updated' } })
    expect(await differences(source, destination)).toEqual([])
    for (const step of [first, second, third]) {
      // The package would print commands of its own.
      const shown = step.log.replaceAll(/^::(?:debug|add-mask)::.*\n/gm, '')
      expect(shown).not.toMatch(/^::|Cache (?:Size|saved|service)|Lookup only/m)
    }
    expect((await runPost(third)).code).toBe(0)
    expect(readdirSync(temp).filter(name => !/report/.test(name))).toEqual([])
  })

  test('a run that failed is not green when the next comes too soon, and runs when it is run again', async () => {
    const url = { 'min-interval': '1h' }
    installHook(destination, 'update', 'exit 1')
    expect((await run(url)).code).toBe(1)
    const next = await run(url)
    expect(next).toMatchObject({ code: 0, outputs: { status: 'skipped', 'consecutive-failures': '1' } })
    expect(next.log).toContain('::warning title=Not yet due after a failure::')
    installHook(destination, 'update', 'exit 0')
    expect(await run(url, { GITHUB_RUN_ATTEMPT: '2' })).toMatchObject({
      code: 0,
      outputs: { status: 'updated', 'consecutive-failures': '0' },
    })
  })

  test('a dry run is not skipped, and does not count', async () => {
    const names = cache.names.length
    expect((await run({ 'min-interval': '1h', 'dry-run': 'true' })).outputs['status']).toBe('skipped')
    expect((await run({ 'min-interval': '1h', 'dry-run': 'true' })).summary).toMatch(/Dry run: 1 to create/)
    expect(cache.names).toHaveLength(names)
  })
})

describe('a cache that does not work', () => {
  test.each<[CacheManner]>([['never'], ['error']])('%s: the mirror is made, it is said, and the process ends', async manner => {
    cache.manner = manner
    const step = await run({ 'min-interval': '1h' })
    expect(step).toMatchObject({ code: 0, outputs: { status: 'updated', 'consecutive-failures': '0' } })
    // The package alone would go on for half a minute, and then tell a problem of its own.
    expect(step.summary).toMatch(/ℹ️ no state of earlier runs was found.*the cache did not answer within/)
    expect(step.log).not.toMatch(/^::(?:error|warning)/m)
    expect(await differences(source, destination)).toEqual([])
  })

  test('a runner without one', async () => {
    const step = await run({ 'min-interval': '1h' }, { ACTIONS_CACHE_SERVICE_V2: '', ACTIONS_RESULTS_URL: '' })
    expect(step).toMatchObject({ code: 0, outputs: { status: 'updated' } })
    expect(step.log).toMatch(/start from zero: this runner has no cache$/m)
  })

  test('a run that may only read is mirrored, and says that nothing is kept', async () => {
    cache.manner = 'read-only'
    const step = await run({ 'min-interval': '1h' })
    expect(step).toMatchObject({ code: 0, outputs: { status: 'updated' } })
    expect(step.log).toMatch(/the state for the next run was not stored: .*cache write denied/)
  })
})

test('without any of the three inputs the cache is not asked', async () => {
  cache.asked.length = 0
  expect((await run({})).outputs).not.toHaveProperty('consecutive-failures')
  expect(cache.asked).toEqual([])
})

test('failures are counted and told in one issue, wrong settings among them, and no secret is in it', async () => {
  const tracker = new IssueTracker('github', '/api/v3')
  forge.respond = tracker.respond
  const github = { server_url: forge.origin, repository: 'o/r' }
  const secrets = [cache.env['ACTIONS_RUNTIME_TOKEN'] ?? '', 'pass-4711']
  const fail = (inputs: Readonly<Record<string, string>>) =>
    runMain(
      {
        ...{ 'remote-url': 'http://mirror:pass-4711@127.0.0.1:9/g/p.git', 'allow-insecure-http': 'true', retries: '0' },
        ...{ 'failure-issue': 'true', 'pause-after': '2', ...inputs },
      },
      {
        github,
        secrets,
        env: {
          ...cache.oldEnv,
          GITHUB_SERVER_URL: forge.origin,
          RUNNER_TEMP: temp,
          GITHUB_EVENT_NAME: 'schedule',
          GITHUB_API_URL: `${forge.origin}/api/v3`,
        },
      },
    )
  const first = await fail({})
  expect(first).toMatchObject({ code: 1, leaks: [], outputs: { status: 'failed', 'consecutive-failures': '1' } })
  expect(first.log).toMatch(/issue #1 was opened/)
  const [issue] = tracker.issues
  const second = await fail({ prune: 'everything' })
  expect(second).toMatchObject({ code: 1, leaks: [], outputs: { 'consecutive-failures': '2' } })
  expect(second.log).toMatch(/from now on the mirror is paused/)
  expect(issue?.body).toContain('**Invalid settings**')
  expect(issue?.body).toContain(`${forge.origin}/o/r/actions/runs/1)`)
  expect(issue?.comments).toHaveLength(1)
  expect(tracker.issues).toHaveLength(1)
  expect(JSON.stringify(tracker.issues)).not.toMatch(/pass-4711|ghs_|runtime-0/)
})

test('a whole episode: told in one issue, paused, only looked at, and closed by a run that a person has started', async () => {
  const http = await startGitHttp()
  const server = await startForge(http.plainOrigin)
  try {
    const tracker = new IssueTracker('github', '/api/v3', 'public/here')
    server.respond = tracker.respond
    tracker.users.push('octo')
    await commit(await http.createRepository('here'), 'main', { files: { a: '1' } })
    const there = join(temporaryDirectory(), 'there.git')
    const started = (event: string) =>
      run(
        {
          ...{
            'repository-url': `${server.origin}/public/here.git`,
            'remote-url': there,
            'allow-insecure-http': 'true',
            'pause-after': '2',
          },
          ...{ 'failure-issue': 'true', 'failure-issue-labels': 'mirror', 'failure-issue-assignees': 'octo' },
        },
        { ...cache.oldEnv, GITHUB_SERVER_URL: server.origin, GITHUB_API_URL: `${server.origin}/api/v3`, GITHUB_EVENT_NAME: event },
      )
    expect((await started('schedule')).outputs).toMatchObject({ status: 'failed', 'consecutive-failures': '1' })
    expect(tracker.issues).toMatchObject([{ state: 'open', labels: ['mirror'], assignees: ['octo'] }])
    expect((await started('schedule')).log).toContain('this was failure 2 in a row: from now on the mirror is paused')
    expect(tracker.issues[0]?.body).toContain('The last 2 runs failed')

    await createBare(there)
    const paused = await started('schedule')
    expect(paused).toMatchObject({ code: 1, outputs: { status: 'failed', 'consecutive-failures': '2' } })
    expect(paused.log).toContain(
      'paused after 2 failures in a row: only the connection was checked, and both sides can be read (1 ref here, 0 refs there)',
    )
    expect((await refsOf(there)).size).toBe(0)
    expect(tracker.issues).toMatchObject([{ state: 'open' }])

    const manual = await started('workflow_dispatch')
    expect(manual).toMatchObject({ code: 0, outputs: { status: 'updated', 'consecutive-failures': '0' } })
    expect(manual.log).toContain('issue #1 was closed: the mirror works again')
    expect(tracker.issues).toMatchObject([{ state: 'closed' }])
    expect((await started('schedule')).outputs['status']).toBe('up-to-date')
    expect(tracker.issues).toHaveLength(1)
  } finally {
    await Promise.allSettled([server.stop(), http.stop()])
  }
})
