import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Service } from '../../src/git/process.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { type Greeting, readGreeting } from '../../src/wire/greeting.ts'
import { encodePacket, FLUSH, PacketReader, textOf } from '../../src/wire/pkt-line.ts'
import { type Dulwich, startDulwich } from '../support/dulwich.ts'
import { daemonTransport, type GitDaemon, startGitDaemon } from '../support/git-daemon.ts'
import { commit, createBare, fsck, git, refsOf } from '../support/git-repository.ts'
import { type JgitDaemon, startJgitDaemon } from '../support/jgit.ts'

let dulwich: Dulwich
let jgit: JgitDaemon
let daemon: GitDaemon
let source: string
let tip: string

beforeAll(async () => {
  dulwich = await startDulwich()
  jgit = await startJgitDaemon()
  daemon = await startGitDaemon()
  source = await createBare()
  await commit(source, 'main', { files: { a: '1\n', 'b/c': '2\n' } })
  tip = await commit(source, 'main', { files: { a: '3\n' } })
  await git(source, ['tag', '-a', 'v1', '-m', 'the first', 'main'])
})

afterAll(async () => {
  await dulwich?.stop()
  await jgit?.stop()
  await daemon?.stop()
})

type Name = 'dulwich' | 'jgit' | 'git daemon'
const NAMES: readonly Name[] = ['dulwich', 'jgit', 'git daemon']

const createRepository = (name: Name, repository: string): Promise<string> =>
  ({ dulwich, jgit, 'git daemon': daemon })[name].createRepository(repository)

function urlOf(name: Name, repository: string): string {
  if (name === 'dulwich') return dulwich.url(repository)
  const server = name === 'jgit' ? jgit : daemon
  return `git://127.0.0.1:${server.port}${server.path(repository)}`
}

function transportTo(name: Exclude<Name, 'dulwich'>, repository: string): Transport {
  const server = name === 'jgit' ? jgit : daemon
  return daemonTransport({ host: '127.0.0.1', port: server.port, path: server.path(repository), side: 'there' })
}

/** The repository with all that the source has. */
async function filled(name: Name, repository: string): Promise<string> {
  const directory = await createRepository(name, repository)
  await git(source, ['push', '-q', directory, 'refs/*:refs/*'])
  return directory
}

describe.each(NAMES)('git, with %s', name => {
  test('pushes, lists and clones', async () => {
    const directory = await createRepository(name, 'pushed')
    const url = urlOf(name, 'pushed')
    await git(source, ['push', '-q', url, 'refs/*:refs/*'])
    expect(await refsOf(directory)).toEqual(await refsOf(source))
    await fsck(directory)
    for (const version of ['0', '2']) {
      const { stdout } = await git('/', ['-c', `protocol.version=${version}`, 'ls-remote', '--symref', url])
      expect(stdout.split('\n').slice(0, 3)).toEqual(['ref: refs/heads/main\tHEAD', `${tip}\tHEAD`, `${tip}\trefs/heads/main`])
    }
    const clone = await createBare()
    await git(clone, ['fetch', '-q', url, '+refs/*:refs/*'])
    expect(await refsOf(clone)).toEqual(await refsOf(source))
    await fsck(clone)
  })

  test('pushes more, and deletes', async () => {
    const directory = await filled(name, 'changed')
    const next = await commit(source, 'next', { files: { d: '4\n' }, parents: [tip] })
    await git(source, ['push', '-q', urlOf(name, 'changed'), 'next', ':refs/tags/v1'])
    expect(await refsOf(directory)).toEqual(
      new Map([
        ['refs/heads/main', tip],
        ['refs/heads/next', next],
      ]),
    )
    await fsck(directory)
    await git(source, ['branch', '-qD', 'next'])
  })
})

interface Said extends Greeting {
  readonly refs: readonly string[]
}

async function hear(bytes: ByteReader): Promise<Said> {
  const refs: string[] = []
  const greeting = await readGreeting(new PacketReader(bytes), (_, name) => refs.push(name.toString()))
  return { ...greeting, refs }
}

/** What the service says first. */
async function greetingOf(name: Name, service: Service, protocol: 0 | 2): Promise<Said> {
  if (name !== 'dulwich') {
    const transport = transportTo(name, 'greeting')
    const conversation = await transport.open(service, protocol)
    const said = await hear(conversation.greeting)
    transport.close()
    return said
  }
  const headers = protocol === 2 ? { 'git-protocol': 'version=2' } : {}
  const [response] = (await once(get(`${dulwich.url('greeting')}/info/refs?service=git-${service}`, { headers }), 'response')) as [
    IncomingMessage,
  ]
  expect(response.statusCode).toBe(200)
  const bytes = new ByteReader(response)
  const packets = new PacketReader(bytes)
  expect(textOf(await packets.expect('the service'))).toBe(`# service=git-${service}`)
  expect(await packets.next()).toBe('flush')
  return hear(bytes)
}

describe.each([
  // Dulwich speaks v0 whatever it is asked for.
  { name: 'dulwich', service: 'upload-pack', asked: 0, version: 0, can: 'filter no-done object-format side-band-64k thin-pack', not: '' },
  { name: 'dulwich', service: 'upload-pack', asked: 2, version: 0, can: 'multi_ack_detailed ofs-delta symref', not: 'agent' },
  { name: 'dulwich', service: 'receive-pack', asked: 0, version: 0, can: 'atomic report-status', not: 'report-status-v2' },
  { name: 'jgit', service: 'upload-pack', asked: 0, version: 0, can: 'multi_ack_detailed symref thin-pack', not: 'filter object-format' },
  { name: 'jgit', service: 'upload-pack', asked: 2, version: 2, can: 'ls-refs fetch', not: 'object-format' },
  { name: 'jgit', service: 'receive-pack', asked: 0, version: 0, can: 'atomic report-status', not: 'report-status-v2' },
  { name: 'git daemon', service: 'upload-pack', asked: 0, version: 0, can: 'multi_ack_detailed symref thin-pack', not: 'no-done' },
  { name: 'git daemon', service: 'upload-pack', asked: 2, version: 2, can: 'ls-refs fetch object-format', not: '' },
  { name: 'git daemon', service: 'receive-pack', asked: 0, version: 0, can: 'atomic report-status-v2', not: '' },
] as const)('the greeting of $name, $service, asked for v$asked', ({ name, service, asked, version, can, not }) => {
  beforeAll(async () => {
    // The three rows of a server share one.
    await filled(name, 'greeting')
  })

  test(`is of v${version}`, async () => {
    const said = await greetingOf(name, service, asked)
    expect(said.version).toBe(version)
    expect(can.split(' ').filter(word => !said.capabilities.has(word))).toEqual([])
    expect(not.split(' ').filter(word => said.capabilities.has(word))).toEqual([])
    const head = service === 'upload-pack' || name === 'dulwich' ? ['HEAD'] : []
    const peeled = service === 'upload-pack' ? ['refs/tags/v1^{}'] : []
    expect(said.refs).toEqual(version === 2 ? [] : [...head, 'refs/heads/main', 'refs/tags/v1', ...peeled])
  })
})

describe.each(['jgit', 'git daemon'] as const)('a conversation over git://, with %s', name => {
  test('goes on after its greeting', async () => {
    await filled(name, 'asked')
    const transport = transportTo(name, 'asked')
    const conversation = await transport.open('upload-pack', 0)
    expect(conversation.stateless).toBe(false)
    await hear(conversation.greeting)
    const request = [encodePacket(`want ${tip} no-progress\n`), FLUSH, encodePacket('done\n')]
    const { answer, sent } = conversation.ask(piecesOf(Buffer.concat(request)))
    await sent
    expect(textOf(await new PacketReader(answer).expect('an answer'))).toBe('NAK')
    expect((await answer.exactly(4))?.toString()).toBe('PACK')
    transport.close()
  })

  test('is torn by a body that throws, and changes nothing', async () => {
    const directory = await filled(name, 'torn')
    const conversation = await transportTo(name, 'torn').open('receive-pack', 0)
    await hear(conversation.greeting)
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.concat([encodePacket(`${tip} ${'0'.repeat(40)} refs/heads/main\0 report-status`)])
      throw new Error('no more')
    }
    const { answer, sent } = conversation.ask(body())
    await expect(sent).rejects.toThrow('no more')
    await expect(answer.exactly(1)).rejects.toMatchObject({ kind: 'connection-lost' })
    expect(await refsOf(directory)).toEqual(await refsOf(source))
  })

  test('is over when the transport is closed', async () => {
    await filled(name, 'closed')
    const transport = transportTo(name, 'closed')
    const conversation = await transport.open('upload-pack', 2)
    transport.close()
    await expect(hear(conversation.greeting)).rejects.toMatchObject({ kind: 'connection-lost' })
  })
})

test('a port on which nobody listens is a refused connection', async () => {
  const gone = await startGitDaemon()
  await gone.stop()
  const transport = daemonTransport({ host: '127.0.0.1', port: gone.port, path: '/any.git', side: 'here' })
  await expect(transport.open('upload-pack', 2)).rejects.toMatchObject({ kind: 'connection-refused', side: 'here' })
})

/** One byte after the other. */
async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (const byte of bytes) yield Buffer.of(byte)
}
