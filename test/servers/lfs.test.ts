import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { authenticatedLfs, createPair, httpsLfs, type LfsPlace, sshLfs } from '../support/lfs-places.ts'
import { commitLfs, compareFiles } from '../support/lfs-repository.ts'
import { type LfsServer, startLfsServer, storedObjects } from '../support/lfs-server.ts'
import { type LfsSshd, startLfsSshd } from '../support/lfs-ssh.ts'

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

/** git-lfs connects in the same way for both transfers and for any number of objects, so one row over ssh is enough. */
const WAYS: readonly (readonly [string, string, () => LfsPlace])[] = [
  ['https', 'relay', () => httpsLfs(server)],
  ['https', 'git', () => httpsLfs(server)],
  ['ssh alone', 'relay', () => sshLfs(pure)],
  ['ssh and https', 'relay', () => authenticatedLfs(authenticating, server)],
]

describe.each(WAYS)('over %s by %s', (way, transfer, place) => {
  test('a first mirror brings all objects, and over https the next one those that are new', async () => {
    const { url, login } = place()
    const { source, destination, run, check } = await createPair(place(), transfer)
    const first = await commitLfs(source, 'main', { 'a.bin': 100_000, 'b/ö c.bin': 300 }, { files: { 'read me': 'text\n' } })
    const report = await run()
    expect(report).toMatchObject({
      status: 'updated',
      inSync: true,
      transfer,
      lfs: { moved: { objects: 2, bytes: 100_300 }, present: { objects: 0 }, failed: { objects: 0 } },
    })
    // Once a place, as anybody would clone it.
    expect(await (transfer === 'relay' ? compareFiles(source, url(destination), login) : check())).toEqual([])
    expect(storedObjects(destination).size).toBe(2)
    if (way !== 'https') return

    await commitLfs(source, 'main', { 'a.bin': 100_000, 'new.bin': 5000 }, { parents: [first.commit] })
    const second = await run()
    expect(second).toMatchObject({ status: 'updated', transfer, lfs: { moved: { objects: 1, bytes: 5000 }, present: { objects: 0 } } })
    expect(second.refs).toEqual([expect.objectContaining({ ref: 'refs/heads/main', lfs: { objects: 1, bytes: 5000 } })])
    expect(await check()).toEqual([])
    expect(await run()).toMatchObject({ status: 'up-to-date', transfer: null, lfs: null })
  })
})
