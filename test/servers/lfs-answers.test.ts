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

const REFUSALS: readonly Answer[] = [
  ['source', 'batch', bare(401), 'credentials-refused'],
  ['source', 'batch', bare(403), 'permission-denied'],
  ['source', 'batch', bare(404), 'lfs-disabled'],
  ['source', 'download', bare(404), 'lfs-object-missing'],
  ['destination', 'batch', bare(401), 'credentials-refused'],
  ['destination', 'batch', bare(413), 'large-file'],
  ['destination', 'upload', bare(401), 'credentials-refused'],
  ['destination', 'upload', bare(422), 'lfs-object-refused'],
  ['destination', 'upload', bare(507), 'lfs-quota'],
  ['destination', 'upload', own(403), 'remote-error'],
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
  if ('message' in what) expect(report.refs[0]?.reason).toContain('words of the server')
  // Three tries of each object are the most.
  expect(requestsAt(server, sides[side]).length).toBeLessThan(16)
  expect(storedObjects(sides.destination).size).toBe(0)
  expect([...(await refsOf(sides.destination)).keys()]).toEqual(['refs/heads/plain'])
  if (LOGIN.has(code)) expect(await sides.check(['plain'])).toEqual([])
})

const FAULTS: readonly Answer[] = [
  ['source', 'batch', bare(429), 'rate-limited'],
  ['source', 'batch', own(500), 'server-error'],
  // nginx says 502, unless it has already begun to answer.
  ['source', 'download', { cutAfter: 500 }, '(?:server-error|connection-lost)'],
  ['destination', 'upload', { cutAfter: 500 }, '(?:server-error|connection-lost)'],
  // git-lfs 3.3 does not survive this, 3.7 does.
  ['destination', 'upload', bare(429), '(?:lfs-incomplete|rate-limited)'],
]

test.each(FAULTS)('for now: %s, %s, %j: %s; the run tries again, and the next one heals what was cut', async (side, kind, what, code) => {
  const sides = await pair()
  await commitLfs(sides.source, 'main', { 'a.bin': 1000 })
  interveneAt(server, sides[side], kind, what)
  const failed = await sides.run({ retries: '1' })
  expect(failed.outcomes).toEqual({ main: expect.stringMatching(`^failed ${code}$`) })
  expect(failed).toMatchObject({ attempts: 2, lfs: { moved: { objects: 0 } } })
  if ('message' in what) expect(failed.refs[0]?.reason).toContain('words of the server')
  expect(failed.refs[0]?.reason).not.toMatch(/git lfs logs|%!|goroutine|failed to fetch/)
  expect((await refsOf(sides.destination)).size).toBe(0)
  if (!('cutAfter' in what)) return
  server.intervene = null
  expect(await sides.run()).toMatchObject({ status: 'updated', lfs: { moved: { objects: 1, bytes: 1000 }, failed: { objects: 0 } } })
  expect(await sides.check()).toEqual([])
})

test('one object of several is refused: the others are there, and the refs that need none of it', async () => {
  const sides = await pair()
  const main = await commitLfs(sides.source, 'main', { 'a.bin': 1000, 'b.bin': 20 })
  const { objects } = await commitLfs(sides.source, 'large', { 'large.bin': 70_000 }, { parents: [main.commit] })
  const oid = objects.get('large.bin') ?? ''
  server.intervene = request => (request.kind === 'upload' && request.objects.includes(oid) ? bare(413) : null)
  const report = await sides.run()
  expect(report.outcomes).toEqual({ main: 'created', large: 'rejected large-file' })
  expect(report).toMatchObject({ lfs: { moved: { objects: 2, bytes: 1020 }, failed: { objects: 1, bytes: 70_000 } } })
  expect(report.refs.find(({ ref }) => ref.endsWith('large'))?.reason).toContain(`(${oid})`)
  expect(await sides.check(['main'])).toEqual([])
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

test('with `atomic` nothing goes where one object cannot', async () => {
  const sides = await pair()
  const main = await commitLfs(sides.source, 'main', { 'a.bin': 1000 })
  const { objects } = await commitLfs(sides.source, 'lost', { 'lost.bin': 10 }, { parents: [main.commit] })
  const oid = objects.get('lost.bin') ?? ''
  server.intervene = request => (request.kind === 'upload' && request.objects.includes(oid) ? bare(422) : null)
  const report = await sides.run({ atomic: 'true' })
  expect(report.outcomes).toEqual({ main: 'kept lfs-object-refused', lost: 'rejected lfs-object-refused' })
  expect(report).toMatchObject({ inSync: false, lfs: { moved: { objects: 1 }, failed: { objects: 1 } } })
  expect((await refsOf(sides.destination)).size).toBe(0)
  server.intervene = null
  expect(await sides.run({ atomic: 'true' })).toMatchObject({ status: 'updated', inSync: true })
  expect(await sides.check()).toEqual([])
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
