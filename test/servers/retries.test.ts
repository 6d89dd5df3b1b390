import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect, createServer as createPlainServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { failsStep } from '../../src/report/exit.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { freePort, type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, createBare } from '../support/git-repository.ts'
import { differences, runMirror } from '../support/mirror.ts'

/** A server that answers every request in the same way. */
let server: Server
let answer: () => { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
let requests: IncomingMessage[] = []
let http: GitHttp
let here: string
beforeAll(async () => {
  http = await startGitHttp()
  here = await createBare()
  await commit(here, 'main')
  server = createServer((request, response) => {
    requests.push(request)
    const { status, headers = {} } = answer()
    response.writeHead(status, { 'Content-Type': 'text/plain', ...headers }).end('no')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  server?.closeAllConnections()
  server?.close()
  await http?.stop()
})
beforeEach(() => {
  requests = []
})

const portOf = (one: { address(): unknown }): number => (one.address() as AddressInfo).port

/** Mirrors to a port of this machine, and tells how long it would have waited, and what it said of that. */
async function run(port: number, inputs: RawInputs = {}) {
  const pauses: number[] = []
  const base = { 'repository-url': here, 'remote-url': `http://127.0.0.1:${port}/g/p.git`, 'allow-insecure-http': 'true' }
  const credentials = { username: 'u', 'auth-secret': 'wrong-password' }
  const report = await runMirror({ ...base, ...credentials, retries: '3', ...inputs }, { onPause: pause => void pauses.push(pause) })
  return { ...report, pauses, said: report.log.filter(line => /^attempt \d+ did not succeed/.test(line)) }
}

describe.each(['relay', 'git'])('%s', transfer => {
  test.each([
    ['a server that fails', 503, 'server-error'],
    ['a gateway that fails', 502, 'server-error'],
    ['too many requests', 429, 'rate-limited'],
  ])('%s is asked again, each time after twice the wait, and each attempt is told', async (_, status, kind) => {
    answer = () => ({ status })
    const { attempts, pauses, said, failure } = await run(portOf(server), { transfer })
    expect({ attempts, pauses, kind: failure?.kind }).toEqual({ attempts: 4, pauses: [500, 1000, 2000], kind })
    expect(said).toEqual(
      [1, 2, 4].map((half, index) => expect.stringMatching(`^attempt ${index + 1} .*; trying again in ${(half / 2).toFixed(1)} s$`)),
    )
    expect(requests).toHaveLength(4)
  })

  test.each([
    ['a wrong password', 401, 'credentials-refused'],
    ['a password that may not', 403, 'permission-denied'],
    ['a repository that is not there', 404, 'repository-not-found'],
  ])('%s is no reason to try again', async (_, status, kind) => {
    answer = () => ({ status, headers: status === 401 ? { 'WWW-Authenticate': 'Basic realm="x"' } : {} })
    const { attempts, pauses, failure } = await run(portOf(server), { transfer })
    expect({ attempts, pauses, kind: failure?.kind }).toEqual({ attempts: 1, pauses: [], kind })
    const sent = requests.filter(({ headers }) => headers.authorization !== undefined)
    // Where reading is refused, or nothing is there, pushing may still be allowed.
    expect(sent).toHaveLength(status === 401 ? 1 : 2)
  })

  test('nobody listens: asked again, and told', async () => {
    const { attempts, pauses, failure } = await run(await freePort(), { transfer, retries: '2' })
    expect({ attempts, pauses, kind: failure?.kind }).toEqual({ attempts: 3, pauses: [500, 1000], kind: 'connection-refused' })
  })

  test('a connection that breaks twice does not keep a mirror from being made', async () => {
    const name = `twice-${transfer}`
    const there = await http.createRepository(name)
    let broken = 0
    // Breaks off the first two attempts, then leads to the real server.
    const front = createPlainServer(socket => {
      socket.on('error', () => {})
      if (broken++ < 2) return void socket.resetAndDestroy()
      const onward = connect(Number(new URL(http.plainOrigin).port))
      socket.pipe(onward).pipe(socket)
      onward.on('error', () => socket.destroy())
    })
    front.listen(0, '127.0.0.1')
    await once(front, 'listening')
    try {
      const report = await run(portOf(front), {
        ...{ 'remote-url': `http://127.0.0.1:${portOf(front)}/git/${name}.git`, transfer },
        ...{ username: http.user, 'auth-secret': http.token },
      })
      expect(report).toMatchObject({ status: 'updated', inSync: true, failure: null, attempts: 3 })
      expect(failsStep(report, new Set(['rejected', 'diverged']))).toBe(false)
      expect(await differences(here, there)).toEqual([])
    } finally {
      front.close()
    }
  })
})

describe('Retry-After', () => {
  test.each<[string, number, number]>([
    ['0', 500, 1000],
    ['7', 7000, 7000],
    ['120', 120_000, 120_000],
  ])('%s s', async (value, first, second) => {
    answer = () => ({ status: 429, headers: { 'Retry-After': value } })
    expect((await run(portOf(server), { transfer: 'relay', retries: '2' })).pauses).toEqual([first, second])
  })

  test('as a date', async () => {
    answer = () => ({ status: 503, headers: { 'Retry-After': new Date(Date.now() + 60_000).toUTCString() } })
    const { pauses, said } = await run(portOf(server), { transfer: 'relay', retries: '1' })
    // The header has whole seconds, and a little time went by.
    expect(pauses).toEqual([expect.any(Number)])
    expect(pauses[0]).toBeGreaterThan(30_000)
    expect(pauses[0]).toBeLessThanOrEqual(60_000)
    expect(said).toHaveLength(1)
  })

  test('longer than a run can wait: the next run tries again', async () => {
    answer = () => ({ status: 429, headers: { 'Retry-After': '3600' } })
    const { attempts, pauses, said, failure } = await run(portOf(server), { transfer: 'relay' })
    expect({ attempts, pauses, kind: failure?.kind }).toEqual({ attempts: 1, pauses: [], kind: 'rate-limited' })
    expect(said).toEqual([expect.stringMatching(/; the server asks to wait 1 h 0 min, so only the next run tries again$/)])
    expect(requests).toHaveLength(1)
  })
})
