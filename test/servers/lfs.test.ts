import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import type { Place } from '../support/behaviour.ts'
import { fsck } from '../support/git-repository.ts'
import { commitLfs, compareFiles, type Login, webLogin } from '../support/lfs-repository.ts'
import { type LfsServer, startLfsServer, storedObjects } from '../support/lfs-server.ts'
import { type LfsSshd, startLfsSshd } from '../support/lfs-ssh.ts'
import { type Mirrored, type MirrorOptions, runMirror } from '../support/mirror.ts'
import { httpsPlace, sshPlace } from '../support/places.ts'

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

interface LfsPlace extends Place {
  /** The address of a directory, for git. */
  url(directory: string): string
  readonly login: Login
}

const https = (): LfsPlace => {
  const place = httpsPlace(server, 'git')
  const url = (directory: string) => server.url(directory.replace(/^.*\/(.*)\.git$/, '$1'))
  return { ...place, url, login: webLogin(server) }
}

const pureSsh = (): LfsPlace => ({ ...sshPlace(pure), url: pure.url, login: pure.login })

/** Repositories lie where the server for LFS finds their objects. */
const authenticated = (): LfsPlace => {
  const { create } = httpsPlace(server, 'git')
  const { inputs } = sshPlace(authenticating)
  return {
    create,
    inputs: (source, destination) => ({ ...inputs(source, destination), 'ca-certificate': server.caPem }),
    url: authenticating.url,
    login: authenticating.login,
  }
}

const PLACES: readonly (readonly [string, () => LfsPlace])[] = [
  ['https', https],
  ['ssh alone', pureSsh],
  ['ssh and https', authenticated],
]

/** A pair of repositories of one place, and how to mirror from one to the other. */
async function createPair(place: LfsPlace, transfer: string) {
  const [source, destination] = [await place.create(), await place.create()]
  return {
    source,
    destination,
    run: (inputs: RawInputs = {}, options: MirrorOptions = {}): Promise<Mirrored> =>
      runMirror({ ...place.inputs(source, destination), transfer, ...inputs }, options),
    /** What a fresh clone of the destination has other than it should. */
    check: async (): Promise<string[]> => {
      await Promise.all([fsck(source), fsck(destination)])
      return await compareFiles(source, place.url(destination), place.login)
    },
  }
}

const WAYS = PLACES.flatMap(([name, place]) => ['relay', 'git'].map(transfer => [name, transfer, place] as const))

describe.each(WAYS)('over %s by %s', (_, transfer, place) => {
  test('a first mirror brings all objects, and the next one those that are new', async () => {
    const { source, destination, run, check } = await createPair(place(), transfer)
    const first = await commitLfs(source, 'main', { 'a.bin': 100_000, 'b/ö c.bin': 300 }, { files: { 'read me': 'text\n' } })
    const report = await run()
    expect(report).toMatchObject({
      status: 'updated',
      inSync: true,
      transfer,
      lfs: { moved: { objects: 2, bytes: 100_300 }, present: { objects: 0 }, failed: { objects: 0 } },
    })
    expect(await check()).toEqual([])
    expect(storedObjects(destination).size).toBe(2)

    await commitLfs(source, 'main', { 'a.bin': 100_000, 'new.bin': 5000 }, { parents: [first.commit] })
    const second = await run()
    expect(second).toMatchObject({ status: 'updated', transfer, lfs: { moved: { objects: 1, bytes: 5000 }, present: { objects: 0 } } })
    expect(second.refs).toEqual([expect.objectContaining({ ref: 'refs/heads/main', lfs: { objects: 1, bytes: 5000 } })])
    expect(await check()).toEqual([])
    expect(await run()).toMatchObject({ status: 'up-to-date', transfer: null, lfs: null })
  })
})
