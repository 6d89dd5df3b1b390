import { readdirSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { runnerCache } from '../../src/schedule/runner-cache.ts'
import { type CacheManner, type CacheServer, SIGNATURE, startCacheServer } from '../support/cache-server.ts'
import { PROGRAM } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let server: CacheServer
let cache: ReturnType<typeof store>
const temp = temporaryDirectory()

beforeAll(async () => {
  server = await startCacheServer()
})
afterAll(() => server.stop())
beforeEach(() => {
  server.manner = 'well'
  cache = store(server.env)
})
afterEach(() => cache.close())

function store(env: Readonly<Record<string, string>>, directory = temp) {
  const lines: string[] = []
  const environment = { PATH: process.env['PATH'], RUNNER_TEMP: directory, GITHUB_WORKSPACE: directory, ...env }
  const opened = runnerCache({
    ...{ program: PROGRAM, environment, temporaryDirectory: directory },
    ...{ hide: (text: string) => text.replaceAll('127.0.0.1', '***'), debug: (line: string) => void lines.push(line) },
  })
  return { ...opened, lines }
}

test('the newest entry with a prefix is found by its name alone; nothing is fetched, and no file stays behind', async () => {
  expect(await cache.find('state-a-')).toEqual({ name: null })
  for (const name of ['state-a-1', 'state-a-2', 'state-b-3']) expect(await cache.keep(name)).toBe(null)
  server.asked.length = 0
  expect(await cache.find('state-a-')).toEqual({ name: 'state-a-2' })
  expect(server.asked).toEqual(['GetCacheEntryDownloadURL'])
  // The package asks the runner to mask the signatures of addresses, but nobody passes that on.
  expect(cache.lines.join('\n')).not.toContain(SIGNATURE)
  expect(cache.lines.join('\n')).toContain('Lookup only')
  await cache.close()
  expect(readdirSync(temp)).toEqual([])
})

test('runners with other directories find the same entries', async () => {
  expect(await cache.keep('state-p-1')).toBe(null)
  const there = store(server.env, temporaryDirectory())
  expect(await there.find('state-p-')).toEqual({ name: 'state-p-1' })
  await there.close()
})

test('the older service, which runners elsewhere than at GitHub speak', async () => {
  const elsewhere = store(server.oldEnv)
  expect(await elsewhere.find('state-o-')).toEqual({ name: null })
  for (const name of ['state-o-1', 'state-o-2']) expect(await elsewhere.keep(name)).toBe(null)
  server.asked.length = 0
  expect(await elsewhere.find('state-o-')).toEqual({ name: 'state-o-2' })
  expect(server.asked).toEqual(['GET cache'])
  await elsewhere.close()
})

test('several requests at the same time: each gets its own answer, and its own reason', async () => {
  const keep = (name: string) => cache.keep(name)
  expect(await Promise.all(['state-f-1', 'state-g-1', 'state-h-1'].map(keep))).toEqual([null, null, null])
  const answers = await Promise.all([
    cache.find('state-f-'),
    keep('state-f-1'),
    cache.find('state-none-'),
    keep('state-g-1'),
    cache.find('state-g-'),
  ])
  expect(answers).toEqual([
    { name: 'state-f-1' },
    expect.stringContaining('state-f-1'),
    { name: null },
    expect.stringContaining('state-g-1'),
    { name: 'state-g-1' },
  ])
})

test('an entry never changes: the same name again is refused, and it is said', async () => {
  expect(await cache.keep('state-c-1')).toBe(null)
  expect(await cache.keep('state-c-1')).toMatch(/^Failed to save: Unable to reserve cache with key state-c-1/)
})

test('a run that may only read finds, and is told that it keeps nothing', async () => {
  server.manner = 'read-only'
  expect(await cache.keep('state-d-1')).toMatch(/cache write denied: this run may only read/)
  expect(await cache.find('state-a-')).toEqual({ name: 'state-a-2' })
})

test('a run for which the cache is turned off', async () => {
  const off = store({ ...server.env, ACTIONS_CACHE_MODE: 'none' })
  expect(await off.find('state-a-')).toEqual({ problem: expect.stringMatching(/^Cache restore skipped: .*'none'/) })
  expect(await off.keep('state-a-9')).toMatch(/^Cache save skipped: .*'none'/)
  await off.close()
})

test('a runner without a cache', async () => {
  const none = store({})
  expect(await none.find('state-a-')).toEqual({ problem: 'this runner has no cache' })
  expect(await none.keep('state-a-9')).toBe('this runner has no cache')
  await none.close()
})

describe('a cache that does not work is given up when its time is over', () => {
  test.each<[CacheManner]>([['never'], ['error'], ['rubbish']])('%s', async manner => {
    server.manner = manner
    const first = server.next()
    const [found, kept] = [cache.find('state-a-'), cache.keep('state-e-1').then(problem => ({ problem }))]
    await first
    expect(await cache.within(found, 0)).toBe(null)
    expect(await cache.within(kept, 0)).toBe(null)
    await cache.close()
    // The package itself would try again for half a minute, and then tell a problem of its own.
    expect(await found).toEqual({ problem: 'the cache could not be asked' })
    expect(await cache.find('state-a-')).toEqual({ problem: 'the cache could not be asked' })
  })

  test('an answer that is there already is never too late', async () => {
    const found = cache.find('state-a-')
    await found
    expect(await cache.within(found, 0)).toEqual({ name: 'state-a-2' })
  })
})

test('nobody listens: the package says so, without a secret, and its words are no commands', async () => {
  const nobody = store({ ...server.env, ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/' })
  expect(await nobody.find('state-a-')).toEqual({ problem: expect.stringMatching(/^Failed to restore: .*ECONNREFUSED/) })
  await nobody.close()
  expect(nobody.lines.join('\n')).toContain('ECONNREFUSED')
  expect(nobody.lines.join('\n')).not.toMatch(/^::|127\.0\.0\.1/m)
})
