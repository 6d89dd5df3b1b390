import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, Socket } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import { LINE_EDGE_CHARACTERS } from '../../src/limits/limits.ts'
import { parseRemoteUrl, RemoteUrl } from '../../src/remote/url.ts'
import { scanHostKeys } from '../../src/ssh/host-key-scan.ts'
import { type HttpOptions, httpTransport } from '../../src/transport/http.ts'
import type { Body, Transport } from '../../src/transport/transport.ts'
import type { ByteReader } from '../../src/wire/byte-reader.ts'
import { PacketReader } from '../../src/wire/pkt-line.ts'
import { inTime, settle, stopClock, until } from '../support/clock.ts'
import { freePort, type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, createBare, git, refsOf } from '../support/git-repository.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { startProxy, type TestProxy } from '../support/tinyproxy.ts'

let server: GitHttp
let other: GitHttp
const opened: Transport[] = []

beforeAll(async () => {
  other = await startGitHttp()
  server = await startGitHttp({ elsewhere: other.origin })
  for (const one of [server, other]) await commit(await one.createRepository('one'), 'main', { files: { a: '1' } })
})

stopClock()
afterEach(() => {
  for (const transport of opened.splice(0)) transport.close()
})

afterAll(async () => {
  await server?.stop()
  await other?.stop()
})

function urlOf(text: string): RemoteUrl {
  const url = parseRemoteUrl(text, { allowInsecureHttp: true })
  if (!(url instanceof RemoteUrl)) throw new Error(url.problem)
  return url
}

const NOBODY = {
  side: 'there',
  username: 'mirror',
  secret: null,
  scheme: 'basic',
  caCertificate: null,
  clientCertificate: null,
  clientKey: null,
  environment: {},
  hide: (text: string) => text,
  debug: () => {},
  idleTimeoutMs: 300_000,
  connectTimeoutMs: 30_000,
} as const

/** @param options beside those of the test server's user */
function transportTo(url: string, options: Partial<HttpOptions> = {}): Transport {
  const transport = httpTransport({ ...NOBODY, secret: server.token, caCertificate: server.caPem, url: urlOf(url), ...options })
  opened.push(transport)
  return transport
}

async function readAll(reader: ByteReader): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of reader.rest()) pieces.push(piece)
  return Buffer.concat(pieces)
}

const textOf = async (reader: ByteReader): Promise<string> => (await readAll(reader)).toString('latin1')

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Failure)) throw new Error('no Failure', { cause: error })
  expect(error.message).not.toMatch(/\.$/)
  return error
}

/** A commit, and a pack with all that it leads to, of more than 2 MiB. */
async function largePack(): Promise<{ pack: Buffer; tip: string }> {
  const source = await createBare()
  const random = Array.from({ length: 200_000 }, (_, i) => String(Math.imul(i, 2654435761)))
  const tip = await commit(source, 'main', { files: { random: random.join('\n') } })
  const packed = await git(source, ['-c', 'core.compression=0', 'pack-objects', '--revs', '-q', join(source, 'out')], { input: 'main\n' })
  const pack = readFileSync(join(source, `out-${packed.stdout.trim()}.pack`))
  expect(pack.length).toBeGreaterThan(2 ** 21)
  return { pack, tip }
}

const packet = (text: string): string => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`
const LS_REFS = Buffer.from(`${packet('command=ls-refs\n')}0001${packet('ref-prefix refs/heads/\n')}0000`)
const pathsOf = async (from: GitHttp): Promise<string[]> => (await from.requests()).map(one => `${one.method} ${one.path}`)

describe('a real server', () => {
  test('greets in protocol v2, and answers over the same connection', async () => {
    const said: string[] = []
    const conversation = await transportTo(server.url('one'), { debug: text => said.push(text) }).open('upload-pack', 2)
    expect(conversation.stateless).toBe(true)
    expect(await textOf(conversation.greeting)).toMatch(/^000eversion 2\n/)
    const { answer, sent } = conversation.ask(LS_REFS)
    expect(await textOf(answer)).toMatch(/[0-9a-f]{40} refs\/heads\/main\n0000$/)
    await sent
    expect((await server.requests()).slice(-2)).toEqual([
      expect.objectContaining({
        method: 'GET',
        path: '/git/one.git/info/refs?service=git-upload-pack',
        gitProtocol: 'version=2',
        user: 'mirror',
      }),
      expect.objectContaining({ method: 'POST', path: '/git/one.git/git-upload-pack', gitProtocol: 'version=2', user: 'mirror' }),
    ])
    expect(said.join('\n')).not.toContain(server.token)
  })

  test('greets in protocol v0', async () => {
    const { greeting } = await transportTo(server.url('one')).open('upload-pack', 0)
    expect(await textOf(greeting)).toMatch(/^[0-9a-f]{4}[0-9a-f]{40} HEAD\0/)
    expect((await server.requests()).at(-1)).toMatchObject({ gitProtocol: null })
  })

  test('without TLS', async () => {
    const { greeting } = await transportTo(server.url('one', { plain: true })).open('upload-pack', 2)
    expect(await textOf(greeting)).toMatch(/^000eversion 2\n/)
  })

  test('takes a push, in chunks', async () => {
    const { pack, tip } = await largePack()
    const repository = await server.createRepository('pushed')
    const { greeting, ask } = await transportTo(server.url('pushed')).open('receive-pack', 0)
    expect(await textOf(greeting)).toContain('capabilities^{}')
    const { answer, sent } = ask(
      (async function* () {
        yield Buffer.from(`${packet(`${'0'.repeat(40)} ${tip} refs/heads/main\0report-status`)}0000`)
        for (let start = 0; start < pack.length; start += 100_000) yield pack.subarray(start, start + 100_000)
      })(),
    )
    const [told] = await Promise.all([textOf(answer), sent])
    expect(told).toBe(`${packet('unpack ok\n')}${packet('ok refs/heads/main\n')}0000`)
    expect((await refsOf(repository)).get('refs/heads/main')).toBe(tip)
  })

  test('never gets to see the end of a body that throws', async () => {
    const { pack, tip } = await largePack()
    const repository = await server.createRepository('broken')
    const { ask } = await transportTo(server.url('broken')).open('receive-pack', 0)
    const { answer, sent } = ask(
      (async function* () {
        yield Buffer.from(`${packet(`${'0'.repeat(40)} ${tip} refs/heads/main\0report-status`)}0000`)
        yield pack.subarray(0, -20)
        throw new Failure('source-moved', 'the source broke off')
      })(),
    )
    expect((await failureOf(sent)).kind).toBe('source-moved')
    expect((await failureOf(readAll(answer))).kind).toBe('source-moved')
    expect((await refsOf(repository)).size).toBe(0)
  })

  test.each<[string, string, Partial<HttpOptions>, string]>([
    ['no credentials', 'git', { secret: null }, 'credentials-missing'],
    ['wrong credentials', 'git', { secret: 'wrong' }, 'credentials-refused'],
    ['no repository', 'missing', {}, 'repository-not-found'],
  ])('%s', async (_, name, options, kind) => {
    const failure = await failureOf(transportTo(server.url(name === 'git' ? 'one' : name), options).open('upload-pack', 2))
    expect(failure).toMatchObject({ kind, side: 'there' })
  })

  test('that takes no push', async () => {
    const failure = await failureOf(transportTo(server.url('one', { prefix: 'nopush' })).open('receive-pack', 0))
    expect(failure).toMatchObject({ kind: 'permission-denied', message: 'the server denies access (HTTP 403)' })
  })

  test('that asks for a client certificate', async () => {
    const url = `${server.guardedOrigin}/git/one.git`
    const { certificate, key } = server.client
    const { greeting } = await transportTo(url, { clientCertificate: certificate, clientKey: key }).open('upload-pack', 2)
    expect(await textOf(greeting)).toMatch(/^000eversion 2\n/)
    const both = `${certificate}${key}`
    await transportTo(url, { clientCertificate: both, clientKey: null }).open('upload-pack', 2)
    expect(await failureOf(transportTo(url).open('upload-pack', 2))).toMatchObject({
      kind: 'credentials-missing',
      hint: 'set `client-certificate` and `client-key`',
    })
    expect((await failureOf(transportTo(url, { clientCertificate: certificate }).open('upload-pack', 2))).kind).toBe('settings-invalid')
  })
})

test('each address of a host gets as much time as over SSH', async () => {
  const connect = jest.spyOn(Socket.prototype, 'connect')
  const host = { host: '127.0.0.1', port: await freePort() }
  await failureOf(transportTo(`https://127.0.0.1:${host.port}/x`).open('upload-pack', 2))
  await failureOf(scanHostKeys(host))
  const times = connect.mock.calls.map(([given]) => JSON.stringify(given).match(/"autoSelectFamilyAttemptTimeout":(\d+)/)?.[1])
  connect.mockRestore()
  expect([times.length > 1, [...new Set(times)]]).toEqual([true, ['2500']])
})

describe('authorities', () => {
  test.each<[string, () => Partial<HttpOptions>]>([
    ['none but node’s', () => ({ caCertificate: null })],
    ['another one', () => ({ caCertificate: other.caPem })],
    ['GIT_SSL_CAINFO with another one', () => ({ caCertificate: null, environment: { GIT_SSL_CAINFO: other.caFile } })],
    ['ours, which comes before GIT_SSL_CAINFO', () => ({ caCertificate: other.caPem, environment: { GIT_SSL_CAINFO: server.caFile } })],
  ])('%s: not trusted, and nothing is sent', async (_, options) => {
    const before = await pathsOf(server)
    const failure = await failureOf(transportTo(server.url('one'), options()).open('upload-pack', 2))
    expect(failure).toMatchObject({ kind: 'tls-untrusted', side: 'there' })
    expect(await pathsOf(server)).toEqual(before)
  })

  test.each(['GIT_SSL_CAINFO', 'SSL_CERT_FILE'])('%s', async name => {
    const { greeting } = await transportTo(server.url('one'), { caCertificate: null, environment: { [name]: server.caFile } }).open(
      'upload-pack',
      2,
    )
    expect(await textOf(greeting)).toMatch(/^000eversion 2\n/)
  })

  test('a file that is not there, and one that is none', async () => {
    const file = join(temporaryDirectory(), 'authorities.pem')
    const open = () => transportTo(server.url('one'), { caCertificate: null, environment: { GIT_SSL_CAINFO: file } }).open('upload-pack', 2)
    expect((await failureOf(open())).kind).toBe('settings-invalid')
    writeFileSync(file, '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n')
    expect((await failureOf(open())).kind).toBe('tls-untrusted')
  })

  test('a certificate for another name', async () => {
    const url = server.url('one').replace('127.0.0.1', '127.0.0.2')
    const proxy = await startProxyTo(Number(new URL(server.origin).port))
    const failure = await failureOf(transportTo(url, { environment: { https_proxy: proxy.address } }).open('upload-pack', 2))
    expect(failure).toMatchObject({ kind: 'tls-untrusted', hint: 'use the name in the URL that the certificate is for' })
    proxy.stop()
  })
})

/** A proxy that leads everybody to one port. */
async function startProxyTo(port: number) {
  const { connect } = await import('node:net')
  const proxy = createServer()
  proxy.on('connect', (_request, socket: Socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    const way = connect(port, '127.0.0.1')
    way.on('error', () => socket.destroy())
    socket.on('error', () => way.destroy())
    way.pipe(socket).pipe(way)
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  return { address: `127.0.0.1:${(proxy.address() as AddressInfo).port}`, stop: () => proxy.close() }
}

describe('a redirect of the first request', () => {
  test('on the same origin is followed with credentials, and the requests that follow go there', async () => {
    const { greeting, ask } = await transportTo(server.url('one', { prefix: 'old' })).open('upload-pack', 2)
    await readAll(greeting)
    expect(await textOf(ask(LS_REFS).answer)).toContain('refs/heads/main')
    expect((await pathsOf(server)).slice(-3)).toEqual([
      'GET /old/one.git/info/refs?service=git-upload-pack',
      'GET /git/one.git/info/refs?service=git-upload-pack',
      'POST /git/one.git/git-upload-pack',
    ])
  })

  test('to another origin is not followed with credentials', async () => {
    const before = await pathsOf(other)
    const failure = await failureOf(transportTo(server.url('one', { prefix: 'elsewhere' })).open('upload-pack', 2))
    expect(failure).toMatchObject({
      kind: 'redirected',
      message: `the server redirects to "${other.origin}/git/one.git", to which the credentials were not sent`,
    })
    expect(await pathsOf(other)).toEqual(before)
  })

  test('to another origin is followed without credentials', async () => {
    const caCertificate = `${server.caPem}${other.caPem}`
    const failure = await failureOf(
      transportTo(server.url('one', { prefix: 'elsewhere' }), { secret: null, caCertificate }).open('upload-pack', 2),
    )
    expect(failure.kind).toBe('credentials-missing')
    expect((await other.requests()).at(-1)).toMatchObject({
      path: '/git/one.git/info/refs?service=git-upload-pack',
      user: null,
      status: 401,
    })
  })
})

describe('a proxy', () => {
  let open: TestProxy
  let locked: TestProxy

  beforeAll(async () => {
    open = await startProxy()
    locked = await startProxy({ user: 'ada', password: 'p-w_d' })
  })
  afterAll(async () => {
    await open?.stop()
    await locked?.stop()
  })

  const through = (environment: Record<string, string>, url = server.url('one')) => transportTo(url, { environment }).open('upload-pack', 2)

  test('passes on what it cannot read, over one connection', async () => {
    const conversation = await through({ HTTPS_PROXY: `http://${open.address}/` })
    expect(await textOf(conversation.greeting)).toMatch(/^000eversion 2\n/)
    expect(await textOf(conversation.ask(LS_REFS).answer)).toContain('refs/heads/main')
    expect(open.connections()).toEqual([new URL(server.origin).host])
  })

  test('that asks for a password', async () => {
    await through({ https_proxy: `http://ada:p-w%5Fd@${locked.address}`, HTTPS_PROXY: 'http://127.0.0.1:1' })
    for (const login of ['', 'ada:wrong@']) {
      const failure = await failureOf(through({ ALL_PROXY: `http://${login}${locked.address}` }))
      expect(failure).toMatchObject({ kind: 'proxy-refused', side: 'there' })
      expect(`${failure.message}${failure.detail}`).not.toContain('wrong')
    }
  })

  test('is passed by where NO_PROXY says so', async () => {
    const before = open.connections()
    await through({ HTTPS_PROXY: `http://${open.address}`, NO_PROXY: 'example.org, 127.0.0.1' })
    expect(open.connections()).toEqual(before)
  })

  test('that is not there, and one that does not reach the server', async () => {
    expect(await failureOf(through({ HTTPS_PROXY: 'http://127.0.0.1:1' }))).toMatchObject({
      kind: 'connection-refused',
      message: 'the connection was refused: "proxy 127.0.0.1:1"',
    })
    const failure = await failureOf(through({ HTTPS_PROXY: `http://${open.address}` }, 'https://127.0.0.1:1/x.git'))
    expect(failure).toMatchObject({ kind: 'connection-refused' })
  })

  test('that only git can use', async () => {
    expect((await failureOf(through({ ALL_PROXY: 'socks5h://127.0.0.1:1' }))).kind).toBe('relay-impossible')
    expect((await failureOf(through({ http_proxy: open.address }, server.url('one', { plain: true })))).kind).toBe('relay-impossible')
    await through({ HTTP_PROXY: open.address }, server.url('one', { plain: true }))
  })

  test('with TLS of its own: it gets the name of the server and its own password, and nothing else', async () => {
    const { createServer: createTlsServer } = await import('node:https')
    const { connect } = await import('node:net')
    // It asks for a client certificate, and would take any.
    const proxy = createTlsServer({ cert: server.client.certificate, key: server.client.key, requestCert: true, rejectUnauthorized: false })
    let asked: unknown
    proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
      asked = { target: request.url, certificate: (request.socket as TLSSocket).getPeerCertificate(), ...request.headers }
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      const way = connect(Number(new URL(server.origin).port), '127.0.0.1')
      for (const [one, two] of [
        [way, socket],
        [socket, way],
      ] as const)
        one.on('error', () => two.destroy())
      way.pipe(socket).pipe(way)
    })
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
    const { port } = proxy.address() as AddressInfo
    const client = { clientCertificate: server.client.certificate, clientKey: server.client.key }
    const environment = { HTTPS_PROXY: `https://a:b@127.0.0.1:${port}` }
    const conversation = await transportTo(server.url('one'), { environment, ...client }).open('upload-pack', 2)
    expect(await textOf(conversation.greeting)).toMatch(/^000eversion 2\n/)
    expect(await textOf(conversation.ask(LS_REFS).answer)).toContain('refs/heads/main')
    const { host } = new URL(server.origin)
    const own = `Basic ${Buffer.from('a:b').toString('base64')}`
    expect(asked).toEqual({ target: host, certificate: {}, host, 'proxy-authorization': own, connection: 'close' })
    proxy.close()
  })
})

/** What a server of this file has seen of a request. */
interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  body: Buffer
  complete: boolean
}

/** A server that does what the test says, without TLS. */
async function misbehaving(listener: RequestListener) {
  const seen: Seen[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const http = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const one: Seen = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.alloc(0),
      complete: false,
    }
    seen.push(one)
    request.on('data', (piece: Buffer) => {
      one.body = Buffer.concat([one.body, piece])
    })
    request.on('end', () => {
      one.complete = true
    })
    request.on('error', () => {})
    listener(request, response)
  })
  http.on('connection', socket => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  stops.push(() => {
    http.close()
    for (const socket of sockets) socket.destroy()
  })
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/a/b.git`, seen, sockets, connections: () => connections }
}

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

const GREETING = `${packet('# service=git-upload-pack\n')}0000${packet('version 2\n')}0000`
const advertise =
  (text = GREETING, service = 'upload-pack'): RequestListener =>
  (_request, response) =>
    response.writeHead(200, { 'Content-Type': `application/x-git-${service}-advertisement` }).end(text)

/** Greets properly; what comes then is the test's. */
const greeted =
  (listener: RequestListener): RequestListener =>
  (request, response) => {
    if (request.method !== 'GET') return listener(request, response)
    const service = request.url?.endsWith('receive-pack') ? 'receive-pack' : 'upload-pack'
    const line = packet(`# service=git-${service}\n`)
    advertise(`${line}0000${packet('version 2\n')}0000`, service)(request, response)
  }

/** A body of so many MiB, which also tells how much of it was asked for. */
function largeBody(mebibytes: number) {
  const told = { pieces: 0, isLeft: false }
  async function* body(): AsyncGenerator<Buffer> {
    try {
      for (; told.pieces < mebibytes * 16; told.pieces += 1) yield Buffer.alloc(65_536, 1)
    } finally {
      told.isLeft = true
    }
  }
  return { body: body(), told }
}

async function askOnce(
  listener: RequestListener,
  body: Body,
  options: Partial<HttpOptions> = {},
  service: 'upload-pack' | 'receive-pack' = 'upload-pack',
) {
  const server = await misbehaving(greeted(listener))
  const conversation = await transportTo(server.url, options).open(service, service === 'upload-pack' ? 2 : 0)
  const exchange = conversation.ask(body)
  return { ...server, conversation, exchange }
}

describe('what comes first', () => {
  const openAt = async (listener: RequestListener, options: Partial<HttpOptions> = {}) => {
    const { url, seen } = await misbehaving(listener)
    return { opening: transportTo(url, options).open('upload-pack', 2), seen }
  }

  test('is asked for as git does', async () => {
    const { opening, seen } = await openAt(advertise())
    await readAll((await opening).greeting)
    expect(seen[0]?.url).toBe('/a/b.git/info/refs?service=git-upload-pack')
    expect(seen[0]?.headers).toMatchObject({
      'user-agent': expect.stringMatching(/^git\/repository-mirroring-\d/),
      'git-protocol': 'version=2',
      accept: '*/*',
      'accept-encoding': 'gzip',
      authorization: `Basic ${Buffer.from(`mirror:${server.token}`).toString('base64')}`,
    })
  })

  test('may lack the name of the service', async () => {
    const { opening } = await openAt(advertise(`${packet('version 2\n')}0000`))
    expect(await textOf((await opening).greeting)).toBe('000eversion 2\n0000')
  })

  test('may be compressed', async () => {
    const { opening } = await openAt((_request, response) =>
      response
        .writeHead(200, { 'Content-Type': 'application/x-git-upload-pack-advertisement', 'Content-Encoding': 'gzip' })
        .end(gzipSync(GREETING)),
    )
    expect(await textOf((await opening).greeting)).toBe('000eversion 2\n0000')
  })

  test.each<[string, RequestListener, string]>([
    [
      'of a dumb server',
      (_, response) => response.writeHead(200, { 'Content-Type': 'text/plain' }).end('abc\trefs/heads/main\n'),
      'relay-impossible',
    ],
    ['of a web page', (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>'), 'relay-impossible'],
    ['that is empty', advertise(''), 'remote-error'],
    ['that is empty behind the name of the service', advertise(packet('# service=git-upload-pack\n')), 'remote-error'],
    ['that is no packet', advertise('<html>'), 'protocol-error'],
    ['of another service', advertise(GREETING.replace('upload', 'receive')), 'protocol-error'],
    ['with lines without an end', advertise(packet('# service=git-upload-pack\n') + packet('more\n').repeat(1000)), 'protocol-error'],
  ])('%s', async (_, listener, kind) => {
    expect((await failureOf((await openAt(listener)).opening)).kind).toBe(kind)
  })

  test('that breaks off', async () => {
    const { opening } = await openAt((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/x-git-upload-pack-advertisement', 'Content-Length': 1000 })
      response.write(GREETING.slice(0, -4), () => response.destroy())
    })
    expect((await failureOf(opening.then(({ greeting }) => readAll(greeting)))).kind).toBe('connection-lost')
  })

  test('with a header that does not end', async () => {
    const { opening } = await openAt((request, _response) => {
      const more = () => request.socket.write('x'.repeat(10_000), error => error || more())
      request.socket.on('error', () => {}).write('HTTP/1.1 200 OK\r\nX: ', more)
    })
    expect((await failureOf(opening)).kind).toBe('protocol-error')
  })

  test('from a server that speaks no HTTP', async () => {
    const tcp = createTcpServer(socket => socket.on('error', () => {}).end('SSH-2.0-x\r\n'))
    await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve))
    stops.push(() => tcp.close())
    const failure = await failureOf(transportTo(`http://127.0.0.1:${(tcp.address() as AddressInfo).port}/x`).open('upload-pack', 2))
    expect(failure.kind).toBe('protocol-error')
  })

  test('from a server that is silent', async () => {
    const { opening, seen } = await openAt(() => {})
    await until(() => seen.length > 0)
    expect(await failureOf(inTime(opening))).toMatchObject({ kind: 'timed-out', side: 'there' })
  })

  test('from a server with which no connection can be made in time', async () => {
    const tcp = createTcpServer(socket => socket.on('error', () => {}))
    await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve))
    stops.push(() => tcp.close())
    const url = `https://127.0.0.1:${(tcp.address() as AddressInfo).port}/x`
    expect((await failureOf(inTime(transportTo(url).open('upload-pack', 2)))).kind).toBe('timed-out')
  })

  test('from a host that is not there', async () => {
    expect((await failureOf(transportTo('http://host.invalid/x').open('upload-pack', 2))).kind).toBe('host-not-found')
    expect((await failureOf(transportTo('http://127.0.0.1:1/x').open('upload-pack', 2))).kind).toBe('connection-refused')
  })

  test.each<[string, string | undefined, Partial<HttpOptions>, string]>([
    ['without an address', undefined, {}, 'does not say where to'],
    ['to what is no repository', '/login?token=secret', {}, '/login", which is no address of a repository'],
    ['to another service', '/x/info/refs?service=git-receive-pack', {}, 'which is no address of a repository'],
    ['to another protocol', 'ftp://example.org/x/info/refs?service=git-upload-pack', { secret: null }, 'which is not https'],
    ['without an end', '/again/info/refs?service=git-upload-pack', {}, 'more than 5 times'],
  ])('a redirect %s', async (_, location, options, words) => {
    const { opening, seen } = await openAt(
      (_request, response) => response.writeHead(302, location === undefined ? {} : { Location: location }).end(),
      options,
    )
    const failure = await failureOf(opening)
    expect(failure.kind).toBe('redirected')
    expect(failure.message).toContain(words)
    expect(failure.message).not.toContain('secret')
    expect(seen.length).toBeLessThanOrEqual(6)
  })
})

describe('a status', () => {
  const page = { 'Content-Type': 'text/html' }
  const plain = { 'Content-Type': 'text/plain; charset=utf-8' }
  test.each<[number, Record<string, string>, string, Partial<Failure>]>([
    [401, page, '<html><title>401 Unauthorized</title>Repository not found', { kind: 'credentials-refused', detail: '401 Unauthorized' }],
    [403, plain, 'Permission to a/b.git denied to c', { kind: 'permission-denied', detail: 'Permission to a/b.git denied to c' }],
    [403, plain, 'Write access to repository not granted', { kind: 'read-only' }],
    [403, page, '<p>This repository is archived', { kind: 'permission-denied', detail: null }],
    [404, plain, 'nothing to see', { kind: 'repository-not-found' }],
    [203, page, '<title>Sign in</title>', { kind: 'credentials-refused', detail: 'Sign in' }],
    [400, page, '', { kind: 'bad-request' }],
    [403, plain, 'Your account is suspended. Please visit https://support.github.com', { kind: 'account-blocked' }],
    [403, plain, "Repository 'o/r' is disabled.", { kind: 'repository-blocked' }],
    [407, page, '', { kind: 'proxy-refused' }],
    [408, page, '', { kind: 'timed-out' }],
    [411, page, '', { kind: 'length-required' }],
    [413, page, '', { kind: 'large-file' }],
    [418, page, '', { kind: 'remote-error', message: 'the server answered with an unexpected status (HTTP 418)' }],
    [423, page, '', { kind: 'read-only-for-now', retryAfterMs: null }],
    [429, { ...plain, 'Retry-After': '7' }, 'slow down', { kind: 'rate-limited', retryAfterMs: 7000 }],
    [451, page, '', { kind: 'repository-blocked', message: 'the repository is not available for legal reasons (HTTP 451)' }],
    [500, plain, 'the word is ***', { kind: 'server-error', detail: 'the word is ***' }],
    [502, plain, 'connect() failed: Connection refused', { kind: 'server-error' }],
    [503, { ...page, 'Retry-After': 'Thu, 01 Jan 1970 00:00:00 GMT' }, '', { kind: 'server-error', retryAfterMs: 0 }],
    [204, {}, '', { kind: 'remote-error' }],
  ])('%i', async (status, headers, body, expected) => {
    const refuse: RequestListener = (_request, response) => response.writeHead(status, headers).end(body.replace('***', 'hidden'))
    const hide = (text: string) => text.replaceAll('hidden', '***')
    const { url } = await misbehaving(refuse)
    expect(await failureOf(transportTo(url, { hide }).open('upload-pack', 2))).toMatchObject({ ...expected, side: 'there' })
    const { exchange } = await askOnce(refuse, LS_REFS, { hide })
    expect(await failureOf(readAll(exchange.answer))).toMatchObject({ ...expected, side: 'there' })
    await exchange.sent
  })

  test('with words without an end', async () => {
    const { exchange } = await askOnce((_request, response) => {
      response.writeHead(500, plain)
      let left = 3000
      const more = () => response.write('x'.repeat(10_000), error => error || (left-- > 0 ? more() : response.destroy()))
      more()
    }, LS_REFS)
    const failure = await failureOf(readAll(exchange.answer))
    // Both ends of the one line.
    expect([failure.kind, failure.detail?.length]).toEqual(['server-error', 2 * LINE_EDGE_CHARACTERS + ' … '.length])
  })

  test('with words that do not come', async () => {
    const { exchange, seen } = await askOnce((_request, response) => response.writeHead(500, plain).flushHeaders(), LS_REFS)
    const failure = failureOf(readAll(exchange.answer))
    await until(() => seen.length > 1)
    await settle()
    expect(await inTime(failure, NOBODY.idleTimeoutMs / 2)).toMatchObject({ kind: 'server-error' })
  })

  test.each([413, 401])('%i before the body was read ends the sending', async status => {
    const { body, told } = largeBody(200)
    const { exchange, seen } = await askOnce(
      (request, response) => {
        request.pause()
        response.writeHead(status, { Connection: 'close' }).end()
      },
      body,
      {},
      'receive-pack',
    )
    const failure = await failureOf(readAll(exchange.answer))
    expect(failure.message).toContain(`(HTTP ${status})`)
    await exchange.sent
    await until(() => told.isLeft)
    expect(told.pieces).toBeLessThan(200 * 16)
    expect(seen.at(-1)?.complete).toBe(false)
  })

  test('200 and a whole answer before the body was read ends the sending, too', async () => {
    const { body, told } = largeBody(200)
    const { exchange } = await askOnce(
      (request, response) => {
        request.pause()
        response.writeHead(200, { 'Content-Type': 'application/x-git-receive-pack-result' }).end('0000')
      },
      body,
      {},
      'receive-pack',
    )
    expect(await textOf(exchange.answer)).toBe('0000')
    await exchange.sent
    await until(() => told.isLeft)
  })

  test('of a redirect, which is not followed', async () => {
    const { exchange, seen } = await askOnce(
      (_request, response) => response.writeHead(307, { Location: '/c/d.git/git-upload-pack?x' }).end(),
      LS_REFS,
    )
    const failure = await failureOf(readAll(exchange.answer))
    expect(failure).toMatchObject({ kind: 'redirected', message: expect.stringMatching(/\/c\/d\.git\/git-upload-pack"$/) })
    expect(seen).toHaveLength(2)
  })
})

describe('a request', () => {
  const answerWith =
    (text: string): RequestListener =>
    (request, response) => {
      request.on('end', () =>
        response.writeHead(200, { 'Content-Type': `application/x-git-${request.url?.split('/git-').at(-1)}-result` }).end(text),
      )
    }

  test('is sent as git does; a longer one compressed', async () => {
    const long = Buffer.concat([LS_REFS, Buffer.alloc(5000, 'x')])
    for (const [body, encoding] of [
      [LS_REFS, undefined],
      [long, 'gzip'],
    ] as const) {
      const { exchange, seen } = await askOnce(answerWith('0000'), body)
      expect(await textOf(exchange.answer)).toBe('0000')
      const { headers, body: got, url } = seen.at(-1) ?? {}
      expect(url).toBe('/a/b.git/git-upload-pack')
      expect(headers).toMatchObject({
        'content-type': 'application/x-git-upload-pack-request',
        accept: 'application/x-git-upload-pack-result',
        'git-protocol': 'version=2',
      })
      expect(headers?.['content-encoding']).toBe(encoding)
      expect(headers?.['content-length']).toBe(String(got?.length))
      expect(encoding === 'gzip' ? gunzipSync(got ?? Buffer.alloc(0)) : got).toEqual(body)
    }
  })

  test.each([
    [0.5, '524288', undefined],
    [3, undefined, 'chunked'],
  ])('of %d MiB that comes in pieces', async (size, length, encoding) => {
    const { body } = largeBody(size)
    const { exchange, seen } = await askOnce(answerWith('0000'), body, {}, 'receive-pack')
    expect(await textOf(exchange.answer)).toBe('0000')
    await exchange.sent
    const last = seen.at(-1)
    expect([last?.headers['content-length'], last?.headers['transfer-encoding']]).toEqual([length, encoding])
    expect(last?.body.equals(Buffer.alloc(size * 2 ** 20, 1))).toBe(true)
  })

  test('is only sent as fast as it is taken', async () => {
    const { body, told } = largeBody(100)
    const { exchange } = await askOnce(request => request.pause(), body, {}, 'receive-pack')
    for (let before = -1; told.pieces > before; await settle()) before = told.pieces
    expect(told.pieces).toBeLessThan(50 * 16)
    exchange.abort()
    await exchange.sent
    expect((await failureOf(readAll(exchange.answer))).kind).toBe('connection-lost')
  })

  test.each([0.5, 3])('whose body throws after %d MiB is never complete', async size => {
    const { exchange, seen } = await askOnce(
      () => {},
      (async function* () {
        yield* largeBody(size).body
        if (size > 1) await until(() => seen.length > 1)
        throw new Error('the source broke')
      })(),
      {},
      'receive-pack',
    )
    await expect(exchange.sent).rejects.toThrow('the source broke')
    await settle()
    expect(seen.filter(one => one.method === 'POST').map(one => one.complete)).toEqual(size < 1 ? [] : [false])
    await expect(readAll(exchange.answer)).rejects.toBeInstanceOf(Failure)
  })

  test('waits for a slow source without a time limit', async () => {
    const { exchange } = await askOnce(
      answerWith('0000'),
      (async function* () {
        yield Buffer.alloc(2 ** 21)
        await jest.advanceTimersByTimeAsync(3_600_000)
        yield Buffer.alloc(10)
      })(),
      {},
      'receive-pack',
    )
    expect(await textOf(exchange.answer)).toBe('0000')
    await exchange.sent
  })

  test('that the server does not take is given up', async () => {
    const { exchange } = await askOnce(request => request.pause(), largeBody(100).body, {}, 'receive-pack')
    expect((await failureOf(inTime(readAll(exchange.answer)))).kind).toBe('timed-out')
    await exchange.sent
  })

  test('that is given up before it began', async () => {
    const { exchange, seen } = await askOnce(answerWith('0000'), largeBody(3).body)
    exchange.abort()
    expect((await failureOf(readAll(exchange.answer))).kind).toBe('connection-lost')
    await exchange.sent
    expect(seen.filter(one => one.complete && one.method === 'POST')).toEqual([])
  })

  test('is given up when the transport is closed', async () => {
    const { exchange, seen } = await askOnce(() => {}, LS_REFS)
    await until(() => seen.length > 1)
    opened.at(-1)?.close()
    expect((await failureOf(readAll(exchange.answer))).kind).toBe('connection-lost')
  })
})

describe('an answer', () => {
  const type = { 'Content-Type': 'application/x-git-upload-pack-result' }
  const failing = async (listener: RequestListener, options: Partial<HttpOptions> = {}) => {
    const { exchange } = await askOnce(listener, LS_REFS, options)
    return await failureOf(readAll(exchange.answer))
  }

  test('of another type', async () => {
    expect((await failing((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>'))).kind).toBe(
      'protocol-error',
    )
  })

  test.each<[string, RequestListener]>([
    ['with a length', (_, response) => response.writeHead(200, { ...type, 'Content-Length': 100 }).write('0000', () => response.destroy())],
    ['in chunks', (_, response) => response.writeHead(200, type).write('0000', () => response.destroy())],
    [
      'compressed',
      (_, response) => response.writeHead(200, { ...type, 'Content-Encoding': 'gzip' }).end(gzipSync('0000'.repeat(100)).subarray(0, -10)),
    ],
    ['before its first byte', (request, _response) => request.socket.destroy()],
  ])('that breaks off, %s', async (_, listener) => {
    expect((await failing(listener)).kind).toBe('connection-lost')
  })

  test('that stalls', async () => {
    const { exchange } = await askOnce((_, response) => response.writeHead(200, type).write('0000'), LS_REFS)
    expect((await exchange.answer.exactly(4))?.toString()).toBe('0000')
    expect(await failureOf(inTime(exchange.answer.exactly(4)))).toMatchObject({ kind: 'timed-out', side: 'there' })
  })

  test.each<[string, RegExp, (response: ServerResponse, minute: number) => unknown]>([
    ['that never begins, in spite of `100 Continue`', /^the server sent no answer for 300 s$/, response => response.writeContinue()],
    [
      'whose headers come in single bytes',
      /^the server sent no answer for 300 s$/,
      (response, minute) => response.socket?.write('HTTP/1.1 200 OK\r\n'.charAt(minute)),
    ],
    [
      'whose packet comes in single bytes',
      /^the server did not complete a packet within 300 s: \d of 65516 bytes$/,
      response => (response.headersSent ? response.write('x') : response.writeHead(200, type).write('fff0x')),
    ],
  ])('%s', async (_, message, more) => {
    const responses: ServerResponse[] = []
    const { exchange } = await askOnce((_request, response) => void responses.push(response), LS_REFS)
    const failure = failureOf(new PacketReader(exchange.answer).next())
    let isOver = false
    void failure.then(() => {
      isOver = true
    })
    await until(() => responses.length > 0)
    for (let minute = 0; !isOver && minute < 15; minute += 1) {
      for (const response of responses) more(response, minute)
      await settle()
      await jest.advanceTimersByTimeAsync(60_000)
    }
    expect(isOver).toBe(true)
    expect(await failure).toMatchObject({ kind: 'timed-out', message: expect.stringMatching(message) })
  })

  test('may be slow, as long as it comes', async () => {
    const responses: ServerResponse[] = []
    const { exchange } = await askOnce((_, response) => void responses.push(response.writeHead(200, type)), LS_REFS, { idleTimeoutMs: 200 })
    await until(() => responses.length > 0)
    for (let left = 20; left > 0; left -= 1) {
      const next = exchange.answer.exactly(4)
      await settle()
      await jest.advanceTimersByTimeAsync(150)
      responses[0]?.write('0000')
      expect((await next)?.toString()).toBe('0000')
    }
  })

  test('waits for a slow reader', async () => {
    const large = Buffer.alloc(2 ** 24, 'x')
    const { exchange } = await askOnce((_, response) => response.writeHead(200, type).end(large), LS_REFS)
    await exchange.answer.exactly(10)
    await jest.advanceTimersByTimeAsync(3_600_000)
    expect((await readAll(exchange.answer)).length).toBe(large.length - 10)
  })
})

describe('connections', () => {
  const type = { 'Content-Type': 'application/x-git-upload-pack-result' }
  const pong: RequestListener = (request, response) => {
    request
      .resume()
      .on('end', () =>
        response.writeHead(200, { 'Content-Type': `application/x-git-${request.url?.split('/git-').at(-1)}-result` }).end('0000'),
      )
  }

  test('are kept, also where the reader stops at the last byte that it knows', async () => {
    const ends: Promise<unknown>[] = []
    const { url, connections } = await misbehaving(
      greeted((request, response) => {
        ends.push(once(response, 'close'))
        request.resume().on('end', () => {
          response.writeHead(200, type).write('0000', () => setImmediate(() => response.end()))
        })
      }),
    )
    const { greeting, ask } = await transportTo(url).open('upload-pack', 2)
    expect((await greeting.exactly(18))?.toString()).toBe('000eversion 2\n0000')
    for (let i = 0; i < 3; i += 1) {
      expect((await ask(LS_REFS).answer.exactly(4))?.toString()).toBe('0000')
      await ends.at(-1)
      await settle()
    }
    expect(connections()).toBe(1)
  })

  test('two requests at the same time take two', async () => {
    const { url, connections } = await misbehaving(greeted(pong))
    const { greeting, ask } = await transportTo(url).open('upload-pack', 2)
    await readAll(greeting)
    expect(await Promise.all([ask(LS_REFS), ask(LS_REFS)].map(({ answer }) => textOf(answer)))).toEqual(['0000', '0000'])
    expect(connections()).toBe(2)
  })

  /** Greets, and then closes the connection as soon as it is used again. */
  async function closing(service: 'upload-pack' | 'receive-pack', body: Body, times = 1) {
    let cuts = 0
    const server = await misbehaving(
      greeted((request, response) => {
        if (cuts < times) {
          cuts += 1
          request.socket.destroy()
        } else pong(request, response)
      }),
    )
    const { greeting, ask } = await transportTo(server.url).open(service, 0)
    await readAll(greeting)
    await settle()
    return { ...server, ...ask(body) }
  }

  test('that were closed while idle: reading is asked for once more', async () => {
    const { answer, seen, connections } = await closing('upload-pack', LS_REFS)
    expect(await textOf(answer)).toBe('0000')
    expect([connections(), seen.map(one => one.method)]).toEqual([2, ['GET', 'POST', 'POST']])
  })

  test('but not a second time, and never on a new connection', async () => {
    const { answer, seen } = await closing('upload-pack', LS_REFS, 2)
    expect((await failureOf(readAll(answer))).kind).toBe('connection-lost')
    expect(seen).toHaveLength(3)
  })

  test('and a push never', async () => {
    const { answer, sent, seen } = await closing('receive-pack', LS_REFS)
    expect((await failureOf(readAll(answer))).kind).toBe('connection-lost')
    await sent
    expect(seen).toHaveLength(2)
  })

  test('a push takes a new one where the last was idle for long', async () => {
    const { url, connections } = await misbehaving(greeted(pong))
    const { greeting, ask } = await transportTo(url).open('receive-pack', 0)
    await readAll(greeting)
    await settle()
    jest.advanceTimersByTime(3100)
    expect(await textOf(ask(LS_REFS).answer)).toBe('0000')
    expect(connections()).toBe(2)
  })

  test('are ended with the transport', async () => {
    const { url, sockets } = await misbehaving(greeted(pong))
    const transport = transportTo(url)
    await readAll((await transport.open('upload-pack', 2)).greeting)
    transport.close()
    await until(() => sockets.size === 0)
    expect((await failureOf(transport.open('upload-pack', 2))).kind).toBe('connection-lost')
  })
})
