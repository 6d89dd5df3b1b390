import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type GitHttp, type Prefix, startGitHttp } from '../support/git-http.ts'
import { commit, compareRefs, createBare, fsck, git, refsOf } from '../support/git-repository.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let other: GitHttp
let server: GitHttp
let source: string

beforeAll(async () => {
  other = await startGitHttp()
  server = await startGitHttp({ elsewhere: other.origin })
  source = await createBare()
  await commit(source, 'main', { files: { a: '1' } })
  // More than the smallest http.postBuffer, so that it is sent in chunks.
  const random = Array.from({ length: 50_000 }, (_, i) => String(Math.imul(i, 2654435761)))
  await commit(source, 'large', { files: { random: random.join('\n') } })
})

afterAll(async () => {
  await server?.stop()
  await other?.stop()
})

/** git, with the server's authority and, unless told otherwise, its credentials. */
function remoteGit(args: readonly string[], { token = server.token as string | null, env = {} } = {}) {
  const basic = Buffer.from(`${server.user}:${token}`).toString('base64')
  const header = token === null ? [] : ['-c', `http.extraHeader=Authorization: Basic ${basic}`]
  return git(source, [...header, ...args], { allowFailure: true, env: { GIT_SSL_CAINFO: server.caFile, ...env } })
}

async function pushed(name: string, refspec = 'refs/heads/main:refs/heads/main'): Promise<string> {
  const repository = await server.createRepository(name)
  const { code, stderr } = await remoteGit(['-c', 'http.postBuffer=65536', 'push', '-q', server.url(name), refspec])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return repository
}

describe('git', () => {
  test('pushes, also in chunks, and clones over https', async () => {
    const repository = await pushed('both', 'refs/heads/*:refs/heads/*')
    // Git asks once with an empty request before it sends one without a length.
    expect((await server.requests()).filter(one => one.method === 'POST').map(one => one.path)).toEqual([
      '/git/both.git/git-receive-pack',
      '/git/both.git/git-receive-pack',
    ])
    expect(compareRefs(await refsOf(source), await refsOf(repository))).toEqual([])
    await fsck(repository)
    const copy = join(temporaryDirectory(), 'copy.git')
    expect((await remoteGit(['clone', '-q', '--mirror', server.url('both'), copy])).code).toBe(0)
    expect(compareRefs(await refsOf(source), await refsOf(copy))).toEqual([])
  })

  test('speaks protocol version 2', async () => {
    await pushed('version2')
    const { stderr } = await remoteGit(['ls-remote', server.url('version2')], { env: { GIT_TRACE_PACKET: '1' } })
    expect(stderr).toMatch(/git< version 2/)
    const asked = (await server.requests()).filter(one => one.path.startsWith('/git/version2.git/info/refs?service=git-upload-pack'))
    expect(asked).toEqual([
      expect.objectContaining({ method: 'GET', status: 200, scheme: 'https', gitProtocol: 'version=2', user: 'mirror' }),
    ])
  })

  test('is not trusted without the authority', async () => {
    const { code, stderr } = await remoteGit(['ls-remote', server.url('any')], { env: { GIT_SSL_CAINFO: other.caFile } })
    expect(code).toBe(128)
    expect(stderr).toMatch(/certificate/)
  })

  test('answers without TLS too', async () => {
    await pushed('plain')
    expect((await remoteGit(['ls-remote', server.url('plain', { plain: true })])).stdout).toContain('refs/heads/main')
  })
})

describe('credentials', () => {
  test.each([
    ['none', null],
    ['wrong ones', 'wrong'],
  ])('%s end with 401', async (_, token) => {
    const { code, stderr } = await remoteGit(['ls-remote', server.url('secret')], { token })
    expect(code).toBe(128)
    expect(stderr).toMatch(/Authentication failed|could not read Username/)
    const asked = (await server.requests()).filter(one => one.path.startsWith('/git/secret.git'))
    expect(asked.at(-1)).toMatchObject({ status: 401, user: token === null ? null : 'mirror' })
  })

  test('are not needed to read below /public/, and a push there is forbidden', async () => {
    await pushed('open')
    const url = server.url('open', { prefix: 'public' })
    expect((await remoteGit(['ls-remote', url], { token: null })).stdout).toContain('refs/heads/main')
    expect((await remoteGit(['push', url, 'main:new'], { token: null })).stderr).toContain('403')
  })
})

test('a push below /nopush/ ends with 403, a fetch does not', async () => {
  const before = await refsOf(await pushed('locked'))
  const url = server.url('locked', { prefix: 'nopush' })
  const { code, stderr } = await remoteGit(['push', url, 'main:new'])
  expect(code).toBe(128)
  expect(stderr).toMatch(/403/)
  expect((await remoteGit(['ls-remote', url])).code).toBe(0)
  expect(await refsOf(join(server.repositories, 'locked.git'))).toEqual(before)
})

test('a repository that is not there ends with 404', async () => {
  expect((await remoteGit(['ls-remote', server.url('missing')])).stderr).toMatch(/not found/)
})

describe('a redirect', () => {
  test.each<[Prefix, () => string]>([
    ['old', () => `${server.origin}/git/moved.git`],
    ['elsewhere', () => `${other.origin}/git/moved.git`],
  ])('below /%s/ names the new address', async (prefix, to) => {
    const { stderr } = await remoteGit(['-c', 'http.followRedirects=false', 'ls-remote', server.url('moved', { prefix })])
    expect(stderr).toMatch(/301/)
    const { stderr: told } = await remoteGit(['-c', 'http.followRedirects=true', 'ls-remote', server.url('moved', { prefix })], {
      env: { GIT_CURL_VERBOSE: '1', GIT_TRACE_CURL_NO_DATA: '1' },
    })
    expect(told.toLowerCase()).toContain(`location: ${to()}/info/refs?service=git-upload-pack`.toLowerCase())
  })

  test('on the same origin is followed to the repository', async () => {
    await pushed('kept')
    expect((await remoteGit(['ls-remote', server.url('kept', { prefix: 'old' })])).stdout).toContain('refs/heads/main')
    const asked = (await server.requests()).filter(one => one.path.includes('/kept.git/')).slice(-3)
    expect(asked.map(one => [one.path.split('/')[1], one.status])).toEqual([
      ['old', 301],
      ['git', 200],
      ['git', 200],
    ])
  })
})

test('a server that is cut answers no more, and one that is stopped leaves nothing', async () => {
  const third = await startGitHttp()
  const directory = dirname(third.repositories)
  await third.cut()
  expect((await remoteGit(['ls-remote', third.url('any')])).stderr).toMatch(/Failed to connect|Couldn't connect|refused/)
  await third.stop()
  expect(existsSync(directory)).toBe(false)
})
