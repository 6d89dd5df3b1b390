import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createBare, fsck } from '../support/git-repository.ts'
import { createPair, httpsLfs, type LfsPair, nameOf, sshLfs } from '../support/lfs-places.ts'
import { commitLfs, compareObjects, storeObject } from '../support/lfs-repository.ts'
import { type LfsServer, startLfsServer } from '../support/lfs-server.ts'
import { type LfsSshd, startLfsSshd } from '../support/lfs-ssh.ts'
import { runMirror } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

// LFS objects that are somewhere else than the repository, or are said to be.

let server: LfsServer
let other: LfsServer
let sshd: LfsSshd
beforeAll(async () => {
  sshd = await startLfsSshd('transfer')
  server = await startLfsServer()
  other = await startLfsServer()
})
afterAll(async () => {
  await Promise.allSettled([server, other, sshd].map(async one => await one?.stop()))
})
beforeEach(() => {
  for (const one of [server, other]) {
    one.intervene = null
    one.forget()
  }
})

const pair = (transfer: string) => createPair(httpsLfs(server), transfer)
const endpoint = (name: string, at = server) => `${at.url(name)}/info/lfs`
const config = (url: string) => ({ '.lfsconfig': `[lfs]\n\turl = ${url}\n` })

/** Where objects were asked for, or put: repositories of the one server. */
const asked = () => new Set(server.answered.map(({ repository }) => repository))
const names = ({ source, destination }: LfsPair) => new Set([nameOf(source), nameOf(destination)])

test('a .lfsconfig that names another host is not followed: that host gets no request, and the report says so', async () => {
  const sides = await pair('relay')
  await other.createRepository('trap')
  const url = endpoint('trap', other)
  const text = `[lfs]\n\turl = ${url}\n\tpushurl = ${url}\n[remote "there"]\n\tlfsurl = ${url}\n[remote "here"]\n\tlfsurl = ${url}\n[lfs "${url}"]\n\tlocksverify = true\n`
  await commitLfs(sides.source, 'main', { 'a.bin': 1000 }, { files: { '.lfsconfig': text } })
  const before = (await other.requests()).length
  const report = await sides.run({ 'ca-certificate': `${server.caPem}\n${other.caPem}` })
  expect(report).toMatchObject({ status: 'updated', inSync: true, lfs: { moved: { objects: 1 } } })
  expect(report.notices).toEqual([expect.stringContaining("which is not used, because it is not the source's server")])
  expect(report.notices[0]).toContain(url)
  expect(await other.requests()).toHaveLength(before)
  expect(asked()).toEqual(names(sides))
  expect(await sides.check()).toEqual([])
})

test('a .lfsconfig that names another place of the same server is followed for downloads, never for uploads', async () => {
  const sides = await pair('git')
  const shared = await server.createRepository('shared')
  const url = endpoint('shared')
  const text = `[lfs]\n\turl = ${url}\n\tpushurl = ${url}\n`
  const { objects } = await commitLfs(sides.source, 'main', { 'a.bin': 1000 }, { files: { '.lfsconfig': text } })
  storeObject(shared, { size: 1000, seed: 'a.bin' })
  server.removeObject(nameOf(sides.source), objects.get('a.bin') ?? '')
  const report = await sides.run()
  expect(report).toMatchObject({ status: 'updated', inSync: true, lfs: { moved: { objects: 1 } } })
  expect(report.notices).toEqual([expect.stringContaining("LFS objects are read from it, because it is the source's server")])
  expect(server.moved('shared')).toMatchObject({ downloads: 1, uploads: 0 })
  expect(server.moved(nameOf(sides.destination))).toMatchObject({ uploads: 1 })
  expect(server.stored(nameOf(sides.destination)).size).toBe(1)
  storeObject(sides.source, { size: 1000, seed: 'a.bin' })
  expect(await sides.check()).toEqual([])
})

test('`remote-lfs-url` and `lfs-url`: another server with the credentials in the URL, and the same server with those of the side', async () => {
  const sides = await pair('relay')
  for (const name of ['given', 'taken']) await other.createRepository(name)
  await commitLfs(sides.source, 'main', { 'a.bin': 1000 }, { files: config('https://lfs.invalid/x') })
  const at = (name: string) => endpoint(name, other).replace('://', `://${other.user}:${encodeURIComponent(other.token)}@`)
  const authorities = { 'ca-certificate': `${server.caPem}\n${other.caPem}` }
  const away = await sides.run({ ...authorities, 'remote-lfs-url': at('taken') })
  expect(away).toMatchObject({ status: 'updated', lfs: { moved: { objects: 1 } } })
  expect(other.stored('taken').size).toBe(1)
  expect(server.stored(nameOf(sides.destination)).size).toBe(0)
  // It was shown its own login from the first request on, and no other.
  expect((await other.requests()).map(({ status }) => status)).not.toContain(401)

  await commitLfs(sides.source, 'main', { 'b.bin': 20 })
  server.forget()
  storeObject(await server.createRepository('store'), { size: 20, seed: 'b.bin' })
  const back = await sides.run({ 'lfs-url': endpoint('store') })
  expect(back).toMatchObject({ status: 'updated', lfs: { moved: { objects: 1 } } })
  expect(server.moved('store')).toMatchObject({ downloads: 1 })
  expect(server.moved(nameOf(sides.source))).toMatchObject({ downloads: 0 })
  // What was asked for is no reason to speak of the file.
  expect(back.notices).toEqual([])
})

test('a Bearer token, on a server that takes nothing else: no request has two headers', async () => {
  const sides = await pair('relay')
  await commitLfs(sides.source, 'main', { 'a.bin': 1000 })
  const urlOf = (directory: string) => server.url(nameOf(directory), { prefix: 'bearer' })
  const inputs = { 'repository-url': urlOf(sides.source), 'remote-url': urlOf(sides.destination), username: '', 'auth-scheme': 'bearer' }
  expect(await sides.run(inputs)).toMatchObject({ status: 'updated', inSync: true, lfs: { moved: { objects: 1 } } })
  expect(new Set(server.answered.map(({ authorization, status }) => `${status} ${authorization}`))).toEqual(
    new Set([`200 Bearer ${server.token}`]),
  )
  expect(await sides.check()).toEqual([])
})

test('`remote-lfs-url` beside a directory: the server has the objects, and not the directory', async () => {
  const [source, destination] = [await createBare(), await createBare()]
  await other.createRepository('beside')
  await commitLfs(source, 'main', { 'a.bin': 1000 })
  const url = endpoint('beside', other).replace('://', `://${other.user}:${encodeURIComponent(other.token)}@`)
  const inputs = { 'repository-url': source, 'remote-url': destination, 'remote-lfs-url': url, 'ca-certificate': other.caPem }
  expect(await runMirror(inputs)).toMatchObject({ status: 'updated', lfs: { moved: { objects: 1 }, failed: { objects: 0 } } })
  expect(other.stored('beside').size).toBe(1)
})

test('`remote-lfs-url` to another server without credentials shows it none', async () => {
  const sides = await pair('relay')
  await other.createRepository('closed')
  await commitLfs(sides.source, 'main', { 'a.bin': 1000 })
  const report = await sides.run({ 'ca-certificate': `${server.caPem}\n${other.caPem}`, 'remote-lfs-url': endpoint('closed', other) })
  expect(report.outcomes).toEqual({ main: 'rejected credentials-missing' })
  const asking = (await other.requests()).filter(({ path }) => path.includes('/closed.git/'))
  expect(asking).not.toEqual([])
  expect(asking.filter(({ user }) => user !== null)).toEqual([])
  expect(other.stored('closed').size).toBe(0)
})

/** A shell of the server would run it. */
const trapIn = (file: string): string => `$(touch$IFS${file})`

test.each([
  ['relay', (file: string) => `ssh://${sshd.username}@127.0.0.1:${sshd.port}/${trapIn(file)}`],
  ['git', (file: string) => `[${sshd.username}@127.0.0.1:${sshd.port}]:x;touch$IFS${file};`],
])(
  'by %s, over ssh to an account with a shell: a path with blanks, quotes and a command is a path, and that of a .lfsconfig is not followed',
  async (transfer, urlOf) => {
    const directory = temporaryDirectory()
    const place = join(directory, `it's "a" ${trapIn('ran')};touch ran`)
    const source = await createBare(join(place, 'source.git'), { config: { 'uploadpack.allowFilter': 'true' } })
    const destination = await createBare()
    const file = join(directory, 'ran')
    await commitLfs(source, 'main', { 'a.bin': 1000 }, { files: config(`"${urlOf(file)}"`) })
    const sides = { ...sshLfs(sshd).inputs(source, destination), 'repository-url': sshd.url(encodeURI(source)), 'remote-url': destination }
    const report = await runMirror({ ...sides, 'auth-secret': '', transfer })
    expect(existsSync(file)).toBe(false)
    expect(report).toMatchObject({ status: 'updated', inSync: true, lfs: { moved: { objects: 1 } } })
    expect(report.notices).toEqual([
      expect.stringContaining("which is not used, because the path has characters that the server's shell could run as a command"),
    ])
    expect(sshd.commands()).toContain(`git-lfs-transfer ${source} download`)
    expect(await compareObjects(source, destination)).toEqual([])
    await fsck(destination)
  },
)
