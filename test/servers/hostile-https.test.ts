// HTTPS servers that go wrong before git's protocol begins: each phase, each behaviour, as source, as destination, and as the API of a forge.
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Kind } from '../../src/errors/kinds.ts'
import { type ForgeApi, withForgeApi } from '../../src/forge/api.ts'
import { FORGE_PAGES, FORGE_TOTAL_BYTES } from '../../src/limits/limits.ts'
import { inTime, settle, stopClock, until } from '../support/clock.ts'
import { filled, forever, type Part, type Script, say, TOO_MUCH } from '../support/hostile-bytes.ts'
import { CAPABLE, READY } from '../support/hostile-git-rows.ts'
import { failureOf, httpsTo, IDLE_MS, issueCertificates, mirrorSide } from '../support/hostile-sides.ts'
import { type HostileWeb, startHostileWeb, type WebPlan } from '../support/hostile-web.ts'
import { settingsFrom } from '../support/settings.ts'

let web: HostileWeb
let ca: string
beforeAll(async () => {
  const certificates = await issueCertificates()
  ca = certificates.ca
  web = await startHostileWeb(certificates)
})
afterAll(() => web?.stop())
stopClock()
beforeEach(() => web.reset())

const FORGE_KIND: Kind = 'protected-branches-unreadable'

/** Asks a forge for a list, as the run does for the protected branches. */
async function askForge(work: (api: ForgeApi) => Promise<unknown>): Promise<void> {
  const settings = settingsFrom({ 'repository-url': `${web.origin}/o/r`, 'remote-url': 'https://example.org/r', 'ca-certificate': ca })
  const context = {
    location: { kind: 'github', base: web.origin, repository: 'o/r' } as const,
    ...{ environment: {}, hide: (text: string) => text, debug: () => {}, signal: new AbortController().signal },
    ...{ idleTimeoutMs: IDLE_MS, limitMs: 60_000, limitBytes: FORGE_TOTAL_BYTES },
    purpose: { kind: FORGE_KIND, problem: 'it cannot be read', hint: 'give another token' },
  }
  await withForgeApi(settings, context, work)
}

type Row = readonly [phase: string, what: string, kind: Kind, plan: WebPlan, forge?: Kind]

const OK = 'HTTP/1.1 200 OK\r\n'
const GIT = 'Content-Type: application/x-git-upload-pack-advertisement\r\n'
const x = Buffer.from('x'.repeat(1000))
const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')
const within = (...script: Script): WebPlan => ({ bytes: script })
/** The same for the service of a destination. */
const forRole = (role: string, plan: WebPlan): WebPlan => {
  const named = (part: Part): Part =>
    role === 'destination' && typeof part === 'string' ? part.replace('upload-pack', 'receive-pack') : part
  return plan.bytes === undefined ? plan : { bytes: plan.bytes.map(named) }
}
const answer = (status: number, headers: Record<string, string>, script: Script): WebPlan => ({
  answer: (_, response) => {
    response.writeHead(status, headers)
    void say(response, script, web.noted)
  },
})
/** As small as can be, for so many bytes of one letter. */
const bomb = (megabytes: number): Buffer => gzipSync(Buffer.alloc(megabytes * 2 ** 20, 'x'))

const ROWS: readonly Row[] = [
  ['TLS', 'silent', 'timed-out', { raw: ['silence'] }],
  ['TLS', 'nothing', 'connection-lost', { raw: [] }],
  ['TLS', 'text', 'remote-error', { raw: ['HTTP/1.1 400 Bad Request\r\n\r\n', 'silence'] }],
  ['TLS', 'text without an end', 'remote-error', { raw: [forever(x)] }],
  ['TLS', 'a length that is longer, then silent', 'timed-out', { raw: [Buffer.from('1603034000', 'hex'), 'silence'] }],
  ['TLS', 'a length beyond the largest', 'remote-error', { raw: [Buffer.from('160303ffff', 'hex'), forever(x)] }],
  ['headers', 'silent', 'timed-out', within('silence')],
  ['headers', 'dripping', 'timed-out', within(`${OK}X: `, 'drip')],
  ['headers', '100 Continue without an end', 'timed-out', within('time', forever(CONTINUE))],
  ['headers', 'nothing', 'connection-lost', within()],
  ['headers', 'another protocol', 'protocol-error', within('220 smtp ESMTP\r\n', 'silence')],
  ['headers', 'headers without an end', 'protocol-error', within(OK, forever(Buffer.from('X-A: b\r\n')))],
  ['headers', 'a header without an end', 'protocol-error', within(`${OK}X: `, forever(x))],
  ['headers', 'a status line without an end', 'protocol-error', within('HTTP/1.1 200 ', forever(x))],
  ['headers', 'two lengths', 'protocol-error', within(`${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`, 'silence')],
  ['body', 'silent', 'timed-out', within(`${OK}${GIT}Content-Length: 9\r\n\r\n`, 'silence')],
  ['body', 'a length that is longer, then the end', 'connection-lost', within(`${OK}${GIT}Content-Length: 99\r\n\r\n00`)],
  ['body', 'a chunk of a length that is none', 'connection-lost', within(`${OK}${GIT}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 'silence')],
  [
    'body',
    'a chunk as large as can be said',
    'connection-lost',
    within(`${OK}${GIT}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(17)}\r\n`, 'silence'),
  ],
  ['body', 'an extension without an end', 'connection-lost', within(`${OK}${GIT}Transfer-Encoding: chunked\r\n\r\n1;`, forever(x))],
  [
    'body',
    'not compressed as it says',
    'protocol-error',
    within(`${OK}${GIT}Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nxxxxxxxxx`),
  ],
  [
    'body',
    'compressed in a way that was not requested',
    'protocol-error',
    within(`${OK}${GIT}Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx`),
  ],
  ['refusal', 'text without an end', 'server-error', answer(500, { 'content-type': 'text/plain' }, [forever(x)]), FORGE_KIND],
  ['refusal', 'a bomb', 'server-error', answer(503, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }, [bomb(8)])],
  ['redirects', 'without an end', 'redirected', answer(302, { location: '/r.git/info/refs?service=git-upload-pack' }, []), FORGE_KIND],
]

/** The first answer is good. */
const afterGreeting = (script: Script): WebPlan => ({
  answer: ({ url = '', method, socket }, response) => {
    if (method !== 'GET') return void say(socket, script, web.noted)
    const service = url.slice(url.indexOf('=') + 1)
    response.writeHead(200, { 'content-type': `application/x-${service}-advertisement` })
    void say(response, service === 'git-upload-pack' ? CAPABLE : READY, web.noted)
  },
})

/** Of git alone. */
const GIT_ROWS: readonly Row[] = [
  ['request', '100 Continue without an end', 'timed-out', afterGreeting(['time', forever(CONTINUE)])],
  ['answer', 'a page without an end', 'relay-impossible', answer(200, { 'content-type': 'text/html' }, [forever(x)])],
  ['answer', 'no smart HTTP', 'relay-impossible', answer(200, { 'content-type': 'text/plain' }, ['a\trefs/heads/main\n'])],
  ['login', 'a page without an end', 'credentials-missing', answer(401, { 'content-type': 'text/html' }, [forever(x)])],
]

const NEXT = { link: '<https://127.0.0.1/x>; rel="next"' }
/** A list that has an end, but none that may be reached. */
function listOf(pages: number, headers: Record<string, string>, page: string | Buffer): WebPlan {
  let left = pages
  return {
    answer: (_, response) => {
      left -= 1
      response.writeHead(200, { ...headers, ...(left > 0 && NEXT) }).end(page)
    },
  }
}
const ZIPPED = { 'content-encoding': 'gzip' }

/** Of a forge alone. */
const FORGE_ROWS: readonly Row[] = [
  ['answer', 'JSON without an end', FORGE_KIND, answer(200, {}, ['[', forever(Buffer.from('"x",'))])],
  ['answer', 'a bomb', FORGE_KIND, answer(200, ZIPPED, [gzipSync(JSON.stringify(['x'.repeat(2 ** 24)]))])],
  ['answer', 'no JSON', FORGE_KIND, answer(200, {}, ['<html>'])],
  ['answer', 'no list', FORGE_KIND, answer(200, {}, ['{"message":"hello"}'])],
  ['answer', 'lists within lists', FORGE_KIND, answer(200, {}, [filled('', 4_000_000).replaceAll('x', '[')])],
  ['answer', 'half of one', FORGE_KIND, answer(200, {}, ['[{"name":'])],
  ['list', 'pages without an end', FORGE_KIND, listOf(FORGE_PAGES + 100, {}, '[1]')],
  ['login', 'a message as large as can be', FORGE_KIND, answer(403, {}, [JSON.stringify({ message: filled('no ', 4_000_000) })])],
  ['limit', 'a wait without an end', 'rate-limited', answer(429, { 'retry-after': '9'.repeat(300) }, ['{}'])],
]

/** Waits for the failure, and for the end of each connection. */
async function judge(plan: WebPlan, kind: Kind, work: () => Promise<void>, close: () => void): Promise<void> {
  web.plan = plan
  const failing = failureOf(work())
  if (kind === 'timed-out') {
    await until(() => web.noted.isWaiting)
    await settle()
    await inTime(failing)
  }
  const failure = await failing
  expect(failure).toMatchObject({ kind })
  expect(failure.message.length + (failure.detail?.length ?? 0)).toBeLessThan(2 ** 17)
  expect(web.noted.taken).toBeLessThan(TOO_MUCH)
  close()
  await until(() => web.open() === 0)
}

describe.each(['source', 'destination'] as const)('the %s', role => {
  test.each([...ROWS, ...GIT_ROWS])('%s: %s: %s', async (_, __, kind, plan) => {
    const transport = httpsTo(web, ca, role)
    await judge(
      forRole(role, plan),
      kind,
      () => mirrorSide(transport, role),
      () => transport.close(),
    )
  })
})

describe('the forge', () => {
  const rows = [...ROWS, ...FORGE_ROWS].map(([phase, what, kind, plan, forge = kind]) => [phase, what, forge, plan] as const)
  test.each(rows)('%s: %s: %s', async (_, __, kind, plan) => {
    await judge(
      plan,
      kind,
      () => askForge(api => api.list('/repos/o/r/branches', entry => entry)),
      () => {},
    )
  })

  test('a list of large pages is not read to its end', async () => {
    web.plan = listOf(20, ZIPPED, gzipSync(`[${'1,'.repeat(2 ** 21)}1]`))
    const failure = await failureOf(askForge(api => api.list('/repos/o/r/branches', entry => entry)))
    expect(failure).toMatchObject({ kind: FORGE_KIND, message: expect.stringContaining('gives an answer that does not end') })
  })
})
