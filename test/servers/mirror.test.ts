import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, commitAll, createBare, fsck, git, gitEnvironment, refsOf } from '../support/git-repository.ts'
import { differences, runMirror } from '../support/mirror.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'

let sshd: Sshd
let plainSshd: Sshd
let http: GitHttp
let other: GitHttp
beforeAll(async () => {
  sshd = await startSshd({ hostKeys: ['ed25519', 'rsa'] })
  plainSshd = await startSshd({ acceptGitProtocol: false })
  other = await startGitHttp()
  http = await startGitHttp({ elsewhere: other.origin })
})
afterAll(async () => {
  await Promise.allSettled([sshd, plainSshd, http, other].map(async server => await server?.stop()))
})

/** A place to mirror to, with all that is needed to get there. */
interface Place {
  readonly directory: string
  readonly inputs: RawInputs
}

async function scpStyle(): Promise<Place> {
  const directory = await createBare()
  const url = `${plainSshd.username}@[127.0.0.1:${plainSshd.port}]:${directory}`
  return { directory, inputs: { 'remote-url': url, 'auth-secret': plainSshd.privateKey, 'known-host-keys': plainSshd.knownHosts } }
}

let count = 0
const places: Readonly<Record<string, () => Promise<Place>>> = {
  'ssh, protocol v2': async () => {
    const directory = await createBare()
    return { directory, inputs: { 'remote-url': sshd.url(directory), 'auth-secret': sshd.privateKey, 'known-host-keys': sshd.knownHosts } }
  },
  'ssh, protocol v0, scp-style': scpStyle,
  https: async () => {
    const name = `mirror${count++}`
    const directory = await http.createRepository(name)
    return {
      directory,
      inputs: { 'remote-url': http.url(name), username: http.user, 'auth-secret': http.token, 'ca-certificate': http.caPem },
    }
  },
}

let source: string
beforeEach(async () => {
  source = await createBare()
  await commit(source, 'main', { files: { a: '1' } })
})
const run = (place: Place, inputs: RawInputs = {}) => runMirror({ 'repository-url': source, ...place.inputs, ...inputs })
/** A new place that has what the source has, where it is not a mirror that is tested. */
async function open(name: string): Promise<Place> {
  const place = (await places[name]?.()) as Place
  await git(place.directory, ['fetch', '-q', source, 'refs/*:refs/*'])
  return place
}
/** Incompressible, so that a cut falls into the pack. */
const noise = () => randomBytes(100_000).toString('base64')

// `mirroring-ssh` and `mirroring-https` have each effect, with URLs.
describe('over ssh, protocol v0, scp-style', () => {
  let place: Place
  beforeEach(async () => {
    place = await scpStyle()
  })

  test('a first mirror, an update with all that can happen, and nothing to do', async () => {
    const [first = ''] = await commitAll(source, [{ branch: 'merged' }, { branch: 'rewritten', parents: [], files: { r: '1' } }])
    await git(source, ['tag', '-m', 'annotated', 'v1', 'main'])
    expect(await run(place)).toMatchObject({ status: 'updated', inSync: true, failure: null })
    expect(await differences(source, place.directory)).toEqual([])

    await commit(source, 'main', { parents: [(await refsOf(source)).get('refs/heads/main') ?? '', first], files: { a: '2' } })
    await commit(source, 'rewritten', { parents: [first], files: { r: '2' } })
    await git(source, ['branch', '-D', 'merged'])
    await git(source, ['tag', '-f', '-m', 'again', 'v1', 'main'])
    await commit(source, 'new/deep/branch', { parents: [] })
    expect((await run(place)).outcomes).toEqual({
      main: 'updated',
      merged: 'deleted',
      'new/deep/branch': 'created',
      rewritten: 'forced',
      'tags/v1': 'forced',
    })
    expect(await differences(source, place.directory)).toEqual([])
    expect(await run(place)).toMatchObject({ status: 'up-to-date', transfer: null })
  })

  test('as the source, with the same credentials', async () => {
    await git(place.directory, ['fetch', '-q', source, 'refs/*:refs/*'])
    const destination = await createBare()
    const { 'remote-url': from = '', 'auth-secret': token = '', ...rest } = place.inputs
    const report = await runMirror({ ...rest, 'repository-url': from, token, 'remote-url': destination })
    expect(report).toMatchObject({ status: 'updated', inSync: true })
    expect(await differences(place.directory, destination)).toEqual([])
  })
})

test('over protocol v0 an alias at the destination is found by a change, and its branch put back', async () => {
  await commitAll(source, [{ branch: 'main' }, { branch: 'main' }])
  const place = await open('ssh, protocol v0, scp-style')
  await git(place.directory, ['symbolic-ref', 'refs/heads/alias', 'refs/heads/main'])
  const main = (await refsOf(place.directory)).get('refs/heads/main')
  expect((await run(place, { prune: 'all' })).outcomes).toEqual({ alias: 'kept symbolic-ref', main: 'up-to-date' })
  await git(source, ['branch', 'alias', 'main~1'])
  expect(await run(place)).toMatchObject({ inSync: false, outcomes: { alias: 'kept symbolic-ref', main: 'up-to-date' } })
  expect((await refsOf(place.directory)).get('refs/heads/main')).toBe(main)
})

describe('the no-op path', () => {
  test('makes one connection over ssh, and no repository', async () => {
    const place = await open('ssh, protocol v2')
    const before = sshd.connections()
    expect(await run(place)).toMatchObject({ status: 'up-to-date', log: [] })
    expect(sshd.connections() - before).toBe(1)
  })
  test('over https asks for the refs and for nothing else', async () => {
    const place = await open('https')
    const before = (await http.requests()).length
    expect(await run(place)).toMatchObject({ status: 'up-to-date', log: [] })
    const requests = (await http.requests()).slice(before)
    expect(requests.map(({ method, path, status }) => `${method} ${path.replace(/^.*\.git/, '')} ${status}`)).toEqual([
      'GET /info/refs?service=git-upload-pack 200',
      'POST /git-upload-pack 200',
    ])
  })
})

describe('errors: classified, nothing changed', () => {
  /** Runs against a place that already has `main`, and checks that it is as before. */
  async function fails(place: Place, inputs: RawInputs) {
    await commit(source, 'main', { files: { a: '2' } })
    const before = await refsOf(place.directory)
    const report = await run(place, inputs)
    expect(report).toMatchObject({ status: 'failed', inSync: false })
    expect(await refsOf(place.directory)).toEqual(before)
    await fsck(place.directory)
    return report.failure
  }

  // `host-keys` has what is wrong with keys of hosts.
  test.each<[string, () => RawInputs, string, string]>([
    ['wrong private key', () => ({ 'auth-secret': plainSshd.privateKey }), 'ssh-key-refused', 'auth'],
    ['read-only key', () => ({ 'auth-secret': sshd.readOnlyKey }), 'read-only', 'auth'],
    ['no such repository', () => ({ 'remote-url': sshd.url('/nowhere.git') }), 'repository-not-found', 'remote'],
    [
      'nobody listens',
      () => ({ 'remote-url': 'ssh://git@127.0.0.1:1/x', 'known-host-keys': sshd.hostKeys.ed25519 }),
      'connection-refused',
      'network',
    ],
    [
      'no such host',
      () => ({ 'remote-url': 'ssh://git@nowhere.invalid/x', 'known-host-keys': sshd.hostKeys.ed25519 }),
      'host-not-found',
      'network',
    ],
  ])('ssh: %s', async (_, inputs, kind, fault) => {
    expect(await fails(await open('ssh, protocol v2'), inputs())).toMatchObject({ kind, fault, side: 'there' })
  })

  test.each<[string, () => RawInputs, string, string]>([
    ['wrong token', () => ({ 'auth-secret': 'wrong-token' }), 'credentials-refused', 'auth'],
    ['no token', () => ({ 'auth-secret': '' }), 'credentials-missing', 'auth'],
    ['no such repository', () => ({ 'remote-url': http.url('nowhere') }), 'repository-not-found', 'remote'],
    ['unknown authority', () => ({ 'ca-certificate': other.caPem }), 'tls-untrusted', 'settings'],
    ['nobody listens', () => ({ 'remote-url': 'https://127.0.0.1:1/x.git' }), 'connection-refused', 'network'],
  ])('https: %s', async (_, inputs, kind, fault) => {
    expect(await fails(await open('https'), inputs())).toMatchObject({ kind, fault, side: 'there' })
  })

  test('https: may read but not write', async () => {
    const directory = await http.createRepository('readonly')
    const place = { directory, inputs: { ...(await open('https')).inputs, 'remote-url': http.url('readonly', { prefix: 'nopush' }) } }
    expect(await fails(place, {})).toMatchObject({ kind: 'permission-denied', fault: 'auth' })
  })

  test.each([
    ['git', 'old'],
    ['git', 'elsewhere'],
    ['relay', 'elsewhere'],
  ] as const)('https: a redirect is told, and the token stays here (%s, %s)', async (transfer, prefix) => {
    const place = await open('https')
    const before = (await other.requests()).length
    const name = place.directory.replace(/^.*\/(.*)\.git$/, '$1')
    expect(await fails(place, { 'remote-url': http.url(name, { prefix }), transfer })).toMatchObject({ kind: 'redirected' })
    expect(await other.requests()).toHaveLength(before)
  })

  test('https: without git a redirect on the same server is followed, for all that comes after it, too', async () => {
    const place = await open('https')
    const name = place.directory.replace(/^.*\/(.*)\.git$/, '$1')
    await commit(source, 'main', { files: { a: '2' } })
    expect(await run(place, { 'remote-url': http.url(name, { prefix: 'old' }), transfer: 'relay' })).toMatchObject({ inSync: true })
    expect(await differences(source, place.directory)).toEqual([])
  })

  test('both sides fail: both are told', async () => {
    const failure = await fails(await open('https'), { 'auth-secret': 'wrong-token', 'repository-url': `${source}-not` })
    expect(failure).toMatchObject({
      kind: 'repository-not-found',
      side: 'here',
      detail: expect.stringContaining('the server refused the credentials'),
    })
  })
})

describe('the remote goes away in the middle of a push', () => {
  /** Passes bytes on until the client has sent so many; then cuts both ends. */
  async function cutAfter(port: number, bytes: number): Promise<{ port: number; server: Server }> {
    const sockets = new Set<Socket>()
    const server = createServer(client => {
      const upstream = connect(port, '127.0.0.1')
      let sent = 0
      for (const socket of [client, upstream]) {
        sockets.add(socket)
        socket.on('error', () => {})
        socket.on('close', () => {
          client.destroy()
          upstream.destroy()
        })
      }
      client.on('data', chunk => {
        sent += chunk.length
        if (sent > bytes) for (const socket of sockets) socket.destroy()
        else upstream.write(chunk)
      })
      upstream.pipe(client)
    })
    await new Promise<void>(done => void server.listen(0, '127.0.0.1', done))
    return { port: (server.address() as AddressInfo).port, server }
  }

  test('what somebody pushes before the next attempt stays', async () => {
    const place = await open('https')
    await commit(source, 'main', { files: { noise: noise() } })
    const realPort = Number(new URL(http.origin).port)
    const { port, server } = await cutAfter(realPort, 60_000)
    const url = (place.inputs['remote-url'] ?? '').replace(`:${realPort}`, `:${port}`)
    let theirs = ''
    const report = await runMirror(
      { 'repository-url': source, ...place.inputs, 'remote-url': url, retries: '1' },
      {
        onLine: line => {
          if (!line.startsWith('attempt 1')) return
          const env = { ...gitEnvironment(), GIT_DIR: place.directory }
          const tree = execFileSync('git', ['rev-parse', 'main^{tree}'], { env }).toString().trim()
          theirs = execFileSync('git', ['commit-tree', tree, '-p', 'main', '-m', 'theirs'], { env }).toString().trim()
          execFileSync('git', ['update-ref', 'refs/heads/main', theirs], { env })
        },
      },
    )
    server.close()
    expect(theirs).not.toBe('')
    expect(report).toMatchObject({ status: 'failed', attempts: 2, outcomes: { main: 'raced raced' } })
    expect((await refsOf(place.directory)).get('refs/heads/main')).toBe(theirs)
  })

  test.each(['ssh', 'https'])('over %s: as before, and the next run heals', async protocol => {
    const place = await open(protocol === 'ssh' ? 'ssh, protocol v2' : 'https')
    await commit(source, 'main', { files: { noise: noise() } })
    const before = await refsOf(place.directory)
    const realPort = protocol === 'ssh' ? sshd.port : Number(new URL(http.origin).port)
    const { port, server } = await cutAfter(realPort, 60_000)
    const known = `${sshd.knownHosts}\n${sshd.knownHosts.replaceAll(String(sshd.port), String(port))}`
    const url = (place.inputs['remote-url'] ?? '').replace(`:${realPort}`, `:${port}`)
    const report = await run(place, { 'remote-url': url, ...(protocol === 'ssh' && { 'known-host-keys': known }) })
    server.close()
    expect(report).toMatchObject({ status: 'failed', inSync: false, failure: { fault: 'network' } })
    expect(await refsOf(place.directory)).toEqual(before)
    await fsck(place.directory)
    expect(await run(place)).toMatchObject({ status: 'updated', inSync: true })
    expect(await differences(source, place.directory)).toEqual([])
  })
})
