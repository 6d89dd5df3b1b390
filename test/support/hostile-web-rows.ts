import { gzipSync } from 'node:zlib'
import type { Kind } from '../../src/errors/kinds.ts'
import { FORGE_PAGES } from '../../src/limits/limits.ts'
import { filled, forever, type Script, say } from './hostile-bytes.ts'
import { CAPABLE, READY } from './hostile-git-rows.ts'
import type { WebPlan } from './hostile-web.ts'

export const FORGE_KIND: Kind = 'protected-branches-unreadable'

/** A server over HTTPS that goes wrong before git's protocol begins, or a forge, and the failure that must follow. @property forge its kind, where a forge's differs */
export type WebRow = readonly [phase: string, what: string, kind: Kind, plan: WebPlan, forge?: Kind]

const OK = 'HTTP/1.1 200 OK\r\n'
const GIT = 'Content-Type: application/x-git-upload-pack-advertisement\r\n'
const x = Buffer.from('x'.repeat(1000))
const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')
const within = (...script: Script): WebPlan => ({ bytes: script })
const answer = (status: number, headers: Record<string, string>, script: Script): WebPlan => ({
  answer: (_, response, noted) => {
    response.writeHead(status, headers)
    void say(response, script, noted)
  },
})
/** As small as can be, for so many bytes of one letter. */
const bomb = (megabytes: number): Buffer => gzipSync(Buffer.alloc(megabytes * 2 ** 20, 'x'))

export const WEB_ROWS: readonly WebRow[] = [
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
  ['refusal', 'a bomb', 'server-error', answer(503, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }, [bomb(8)]), FORGE_KIND],
  ['redirects', 'without an end', 'redirected', answer(302, { location: '/r.git/info/refs?service=git-upload-pack' }, []), FORGE_KIND],
]

/** The first answer is good. */
const afterGreeting = (script: Script): WebPlan => ({
  answer: ({ url = '', method, socket }, response, noted) => {
    if (method !== 'GET') return void say(socket, script, noted)
    const service = url.slice(url.indexOf('=') + 1)
    response.writeHead(200, { 'content-type': `application/x-${service}-advertisement` })
    void say(response, service === 'git-upload-pack' ? CAPABLE : READY, noted)
  },
})

/** More answers that git's transport meets. */
export const WEB_ROWS_OF_GIT: readonly WebRow[] = [
  ['request', '100 Continue without an end', 'timed-out', afterGreeting(['time', forever(CONTINUE)])],
  ['answer', 'a page without an end', 'relay-impossible', answer(200, { 'content-type': 'text/html' }, [forever(x)])],
  [
    'answer',
    'a page that is not compressed as it says',
    'relay-impossible',
    within(`${OK}Content-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nxxxxxxxxx`),
  ],
  ['answer', 'no smart HTTP', 'relay-impossible', answer(200, { 'content-type': 'text/plain' }, ['a\trefs/heads/main\n'])],
  ['login', 'a page without an end', 'credentials-refused', answer(401, { 'content-type': 'text/html' }, [forever(x)])],
]

const NEXT = { link: '<https://127.0.0.1/x>; rel="next"' }
/** A list that has an end, but none that may be reached. */
export function listOf(pages: number, headers: Record<string, string>, page: string | Buffer): WebPlan {
  let left = pages
  return {
    answer: (_, response) => {
      left -= 1
      response.writeHead(200, { ...headers, ...(left > 0 && NEXT) }).end(page)
    },
  }
}
export const ZIPPED = { 'content-encoding': 'gzip' }

/** More answers that the API of a forge gives. */
export const WEB_ROWS_OF_FORGES: readonly WebRow[] = [
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
