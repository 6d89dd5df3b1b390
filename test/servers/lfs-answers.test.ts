import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { refsOf } from '../support/git-repository.ts'
import type { Intervention, LfsRequest } from '../support/lfs-gate.ts'
import { createPair, httpsLfs, interveneAt, requestsAt } from '../support/lfs-places.ts'
import { commitLfs } from '../support/lfs-repository.ts'
import { type LfsServer, startLfsServer, storedObjects } from '../support/lfs-server.ts'

// What servers of LFS objects answer, and what becomes of the refs then.

let server: LfsServer
beforeAll(async () => {
  server = await startLfsServer()
})
afterAll(async () => await server?.stop())
beforeEach(() => {
  server.intervene = null
  server.forget()
})

const pair = () => createPair(httpsLfs(server), 'relay')

/** What a server says in words of its own, and what it leaves to git-lfs. */
const own = (status: number): Intervention => ({ status, message: 'words of the server' })
const bare = (status: number): Intervention => ({ status, headers: { 'Content-Type': 'text/plain' } })

type Answer = readonly [side: 'source' | 'destination', kind: LfsRequest['kind'], what: Intervention, code: string]

/** Refusals of all that is asked for. */
const REFUSALS: readonly Answer[] = [
  ['source', 'batch', bare(401), 'credentials-refused'],
  ['source', 'batch', bare(403), 'permission-denied'],
  ['source', 'batch', bare(404), 'lfs-disabled'],
  ['destination', 'batch', bare(413), 'large-file'],
  ['destination', 'upload', bare(401), 'credentials-refused'],
  ['destination', 'upload', bare(422), 'lfs-object-refused'],
]

const LOGIN: ReadonlySet<string> = new Set(['credentials-refused', 'permission-denied'])

test.each(REFUSALS)('for good: %s, %s, %j: %s', async (side, kind, what, code) => {
  const sides = await pair()
  const plain = await commitLfs(sides.source, 'plain', {}, { files: { '.gitattributes': null, text: 'x' } })
  await commitLfs(sides.source, 'main', { 'a.bin': 1000, 'b.bin': 20 }, { parents: [plain.commit] })
  interveneAt(server, sides[side], kind, what)
  const report = await sides.run({ retries: '3' })
  expect(report.outcomes).toEqual({ main: `rejected ${code}`, plain: 'created' })
  expect(report).toMatchObject({ status: 'partial', attempts: 1, lfs: { moved: { objects: 0 }, failed: { objects: 2 } } })
  // Three tries of each object are the most.
  expect(requestsAt(server, sides[side]).length).toBeLessThan(16)
  expect(storedObjects(sides.destination).size).toBe(0)
  expect([...(await refsOf(sides.destination)).keys()]).toEqual(['refs/heads/plain'])
  if (LOGIN.has(code)) expect(await sides.check(['plain'])).toEqual([])
})

/** Refusals of one object, by the branch that needs it. */
const OF_ONE: Readonly<Record<string, readonly [kind: LfsRequest['kind'], what: Intervention, code: string]>> = {
  missing: ['download', bare(404), 'lfs-object-missing'],
  large: ['upload', bare(413), 'large-file'],
  full: ['upload', bare(507), 'lfs-quota'],
  worded: ['upload', own(403), 'remote-error'],
}

test('some objects are refused for good, each in its way: the others are there, and the refs that need none of those', async () => {
  const sides = await pair()
  const main = await commitLfs(sides.source, 'main', { 'a.bin': 1000, 'b.bin': 20 })
  const refused = new Map<string, string>()
  for (const branch of Object.keys(OF_ONE)) {
    const { objects } = await commitLfs(sides.source, branch, { [`${branch}.bin`]: 7000 }, { parents: [main.commit] })
    refused.set(objects.get(`${branch}.bin`) ?? '', branch)
  }
  server.intervene = ({ kind, objects: [oid = ''] }) => {
    const [when, what] = OF_ONE[refused.get(oid) ?? ''] ?? []
    return kind === when && what !== undefined ? what : null
  }
  const report = await sides.run({ retries: '3' })
  const codes = Object.entries(OF_ONE).map(([branch, [, , code]]) => [branch, `rejected ${code}`] as const)
  expect(report.outcomes).toEqual({ main: 'created', ...Object.fromEntries(codes) })
  expect(report).toMatchObject({ attempts: 1, lfs: { moved: { objects: 2, bytes: 1020 }, failed: { objects: 4, bytes: 28_000 } } })
  for (const [oid, branch] of refused) {
    const [kind] = OF_ONE[branch] ?? []
    const reason = report.refs.find(({ ref }) => ref === `refs/heads/${branch}`)?.reason
    expect(reason).toContain(`(${oid})`)
    if (branch === 'worded') expect(reason).toContain('words of the server')
    expect(server.answered.filter(one => one.kind === kind && one.objects.includes(oid)).length).toBeLessThan(4)
  }
  expect([...storedObjects(sides.destination).values()].sort()).toEqual([1000, 20])
  expect([...(await refsOf(sides.destination)).keys()]).toEqual(['refs/heads/main'])
  expect(await sides.check(['main'])).toEqual([])
})

test('with `atomic` nothing goes where the destination refuses one object', async () => {
  const sides = await pair()
  const main = await commitLfs(sides.source, 'main', { 'a.bin': 1000 })
  const { objects } = await commitLfs(sides.source, 'refused', { 'refused.bin': 10 }, { parents: [main.commit] })
  const oid = objects.get('refused.bin') ?? ''
  server.intervene = request => (request.kind === 'upload' && request.objects.includes(oid) ? bare(422) : null)
  const report = await sides.run({ atomic: 'true' })
  expect(report.outcomes).toEqual({ main: 'kept lfs-object-refused', refused: 'rejected lfs-object-refused' })
  expect(report).toMatchObject({ inSync: false, lfs: { moved: { objects: 1 }, failed: { objects: 1 } } })
  expect((await refsOf(sides.destination)).size).toBe(0)
})

/** More of those of a batch are in `hostile-lfs`. */
const FAULTS: readonly Answer[] = [
  ['source', 'batch', own(500), 'server-error'],
  // nginx says 502, unless it has already begun to answer.
  ['source', 'download', { cutAfter: 500 }, '(?:server-error|connection-lost)'],
  ['destination', 'upload', { cutAfter: 500 }, '(?:server-error|connection-lost)'],
  // git-lfs 3.3 does not survive this, 3.7 does.
  ['destination', 'upload', bare(429), '(?:lfs-incomplete|rate-limited)'],
]

test('for now: what fails may be tried again, and then all is healed', async () => {
  const sides = await pair()
  await commitLfs(sides.source, 'main', { 'a.bin': 1000 })
  for (const [side, kind, what, code] of FAULTS) {
    interveneAt(server, sides[side], kind, what)
    const failed = await sides.run()
    expect([kind, what, failed.outcomes]).toEqual([kind, what, { main: expect.stringMatching(`^failed ${code}$`) }])
    expect(failed).toMatchObject({ attempts: 1, lfs: { moved: { objects: 0 } } })
    expect(failed.refs[0]?.reason).not.toMatch(/git lfs logs|%!|goroutine|failed to fetch/)
    if (kind === 'batch') expect(failed.refs[0]?.reason).toContain('words of the server')
    expect((await refsOf(sides.destination)).size).toBe(0)
  }
  interveneAt(server, sides.destination, 'batch', own(503))
  const onPause = () => {
    server.intervene = null
  }
  const healed = await sides.run({ retries: '1' }, { onPause })
  expect(healed.log.join('\n')).toMatch(/attempt 1 did not succeed .*words of the server/)
  expect(healed).toMatchObject({ status: 'updated', attempts: 2, lfs: { moved: { objects: 1, bytes: 1000 }, failed: { objects: 0 } } })
  expect(await sides.check()).toEqual([])
})

test('one object of several is refused as its size is told, before any is sent: the others are there', async () => {
  const sides = await pair()
  const main = await commitLfs(sides.source, 'main', { 'a.bin': 1000 })
  const { objects } = await commitLfs(sides.source, 'large', { 'large.bin': 70_000 }, { parents: [main.commit] })
  const oid = objects.get('large.bin') ?? ''
  const error = { code: 422, message: 'too large for this server' }
  const body = (oids: readonly string[]) => ({ objects: oids.map(one => ({ oid: one, size: 1, ...(one === oid && { error }) })) })
  server.intervene = ({ operation, objects: oids }) =>
    operation === 'upload' && oids.includes(oid) ? { status: 200, body: body(oids) } : null
  const report = await sides.run()
  expect(report.outcomes).toEqual({ main: 'created', large: 'rejected lfs-object-refused' })
  expect(report).toMatchObject({ lfs: { moved: { objects: 1, bytes: 1000 }, failed: { objects: 1, bytes: 70_000 } } })
  expect(report.refs.find(({ ref }) => ref.endsWith('large'))?.reason).toMatch(new RegExp(`too large for this server .*\\(${oid}\\)`))
  expect(await sides.check(['main'])).toEqual([])
})

describe('a server that is not there, or not who it should be', () => {
  test.each([
    ['https://127.0.0.1:1/lfs', 'failed connection-refused'],
    ['https://lfs.invalid/lfs', 'failed host-not-found'],
  ])('%s: %s', async (url, outcome) => {
    const sides = await pair()
    await commitLfs(sides.source, 'main', { 'a.bin': 1000 })
    expect((await sides.run({ 'remote-lfs-url': url })).outcomes).toEqual({ main: outcome })
    expect(server.moved()).toMatchObject({ downloads: 0, uploads: 0 })
  })
})
