// Servers of LFS objects that go wrong at each request, as source and as destination. The real git-lfs talks to them, within the limits of the run.
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Pointer } from '../../src/lfs/pointer.ts'
import { inTime, settle, stopClock, until } from '../support/clock.ts'
import { answer, type Fault, type LfsPlan, lfsPlan, type MovedOne, moveOne, OBJECT, objects } from '../support/hostile-lfs.ts'
import { DESTINATION_ROWS, isOfStep, type LfsRow, SOURCE_ROWS } from '../support/hostile-lfs-rows.ts'
import { issueCertificates, type Role } from '../support/hostile-sides.ts'
import { type HostileWeb, startHostileWeb } from '../support/hostile-web.ts'
import { storedObjects } from '../support/lfs-server.ts'

/** A server that gets rid of all this was not stopped: git-lfs may take some of it into memory. */
const MOST_TAKEN = 2 ** 29
/** Characters of the reason in a report. */
const MAX_REASON = 1000

type Certificates = Awaited<ReturnType<typeof issueCertificates>>

let web: HostileWeb
let certificates: Certificates
beforeAll(async () => {
  certificates = await issueCertificates()
  web = await startHostileWeb(certificates)
  Object.assign(web.noted, { most: MOST_TAKEN })
})
afterAll(() => web?.stop())
beforeEach(() => web.reset())

const SECRET = 'hunter2-of-the-hostile-server'

/** Two drips of a server. */
const STALL_MS = 2000
/** Longer than any test: where the clock runs, time ends nothing. */
const NEVER_MS = 2 ** 30

/** Moves the object past a server with faults. */
function move(role: Role, plan: LfsPlan, stallMs = NEVER_MS): Promise<MovedOne> {
  web.plan = lfsPlan(web, role, plan)
  const login = role === 'source' ? { token: SECRET } : { 'auth-secret': SECRET }
  return moveOne(role, `${web.origin}/r.git`, { ...login, 'ca-certificate': certificates.ca }, stallMs)
}

/** Nothing went to the other side but what was whole, and nothing is left of it. */
async function judge(role: Role, kind: LfsRow[2], { result, other, temporary }: MovedOne): Promise<void> {
  const failure = result.failed.get(OBJECT.oid)
  const kinds = kind === null ? [undefined] : [kind].flat()
  expect(kinds).toContain(failure?.kind)
  if (failure !== undefined) expect(failure).toMatchObject({ side: role === 'source' ? 'here' : 'there' })
  expect((failure?.reason ?? '').length).toBeLessThanOrEqual(MAX_REASON)
  const isMoved = kind === null
  expect(result).toMatchObject({ moved: isMoved ? [OBJECT] : [], present: [] satisfies Pointer[] })
  if (role === 'source') expect([...storedObjects(other).keys()]).toEqual(isMoved ? [OBJECT.oid] : [])
  expect(readdirSync(temporary)).toEqual([])
  expect(web.noted.taken).toBeLessThan(MOST_TAKEN)
  await until(() => web.open() === 0)
}

const TABLE = [
  ['source', SOURCE_ROWS],
  ['destination', DESTINATION_ROWS],
] as const

const isTimed = ([, , kind]: LfsRow) => kind === 'lfs-stalled'

describe.each(TABLE)('the %s', (role, rows) => {
  const others = rows.filter(row => !isTimed(row) && !isOfStep(row))
  test.each(others)('%s: %s: %s', async (phase, _, kind, fault) => await judge(role, kind, await move(role, { [phase]: fault })))
})

describe('by time', () => {
  stopClock()
  test.each(SOURCE_ROWS.filter(row => isTimed(row) && !isOfStep(row)))('%s: %s: %s', async (phase, _, kind, fault) => {
    const moving = move('source', { [phase]: fault }, STALL_MS)
    await until(() => web.noted.isWaiting)
    await settle()
    await judge('source', kind, await inTime(moving, Infinity, STALL_MS))
  })
})

describe('another server', () => {
  const asked: (string | undefined)[] = []
  const note = ({ headers }: IncomingMessage, response: ServerResponse): void => {
    asked.push(headers.authorization)
    response.end('a secret of the runner\n'.repeat(100))
  }
  const clear = createServer(note)
  let [https, http] = ['', '']
  let other: HostileWeb
  beforeAll(async () => {
    other = await startHostileWeb(certificates)
    other.plan = { answer: note }
    clear.listen(0, '127.0.0.1')
    await once(clear, 'listening')
    https = `${other.origin}/latest/meta-data`
    http = `http://127.0.0.1:${(clear.address() as AddressInfo).port}/latest/meta-data`
  })
  afterAll(() => {
    other?.stop()
    clear.close().closeAllConnections()
  })
  beforeEach(() => void asked.splice(0))

  const redirect =
    (to: () => string): Fault =>
    asking =>
      answer(307, { Location: to() })(asking)
  const named = (href: () => string): Fault => objects('source', object => ({ ...object, actions: { download: { href: href() } } }))
  test.each<[string, LfsRow[2], LfsPlan]>([
    ['named by a batch', 'lfs-object-refused', { batch: named(() => https) }],
    ['named by a batch, in clear text', 'lfs-object-refused', { batch: named(() => http) }],
    // git-lfs sends no request there, because it has no login for that server.
    ['that a batch is redirected to', 'credentials-refused', { batch: redirect(() => https) }],
    ['that a batch is redirected to, in clear text', 'redirected', { batch: redirect(() => http) }],
    ['that a download is redirected to', 'lfs-object-refused', { download: redirect(() => https) }],
    ['that a download is redirected to, in clear text', 'redirected', { download: redirect(() => http) }],
  ])('%s: gets no login, and its answer goes nowhere', async (_, kind, plan) => {
    const moved = await move('source', plan)
    await judge('source', kind, moved)
    expect(moved.result.failed.get(OBJECT.oid)?.reason).not.toContain('a secret of the runner')
    expect(asked.length > 0).toBe(kind === 'lfs-object-refused')
    expect(asked.filter(authorization => authorization !== undefined)).toEqual([])
  })
})
