import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, createBare, fsck, git, gitEnvironment } from '../support/git-repository.ts'
import { type MirrorOptions, runMirror } from '../support/mirror.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'

let sshd: Sshd
let http: GitHttp
beforeAll(async () => {
  sshd = await startSshd()
  http = await startGitHttp()
})
afterAll(async () => {
  await Promise.allSettled([sshd, http].map(async server => await server?.stop()))
})

/** Every ref, those of other programs included: `refs/heads/main` → oid. */
async function allRefs(directory: string): Promise<Map<string, string>> {
  const { stdout } = await git(directory, ['for-each-ref', '--format=%(refname) %(objectname)'])
  const pairs = stdout.trim().split('\n').filter(Boolean)
  return new Map(pairs.map(line => line.split(' ') as [string, string]))
}

const BACKUPS = [
  'refs/mirroring/backup/20261125T050138Z/heads/main',
  'refs/mirroring/backup/20261126T050138Z/heads/main',
  'refs/mirroring/backup/20261125T050138Z/heads/dev',
  'refs/mirroring/backup/20261125T050138Z/tags/v1',
] as const
const OTHERS = [
  'refs/heads/old',
  'refs/heads/refs/mirroring/backup/main',
  'refs/mirroring/base/1f0c/heads/main',
  'refs/mirroring/backup/today/heads/main',
  'refs/notes/x',
]

interface Mirror {
  readonly here: string
  readonly there: string
  readonly purge: (inputs?: RawInputs, options?: MirrorOptions) => ReturnType<typeof runMirror>
  readonly before: ReadonlyMap<string, string>
}

let count = 0
/** A source and a mirror with backups, and refs beside them that no purge may touch. */
async function mirrorOver(protocol: string, transfer: string): Promise<Mirror> {
  const name = `purge-${count++}`
  const there = await http.createRepository(name)
  const here = await createBare()
  await commit(here, 'main')
  const tip = await commit(there, 'main', { files: { secret: 'hunter2' } })
  for (const ref of [...BACKUPS, ...OTHERS]) await git(there, ['update-ref', ref, tip])
  const ways: Readonly<Record<string, RawInputs>> = {
    ssh: { 'remote-url': sshd.url(there), 'auth-secret': sshd.privateKey, 'known-host-keys': sshd.knownHosts },
    https: { 'remote-url': http.url(name), username: http.user, 'auth-secret': http.token, 'ca-certificate': http.caPem },
  }
  const purge = (inputs: RawInputs = {}, options: MirrorOptions = {}) =>
    runMirror({ operation: 'purge-backups', 'repository-url': here, transfer, ...ways[protocol], ...inputs }, options)
  return { here, there, purge, before: await allRefs(there) }
}

describe.each([
  ['ssh', 'relay'],
  ['ssh', 'git'],
  ['https', 'relay'],
  ['https', 'git'],
])('over %s, %s', (protocol, transfer) => {
  test('lists the backups of the selected refs, and removes them and nothing else when it is told to', async () => {
    const { here, there, purge, before } = await mirrorOver(protocol, transfer)
    const ours = await allRefs(here)
    const selected = { branches: 'main', tags: '!*' }
    const listed = await purge(selected)
    expect(listed).toMatchObject({ operation: 'purge-backups', status: 'skipped', dryRun: true, inSync: false, failure: null })
    expect(listed.refs.map(({ ref, action, outcome }) => `${action} ${outcome} ${ref}`)).toEqual(
      BACKUPS.slice(0, 2).map(ref => `delete skipped ${ref}`),
    )
    expect(listed.notices.join()).toMatch(/2 backups of 1 ref \(refs\/heads\/main: 2, from 2026-11-25.* would be removed/)
    expect(await allRefs(there)).toEqual(before)

    const removed = await purge({ ...selected, 'dry-run': 'false' })
    expect(removed).toMatchObject({ status: 'updated', inSync: false, counts: { deleted: 2 }, transfer: null })
    expect(removed.notices.join()).toContain('the server may keep the commits')
    const left = new Map(before)
    for (const ref of BACKUPS.slice(0, 2)) left.delete(ref)
    expect(await allRefs(there)).toEqual(left)
    expect(await allRefs(here)).toEqual(ours)
    await fsck(there)

    expect(await purge({ ...selected, 'dry-run': 'false' })).toMatchObject({ status: 'up-to-date', refs: [] })
    expect(await purge({ 'dry-run': 'false' })).toMatchObject({ status: 'updated', counts: { deleted: 2 } })
    expect([...(await allRefs(there)).keys()].sort()).toEqual([...OTHERS, 'refs/heads/main'].sort())
  })

  test('a backup that another writer moved meanwhile stays', async () => {
    const { there, purge, before } = await mirrorOver(protocol, transfer)
    const other = await commit(there, 'other')
    const onLine = (line: string) => {
      if (line.startsWith('pushing '))
        execFileSync('git', ['update-ref', BACKUPS[0], other], { cwd: there, env: gitEnvironment(), stdio: 'pipe' })
    }
    const report = await purge({ 'dry-run': 'false', retries: '2' }, { onLine })
    expect(report).toMatchObject({ status: 'partial', attempts: 1, counts: { deleted: 3, raced: 1 } })
    const left = new Map([...before, [BACKUPS[0], other], ['refs/heads/other', other]])
    for (const ref of BACKUPS.slice(1)) left.delete(ref)
    expect(await allRefs(there)).toEqual(left)
  })
})

test('with `bidirectional`, both sides are purged', async () => {
  const { here, there, purge } = await mirrorOver('https', 'relay')
  const tip = (await allRefs(here)).get('refs/heads/main') ?? ''
  await git(here, ['update-ref', BACKUPS[0], tip])
  const report = await purge({ direction: 'bidirectional', branches: 'main', tags: '!*', 'dry-run': 'false' })
  expect(report.refs.map(({ side, outcome }) => `${side} ${outcome}`)).toEqual(['there deleted', 'there deleted', 'here deleted'])
  expect([...(await allRefs(here)).keys()]).toEqual(['refs/heads/main'])
  expect([...(await allRefs(there)).keys()]).toEqual(expect.arrayContaining(BACKUPS.slice(2)))
})

test('with a key that may only read, nothing is removed, and the failure says so', async () => {
  const { there, purge, before } = await mirrorOver('ssh', 'auto')
  const report = await purge({ 'dry-run': 'false', 'auth-secret': sshd.readOnlyKey })
  expect(report).toMatchObject({ status: 'failed', failure: { side: 'there' } })
  expect(await allRefs(there)).toEqual(before)
})

describe('a backup that anyone can read', () => {
  /** Mirrors over a commit that only the mirror has. Resolves with the notices, and the requests without credentials. */
  async function overwrite(prefix: 'git' | 'shown', inputs: RawInputs = {}, diverge = true) {
    const name = `exposed-${count++}`
    const there = await http.createRepository(name)
    const here = await createBare()
    await commit(here, 'main')
    await git(here, ['push', '-q', '--mirror', there])
    if (diverge) await commit(there, 'main', { files: { secret: 'hunter2' } })
    await commit(here, 'main')
    const earlier = (await http.requests()).length
    const report = await runMirror({
      ...{ 'repository-url': here, 'remote-url': http.url(name, { prefix }), username: http.user, 'auth-secret': http.token },
      ...{ 'ca-certificate': http.caPem, ...inputs },
    })
    const anonymous = (await http.requests()).slice(earlier).filter(({ user }) => user === null)
    const asked = anonymous.map(({ method, path, status }) => `${method} ${path.replace(/^.*\.git/, '')} ${status}`)
    return { status: report.status, notices: report.notices, asked }
  }
  const QUESTION = 'GET /info/refs?service=git-upload-pack'

  test.each(['relay', 'git'])('is named, with the days and the operation: %s', async transfer => {
    const { status, notices, asked } = await overwrite('shown', { transfer, 'backup-days': '7' })
    const all = notices.filter(notice => notice.startsWith('anyone can read'))
    expect({ status, all }).toEqual({
      status: 'updated',
      all: [expect.stringMatching(/the backup of refs\/heads\/main, for 7 days; .* revoke the secret, .*`purge-backups`/)],
    })
    expect(asked.filter(line => line === `${QUESTION} 200`).length).toBeGreaterThan(0)
    if (transfer === 'relay') expect(asked).toEqual([`${QUESTION} 200`])
  })

  test('one that needs a login is not; the question is asked once', async () => {
    expect(await overwrite('git', { transfer: 'relay' })).toEqual({ status: 'updated', notices: [], asked: [`${QUESTION} 401`] })
  })

  test.each<[string, RawInputs, boolean]>([
    ['nothing is overwritten', {}, false],
    ['backups are off', { backup: 'false' }, true],
    ['nothing is changed', { 'dry-run': 'true' }, true],
  ])('nothing is asked where %s', async (_, inputs, diverge) => {
    expect(await overwrite('shown', { transfer: 'relay', ...inputs }, diverge)).toMatchObject({ asked: [] })
  })
})
