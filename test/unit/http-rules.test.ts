import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import { parseRetryAfter } from '../../src/transport/http-status.ts'
import { isUnknownAuthority, networkFailure } from '../../src/transport/network-failure.ts'
import { type HttpProxy, proxyFor } from '../../src/transport/proxy.ts'
import { followRedirect } from '../../src/transport/redirect.ts'

const HTTPS = new URL('https://git.example.org/a.git')

describe('the proxy', () => {
  const proxy = (host: string, port: number, more: Partial<HttpProxy> = {}): HttpProxy => ({
    secure: false,
    host,
    port,
    login: null,
    ...more,
  })
  test.each<[Record<string, string>, HttpProxy | null]>([
    [{}, null],
    [{ HTTPS_PROXY: '' }, null],
    [{ HTTPS_PROXY: 'http://proxy:3128' }, proxy('proxy', 3128)],
    [{ HTTPS_PROXY: 'proxy:3128' }, proxy('proxy', 3128)],
    [{ HTTPS_PROXY: 'http://PROXY:80/' }, proxy('proxy', 80)],
    [{ HTTPS_PROXY: 'http://proxy' }, proxy('proxy', 1080)],
    [{ HTTPS_PROXY: 'https://proxy' }, proxy('proxy', 443, { secure: true })],
    [{ HTTPS_PROXY: 'http://[::1]:3128' }, proxy('::1', 3128)],
    [{ HTTPS_PROXY: 'http://a%40b:c%3Ad%zz@proxy:1' }, proxy('proxy', 1, { login: 'a@b:c%3Ad%zz' })],
    [{ HTTPS_PROXY: 'http://a%40b:c%3Ad@proxy:1' }, proxy('proxy', 1, { login: 'a@b:c:d' })],
    [{ HTTPS_PROXY: 'http://a@proxy:1' }, proxy('proxy', 1, { login: 'a:' })],
    [{ https_proxy: 'http://lower:1', HTTPS_PROXY: 'http://upper:1' }, proxy('lower', 1)],
    [{ https_proxy: '', HTTPS_PROXY: 'http://upper:1' }, proxy('upper', 1)],
    [{ ALL_PROXY: 'http://all:1' }, proxy('all', 1)],
    [{ ALL_PROXY: 'http://all:1', HTTPS_PROXY: 'http://https:1' }, proxy('https', 1)],
    [{ HTTP_PROXY: 'http://http:1', http_proxy: 'http://http:1' }, null],
  ])('%j', (environment, expected) => expect(proxyFor(HTTPS, environment)).toEqual(expected))

  test.each<[string, Record<string, string>, string | null]>([
    ['http://a/', { HTTP_PROXY: 'http://upper:1' }, null],
    ['http://a/', { http_proxy: 'http://lower:1' }, 'relay-impossible'],
    ['https://a/', { HTTPS_PROXY: 'socks5://s:1' }, 'relay-impossible'],
    ['https://a/', { HTTPS_PROXY: 'SOCKS4A://s:1' }, 'relay-impossible'],
    ['https://a/', { HTTPS_PROXY: 'ftp://s:1' }, 'settings-invalid'],
    ['https://a/', { HTTPS_PROXY: 'http://user:secret@:1' }, 'settings-invalid'],
    ['https://a/', { HTTPS_PROXY: 'http://user:secret@proxy:port' }, 'settings-invalid'],
  ])('%s with %j', (url, environment, kind) => {
    let failure: unknown = null
    try {
      proxyFor(new URL(url), environment)
    } catch (error) {
      failure = error
    }
    expect(failure instanceof Failure ? failure.kind : null).toBe(kind)
    expect(String(failure)).not.toContain('secret')
  })

  test.each<[string, string, boolean]>([
    ['*', 'https://git.example.org', true],
    ['git.example.org', 'https://git.example.org', true],
    ['GIT.Example.ORG', 'https://git.example.org', true],
    ['example.org', 'https://git.example.org', true],
    ['.example.org', 'https://git.example.org', true],
    ['*.example.org', 'https://git.example.org', true],
    ['.git.example.org', 'https://git.example.org', true],
    ['a, example.org', 'https://git.example.org', true],
    ['a example.org', 'https://git.example.org.', true],
    ['ample.org', 'https://git.example.org', false],
    ['example.org.evil', 'https://git.example.org', false],
    ['.', 'https://git.example.org', false],
    ['git.example.org:443', 'https://git.example.org', true],
    ['git.example.org:8443', 'https://git.example.org', false],
    ['example.org:8443', 'https://git.example.org:8443', true],
    ['10.1.2.3', 'https://10.1.2.3', true],
    ['2.3', 'https://10.1.2.3', false],
    ['10.0.0.0/8', 'https://10.1.2.3', true],
    ['10.0.0.0/33', 'https://10.1.2.3', false],
    ['10.0.0.0/x', 'https://10.1.2.3', false],
    ['11.0.0.0/8', 'https://10.1.2.3', false],
    ['10.0.0.0/8', 'https://example.org', false],
    ['::1', 'https://[::1]', true],
    ['[::1]', 'https://[::1]', true],
    ['[::1]:443', 'https://[::1]', true],
    ['0:0:0:0:0:0:0:1', 'https://[::1]', true],
    ['fd00::/8', 'https://[fd12::1]', true],
    ['fd00::/8', 'https://[fe80::1]', false],
    ['', 'https://git.example.org', false],
  ])('NO_PROXY=%s: %s without it: %s', (list, url, without) => {
    expect(proxyFor(new URL(url), { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: list }) === null).toBe(without)
    expect(proxyFor(new URL(url), { HTTPS_PROXY: 'http://proxy:1', no_proxy: list, NO_PROXY: list }) === null).toBe(without)
  })
})

test.each<[string, number | null]>([
  ['0', 0],
  [' 120 ', 120_000],
  ['Thu, 01 Jan 1970 00:01:40 GMT', 90_000],
  ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
  ['-1', null],
  ['1.5', null],
  ['99999999999999999999', null],
  ['soon', null],
  ['', null],
])('Retry-After: %s', (value, expected) => expect(parseRetryAfter(value, 10_000)).toBe(expected))

describe('a redirect', () => {
  const tail = '/info/refs?service=git-upload-pack'
  const follow = (from: string, location: string, hasSecret: boolean) =>
    followRedirect(
      { from: new URL(`${from}${tail}`), location, service: 'upload-pack', hide: text => text.replaceAll('hidden', '***') },
      hasSecret,
    )

  test.each<[string, string, boolean, string]>([
    ['https://a/x', `/y.git${tail}`, true, `https://a/y.git${tail}`],
    ['https://a/x', `https://a:443/y.git${tail}`, true, `https://a/y.git${tail}`],
    ['https://a/x', `https://user:pass@a/y.git${tail}`, true, `https://a/y.git${tail}`],
    ['https://a/x', `//b/y.git${tail}`, false, `https://b/y.git${tail}`],
    ['http://a/x', `https://a/y.git${tail}`, false, `https://a/y.git${tail}`],
    ['http://a/x', `http://b/y.git${tail}`, false, `http://b/y.git${tail}`],
  ])('from %s to %s (secret: %s)', (from, location, hasSecret, to) => expect(follow(from, location, hasSecret).href).toBe(to))

  test.each<[string, string, boolean]>([
    ['https://a/x', `https://b/y${tail}`, true],
    ['https://a/x', `https://a:444/y${tail}`, true],
    ['https://a/x', `https://a.evil/y${tail}`, true],
    ['https://a/x', `http://a/y${tail}`, false],
    ['http://a/x', `https://a/y${tail}`, true],
    ['https://a/x', `https://a/y${tail}&x=hidden`, true],
    ['https://a/x', 'https://a/hidden', true],
    ['https://a/x', 'https://', false],
    ['https://a/x', `file:///y${tail}`, false],
  ])('never from %s to %s (secret: %s)', (from, location, hasSecret) => {
    expect(() => follow(from, location, hasSecret)).toThrow(Failure)
    expect(() => follow(from, location, hasSecret)).not.toThrow(/hidden/)
  })
})

test.each<[Record<string, unknown>, string]>([
  [{ code: 'EAI_AGAIN' }, 'host-not-found'],
  [{ code: 'ENETUNREACH' }, 'connection-refused'],
  [{ code: 'ETIMEDOUT' }, 'timed-out'],
  [{ errors: [{ code: 'ECONNREFUSED' }, { code: 'ENETUNREACH' }] }, 'connection-refused'],
  [{ code: 'CERT_HAS_EXPIRED' }, 'tls-untrusted'],
  [{ code: 'CERT_NOT_YET_VALID' }, 'tls-untrusted'],
  [{ code: 'INVALID_PURPOSE' }, 'tls-untrusted'],
  [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'tls-untrusted'],
  [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'tls-untrusted'],
  [{ code: 'EPROTO' }, 'remote-error'],
  [{ code: 'ERR_SSL_WRONG_VERSION_NUMBER' }, 'remote-error'],
  [{ code: 'ECONNRESET' }, 'connection-lost'],
  [{ code: 'EPIPE' }, 'connection-lost'],
  [{}, 'connection-lost'],
])('%j is %s', (properties, kind) => {
  const error = Object.assign(new Error('words'), properties)
  expect(networkFailure(error, 'host:443')).toMatchObject({ kind, detail: 'words', message: expect.stringMatching(/: "host:443"$/) })
  expect(isUnknownAuthority(error)).toBe(/SELF_SIGNED/.test(String(properties['code'])))
})

test('what the server asks us to wait is kept when a side is told', () => {
  expect(new Failure('rate-limited', 'x', { retryAfterMs: 5 }).on('here')).toMatchObject({ retryAfterMs: 5, side: 'here' })
  expect(new Failure('rate-limited', 'x').on('here').retryAfterMs).toBeNull()
})
