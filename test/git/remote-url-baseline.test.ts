// git itself says how a URL is to be read: `git fetch-pack --diag-url` for ssh, git and files, `git credential fill` for https.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { unbracketed } from '../../src/remote/server.ts'
import { parseRemoteUrl, RemoteUrl } from '../../src/remote/url.ts'

const windows = process.platform === 'win32'
let directory = ''

const git = (args: readonly string[], input = '') =>
  spawnSync('git', args, {
    cwd: directory,
    input,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      HOME: directory,
      GIT_CONFIG_GLOBAL: devNull,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      LC_ALL: 'C',
      // No file path of the table may become an existing repository by chance.
      GIT_CEILING_DIRECTORIES: tmpdir(),
    },
  })

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'remote-url-'))
  expect(git(['init', '--quiet', '--bare', '.']).status).toBe(0)
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

interface Reading {
  readonly protocol: string
  readonly host: string
  readonly port: number | null
  readonly user: string | null
  readonly path: string
}

/** `key=value` lines as a record. */
const fields = (text: string, prefix: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\n')
      .filter(line => line.startsWith(prefix) && line.includes('='))
      .map(line => [line.slice(prefix.length, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )

/** null where git refuses. */
const readByFetchPack = (url: string): Reading | null => {
  const result = git(['fetch-pack', '--diag-url', url])
  if (result.status !== 0) return null
  const { protocol = '', userandhost = '', hostandport = '', port = 'NONE', path = '' } = fields(result.stdout, 'Diag: ')
  if (protocol === 'file') return { protocol, host: '', port: null, user: null, path }
  if (protocol === 'git') {
    const [, host = '', ownPort = ''] = /^(.*?)(?::(\d*))?$/.exec(hostandport) ?? []
    return { protocol, host: unbracketed(host).toLowerCase(), port: ownPort === '' ? null : Number(ownPort), user: null, path }
  }
  const at = userandhost.lastIndexOf('@')
  return {
    protocol,
    host: userandhost.slice(at + 1).toLowerCase(),
    port: port === 'NONE' ? null : Number(port),
    user: at < 0 ? null : userandhost.slice(0, at),
    path,
  }
}

// The helper is asked only where the URL does not hold both user and password; git's answer holds the same fields in both cases.
const HELPER = '!f() { cat >&2; echo password=from-helper; test -n "$1"; echo; }; f'

/** null where git refuses. */
const readByCredential = (url: string): Reading | null => {
  const result = git(['-c', 'credential.useHttpPath=true', '-c', `credential.helper=${HELPER}`, 'credential', 'fill'], `url=${url}\n\n`)
  const asked = fields(result.stderr, '')
  const { protocol, host, path = '', username = '' } = 'protocol' in asked ? asked : fields(result.stdout, '')
  if (protocol === undefined || host === undefined) return null
  const [, name = '', port = ''] = /^(.*?)(?::(\d*))?$/.exec(host) ?? []
  return {
    protocol,
    host: unbracketed(name).toLowerCase(),
    port: port === '' ? null : Number(port),
    user: username || null,
    path,
  }
}

const readByGit = (url: string): Reading | null => (/^https?:/.test(url) ? readByCredential(url) : readByFetchPack(url))

const options = { allowInsecureHttp: true, windows }

const read = (text: string): RemoteUrl => {
  const url = parseRemoteUrl(text, options)
  if (!(url instanceof RemoteUrl)) throw new Error(`${text}: ${url.problem}`)
  return url
}

const readingOf = ({ protocol, host, port, user, path }: RemoteUrl): Reading => ({ protocol, host, port, user, path })

const product = (...lists: readonly (readonly string[])[]): string[] =>
  lists.reduce<string[]>((starts, list) => starts.flatMap(start => list.map(end => start + end)), [''])

const SSH = [
  ...product(
    ['ssh://'],
    ['', 'git@', 'u%40corp.example@', 'u@corp.example@', 'DOMAIN%5Cu@'],
    ['host.example', 'host', '10.0.0.1', '[::1]', '[2001:DB8::a]', '::1'],
    ['/o/r.git', '/~u/r.git', '/~'],
  ),
  ...product(
    ['ssh://'],
    ['', 'git@', 'u%40corp@'],
    ['host:22', 'host:2222', 'host:', 'host:00022', '[::1]:22', '[::1]:', '[host]:22', '[host:22]'],
    ['/r'],
  ),
  ...product(['git+ssh://', 'ssh+git://'], ['', 'git@'], ['host/r', 'host:22/~/r', '[fe80::1]:22/r']),
  'ssh://git@[fe80::1%25eth0]/r',
  'ssh://git@[fe80::1%25eth0]:22/r',
  'ssh://[git@::1]/r',
  'ssh://[git@::1]:22/r',
  'ssh://[git@host:22]/r',
  'ssh://Host.EXAMPLE/R',
  'ssh://my_host/r',
  'ssh://host/',
  'ssh://host//r',
  'ssh://host/~~r',
  'ssh://host/%7Eu/r',
  'ssh://host/a%20b',
  'ssh://host/a%2520b',
  'ssh://host/a%2500b',
  'ssh://host/a%2Fb',
  'ssh://host/100%',
  'ssh://host/a%zz',
  'ssh://host/a%4',
  'ssh://host/%C3%A9/é',
  'ssh://host/a?b#c',
  'ssh://host/a@b',
  'ssh://host/a:22/b',
  'ssh://host/a[b]',
  'ssh://host/a@[b',
  'ssh://host/-r',
  'ssh://host/a+b&c=d;e,f(g)h!i*j\'k"l<m>n^o`p{q|r}s\\t',
  'ssh://%67it@ho%73t:2%32/%72',
]

const SCP = [
  ...product(
    ['', 'git@', 'u%40corp@', 'u@corp@', 'DOMAIN\\u@'],
    ['host.example', '10.0.0.1', '[::1]', '[host]', '[host:22]'],
    [':r.git', ':/o/r.git', ':~u/r', ':/~u/r'],
  ),
  '[git@host:22]:r',
  '[git@::1]:r',
  '[git@host]:/r',
  'Host:R',
  'my_host:r',
  'host:22/r',
  'host:22:r',
  'host:a b',
  'host:a%20b',
  'host:%7Eu',
  'host:a%00b',
  'host:a~b',
  'host:~~r',
  'host:/~~r',
  'host:/~',
  'git@host:a@b',
  'git@host:a@b:c',
  'git@host:[a]',
  'host:é',
  'git@fe80:r',
  ...(windows ? [] : ['c:r', 'c:/r', 'c:\\r']),
]

const DAEMON = product(['git://'], ['Host.EXAMPLE', 'host:9419', 'host:', '[::1]', '[::1]:9419'], ['/o/r.git', '/~u/a%20b?c#d', '//r'])

const FILES = [
  'file:///srv/r.git',
  'file:///',
  'file:////srv/r',
  'file:///srv/a%20b',
  'file:///srv/a b',
  'file:///srv/100%',
  'file:///srv/a%2520b',
  'file:///srv/%C3%A9/é',
  'file:///srv/a@b:c?d#e',
  'file:///srv/a[b]',
  'file:///~u/r',
  '/srv/r.git',
  '/',
  '//srv/r',
  '/srv/a b',
  '/srv/a%20b',
  '/srv/a:b',
  '/srv/a@b',
  '/srv/é',
  './a:b',
  './-r',
  './u@host/r',
  '../r.git',
  'r.git',
  'a/b:c',
  '.',
  '~/r',
  'a[b]',
  '[a',
]

const WEB = [
  ...product(
    ['https://', 'http://'],
    ['', 'u@', 'u:p@', 'u%40corp.example@', ':p@', 'u:@'],
    ['host.example', 'host:8443', '[::1]:8443'],
    ['/o/r.git'],
  ),
  ...product(
    ['https://'],
    ['', 'u:p%40%2F%3A@'],
    ['host', '10.0.0.1', '[2001:DB8::a]', 'Host.Example:443', 'my_host', 'host:'],
    ['/r', '//o/r//', '/o/a%20b'],
  ),
  'https://u:p:q@host/r',
  'https://@host/r',
  'https://host/~u/r',
  'https://host/100%',
  'https://host/a%zz',
  'https://host/a%2520b',
  'https://host/%C3%A9/é',
  'https://host/a%2F',
  'https://host/%2F',
  'https://host/a%40b',
  'https://host/@scope/r',
  'https://host/a:b',
  'https://host/a%20b:c%20d',
  'https://host/:a%20b',
  'https://host/a+b&c=d;e,f(g)h!i*j\'k"l<m>n^o`p{q|r}s',
  'https://host/-/r',
  'https://[fe80::1%25eth0]/r',
  'https://[fe80::1%25eth0]:8443/r',
]

describe.each([
  ['ssh', SSH],
  ['scp-style', SCP],
  ['git', DAEMON],
  ['file', windows ? FILES.filter(text => !text.includes(':') || text.startsWith('file:')) : FILES],
  ['web', WEB],
])('%s', (_, table) => {
  test.each(table)('%s', text => {
    const url = read(text)
    expect(readingOf(url)).toEqual(readByGit(text))

    // What git gets instead of the original is read the same by both, without the user of a web URL.
    const user = text.startsWith('http') ? null : url.user
    const again = read(url.toGit())
    expect(readingOf(again)).toEqual({ ...readingOf(url), user })
    expect(again.toGit()).toBe(url.toGit())
    if (url.toGit() !== text) expect(readByGit(url.toGit())).toEqual({ ...readingOf(url), user })
  })
})

test('the table is long enough', () => {
  expect(new Set([...SSH, ...SCP, ...FILES, ...WEB]).size).toBeGreaterThan(250)
})

describe('a password in an ssh URL, which git takes for a part of the user', () => {
  test.each([
    ['ssh://u:p@host/r', 'ssh://u@host/r'],
    ['ssh://u:p@host:22/r', 'ssh://u@host:22/r'],
    ['ssh://u%3Ap@[::1]:22/~x', 'ssh://u@[::1]:22/~x'],
    ['ssh://u%40corp:p@[::1]:22/~x', 'ssh://u%40corp@[::1]:22/~x'],
  ])('%s', (text, without) => {
    expect(readByGit(text)?.user).not.toBe(read(text).user)
    expect(read(text).secret()).toBe('p')
    expect(read(text).toGit()).toBe(without)
    expect(readByGit(without)).toEqual(readingOf(read(text)))
  })
})

// What git made of it when the row was written; a newer git may refuse, too.
const REFUSED: readonly (readonly [string, Partial<Reading> | null, RegExp])[] = [
  ['SSH://host/r', null, /lower case/],
  ['foo://host/r', null, /not supported/],
  ['a_b://host/r', null, /is no protocol/],
  ['host://r', null, /not supported/],
  ['./a://b', null, /is no protocol/],
  ['ext::sh', { host: 'ext', path: ':sh' }, /remote helper/],
  ['::1:r', { host: '', path: ':1:r' }, /remote helper/],
  ['fe80::1:r', { host: 'fe80', path: ':1:r' }, /remote helper/],
  ['ssh://host', null, /no path/],
  ['ssh:///r', { host: '', path: '/r' }, /no host/],
  ['ssh://git@/r', { host: '', path: '/r' }, /no host/],
  ['ssh://@host/r', { user: '', host: 'host' }, /user of the URL is empty/],
  ['ssh://-host/r', { host: '-host' }, /host of the URL starts with `-`/],
  ['ssh://git@-host/r', { user: 'git', host: '-host' }, /host of the URL starts with `-`/],
  ['ssh://-u@host/r', { user: '-u' }, /user of the URL starts with `-`/],
  ['ssh://%2Du@host/r', { user: '-u' }, /user of the URL starts with `-`/],
  ['ssh://[-host]:22/r', { host: '-host' }, /host of the URL starts with `-`/],
  ['ssh://host:0/r', { host: 'host', port: 0 }, /port/],
  ['ssh://host:65536/r', { host: 'host:65536', port: null }, /port/],
  ['ssh://host:+22/r', { host: 'host', port: 22 }, /port/],
  ['ssh://host:%2022/r', { host: 'host', port: 22 }, /port/],
  ['ssh://host:ssh/r', { host: 'host:ssh', port: null }, /port/],
  ['ssh://host:1:2/r', { host: 'host:1:2', port: null }, /port/],
  ['ssh://[host:22]:33/r', { host: 'host:22', port: 33 }, /host of the URL is neither/],
  ['ssh://[host]x/r', { host: 'host' }, /host of the URL is neither/],
  ['ssh://[::1/r', { host: '[::1', path: '/r' }, /host of the URL is neither/],
  ['ssh://[u]@host/r', { user: null, host: 'u' }, /user of the URL holds/],
  ['ssh://ho%20st/r', { host: 'ho st' }, /host of the URL is neither/],
  ['ssh://ho%0Ast/r', { path: '/r' }, /host of the URL is neither/],
  ['ssh://hóst/r', { host: 'hóst' }, /host of the URL is neither/],
  ['ssh://u%20v@host/r', { user: 'u v' }, /user of the URL holds/],
  ['ssh://u%2Fv@host/r', { host: 'u', path: '/v@host/r' }, /`\/`/],
  ['ssh://host/a b', { path: '/a b' }, /blank/],
  ['ssh://host/a%09b', { path: '/a\tb' }, /control/],
  ['ssh://host/a%00b', { path: '/a%00b' }, /control/],
  ['ssh://host/a%FF', { host: 'host' }, /UTF-8/],
  ['ssh://host/a%C2%A0b', { path: '/a\u00a0b' }, /blank/],
  ['ssh://host/a%E2%80%AEb', { path: '/a\u202eb' }, /control/],
  ['ssh://host/x@[y]/z', { host: 'y', path: '/z' }, /user of the URL holds/],
  ['host:', { host: 'host', path: '' }, /no path/],
  [':r', { host: '', path: 'r' }, /no host/],
  ['git@:r', { host: '', path: 'r' }, /no host/],
  ['host:-r', null, /path of the URL starts with `-`/],
  ['-host:r', null, /URL starts with `-`/],
  ['u@-host:r', { host: '-host' }, /host of the URL starts with `-`/],
  ['u:p@host:r', { host: 'u', path: 'p@host:r' }, /looks like a password/],
  ['[u:p@host]:r', { user: 'u:p', host: 'host' }, /holds a `:`/],
  ['[host]x:r', { host: 'host' }, /host of the URL is neither/],
  ['[host:0]:r', { host: 'host', port: 0 }, /port/],
  ['file://', null, /absolute path/],
  ['file://host/r', { path: '/r' }, /absolute path/],
  ['file://~/r', { path: '/r' }, /absolute path/],
  ['file:///a@[b]/c', { path: '/c' }, /git cannot read/],
  ['/a@[b]/c', { path: ']/c' }, /git cannot read/],
  ['[a]/c', { path: ']/c' }, /git cannot read/],
  ['u@host/r', { protocol: 'file', path: 'u@host/r' }, /no protocol/],
  ['https://host', { host: 'host', path: '' }, /no path/],
  ['https://host/', { host: 'host', path: '' }, /no path/],
  ['https:///r', { host: '' }, /no host/],
  ['https://u:p@/r', { host: '' }, /no host/],
  ['https://host:0/r', { host: 'host', port: 0 }, /port/],
  ['https://host:65536/r', { host: 'host', port: 65536 }, /port/],
  ['https://host:x/r', { host: 'host:x' }, /port/],
  ['https://u:p/q@host/r', { user: null, path: 'q@host/r' }, /`@` too many/],
  ['https://u@v:p@host/r', { user: 'u', host: 'v:p@host' }, /`@` too many/],
  ['https://host/a@b', { path: 'a@b' }, /`@` too many/],
  ['https://host/r?q', { path: 'r?q' }, /query/],
  ['https://host/r#f', { path: 'r#f' }, /query/],
  ['https://ho%73t/r', { host: 'host' }, /host of the URL is neither/],
  ['https://::1/r', { host: ':' }, /host/],
  ['https://[host]/r', { host: 'host' }, /host of the URL is neither/],
  ['https://-host/r', { host: '-host' }, /host of the URL starts with `-`/],
  ['https://-u@host/r', { user: '-u' }, /user of the URL starts with `-`/],
  ['https://u%3Av@host/r', { user: 'u:v' }, /holds a `:`/],
  ['https://u:p%0Aq@host/r', null, /control/],
  ['https://u%20v@host/r', { user: 'u v' }, /user of the URL holds a blank/],
  ['https://host/a%00b', { path: 'a%00b' }, /control/],
  ['https://host/a b', { path: 'a b' }, /blank/],
]

describe('refused by us', () => {
  test.each(REFUSED)('%s', (text, reading, problem) => {
    expect(parseRemoteUrl(text, { allowInsecureHttp: true })).toEqual({ problem: expect.stringMatching(problem) })
    const byGit = windows ? null : readByGit(text)
    if (byGit !== null) expect(byGit).toMatchObject(reading ?? { refused: true })
  })
})
