import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, commitAll, copyInto, createBare, fsck, git, installHook, refsOf } from '../support/git-repository.ts'
import { differences, runMirror } from '../support/mirror.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'

let v2: Sshd
let v0: Sshd
let http: GitHttp
beforeAll(async () => {
  v2 = await startSshd()
  v0 = await startSshd({ acceptGitProtocol: false })
  http = await startGitHttp()
})
afterAll(async () => {
  await Promise.allSettled([v2, v0, http].map(async server => await server?.stop()))
})

let source: string
let destination: string
beforeEach(async () => {
  source = await createBare()
  destination = await createBare()
  start ??= createStart()
  copyInto(source, await start)
})

/** The source at the start of each test: made once, then copied. */
let start: Promise<string> | null = null

async function createStart(): Promise<string> {
  const directory = await createBare()
  await commitAll(directory, [{ branch: 'main', files: { a: '1' } }, { branch: 'main' }])
  return directory
}

const from = (server: Sshd): RawInputs => ({
  'repository-url': server.url(source),
  token: server.privateKey,
  'known-host-keys': server.knownHosts,
  'remote-url': destination,
})
const tip = async (directory: string, branch: string) => (await refsOf(directory)).get(`refs/heads/${branch}`) ?? ''

describe('where it cannot be done without a clone, git goes on, and the report says why', () => {
  /** `main` at the destination is at a commit that the source still knows, but that the new tip does not contain. */
  async function rewind(): Promise<void> {
    await git(source, ['branch', 'old', 'main'])
    copyInto(destination, source)
    await git(source, ['update-ref', 'refs/heads/main', 'main~1'])
  }

  test.each(['v2', 'v0'])('a source without filters, and a pair that stays open (%s)', async version => {
    await rewind()
    const inputs = from(version === 'v2' ? v2 : v0)
    const before = await refsOf(destination)
    expect(await runMirror({ ...inputs, transfer: 'relay' })).toMatchObject({
      status: 'failed',
      failure: { kind: 'relay-impossible', message: expect.stringContaining('the source offers none') },
    })
    expect(await refsOf(destination)).toEqual(before)
    // Git then mirrors for the same reason in both versions, so one of them shows it.
    if (version === 'v0') return
    expect(await runMirror(inputs)).toMatchObject({
      status: 'updated',
      transfer: 'git',
      outcomes: { main: 'forced', old: 'up-to-date' },
      notices: [expect.stringContaining('git moves the objects, because it is not possible without a clone')],
    })
    expect(await differences(source, destination)).toEqual([])
  })

  test.each(['v2', 'v0'])('no filter is needed for a tip that the source does not know (%s)', async version => {
    const inputs = from(version === 'v2' ? v2 : v0)
    copyInto(destination, source)
    const theirs = await commit(destination, 'main', { files: { theirs: '1' } })
    await commit(source, 'main', { files: { ours: '1' } })
    expect(await runMirror({ ...inputs, transfer: 'relay', 'keep-divergent': 'true' })).toMatchObject({
      outcomes: { main: 'kept diverged' },
    })
    expect(await tip(destination, 'main')).toBe(theirs)
  })

  test('a source that speaks only dumb HTTP', async () => {
    const directory = await http.createRepository('dumb')
    copyInto(directory, source)
    await git(directory, ['update-server-info'])
    const inputs = { 'repository-url': http.url('dumb', { prefix: 'dumb' }), 'ca-certificate': http.caPem, 'remote-url': destination }
    expect((await runMirror({ ...inputs, transfer: 'relay' })).failure).toMatchObject({ kind: 'relay-impossible', side: 'here' })
    expect((await refsOf(destination)).size).toBe(0)
    expect(await runMirror(inputs)).toMatchObject({ status: 'updated', transfer: 'git', notices: [expect.stringContaining('smart HTTP')] })
    expect(await differences(directory, destination)).toEqual([])
  })

  test('a shallow destination, whose tips do not stand for their history', async () => {
    await commit(source, 'main', { files: { a: '2' } })
    await git(destination, ['fetch', '-q', '--depth=1', `file://${source}`, 'main~1:refs/heads/main'], { allowFailure: true })
    await git(destination, ['fetch', '-q', '--depth=1', `file://${source}`, 'main:refs/heads/main'])
    await commit(source, 'main', { files: { a: '3' } })
    const before = await refsOf(destination)
    const inputs = { 'repository-url': source, 'remote-url': destination }
    expect((await runMirror({ ...inputs, transfer: 'relay' })).failure).toMatchObject({ kind: 'relay-impossible', side: 'there' })
    expect(await refsOf(destination)).toEqual(before)
    expect(await runMirror(inputs)).toMatchObject({ transfer: 'git', outcomes: { main: 'updated' } })
    expect(await refsOf(destination)).toEqual(await refsOf(source))
  })

  test.each(['v2', 'v0'])('a source that offers filters, and refuses this one (%s)', async version => {
    await rewind()
    await git(source, ['config', 'uploadpack.allowFilter', 'true'])
    await git(source, ['config', 'uploadpackfilter.tree.allow', 'false'])
    const inputs = from(version === 'v2' ? v2 : v0)
    const before = await refsOf(destination)
    expect(await runMirror({ ...inputs, 'dry-run': 'true' })).toMatchObject({ status: 'skipped' })
    expect((await runMirror({ ...inputs, transfer: 'relay' })).failure).toMatchObject({ kind: 'relay-impossible', side: 'here' })
    expect(await refsOf(destination)).toEqual(before)
    if (version === 'v2') return
    expect(await runMirror(inputs)).toMatchObject({ transfer: 'git', outcomes: { main: 'forced', old: 'up-to-date' } })
    expect(await differences(source, destination)).toEqual([])
  })

  test('a source of SHA-256, a destination of SHA-1', async () => {
    const sha256 = await createBare(undefined, { objectFormat: 'sha256' })
    await commit(sha256, 'main')
    await commit(destination, 'main')
    const inputs = { 'repository-url': sha256, 'remote-url': destination }
    expect((await runMirror({ ...inputs, transfer: 'relay' })).failure).toMatchObject({
      kind: 'relay-impossible',
      message: 'the source uses sha256, the destination sha1',
    })
    const { log, failure } = await runMirror(inputs)
    expect(log).toContainEqual(expect.stringContaining('the source uses sha256, the destination sha1; going on with git'))
    expect(failure).toMatchObject({ kind: 'object-format-mismatch' })
  })

  test('never where git itself was asked for', async () => {
    expect(await runMirror({ 'repository-url': source, 'remote-url': destination, transfer: 'git' })).toMatchObject({
      transfer: 'git',
      notices: [],
    })
  })
})

describe('a shallow source proves nothing', () => {
  test.each(['v2', 'v0'])('neither in a dry run, nor where its new tip is at the destination already (%s)', async version => {
    const whole = source
    await commit(whole, 'main', { files: { a: '2' } })
    copyInto(destination, whole)
    const before = await refsOf(destination)
    const newest = await commit(whole, 'main', { files: { a: '3' } })
    source = await createBare()
    await git(source, ['fetch', '-q', '--depth=1', `file://${whole}`, 'main:refs/heads/main'])
    const inputs = from(version === 'v2' ? v2 : v0)
    expect((await runMirror({ ...inputs, 'dry-run': 'true' })).failure).toMatchObject({ kind: 'source-shallow', side: 'here' })
    await git(destination, ['fetch', '-q', whole, `main:refs/heads/copy`])
    expect((await runMirror({ ...inputs, prune: 'none' })).failure).toMatchObject({ kind: 'source-shallow', side: 'here' })
    expect(await refsOf(destination)).toEqual(new Map([...before, ['refs/heads/copy', newest]]))
  })
})

describe('what a destination refuses', () => {
  test('refs that it hides from those who push stay, and it is said', async () => {
    await git(source, ['branch', 'moving', 'main'])
    await git(source, ['branch', 'old', 'main'])
    await git(destination, ['config', '--add', 'receive.hideRefs', 'refs/heads/old'])
    await git(destination, ['config', '--add', 'receive.hideRefs', 'refs/heads/moving'])
    await git(source, ['push', '-q', destination, 'main'])
    for (const branch of ['old', 'moving']) await git(destination, ['branch', branch, 'main'])
    const before = await tip(destination, 'old')
    await git(source, ['branch', '-qD', 'old'])
    await commit(source, 'moving', { files: { b: '1' } })
    await commit(source, 'main', { files: { c: '1' } })
    const report = await runMirror({ 'repository-url': source, 'remote-url': destination, transfer: 'relay', prune: 'all' })
    expect(report).toMatchObject({
      status: 'partial',
      inSync: false,
      outcomes: { main: 'updated', moving: 'rejected hidden-ref', old: 'rejected hidden-ref' },
    })
    expect(await tip(destination, 'old')).toBe(before)
    expect(await tip(destination, 'main')).toBe(await tip(source, 'main'))
  })

  test('each of many refused packs leaves its channel: the server gives but ten', async () => {
    await git(destination, ['config', 'receive.maxInputSize', '10k'])
    const names = Array.from({ length: 11 }, (_, index) => `large-${index}`)
    await commitAll(
      source,
      names.map(branch => ({ branch, files: { large: randomBytes(12_000).toString('hex') } })),
    )
    const { outcomes } = await runMirror({ ...from(v2), transfer: 'relay' })
    const refused = Object.fromEntries(names.map(name => [name, expect.stringMatching(/^rejected /)]))
    expect(outcomes).toEqual({ main: 'created', ...refused })
    await fsck(destination)
  })
})

describe('what goes over the wire', () => {
  test('over https: the refs, one pack, one push, and nothing else', async () => {
    const [here, there] = [await http.createRepository('wire-here'), await http.createRepository('wire-there')]
    await commit(here, 'main')
    const inputs = {
      'repository-url': http.url('wire-here').replace('://', `://${http.user}@`),
      token: http.token,
      'remote-url': http.url('wire-there'),
      username: http.user,
      'auth-secret': http.token,
      'ca-certificate': http.caPem,
      transfer: 'relay',
    }
    await runMirror(inputs)
    await commit(here, 'main', { files: { more: '1' } })
    const before = (await http.requests()).length
    expect(await runMirror(inputs)).toMatchObject({ status: 'updated', inSync: true })
    const requests = (await http.requests()).slice(before).map(({ method, path }) => `${method} ${path}`)
    expect(requests.sort()).toEqual([
      'GET /git/wire-here.git/info/refs?service=git-upload-pack',
      'GET /git/wire-there.git/info/refs?service=git-receive-pack',
      'GET /git/wire-there.git/info/refs?service=git-upload-pack',
      'POST /git/wire-here.git/git-upload-pack',
      'POST /git/wire-here.git/git-upload-pack',
      'POST /git/wire-there.git/git-receive-pack',
      'POST /git/wire-there.git/git-upload-pack',
    ])
    expect(await differences(here, there)).toEqual([])
  })

  test('whether a workflow survives: the commit and the trees on the way, each by itself, and no blob', async () => {
    const [here, there] = [await http.createRepository('look-here'), await http.createRepository('look-there')]
    await git(there, ['config', 'uploadpack.allowFilter', 'true'])
    const file = 'ci/workflows/x.yml'
    const noise = randomBytes(20_000).toString('hex')
    await commit(there, 'main', { files: { [file]: 'on: push', large: noise, 'ci/other/large': `${noise}x` } })
    const url = (name: string) => http.url(name).replace('://', `://${http.user}@`)
    const inputs = { 'repository-url': url('look-here'), token: http.token, 'remote-url': url('look-there'), 'auth-secret': http.token }
    const run = { repository: 'git/look-here', workflowRef: `git/look-here/${file}@refs/heads/main`, ref: null }
    const pull = () => runMirror({ ...inputs, 'ca-certificate': http.caPem, direction: 'pull', transfer: 'relay' }, { context: { run } })
    await pull()
    await commit(there, 'main', { files: { more: '1' } })
    const before = (await http.requests()).length
    const report = await pull()
    expect(report).toMatchObject({ outcomes: { main: 'updated' }, inSync: true })
    expect(report.bytes).toBeLessThan(2000)
    const asked = (await http.requests()).slice(before).filter(({ method, path }) => method === 'POST' && /look-there/.test(path))
    // The refs; the commits alone, as a pull that may come to nothing moves no pack; the pack; the commit, and the trees of the root, of ci and of ci/workflows; the roots
    // of what moves, for signs of LFS.
    expect(asked).toHaveLength(8)
    expect(await differences(there, here)).toEqual([])
  })

  test.each([
    ['from a source with filters', 'true', {}],
    ['where nobody looks for LFS', 'false', { lfs: 'false' }],
  ])('over ssh, %s: one connection a side, and no more bytes than the thin pack', async (_, allowFilter, lfs) => {
    await git(source, ['config', 'uploadpack.allowFilter', allowFilter])
    const noise = randomBytes(20_000).toString('hex')
    await commit(source, 'main', { files: { large: noise } })
    const inputs = { ...from(v2), 'remote-url': v2.url(destination), 'auth-secret': v2.privateKey, transfer: 'relay', ...lfs }
    await runMirror(inputs)
    await commit(source, 'main', { files: { large: `${noise}\nand a line` } })
    const before = v2.connections()
    const report = await runMirror(inputs)
    expect(report).toMatchObject({ status: 'updated', transfer: 'relay' })
    expect(v2.connections() - before).toBe(2)
    expect(report.bytes).toBeLessThan(1000)
    expect(await differences(source, destination)).toEqual([])
  })

  test('a ref at an object that the destination has needs no pack, a deletion none at all', async () => {
    copyInto(destination, source)
    await git(source, ['branch', 'again', 'main~1'])
    await git(destination, ['branch', 'gone', 'main~1'])
    const report = await runMirror({
      'repository-url': source,
      'remote-url': destination,
      transfer: 'relay',
      branches: 'gone',
      prune: 'all',
    })
    expect(report).toMatchObject({ outcomes: { gone: 'deleted' }, bytes: 0 })
    await git(source, ['branch', 'same', 'main'])
    expect(await runMirror({ 'repository-url': source, 'remote-url': destination, transfer: 'relay' })).toMatchObject({
      outcomes: { again: 'created', same: 'created', main: 'up-to-date' },
    })
    expect(await differences(source, destination)).toEqual([])
  })
})

test('hooks that run after the refs were changed are not cut off', async () => {
  installHook(destination, 'post-receive', 'cat > /dev/null; sleep 1; echo "all done" > done')
  expect(await runMirror({ 'repository-url': source, 'remote-url': destination, transfer: 'relay' })).toMatchObject({ status: 'updated' })
  expect((await git(destination, ['hash-object', 'done'])).stdout).toHaveLength(40)
})

test('a server says why it refused, in its own words, also where it says them on a band of their own', async () => {
  installHook(destination, 'update', 'echo "::set-output name=x::y" >&2; printf "\\033[31mno \\342\\200\\256red\\n" >&2; exit 1')
  const report = await runMirror({ ...from(v2), 'remote-url': v2.url(destination), 'auth-secret': v2.privateKey, transfer: 'relay' })
  expect(report.refs[0]).toMatchObject({ outcome: 'rejected', code: 'hook-declined', reason: expect.stringContaining('set-output') })
})

test('a server that wants to be left alone for a while is', async () => {
  const server = createServer((_, response) => response.writeHead(429, { 'Retry-After': '7' }).end('slow down'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const inputs = { 'repository-url': source, 'remote-url': `http://127.0.0.1:${port}/a.git`, 'allow-insecure-http': 'true', retries: '1' }
    const { log, failure, attempts } = await runMirror({ ...inputs, transfer: 'relay' })
    expect(failure).toMatchObject({ kind: 'rate-limited', side: 'there' })
    expect(attempts).toBe(2)
    expect(log).toContainEqual(expect.stringMatching(/^attempt 1 did not succeed .*; trying again in 7\.0 s$/))
  } finally {
    server.close()
  }
})
