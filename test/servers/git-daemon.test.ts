// `git://` as the source: read by both transfers, within the same limits as any other server.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import type { Kind } from '../../src/errors/kinds.ts'
import { daemonTransport } from '../../src/transport/daemon.ts'
import { runGitProxy } from '../../src/transport/git-proxy.ts'
import { encodePacket, PacketReader } from '../../src/wire/pkt-line.ts'
import { inTime, stopClock, until } from '../support/clock.ts'
import { type GitDaemon, startGitDaemon } from '../support/git-daemon.ts'
import { commit, createBare, git, refsOf } from '../support/git-repository.ts'
import { forever, say } from '../support/hostile-bytes.ts'
import { failureOf, MOST_TAKEN, mirrorSide } from '../support/hostile-sides.ts'
import { pointer } from '../support/lfs-repository.ts'
import { differences, runMirror } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let daemon: GitDaemon
/** A server that does what its port's test asks for. */
let odd: Server
let behave = (socket: Socket): unknown => socket.end()
const sockets = new Set<Socket>()
beforeAll(async () => {
  daemon = await startGitDaemon()
  odd = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    behave(socket.resume())
  }).listen(0, '127.0.0.1')
  await once(odd, 'listening')
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  odd?.close()
  await daemon?.stop()
})
const oddPort = () => (odd.address() as AddressInfo).port

const INSECURE = { 'allow-insecure-http': 'true' }

describe.each([
  ['relay', undefined],
  ['relay', 0],
  ['git', undefined],
] as const)('%s, protocol %s', (transfer, protocol) => {
  test('a pull, a push from it, and a comparison with it', async () => {
    const name = `ä b-${transfer}-${protocol}`
    const source = await daemon.createRepository(name)
    const mirror = await createBare()
    await commit(source, 'main', { files: { a: '1\n' } })
    await commit(source, 'side', { files: { b: '1\n' } })
    await git(source, ['tag', '-m', 'annotated', 'v1', 'main'])
    const pull = { 'repository-url': mirror, 'remote-url': encodeURI(daemon.url(name)), direction: 'pull', transfer, ...INSECURE }
    const options = { protocol }
    expect(await runMirror(pull, options)).toMatchObject({
      status: 'updated',
      inSync: true,
      transfer,
      counts: { created: 3 },
      failure: null,
    })
    expect(await differences(source, mirror)).toEqual([])
    await commit(source, 'main', { files: { a: '2\n' } })
    await git(source, ['branch', '-D', 'side'])
    const push = { 'repository-url': encodeURI(daemon.url(name)), 'remote-url': mirror, prune: 'all', transfer, ...INSECURE }
    expect(await runMirror(push, options)).toMatchObject({ status: 'updated', outcomes: { main: 'updated', side: 'deleted' } })
    expect(await differences(source, mirror)).toEqual([])
    expect(await runMirror(pull, options)).toMatchObject({ status: 'up-to-date', inSync: true, transfer: null })
    const { 'remote-url': url, ...verify } = { ...push, 'repository-url': mirror, operation: 'verify', 'remote-url': pull['remote-url'] }
    expect(await runMirror({ ...verify, 'remote-url': url }, options)).toMatchObject({ status: 'up-to-date', inSync: true })
  })
})

type Case = readonly [what: string, kind: Kind, message: RegExp, url: () => string | Promise<string>]
const CASES: readonly Case[] = [
  ['a port without a server', 'connection-refused', /refused/, async () => `git://127.0.0.1:${await closedPort()}/r.git`],
  ['a host that there is not', 'host-not-found', /host|resolve|look/, () => 'git://nowhere.invalid/r.git'],
  [
    'a repository that there is not',
    'repository-not-found',
    /access denied or repository not exported: \/none\.git/,
    () => daemon.url('none'),
  ],
  ['a server that hangs up', 'connection-lost', /answer ends before|without an answer$/, () => `git://127.0.0.1:${oddPort()}/r.git`],
]

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

describe.each(['relay', 'git'])('%s', transfer => {
  test.each(CASES)('%s: %s', async (_, kind, message, url) => {
    const mirror = await createBare()
    const report = await runMirror({ 'repository-url': mirror, 'remote-url': await url(), direction: 'pull', transfer, ...INSECURE })
    expect(report).toMatchObject({ status: 'failed', failure: { kind, side: 'there', message: expect.stringMatching(message) } })
    expect((await refsOf(mirror)).size).toBe(0)
  })
})

test('LFS objects are read over https from the same host, and the report says so', async () => {
  const source = await daemon.createRepository('lfs')
  await commit(source, 'main', { files: { '.gitattributes': '*.bin filter=lfs\n', 'a.bin': pointer('a'.repeat(64), 5) } })
  const mirror = await createBare()
  const pull = { 'repository-url': mirror, 'remote-url': daemon.url('lfs'), direction: 'pull', ...INSECURE }
  expect(await runMirror(pull)).toMatchObject({
    outcomes: { main: expect.stringMatching(/^(failed|rejected) /) },
    notices: [
      expect.stringContaining('they are read from https://127.0.0.1/lfs.git/info/lfs; if they are elsewhere, set `remote-lfs-url`'),
    ],
  })
  expect(await runMirror({ ...pull, lfs: 'false' })).toMatchObject({ outcomes: { main: 'created' }, notices: [] })
})

describe('a hostile server', () => {
  stopClock()
  const at = () => ({ protocol: 'git', host: '127.0.0.1', port: oddPort(), path: '/r.git' }) as const

  test('refs without an end, and a run that ends while it waits', async () => {
    const noted = { taken: 0, isWaiting: false }
    const endless = forever(encodePacket(`${'a'.repeat(40)} refs/pull/1/head\n`))
    behave = socket => say(socket, [endless], noted)
    const transport = daemonTransport({ side: 'here', url: at(), hide: text => text, idleTimeoutMs: 300_000 })
    expect(await failureOf(mirrorSide(transport, 'source'))).toMatchObject({ kind: 'answer-too-large', side: 'here' })
    expect(noted.taken).toBeLessThan(MOST_TAKEN)
    transport.close()
    await until(() => sockets.size === 0)

    behave = () => {}
    const run = new AbortController()
    const ended = daemonTransport({ side: 'here', url: at(), hide: text => text, idleTimeoutMs: 300_000, signal: run.signal })
    const reading = failureOf(mirrorSide(ended, 'source'))
    await until(() => sockets.size === 1)
    run.abort(new Failure('interrupted', 'the run was ended'))
    expect(await reading).toMatchObject({ kind: 'interrupted', side: 'here' })
    await until(() => sockets.size === 0)
  })

  const SILENT = [
    ['before its first byte', () => {}, 'the server sent no answer for 300 s'],
    ['after it', (socket: Socket) => socket.write('0032'), 'the server was silent for 300 s'],
  ] as const

  test.each(SILENT)('%s, in the relay and in the program through which git connects', async (_, act, message) => {
    behave = act
    const url = at()
    const transport = daemonTransport({ side: 'here', url, hide: text => text, idleTimeoutMs: 300_000 })
    const reading = (async () => await new PacketReader((await transport.open('upload-pack', 2)).greeting).next())()
    await expect(inTime(reading)).rejects.toMatchObject({ kind: 'timed-out', message })
    transport.close()

    const failureFile = join(temporaryDirectory(), 'failure.json')
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    const env = { REPOSITORY_MIRRORING_GIT_PROXY: failureFile }
    const code = runGitProxy({ argv: [url.host, String(url.port)], env, stdin, stdout: stdout.resume(), stderr: stderr.resume() })
    stdin.write('0032git-upload-pack /r.git\0host=127.0.0.1\0')
    expect(await inTime(code)).toBe(1)
    expect(JSON.parse(readFileSync(failureFile, 'utf8'))).toMatchObject({ kind: 'timed-out', message })
  })
})
