import { inspect } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { type Protocol, parseRemoteUrl, RemoteUrl, type UrlProblem } from '../../src/remote/url.ts'
import { mayNotHang } from '../support/hang.ts'

const parse = (text: string, windows = false): RemoteUrl | UrlProblem => parseRemoteUrl(text, { allowInsecureHttp: false, windows })

const read = (text: string, windows = false): RemoteUrl => {
  const url = parse(text, windows)
  if (!(url instanceof RemoteUrl)) throw new Error(url.problem)
  return url
}

describe('the user is decoded', () => {
  test.each([
    ['ssh://alice%40corp.example@host/r', 'alice@corp.example'],
    ['https://alice%40corp.example@host/r', 'alice@corp.example'],
    ['git@host:r', 'git'],
    ['host:r', null],
    ['https://:p@host/r', null],
  ])('%s', (text, user) => {
    expect(read(text).user).toBe(user)
  })
})

test('host names are compared in lower case', () => {
  expect(read('git@GitHub.COM:o/r').host).toBe('github.com')
  expect(read('https://GitHub.COM/o/r').toGit()).toBe('https://github.com/o/r')
})

test('blanks around the URL do not count', () => {
  expect(read(' \t https://host/r \r\n').toGit()).toBe('https://host/r')
})

const GITHUB_TOKEN = `ghp_${'a1B2'.repeat(9)}`
const HEX_TOKEN = '0123456789abcdef0123456789abcdef01234567'

describe('secrets', () => {
  const table: readonly (readonly [string, string | null, string, string])[] = [
    ['https://host/r', null, 'https://host/r', 'https://host/r'],
    ['https://u@host/r', null, 'https://***@host/r', 'https://host/r'],
    ['https://u:@host/r', null, 'https://***@host/r', 'https://host/r'],
    ['https://u:s3cr%40t@host:8443/r', 's3cr@t', 'https://***@host:8443/r', 'https://host:8443/r'],
    ['https://u:s3:cret@host/r', 's3:cret', 'https://***@host/r', 'https://host/r'],
    ['https://:s3cret@host/r', 's3cret', 'https://***@host/r', 'https://host/r'],
    [`https://${GITHUB_TOKEN}@host/r`, GITHUB_TOKEN, 'https://***@host/r', 'https://host/r'],
    [`https://${GITHUB_TOKEN}:x-oauth-basic@host/r`, GITHUB_TOKEN, 'https://***@host/r', 'https://host/r'],
    [`https://${HEX_TOKEN}@host/r`, HEX_TOKEN, 'https://***@host/r', 'https://host/r'],
    [`https://${HEX_TOKEN}:s3cret@host/r`, 's3cret', 'https://***@host/r', 'https://host/r'],
    ['https://a-rather-long-name-of-a-user@host/r', null, 'https://***@host/r', 'https://host/r'],
    ['ssh://git@host/r', null, 'ssh://git@host/r', 'ssh://git@host/r'],
    ['ssh://u:s3cret@host/r', 's3cret', 'ssh://u:***@host/r', 'ssh://u@host/r'],
    ['ssh://u%40c:s3cret@host:22/r', 's3cret', 'ssh://u%40c:***@host:22/r', 'ssh://u%40c@host:22/r'],
    ['ssh://u%3As3cret@host/r', 's3cret', 'ssh://u:***@host/r', 'ssh://u@host/r'],
    [`ssh://${GITHUB_TOKEN}@host/r`, null, 'ssh://***@host/r', `ssh://${GITHUB_TOKEN}@host/r`],
    ['git@host:r', null, 'git@host:r', 'git@host:r'],
    ['/srv/r', null, '/srv/r', '/srv/r'],
  ]
  test.each(table)('%s', (text, secret, forPeople, forGit) => {
    const url = read(text)
    expect(url.secret()).toBe(secret)
    expect(url.hasSecret).toBe(secret !== null)
    expect(url.toGit()).toBe(forGit)
    expect([`${url}`, inspect(url), inspect({ url }), JSON.stringify(url)]).toEqual([
      forPeople,
      forPeople,
      `{ url: ${forPeople} }`,
      JSON.stringify(forPeople),
    ])
  })

  // The worst places for a password: where a mistake makes it a part of something else.
  test.each([
    'https://u:s3cret/x@host/r',
    'https://u:s3cret#x@host/r',
    'https://u:s3cret@x@host/r',
    'https://u:s3cret@ho st/r',
    'https://u:s3cret@host:x/r',
    'https://s3cret/x@host/r',
    'https://u:%FFs3cret@host/r',
    'https:s3cret@host/r',
    'http://u:s3cret@host/r',
    'ftp://u:s3cret@host/r',
    's3cret://host/r',
    'u:s3cret@host:r',
    'u:s3cret@host/r',
    's3cret@host/r',
    'ssh://u:s3cret/x@host/r',
    'ssh://u:s3cret@host:x/r',
    'ssh://u:s3cret@host',
    'ssh://-u:s3cret@host/r',
    'file://u:s3cret@host/r',
    '::u:s3cret@host/r',
    '-u:s3cret@host/r',
  ])('a problem does not quote them: %s', text => {
    expect(parse(text)).toEqual({ problem: expect.not.stringContaining('s3cret') })
  })
})

describe('problems', () => {
  test.each([
    ['', 'the URL is empty'],
    [' \n', 'the URL is empty'],
    ['--upload-pack=x', 'the URL starts with `-`'],
    ['ssh://-oProxyCommand=x/r', 'the host of the URL starts with `-`'],
    ['ssh://-oProxyCommand=x@host/r', 'the user of the URL starts with `-`'],
    ['git@-oProxyCommand=x:r', 'the host of the URL starts with `-`'],
    ['git@host:-r', 'the path of the URL starts with `-`'],
    [`https://host/${'a'.repeat(8192)}`, 'the URL has more than 8192 characters'],
    ['ssh://host', 'the URL has no path'],
    ['host:', 'the URL has no path'],
    ['https://host/', 'the URL has no path'],
    ['ssh:///r', 'the URL has no host'],
    ['ssh://host:0/r', 'the port of the URL is not a number from 1 to 65535'],
    ['https://host:65536/r', 'the port of the URL is not a number from 1 to 65535'],
    ['https://host/a\nb', 'the URL holds a control character'],
    ['ssh://host/a%0Ab', 'the URL holds a control character'],
    ['https://host/a%00b', 'the URL holds a control character'],
    ['/srv/a\0b', 'the URL holds a control character'],
    ['/srv/\ud800', 'the URL holds a control character'],
    ['http://host/r', '`http://` sends everything in clear text: use `https://`, or set `allow-insecure-http` to `true`'],
    [
      'git://host/r',
      'anyone on the network path can change what `git://` carries: use `https://`, or set `allow-insecure-http` to `true` to read from it',
    ],
    ['ftp://host/r', 'the protocol `ftp://` is not supported: use `ssh://`, `user@host:path`, `https://`, `file://` or a local path'],
    ['HTTPS://host/r', 'the protocol of the URL must be written in lower case'],
    ['ext::sh -c x', 'the URL names a remote helper with `::`: use `ssh://`, `user@host:path`, `https://`, `file://` or a local path'],
  ])('%j', (text, problem) => {
    expect(parse(text)).toEqual({ problem })
  })
})

test('http and git are taken when they are allowed, and what stands before the host is hidden', () => {
  expect(parseRemoteUrl('http://host/r', { allowInsecureHttp: true })).toMatchObject({ protocol: 'http', host: 'host', path: 'r' })
  const url = parseRemoteUrl('git://ghp_0123456789abcdefghij0123456789abcdef@Host:9419/~u/r', { allowInsecureHttp: true }) as RemoteUrl
  expect(url).toMatchObject({ protocol: 'git', host: 'host', port: 9419, path: '~u/r', hasSecret: true })
  expect(String(url)).toBe('git://***@host:9419/~u/r')
})

describe('on Windows', () => {
  test.each<[string, Protocol, string, string]>([
    ['C:\\r', 'file', 'C:\\r', 'C:\\r'],
    ['C:/r', 'file', 'C:/r', 'C:/r'],
    ['file:///C:/r', 'file', 'C:/r', 'file://C:/r'],
    ['file://C:/a%20b', 'file', 'C:/a b', 'file://C:/a%20b'],
    ['file://server/share/r', 'file', '//server/share/r', 'file://server/share/r'],
    ['host:r', 'ssh', 'r', 'host:r'],
  ])('%s', (text, protocol, path, forGit) => {
    expect(read(text, true)).toMatchObject({ protocol, path })
    expect(read(text, true).toGit()).toBe(forGit)
  })

  test('elsewhere a drive is a host', () => {
    expect(read('C:\\r')).toMatchObject({ protocol: 'ssh', host: 'c', path: '\\r' })
  })
})

test('localhost of a file URL is left out', () => {
  expect(read('file://localhost/srv/r').toGit()).toBe('file:///srv/r')
})

test('hostile lengths take time in proportion', () => {
  const pieces = ['/', '@', ':', '[', ']', '%', '%2', '%41', 'a@', '@[', 'a.', ' ', '~'].map(piece => piece.repeat(100_000 / piece.length))
  const starts = ['', 'ssh://', 'ssh://h', 'https://', 'https://h/', 'file:///', 'h:']
  const ends = ['', '\0', 'x/y', ':x']
  mayNotHang(() => {
    for (const piece of pieces) for (const start of starts) for (const end of ends) parse(`${start}${piece}${end}`)
  })
})
