// Who we are over HTTPS, for both transfers: user names, the token of the run, client certificates, proxies, and what never turns verification off.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { run } from '../support/child-process.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, compareRefs, createBare, fsck, gitEnvironment, refsOf } from '../support/git-repository.ts'
import { differences, type MirrorOptions, PROGRAM, runMirror } from '../support/mirror.ts'
import { startProxy, type TestProxy } from '../support/tinyproxy.ts'

const TRANSFERS = ['relay', 'git'] as const
let server: GitHttp
let other: GitHttp
let open: TestProxy
let locked: TestProxy
let source: string
let count = 0

beforeAll(async () => {
  other = await startGitHttp()
  server = await startGitHttp({ elsewhere: other.origin })
  open = await startProxy()
  locked = await startProxy({ user: 'ada', password: 'p-w_d' })
  source = await createBare()
  await commit(source, 'main', { files: { a: '1' } })
})

afterAll(async () => {
  await Promise.allSettled([server, other, open, locked].map(async one => await one?.stop()))
})

type UserRow = [name: string, inputs: RawInputs, change: (url: string) => string, user: string]
type ProxyRow = [name: string, environment: (address: string) => Record<string, string>]

interface Run {
  readonly inputs?: RawInputs
  readonly options?: MirrorOptions
  /** The URL of the repository of this name. */
  readonly url?: (name: string) => string
}

/** Mirrors to a new repository of the server. */
async function mirrorTo({ inputs = {}, options = {}, url = name => server.url(name) }: Run) {
  const name = `credentials${count++}`
  const destination = await server.createRepository(name)
  const all = {
    'repository-url': source,
    'remote-url': url(name),
    username: server.user,
    'auth-secret': server.token,
    'ca-certificate': server.caPem,
    ...inputs,
  }
  const report = await runMirror(all, options)
  if (report.failure === null) expect(compareRefs(await refsOf(source), await refsOf(destination))).toEqual([])
  else expect((await refsOf(destination)).size).toBe(0)
  expect(JSON.stringify(report)).not.toContain(server.token)
  const requests = (await server.requests()).filter(one => one.path.includes(`/${name}.git/`))
  return { report, destination, requests }
}

const usersOf = (requests: Awaited<ReturnType<typeof mirrorTo>>['requests']): (string | null)[] => [
  ...new Set(requests.map(({ user }) => user)),
]

/** Names and places are read from the settings before any transfer; one row shows that each transfer uses what was read. */
const ofTransfer = <Row>(transfer: (typeof TRANSFERS)[number], rows: readonly [Row, ...Row[]]): Row[] =>
  transfer === 'relay' ? [...rows] : [rows[0]]

describe.each(TRANSFERS)('%s', transfer => {
  const isRelay = transfer === 'relay'

  describe('the user name', () => {
    const rows: [UserRow, ...UserRow[]] = [
      ['encoded in the URL', { username: '' }, url => url.replace('://', '://ada%40example.org@'), 'ada@example.org'],
      ['of the input', { username: 'mirror' }, url => url, 'mirror'],
      ['of the URL, which comes first', { username: 'somebody' }, url => url.replace('://', '://mirror@'), 'mirror'],
      ['encoded in the input', { username: 'ada%40example.org' }, url => url, 'ada@example.org'],
      ['of nobody in particular', { username: '' }, url => url, 'x-access-token'],
    ]
    test.each(ofTransfer(transfer, rows))('%s', async (_name, inputs, change, user) => {
      const { report, requests, destination } = await mirrorTo({ inputs: { ...inputs, transfer }, url: name => change(server.url(name)) })
      expect(report).toMatchObject({ status: 'updated', inSync: true, transfer })
      expect(usersOf(requests)).toEqual([user])
      await fsck(destination)
    })
  })

  test('a Bearer token, for a server that takes nothing else; another server never gets it', async () => {
    const inputs = { username: '', 'auth-scheme': 'bearer', transfer }
    const { report, requests, destination } = await mirrorTo({ inputs, url: name => server.url(name, { prefix: 'bearer' }) })
    expect(report).toMatchObject({ status: 'updated', inSync: true, transfer })
    expect(new Set(requests.map(({ login }) => login))).toEqual(new Set(['Bearer']))
    const back = await createBare()
    const pulled = await runMirror({
      'repository-url': server.url(destination.replace(/^.*\/(.*)\.git$/, '$1'), { prefix: 'bearer' }),
      'remote-url': back,
      token: server.token,
      'token-scheme': 'bearer',
      'ca-certificate': server.caPem,
      transfer,
    })
    expect(pulled).toMatchObject({ status: 'updated', inSync: true })
    expect(await differences(destination, back)).toEqual([])

    const basic = await mirrorTo({ inputs: { transfer }, url: name => server.url(name, { prefix: 'bearer' }) })
    expect(basic.report.failure).toMatchObject({ kind: 'credentials-refused', hint: expect.stringContaining('auth-scheme') })

    const before = await other.requests()
    const away = await mirrorTo({ inputs, url: name => server.url(name, { prefix: 'elsewhere' }) })
    expect(away.report.failure).toMatchObject({ kind: 'redirected', side: 'there' })
    expect(await other.requests()).toEqual(before)
  })

  describe("here's own token", () => {
    const paths: [[string, string], ...[string, string][]] = [
      ['below a path, on a port of its own', '/git'],
      ['with a slash at the end', '/git/'],
    ]
    test.each(ofTransfer(transfer, paths))('of a server %s', async (_name, path) => {
      const repository = await server.createRepository(`owner${count}/name${count}`)
      await commit(repository, 'main', { files: { a: '1' } })
      const destination = await createBare()
      const inputs = {
        repository: `owner${count}/name${count}`,
        token: server.token,
        'remote-url': destination,
        'ca-certificate': server.caPem,
        transfer,
      }
      count++
      const context = {
        serverUrl: `${server.origin}${path}`,
        isTokenOfRun: (token: string) => (token === server.token ? ('yes' as const) : ('no' as const)),
      }
      const report = await runMirror(inputs, { context })
      expect(report).toMatchObject({ inSync: true, failure: null, source: { url: `${server.origin}/git/${inputs.repository}.git` } })
      expect(await differences(repository, destination)).toEqual([])
      const asked = (await server.requests()).filter(one => one.path.includes(inputs.repository))
      expect(usersOf(asked)).toEqual(['x-access-token'])
    })

    test('does not leave for another server', async () => {
      const repository = await server.createRepository(`foreign${count++}`)
      const inputs = {
        'repository-url': server.url(`foreign${count - 1}`),
        token: server.token,
        'remote-url': await createBare(),
        transfer,
      }
      const context = {
        serverUrl: other.origin,
        isTokenOfRun: (token: string) => (token === server.token ? ('yes' as const) : ('no' as const)),
      }
      const report = await runMirror({ ...inputs, 'ca-certificate': server.caPem }, { context })
      expect(report).toMatchObject({ failure: { kind: 'credentials-missing', side: 'here' } })
      expect(report.notices).toEqual([expect.stringContaining('the token of the run was not sent to "127.0.0.1"')])
      const asked = (await server.requests()).filter(one => one.path.includes(repository.replace(/^.*\//, '')))
      expect(usersOf(asked)).toEqual([null])
    })
  })

  describe('no secret', () => {
    test('suffices for a public source', async () => {
      const name = `public${count++}`
      const repository = await server.createRepository(name)
      await commit(repository, 'main', { files: { a: '1' } })
      const destination = await createBare()
      const report = await runMirror({
        'repository-url': server.url(name, { prefix: 'public' }),
        'remote-url': destination,
        'ca-certificate': server.caPem,
        transfer,
      })
      expect(report).toMatchObject({ inSync: true, failure: null })
      expect(await differences(repository, destination)).toEqual([])
    })

    test('does not for a server that asks: the hint says where to put one', async () => {
      const { report } = await mirrorTo({ inputs: { 'auth-secret': '', transfer } })
      expect(report.failure).toMatchObject({
        kind: 'credentials-missing',
        side: 'there',
        hint: expect.stringContaining('set `auth-secret`'),
      })
    })
  })

  describe('a client certificate', () => {
    const guarded = (name: string): string => `${server.guardedOrigin}/git/${name}.git`

    // By git through a proxy, which is the next row.
    if (isRelay) {
      test.each<[string, () => RawInputs]>([
        ['and its key', () => ({ 'client-certificate': server.client.certificate, 'client-key': server.client.key })],
        ['with its key in one text', () => ({ 'client-certificate': `${server.client.certificate}${server.client.key}` })],
      ])('%s', async (_name, inputs) => {
        const { report } = await mirrorTo({ inputs: { ...inputs(), transfer }, url: guarded })
        expect(report).toMatchObject({ status: 'updated', inSync: true, transfer })
      })
    }

    test('through a proxy', async () => {
      const inputs = { 'client-certificate': server.client.certificate, 'client-key': server.client.key, transfer }
      const options = { environment: { https_proxy: `http://ada:p-w_d@${locked.address}` } }
      expect((await mirrorTo({ inputs, options, url: guarded })).report).toMatchObject({ inSync: true })
    })

    test('is missing', async () => {
      const { report } = await mirrorTo({ inputs: { transfer }, url: guarded })
      // nginx says what it lacks on a page, which git does not show.
      const told = { kind: 'credentials-missing', hint: 'set `client-certificate` and `client-key`' }
      expect(report.failure).toMatchObject({
        side: 'there',
        ...(transfer === 'relay'
          ? told
          : { kind: 'bad-request', message: expect.stringContaining('error: 400'), hint: expect.stringContaining('client-certificate') }),
      })
    })

    test('is shown to no other server: no redirect is followed with it, though there is no secret', async () => {
      const before = await other.requests()
      const inputs = { 'auth-secret': '', 'client-certificate': server.client.certificate, 'client-key': server.client.key, transfer }
      const { report } = await mirrorTo({ inputs, url: name => server.url(name, { prefix: 'elsewhere' }) })
      expect(report.failure).toMatchObject({ kind: 'redirected', side: 'there' })
      expect(await other.requests()).toEqual(before)
    })
  })

  describe('an authority', () => {
    const rows: [[string, () => RawInputs], ...[string, () => RawInputs][]] = [
      ['is another one', () => ({ 'ca-certificate': other.caPem })],
      ['is missing', () => ({ 'ca-certificate': '' })],
    ]
    test.each(ofTransfer(transfer, rows))('%s: nothing is sent', async (_name, inputs) => {
      const { report, requests } = await mirrorTo({ inputs: { ...inputs(), transfer } })
      expect(report.failure).toMatchObject({ kind: 'tls-untrusted', side: 'there' })
      expect(requests).toEqual([])
    })

    test('that is missing is not made up for by variables of node and git', async () => {
      const variables = { NODE_TLS_REJECT_UNAUTHORIZED: '0', GIT_SSL_NO_VERIFY: 'true', GIT_CONFIG_PARAMETERS: "'http.sslVerify=false'" }
      const repository = `unverified${count++}`
      const destination = await server.createRepository(repository)
      const [node = '', ...args] = PROGRAM
      const command = [
        ...args,
        'mirror',
        source,
        server.url(repository),
        '--username',
        server.user,
        '--transfer',
        transfer,
        '--retries',
        '0',
      ]
      const env = { ...gitEnvironment(), REPOSITORY_MIRRORING_AUTH_SECRET: server.token, ...variables }
      const { code, stdout } = await run(node, [...command, '--json'], { cwd: '/', env })
      expect(code).not.toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ failure: { kind: 'tls-untrusted' } })
      expect((await refsOf(destination)).size).toBe(0)
      expect((await server.requests()).filter(one => one.path.includes(repository))).toEqual([])
    })
  })

  describe('a proxy', () => {
    const place = (): string => new URL(server.origin).host

    // git reads the variables itself; unit/mask.test.ts shows that it gets each of them, and a row below that it goes through a proxy.
    const rows: readonly ProxyRow[] = [
      ['HTTPS_PROXY', address => ({ HTTPS_PROXY: `http://${address}` })],
      ['https_proxy, which comes before HTTPS_PROXY', address => ({ https_proxy: address, HTTPS_PROXY: 'http://127.0.0.1:1' })],
      ['ALL_PROXY', address => ({ ALL_PROXY: `http://${address}` })],
      ['all_proxy', address => ({ all_proxy: `http://${address}` })],
      ['NO_PROXY that names another host', address => ({ HTTPS_PROXY: address, NO_PROXY: 'example.org,127.0.0.2' })],
    ]
    const exemptions: [[string, Record<string, string>], ...[string, Record<string, string>][]] = [
      ['NO_PROXY', { NO_PROXY: 'example.org, 127.0.0.1' }],
      ['no_proxy', { no_proxy: '127.0.0.1' }],
      ['NO_PROXY=*', { NO_PROXY: '*' }],
    ]
    if (isRelay) {
      test.each(rows)('%s', async (_name, environment) => {
        const before = open.connections().length
        const { report } = await mirrorTo({ inputs: { transfer }, options: { environment: environment(open.address) } })
        expect(report).toMatchObject({ status: 'updated', inSync: true, transfer })
        expect(new Set(open.connections().slice(before))).toEqual(new Set([place()]))
      })
    }
    test.each(ofTransfer(transfer, exemptions))('is passed by where %s says so', async (_name, exempt) => {
      const environment = { HTTPS_PROXY: 'http://127.0.0.1:1', ...exempt }
      expect((await mirrorTo({ inputs: { transfer }, options: { environment } })).report).toMatchObject({ inSync: true })
    })

    test('with a password', async () => {
      const before = locked.connections().length
      const environment = { HTTPS_PROXY: `http://ada:p-w%5Fd@${locked.address}` }
      const { report } = await mirrorTo({ inputs: { transfer }, options: { environment } })
      expect(report).toMatchObject({ status: 'updated', inSync: true, transfer })
      expect(new Set(locked.connections().slice(before))).toEqual(new Set([place()]))
    })

    test.each(ofTransfer(transfer, ['ada:wr0ng-password@', '']))('that asks for a password, with %j', async login => {
      const environment = { HTTPS_PROXY: `http://${login}${locked.address}` }
      const { report } = await mirrorTo({ inputs: { transfer }, options: { environment } })
      expect(report.failure).toMatchObject({ kind: 'proxy-refused', side: 'there' })
      expect(JSON.stringify(report)).not.toContain('wr0ng-password')
    })

    test('that is not there', async () => {
      const { report } = await mirrorTo({ inputs: { transfer }, options: { environment: { HTTPS_PROXY: 'http://127.0.0.1:1' } } })
      expect(report.failure).toMatchObject({ kind: 'connection-refused', side: 'there' })
    })
  })
})
