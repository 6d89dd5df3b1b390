import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { commit, createBare, fsck, git, refsOf } from '../support/git-repository.ts'
import { authenticatedLfs, createPair, httpsLfs, type LfsPlace, nameOf, sshLfs } from '../support/lfs-places.ts'
import { commitLfs, compareFiles, compareObjects, copyAll, refuseWithoutObjects, storeObject } from '../support/lfs-repository.ts'
import { type LfsServer, startLfsServer, storedObjects } from '../support/lfs-server.ts'
import { type LfsSshd, startLfsSshd } from '../support/lfs-ssh.ts'
import { runMirror } from '../support/mirror.ts'

// Every way that a run may go.

let server: LfsServer
let pure: LfsSshd
let authenticating: LfsSshd
beforeAll(async () => {
  server = await startLfsServer()
  pure = await startLfsSshd('transfer')
  authenticating = await startLfsSshd('authenticate', server)
})
afterAll(async () => {
  await Promise.allSettled([pure, authenticating, server].map(async one => await one?.stop()))
})
beforeEach(() => {
  server.intervene = null
  server.forget()
})

const pick = (inputs: RawInputs, names: readonly (keyof RawInputs)[]): RawInputs =>
  Object.fromEntries(names.flatMap(name => (inputs[name] === undefined ? [] : [[name, inputs[name]]])))
const pair = (transfer: string) => createPair(httpsLfs(server), transfer)

/**
 * git-lfs connects in the same way for both transfers and for any number of objects, so one row for each way is enough. Over https by git goes what
 * `lfs-selection` moves, over ssh alone what `lfs-elsewhere` does.
 */
const WAYS: readonly (readonly [string, () => LfsPlace])[] = [
  ['https', () => httpsLfs(server)],
  ['ssh and https', () => authenticatedLfs(authenticating, server)],
]

test.each(WAYS)('over %s: a first mirror brings all objects, and over https the next one those that are new', async (way, place) => {
  const { url, login } = place()
  const { source, destination, run, check } = await createPair(place(), 'relay')
  const first = await commitLfs(source, 'main', { 'a.bin': 100_000, 'b/ö c.bin': 300 }, { files: { 'read me': 'text\n' } })
  const report = await run()
  expect(report).toMatchObject({
    status: 'updated',
    inSync: true,
    transfer: 'relay',
    lfs: { moved: { objects: 2, bytes: 100_300 }, present: { objects: 0 }, failed: { objects: 0 } },
  })
  // As anybody would clone it.
  expect(await compareFiles(source, url(destination), login)).toEqual([])
  expect(storedObjects(destination).size).toBe(2)
  if (way !== 'https') return

  await commitLfs(source, 'main', { 'a.bin': 100_000, 'new.bin': 5000 }, { parents: [first.commit] })
  const second = await run()
  expect(second).toMatchObject({
    status: 'updated',
    transfer: 'relay',
    lfs: { moved: { objects: 1, bytes: 5000 }, present: { objects: 0 } },
  })
  expect(second.refs).toEqual([expect.objectContaining({ ref: 'refs/heads/main', lfs: { objects: 1, bytes: 5000 } })])
  expect(await check()).toEqual([])
  server.forget()
  expect(await run()).toMatchObject({ status: 'up-to-date', transfer: null, lfs: null })
  expect(server.answered).toEqual([])
})

describe('by relay', () => {
  test('both ways in one run, and none again', async () => {
    const { source: here, destination: there, run, check } = await pair('relay')
    const base = await commitLfs(here, 'main', { 'a.bin': 1000 })
    await copyAll(here, there)
    await commitLfs(here, 'ours', { 'ours.bin': 200 }, { parents: [base.commit] })
    await commitLfs(there, 'theirs', { 'theirs.bin': 30, 'more.bin': 4 }, { parents: [base.commit] })
    for (const side of [here, there]) refuseWithoutObjects(side)
    const report = await run({ direction: 'bidirectional' })
    expect(report.outcomes).toEqual({ main: 'up-to-date', ours: 'created', theirs: 'created' })
    expect(report).toMatchObject({ inSync: true, lfs: { moved: { objects: 3, bytes: 234 }, failed: { objects: 0 } } })
    expect(server.moved(nameOf(here))).toMatchObject({ uploadedBytes: 34, downloadedBytes: 200 })
    expect(server.moved(nameOf(there))).toMatchObject({ uploadedBytes: 200, downloadedBytes: 34 })
    expect(await check()).toEqual([])
    await fsck(here)
    expect(storedObjects(here)).toEqual(storedObjects(there))
    expect(await run({ direction: 'bidirectional' })).toMatchObject({ status: 'up-to-date', lfs: null })
  })

  test('a pull', async () => {
    const { source: here, destination: there, run } = await pair('relay')
    await commitLfs(there, 'main', { 'a.bin': 1000 })
    refuseWithoutObjects(here)
    const report = await run({ direction: 'pull' })
    expect(report).toMatchObject({ status: 'updated', inSync: true, lfs: { moved: { objects: 1, bytes: 1000 } } })
    expect(server.moved(nameOf(there))).toMatchObject({ downloads: 1, uploads: 0 })
    await fsck(here)
    expect(await compareObjects(there, here)).toEqual([])
  })

  test('a dry run moves nothing, and tells of how many objects it is about', async () => {
    const { source, destination, run } = await pair('relay')
    await commitLfs(source, 'main', { 'a.bin': 1000, 'b.bin': 24 })
    const report = await run({ 'dry-run': 'true' })
    expect(report).toMatchObject({ dryRun: true, outcomes: { main: 'skipped' }, lfs: null })
    expect(report.notices).toEqual(['of 2 LFS objects (1.0 KiB), those that the destination lacks would be moved'])
    expect(server.answered).toEqual([])
    expect((await refsOf(destination)).size).toBe(0)
  })

  test('a rewritten branch and a deleted one: the old tip is kept, and only what is new is moved', async () => {
    const { source, destination, run, check } = await pair('relay')
    const base = await commitLfs(source, 'main', { 'a.bin': 1000 })
    await commitLfs(source, 'work', { 'old.bin': 500 }, { parents: [base.commit] })
    await commitLfs(source, 'gone', { 'gone.bin': 60 }, { parents: [base.commit] })
    await copyAll(source, destination)
    await git(source, ['branch', '-D', 'gone'])
    // Deletions need no objects.
    expect((await run({ prune: 'all' })).outcomes).toMatchObject({ gone: 'deleted', main: 'up-to-date' })
    expect(server.answered).toEqual([])
    await commitLfs(source, 'work', { 'new.bin': 7 }, { parents: [base.commit] })
    const report = await run()
    expect(report).toMatchObject({ outcomes: { work: 'forced' }, lfs: { moved: { objects: 1, bytes: 7 }, present: { objects: 0 } } })
    expect(report.backups).toHaveLength(1)
    expect(server.moved()).toMatchObject({ uploads: 1, downloads: 1 })
    expect([...storedObjects(destination).values()].sort()).toEqual([...storedObjects(source).values()].sort())
    expect(await check()).toEqual([])
  })
})

describe('a source that offers no filter', () => {
  test.each([
    ['with LFS', 'a.bin', { moved: { objects: 1 } }],
    ['without', null, null],
  ])('%s: its pack is looked through on the disk, asked for once, and goes on from there', async (_, file, lfs) => {
    const { source, run, check } = await pair('relay')
    await git(source, ['config', 'uploadpack.allowFilter', 'false'])
    const first = await commit(source, 'main', { files: { readme: '1' } })
    expect(await run()).toMatchObject({ status: 'updated', inSync: true, transfer: 'relay', lfs: null })
    if (file === null) await commit(source, 'main', { parents: [first], files: { readme: '2' } })
    else await commitLfs(source, 'main', { [file]: 1000 }, { parents: [first] })
    await commit(source, 'side', { parents: [first], files: { side: '1' } })
    const report = await run()
    expect(report).toMatchObject({ status: 'updated', inSync: true, transfer: 'relay', lfs })
    expect(report.log.filter(line => /the source leaves no large files out/.test(line))).toHaveLength(1)
    expect(report.log.filter(line => /^fetching \d+ tips? from the source/.test(line))).toEqual([])
    expect(await check()).toEqual([])
  })

  test('a dry run says that it does not know', async () => {
    const { source, run } = await pair('relay')
    await git(source, ['config', 'uploadpack.allowFilter', 'false'])
    await commitLfs(source, 'main', { 'a.bin': 1000 })
    expect((await run({ 'dry-run': 'true' })).notices).toEqual([
      expect.stringMatching(/^it is not known whether LFS objects would be moved/),
    ])
  })
})

describe('sides of different kinds', () => {
  const WEB = ['repository-url', 'token', 'ca-certificate'] as const

  test('files on both', async () => {
    const transfer = 'relay'
    const [source, destination] = [await createBare(), await createBare()]
    const first = await commitLfs(source, 'main', { 'a.bin': 1000 })
    const inputs = { 'repository-url': source, 'remote-url': `file://${destination}`, transfer }
    await git(source, ['config', 'uploadpack.allowFilter', 'true'])
    expect(await runMirror(inputs)).toMatchObject({ status: 'updated', inSync: true, lfs: { moved: { objects: 1, bytes: 1000 } } })
    expect(storedObjects(destination)).toEqual(storedObjects(source))
    expect(await compareObjects(source, destination)).toEqual([])
    // git-lfs does not ask a repository of this machine what it has.
    await commitLfs(source, 'side', { 'b.bin': 70, 'had.bin': 8 }, { parents: [first.commit] })
    storeObject(destination, { size: 8, seed: 'had.bin' })
    expect(await runMirror(inputs)).toMatchObject({ inSync: true, lfs: { moved: { objects: 1, bytes: 70 }, present: { objects: 1 } } })
    expect(await compareObjects(source, destination)).toEqual([])
  })

  test('from https to ssh, and from there to a file', async () => {
    const [web, ssh, file] = [await httpsLfs(server).create(), await sshLfs(pure).create(), await createBare()]
    await commitLfs(web, 'main', { 'a.bin': 1000, 'dir/b.bin': 20 })
    const onward = sshLfs(pure).inputs(ssh, ssh)
    const first = await runMirror({
      ...pick(onward, ['remote-url', 'auth-secret', 'known-host-keys']),
      ...pick(httpsLfs(server).inputs(web, web), WEB),
    })
    expect(first).toMatchObject({ status: 'updated', inSync: true, transfer: 'relay', lfs: { moved: { objects: 2, bytes: 1020 } } })
    expect(await compareObjects(web, ssh)).toEqual([])
    const second = await runMirror({ ...pick(onward, ['repository-url', 'token', 'known-host-keys']), 'remote-url': file })
    expect(second).toMatchObject({ status: 'updated', inSync: true, transfer: 'relay', lfs: { moved: { objects: 2, bytes: 1020 } } })
    expect(await compareObjects(web, file)).toEqual([])
  })

  test('a file that is not bare', async () => {
    const { source, destination, check } = await pair('relay')
    await commitLfs(source, 'main', { 'a.bin': 1000 })
    await copyAll(source, destination)
    const copy = join(await createBare(), 'copy')
    await git('/', ['clone', '-q', `file://${source}`, copy])
    await git(copy, ['config', 'uploadpack.allowFilter', 'true'])
    await commitLfs(copy, 'side', { 'b.bin': 20 })
    const report = await runMirror({
      ...pick(httpsLfs(server).inputs(destination, destination), ['remote-url', 'username', 'auth-secret', 'ca-certificate']),
      'repository-url': copy,
    })
    expect(report).toMatchObject({ outcomes: { side: 'created' }, lfs: { moved: { objects: 1, bytes: 20 } } })
    expect(await check(['main'])).toEqual([])
  })
})
