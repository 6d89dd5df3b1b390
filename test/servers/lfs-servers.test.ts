import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { commit, createBare, createScratch, git } from '../support/git-repository.ts'
import { hold, type Intervention, type LfsRequest } from '../support/lfs-gate.ts'
import {
  commitLfs,
  compareFiles,
  type Login,
  pointer,
  publish,
  refuseWithoutObjects,
  storeObject,
  webLogin,
} from '../support/lfs-repository.ts'
import { type LfsServer, objectFile, startLfsServer, storedObjects } from '../support/lfs-server.ts'
import { type LfsSshd, startLfsSshd } from '../support/lfs-ssh.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

// That the servers for LFS, and our way to speak to them, work at all.

let server: LfsServer
let login: Login
let pure: LfsSshd
let both: LfsSshd
let plain: LfsSshd
beforeAll(async () => {
  server = await startLfsServer()
  login = webLogin(server)
  pure = await startLfsSshd('transfer')
  both = await startLfsSshd('authenticate', server)
  plain = await startLfsSshd('none')
})
afterAll(async () => {
  await Promise.allSettled([plain, both, pure, server].map(async one => await one?.stop()))
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

/** Every transfer of the objects of this size gets it. */
const forSize =
  (size: number, sizes: ReadonlyMap<string, number>, kind: LfsRequest['kind'], intervention: Intervention) => (request: LfsRequest) =>
    request.kind === kind && request.objects.some(oid => sizes.get(oid) === size) ? intervention : null

describe('the files of the tests', () => {
  test('pointers are those of git-lfs', async () => {
    const scratch = await createScratch()
    const oid = storeObject(scratch, { size: 3_000_000, seed: 'x' })
    const file = objectFile(join(scratch, '.git'), oid)
    const { stdout } = await git(scratch, ['lfs', 'pointer', `--file=${file}`])
    expect(`${stdout}\n`).toBe(pointer(oid, 3_000_000))
  })

  test('a difference of one byte, one path or one ref is found', async () => {
    const { source } = await createSource()
    const name = 'compared'
    await server.createRepository(name)
    await publish(source, server.url(name), login)
    expect(await compareFiles(source, server.url(name), login)).toEqual([])
    const main = await commitLfs(source, 'main', { 'a.bin': { size: 100_000, seed: 'other' } })
    const side = await commitLfs(source, 'side', {}, { files: { new: '' } })
    const differences = await compareFiles(source, server.url(name), login)
    expect(differences).toEqual([
      expect.stringContaining(`main: ${main.commit}`),
      expect.stringContaining(`side: ${side.commit}`),
      'main: a.bin',
      'side: new',
    ])
    expect(await compareFiles(source, server.url(name), login, { branches: ['side'] })).toEqual(['side: new'])
  })

  test('an object that the destination lacks or has wrongly is an error', async () => {
    const { source } = await createSource()
    const bare = await server.createRepository('broken')
    await publish(source, server.url('broken'), login)
    const [oid = ''] = storedObjects(source).keys()
    writeFileSync(objectFile(bare, oid), 'x'.repeat(server.stored('broken').get(oid) ?? 0))
    await expect(compareFiles(source, server.url('broken'), login)).rejects.toThrow()
    server.removeObject('broken', oid)
    expect(server.stored('broken').has(oid)).toBe(false)
    await expect(compareFiles(source, server.url('broken'), login)).rejects.toThrow()
  })

  test('a thousand objects are made at once', async () => {
    const source = await createBare()
    const files = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${i % 10}/${i}.bin`, 1000 + i]))
    const { objects } = await commitLfs(source, 'main', files)
    expect(new Set(objects.values()).size).toBe(1000)
    const { stdout } = await git(source, ['lfs', 'ls-files', 'main'])
    expect(stdout.split('\n')).toHaveLength(1000)
  })
})

describe('https', () => {
  test('git-lfs pushes, and a clone has the same files', async () => {
    const { source, sizes } = await createSource()
    await server.createRepository('web')
    await publish(source, server.url('web'), login)
    expect(server.stored('web')).toEqual(sizes)
    const bytes = [...sizes.values()].reduce((sum, size) => sum + size)
    expect(server.moved('web')).toEqual({ uploads: 3, uploadedBytes: bytes, downloads: 0, downloadedBytes: 0 })
    expect(await compareFiles(source, server.url('web'), login)).toEqual([])
    expect(server.moved('web')).toMatchObject({ uploads: 3, downloads: 3, downloadedBytes: bytes })
    expect(server.moved('other')).toMatchObject({ uploads: 0, uploadedBytes: 0 })
  })

  test('what is there is not moved again', async () => {
    const { source } = await createSource()
    await server.createRepository('again')
    await publish(source, server.url('again'), login)
    server.forget()
    await commitLfs(source, 'main', { 'c.bin': 5 })
    await publish(source, server.url('again'), login)
    expect(server.moved()).toEqual({ uploads: 1, uploadedBytes: 5, downloads: 0, downloadedBytes: 0 })
  })

  test('a folder and plain http', async () => {
    const { source, sizes } = await createSource()
    await server.createRepository('folder/deep')
    const url = server.url('folder/deep', { plain: true })
    await publish(source, url, webLogin({ ...server, origin: server.plainOrigin }))
    expect(server.stored('folder/deep')).toEqual(sizes)
    expect(server.answered.map(one => one.repository)).toContain('folder/deep')
  })

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

describe('what goes wrong over https', () => {
  test.each([401, 422])('%d for the batch: nothing is moved', async status => {
    const { source } = await createSource()
    await server.createRepository(`batch${status}`)
    server.intervene = ({ kind }) => (kind === 'batch' ? { status, message: 'words of the server', headers: { 'Retry-After': '0' } } : null)
    const { code, stderr } = await pushObjects(source, server.url(`batch${status}`), headerLogin(server.token))
    expect(code).not.toBe(0)
    // git-lfs has words of its own for the others.
    if (status === 422) expect(stderr).toContain('words of the server')
    expect(server.answered.filter(one => one.kind === 'batch').map(one => one.status)).toContain(status)
    expect(server.moved()).toMatchObject({ uploads: 0, uploadedBytes: 0 })
    expect(server.stored(`batch${status}`).size).toBe(0)
  })

  test.each([413])('%d for one upload: the others are there', async status => {
    const { source, sizes } = await createSource()
    await server.createRepository(`upload${status}`)
    server.intervene = forSize(70_000, sizes, 'upload', { status })
    expect((await pushObjects(source, server.url(`upload${status}`))).code).not.toBe(0)
    expect(server.answered.filter(one => one.status === status).map(one => one.nth)).not.toEqual([])
    expect(server.moved()).toMatchObject({ uploads: 2, uploadedBytes: 100_300 })
    expect([...server.stored(`upload${status}`).values()].sort()).toEqual([100_000, 300])
  })

  test('an error for one object of a batch', async () => {
    const { source } = await createSource()
    await server.createRepository('quota')
    server.intervene = ({ kind, objects }) =>
      kind !== 'batch'
        ? null
        : { status: 200, body: { objects: objects.map(oid => ({ oid, size: 1, error: { code: 507, message: 'no room' } })) } }
    const { code, stderr } = await pushObjects(source, server.url('quota'))
    expect(code).not.toBe(0)
    expect(stderr).toContain('no room')
  })

  test('an upload that is cut leaves nothing, and is made whole by the next try', async () => {
    const { source, sizes } = await createSource()
    await server.createRepository('cut')
    server.intervene = forSize(70_000, sizes, 'upload', { cutAfter: 30_000 })
    expect((await pushObjects(source, server.url('cut'))).code).not.toBe(0)
    const cuts = server.answered.filter(one => one.kind === 'upload' && one.status === null)
    expect(cuts.length).toBeGreaterThan(0)
    expect(cuts.every(one => one.bytes === 30_000)).toBe(true)
    expect([...server.stored('cut').values()].sort()).toEqual([100_000, 300])
    server.intervene = null
    expect((await pushObjects(source, server.url('cut'))).code).toBe(0)
    expect(server.stored('cut')).toEqual(sizes)
  })

  test('a download that is cut is no file', async () => {
    const { source } = await createSource()
    await server.createRepository('short')
    await publish(source, server.url('short'), login)
    server.intervene = ({ kind }) => (kind === 'download' ? { cutAfter: 100 } : null)
    await expect(compareFiles(source, server.url('short'), login)).rejects.toThrow()
    expect(server.answered.filter(one => one.kind === 'download' && one.status === null && one.bytes === 100)).not.toEqual([])
  })

  test.each(['upload', 'download'] as const)('%s: an object stands still half-way until it is released', async kind => {
    const { source, sizes } = await createSource()
    await server.createRepository(`held-${kind}`)
    if (kind === 'download') await publish(source, server.url(`held-${kind}`), login)
    const held = hold(50_000)
    server.intervene = forSize(100_000, sizes, kind, held)
    const done =
      kind === 'upload' ? publish(source, server.url(`held-${kind}`), login) : compareFiles(source, server.url(`held-${kind}`), login)
    await held.reached
    // Time enough for the rest, and a sign that others are served.
    const other = await createBare()
    await commitLfs(other, 'side', { 'other.bin': 10 })
    await server.createRepository(`beside-${kind}`)
    expect((await pushObjects(other, server.url(`beside-${kind}`))).code).toBe(0)
    expect(
      server.answered.filter(one => one.kind === kind && one.objects[0] !== undefined && sizes.get(one.objects[0]) === 100_000),
    ).toEqual([])
    held.release()
    await done
    expect(server.answered.find(one => one.kind === kind && one.bytes === 100_000)?.status).toBe(200)
    expect(server.stored(`held-${kind}`)).toEqual(sizes)
  })
})

describe('ssh', () => {
  test('git-lfs-authenticate that says something else, or no', async () => {
    const { source } = await createSource()
    const bare = await server.createRepository('refused')
    const sshd = await startLfsSshd('authenticate', server)
    sshd.authenticate('not today')
    const refused = await pushObjects(source, sshd.url(bare), sshd.login)
    expect(refused.stderr).toContain('not today')
    sshd.authenticate({ href: `${server.origin}/git/elsewhere.git/info/lfs`, header: { Authorization: `RemoteAuth ${server.lfsToken}` } })
    expect((await pushObjects(source, sshd.url(bare), sshd.login)).code).not.toBe(0)
    expect(new Set(server.answered.map(one => one.repository))).toEqual(new Set(['elsewhere']))
    expect(
      (await fetch(`${server.plainOrigin}/git/refused.git/info/lfs/locks`, { headers: { Authorization: 'RemoteAuth wrong' } })).status,
    ).toBe(401)
    await sshd.stop()
  })

  test('neither: git pushes, git-lfs does not', async () => {
    const { source } = await createSource()
    const bare = await createBare()
    await git(source, ['push', '-q', plain.url(bare), 'main'], { env: plain.login.env })
    const { code, stderr } = await pushObjects(source, plain.url(bare), plain.login)
    expect(code).not.toBe(0)
    expect(stderr).toContain('git-lfs-authenticate')
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
