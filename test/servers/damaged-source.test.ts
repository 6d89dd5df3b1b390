import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { addBranches, type DamagedBranch, damage } from '../support/damaged-repository.ts'
import { type Dulwich, startDulwich } from '../support/dulwich.ts'
import { daemonTransport } from '../support/git-daemon.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, createBare, fsck, refsOf } from '../support/git-repository.ts'
import { type JgitDaemon, startJgitDaemon } from '../support/jgit.ts'
import { type MirrorOptions, runMirror } from '../support/mirror.ts'
import { httpsPlace, sshPlace } from '../support/places.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'

let sshd: Sshd
let http: GitHttp
let jgit: JgitDaemon
let dulwich: Dulwich
beforeAll(async () => {
  sshd = await startSshd()
  http = await startGitHttp()
  jgit = await startJgitDaemon()
  dulwich = await startDulwich()
})
afterAll(async () => {
  await Promise.allSettled([sshd, http, jgit, dulwich].map(async server => await server?.stop()))
})

interface Sides {
  readonly source: string
  readonly mirror: string
  readonly inputs: RawInputs
  readonly ways?: MirrorOptions['ways']
}

async function over(place: ReturnType<typeof sshPlace>): Promise<Sides> {
  const [source, mirror] = [await place.create(), await place.create()]
  return { source, mirror, inputs: place.inputs(source, mirror) }
}

async function overJgit(): Promise<Sides> {
  const [source, mirror] = [await jgit.createRepository('damaged'), await createBare()]
  const here = () => daemonTransport({ host: '127.0.0.1', port: jgit.port, path: jgit.path('damaged'), side: 'here' })
  return { source, mirror, inputs: { 'repository-url': source, 'remote-url': mirror }, ways: { here } }
}

async function overDulwich(): Promise<Sides> {
  const [source, mirror] = [await dulwich.createRepository('damaged'), await createBare()]
  return { source, mirror, inputs: { 'repository-url': dulwich.url('damaged'), 'remote-url': mirror, 'allow-insecure-http': 'true' } }
}

const BRANCHES: readonly DamagedBranch[] = ['blob-missing', 'tree-broken', 'parent-missing']

test.each<readonly [string, string, () => Promise<Sides>]>([
  ['ssh', 'git', () => over(sshPlace(sshd))],
  ['https', 'relay', () => over(httpsPlace(http, 'git'))],
  ['JGit', 'relay', overJgit],
])('over %s, %s: damaged refs are rejected without a retry, and the others are mirrored', async (server, transfer, open) => {
  const { source, mirror, inputs, ways } = await open()
  const main = await commit(source, 'main', { files: { a: '1' } })
  await addBranches(source, [...BRANCHES, 'sound'], main)
  await damage(source, BRANCHES)
  const next = await commit(source, 'main', { parents: [main], files: { a: '2' } })
  const sound = (await refsOf(source)).get('refs/heads/sound')
  const pauses: number[] = []
  const report = await runMirror({ ...inputs, transfer, retries: '3' }, { ...(ways && { ways }), onPause: pause => pauses.push(pause) })
  expect({ failure: report.failure, outcomes: report.outcomes, pauses, server }).toEqual({
    failure: null,
    outcomes: { ...Object.fromEntries(BRANCHES.map(name => [name, 'rejected source-damaged'])), main: 'created', sound: 'created' },
    pauses: [],
    server,
  })
  expect(report).toMatchObject({ status: 'partial', inSync: false, attempts: 1 })
  expect(Object.fromEntries(await refsOf(mirror))).toEqual({ 'refs/heads/main': next, 'refs/heads/sound': sound })
  await fsck(mirror)
})

test('over Dulwich, which only answers with an error of its own: the run fails, and the mirror stays as it was', async () => {
  const { source, mirror, inputs } = await overDulwich()
  const main = await commit(source, 'main', { files: { a: '1' } })
  await addBranches(source, [...BRANCHES, 'sound'], main)
  await damage(source, BRANCHES)
  expect(await runMirror({ ...inputs, transfer: 'relay' })).toMatchObject({
    status: 'failed',
    failure: { kind: 'server-error', side: 'here' },
  })
  expect(await refsOf(mirror)).toEqual(new Map())
})
