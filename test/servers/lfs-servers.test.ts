import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { commit, createBare, createScratch, git } from '../support/git-repository.ts'
import {
  commitLfs,
  compareFiles,
  compareObjects,
  type Login,
  pointer,
  publish,
  refuseWithoutObjects,
  storeObject,
  webLogin,
} from '../support/lfs-repository.ts'
import { type LfsServer, type Moved, objectFile, startLfsServer, storedObjects } from '../support/lfs-server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

// That the servers for LFS, and our way to speak to them, work at all.

let server: LfsServer
let login: Login
beforeAll(async () => {
  server = await startLfsServer()
  login = webLogin(server)
})
afterAll(async () => {
  await server?.stop()
})
beforeEach(() => {
  server.intervene = null
  server.forget()
})

/** A repository with two branches and three objects of which one is on both. */
async function createSource(): Promise<{ source: string; sizes: Map<string, number> }> {
  const source = await createBare()
  const main = await commitLfs(source, 'main', { 'a.bin': 100_000, 'b/ö c.bin': 300 }, { files: { 'read me': 'text\n' } })
  await commitLfs(source, 'side', { 'a.bin': { size: 70_000, seed: 'side' } }, { parents: [main.commit] })
  return { source, sizes: storedObjects(source) }
}

/** Without a credential helper: git-lfs asks one that says the same again and again without end. */
function headerLogin(token: string): Login {
  const basic = Buffer.from(`${server.user}:${token}`).toString('base64')
  return { env: login.env, config: ['-c', `http.extraHeader=Authorization: Basic ${basic}`] }
}

/** Pushes the objects of `side`, which are all, by git-lfs, with one more try for each object, the least there is. */
async function pushObjects(source: string, url: string, { env, config } = login): Promise<{ code: number | null; stderr: string }> {
  return git(source, [...config, '-c', 'lfs.transfer.maxretries=1', '-c', 'lfs.ssh.retries=1', 'lfs', 'push', url, 'side'], {
    env,
    allowFailure: true,
  })
}

test('pointers of the tests are those of git-lfs', async () => {
  const scratch = await createScratch()
  const oid = storeObject(scratch, { size: 3_000_000, seed: 'x' })
  const file = objectFile(join(scratch, '.git'), oid)
  const { stdout } = await git(scratch, ['lfs', 'pointer', `--file=${file}`])
  expect(`${stdout}\n`).toBe(pointer(oid, 3_000_000))
})

describe('a repository that git-lfs has pushed', () => {
  let source: string
  let sizes: ReadonlyMap<string, number>
  let pushed: Moved
  beforeAll(async () => {
    const created = await createSource()
    source = created.source
    sizes = created.sizes
    await server.createRepository('web')
    server.forget()
    await publish(source, server.url('web'), login)
    pushed = server.moved('web')
  })
  /** The same again on the server, to be changed. */
  const copyTo = async (name: string): Promise<string> => {
    const bare = await server.createRepository(name)
    cpSync(join(server.repositories, 'web.git'), bare, { recursive: true })
    return bare
  }

  test('has the same objects, and a clone the same files', async () => {
    expect(server.stored('web')).toEqual(sizes)
    const bytes = [...sizes.values()].reduce((sum, size) => sum + size)
    expect(pushed).toEqual({ uploads: 3, uploadedBytes: bytes, downloads: 0, downloadedBytes: 0 })
    expect(await compareFiles(source, server.url('web'), login)).toEqual([])
    expect(server.moved('web')).toMatchObject({ uploads: 0, downloads: 3, downloadedBytes: bytes })
    expect(server.moved('other')).toMatchObject({ downloads: 0, downloadedBytes: 0 })
    expect(await compareObjects(source, join(server.repositories, 'web.git'))).toEqual([])
  })

  test('a difference of one byte, one path or one ref is found', async () => {
    const bare = await copyTo('compared')
    const changed = await createBare()
    cpSync(source, changed, { recursive: true })
    const main = await commitLfs(changed, 'main', { 'a.bin': { size: 100_000, seed: 'other' } })
    const side = await commitLfs(changed, 'side', {}, { files: { new: '' } })
    expect(await compareFiles(changed, server.url('compared'), login)).toEqual([
      expect.stringContaining(`main: ${main.commit}`),
      expect.stringContaining(`side: ${side.commit}`),
      'main: a.bin',
      'side: new',
    ])
    expect(await compareObjects(changed, bare)).toEqual([
      expect.stringContaining(`main: ${main.commit}`),
      expect.stringContaining(`side: ${side.commit}`),
    ])
    expect(await compareObjects(changed, bare, ['side'])).toEqual([expect.stringContaining(`side: ${side.commit}`)])
  })

  test('an object that the destination lacks or has wrongly is an error', async () => {
    const bare = await copyTo('broken')
    const [oid = ''] = sizes.keys()
    writeFileSync(objectFile(bare, oid), 'x'.repeat(sizes.get(oid) ?? 0))
    await expect(compareFiles(source, server.url('broken'), login)).rejects.toThrow()
    expect(await compareObjects(source, bare)).toEqual([`wrong: ${oid}`])
    server.removeObject('broken', oid)
    expect(server.stored('broken').has(oid)).toBe(false)
    await expect(compareFiles(source, server.url('broken'), login)).rejects.toThrow()
    expect(await compareObjects(source, bare)).toEqual([`missing: ${oid}`])
  })
})

describe('https', () => {
  test('another token does not get in; nor does git with the one for LFS', async () => {
    const { source } = await createSource()
    await server.createRepository('closed')
    const wrong = await pushObjects(source, server.url('closed'), headerLogin('wrong'))
    expect(wrong.code).not.toBe(0)
    expect(server.answered).toEqual([])
    const header = ['-c', `http.extraHeader=Authorization: RemoteAuth ${server.lfsToken}`]
    const { code } = await git(source, [...header, 'ls-remote', server.url('closed')], { env: login.env, allowFailure: true })
    expect(code).toBe(128)
  })

  test('there are no locks, and no repository that was not made', async () => {
    const { source } = await createSource()
    await server.createRepository('unlocked')
    expect((await pushObjects(source, server.url('unlocked'))).code).toBe(0)
    expect(new Set(server.answered.filter(one => one.kind === 'locks').map(one => one.status))).toEqual(new Set([404]))
    expect((await pushObjects(source, server.url('nowhere'))).code).not.toBe(0)
    expect(server.stored('nowhere').size).toBe(0)
  })

  test('an upload with other bytes is not kept', async () => {
    const { source } = await createSource()
    await server.createRepository('wrong')
    const [oid = ''] = storedObjects(source).keys()
    const header = { Authorization: `RemoteAuth ${server.lfsToken}`, 'Content-Type': 'application/octet-stream' }
    const url = `${server.url('wrong', { plain: true })}/info/lfs/objects/storage/${oid}`
    expect((await fetch(url, { method: 'PUT', headers: header, body: 'other bytes' })).status).toBe(422)
    expect(server.stored('wrong').size).toBe(0)
    const right = readFileSync(objectFile(source, oid))
    expect((await fetch(url, { method: 'PUT', headers: header, body: right })).status).toBe(200)
    expect(server.stored('wrong')).toEqual(new Map([[oid, right.length]]))
  })
})

describe('a destination that asks for the objects first', () => {
  test('refuses refs whose objects are missing or broken, and takes them when all are there', async () => {
    const { source } = await createSource()
    const bare = await server.createRepository('guarded')
    refuseWithoutObjects(bare)
    const push = () => git(source, [...login.config, 'push', '-q', server.url('guarded'), 'main'], { env: login.env, allowFailure: true })
    const words = 'GitLab: LFS objects are missing. Ensure LFS is properly set up or try a manual "git lfs push --all".'
    expect(await push()).toMatchObject({ code: 1, stderr: expect.stringContaining(words) })
    const [oid = ''] = storedObjects(source).keys()
    expect((await pushObjects(source, server.url('guarded'))).code).toBe(0)
    const file = objectFile(bare, oid)
    const bytes = readFileSync(file)
    truncateSync(file, 1)
    expect(await push()).toMatchObject({ code: 1, stderr: expect.stringContaining(words) })
    writeFileSync(file, bytes)
    expect((await push()).code).toBe(0)
  })

  test('lets pass what is no pointer, and deletions', async () => {
    const source = await createBare()
    await commit(source, 'main', { files: { 'a.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 1\n', b: 'text' } })
    const bare = join(temporaryDirectory(), 'guarded.git')
    await createBare(bare)
    refuseWithoutObjects(bare)
    await git(source, ['push', '-q', bare, 'main:main', 'main:other'])
    await git(source, ['push', '-q', bare, ':other'])
  })
})
