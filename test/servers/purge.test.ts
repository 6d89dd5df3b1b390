import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { exitCode } from '../../src/report/exit.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { localTransport } from '../../src/transport/local.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, copyInto, createBare, fsck, git, gitEnvironment, installHook } from '../support/git-repository.ts'
import { type MirrorOptions, runMirror } from '../support/mirror.ts'
import { readRefs } from '../support/refs-of-files.ts'
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

/** Both sides at the start of each test: made once, then copied. */
let sides: Promise<{ readonly here: string; readonly there: string }> | null = null

async function createSides() {
  const [here, there] = [await createBare(), await createBare()]
  await commit(here, 'main')
  const tip = await commit(there, 'main', { files: { secret: 'hunter2' } })
  writeFileSync(join(there, 'packed-refs'), [...BACKUPS, ...OTHERS].map(ref => `${tip} ${ref}\n`).join(''))
  return { here, there }
}

let count = 0
/** A source and a mirror with backups, and refs beside them that no purge may touch. */
async function mirrorOver(protocol: string, transfer: string) {
  const name = `purge-${count++}`
  const there = await http.createRepository(name)
  const here = await createBare()
  sides ??= createSides()
  const made = await sides
  copyInto(here, made.here)
  copyInto(there, made.there)
  const ways: Readonly<Record<string, RawInputs>> = {
    ssh: { 'remote-url': sshd.url(there), 'auth-secret': sshd.privateKey, 'known-host-keys': sshd.knownHosts },
    https: { 'remote-url': http.url(name), username: http.user, 'auth-secret': http.token, 'ca-certificate': http.caPem },
  }
  const purge = (inputs: RawInputs = {}, options: MirrorOptions = {}) =>
    runMirror({ operation: 'purge-backups', 'repository-url': here, transfer, ...ways[protocol], ...inputs }, options)
  return { here, there, purge, before: readRefs(there) }
}

const MAIN = { branches: 'main', tags: '!*' }
const REMOVE = { 'dry-run': 'false' }
const REMAINS = expect.stringContaining('the server may keep the commits until its garbage collection')

// The rows below are over https by both. A push that only deletes is the same over ssh.
describe.each([
  ['ssh', 'relay'],
  ['https', 'git'],
])('over %s, %s', (protocol, transfer) => {
  test('lists the backups of the selected refs, and removes them and nothing else when it is told to', async () => {
    const { here, there, purge, before } = await mirrorOver(protocol, transfer)
    const ours = readRefs(here)
    const listed = await purge(MAIN)
    expect(listed).toMatchObject({ operation: 'purge-backups', status: 'skipped', dryRun: true, inSync: false, failure: null })
    expect(listed.refs.map(({ ref, action, outcome, before, after }) => [ref, action, outcome, before, after])).toEqual(
      BACKUPS.slice(0, 2).map(ref => [ref, 'delete', 'skipped', before.get(ref), null]),
    )
    expect(listed.refs[0]?.reason).toBe('the backup of refs/heads/main of 2026-11-25 05:01:38 UTC')
    expect(listed.notices).toEqual([expect.stringMatching(/^nothing was removed; .*`dry-run: false`.*`--no-dry-run`/)])
    expect(readRefs(there)).toEqual(before)

    const removed = await purge({ ...MAIN, ...REMOVE })
    expect(removed).toMatchObject({ status: 'updated', inSync: false, counts: { deleted: 2 }, backups: [], bytes: 0, notices: [REMAINS] })
    const left = new Map(before)
    for (const ref of BACKUPS.slice(0, 2)) left.delete(ref)
    expect(readRefs(there)).toEqual(left)
    expect(readRefs(here)).toEqual(ours)
    await fsck(there)

    const again = await purge({ ...MAIN, branches: 'main,mian', ...REMOVE })
    const unmatched = ['main', 'mian'].map(name => `the pattern "${name}" of \`branches\` matches nothing`)
    expect(again).toMatchObject({ status: 'up-to-date', inSync: false, refs: [], notices: unmatched })
    expect(await purge(REMOVE)).toMatchObject({ status: 'updated', counts: { deleted: 2 } })
    expect([...readRefs(there).keys()].sort()).toEqual([...OTHERS, 'refs/heads/main'].sort())
  })

  test('a backup that another writer moved meanwhile stays, and is not removed by a retry either', async () => {
    const { there, purge, before } = await mirrorOver(protocol, transfer)
    const other = await commit(there, 'other')
    const onLine = (line: string) => {
      if (line.startsWith('pushing '))
        execFileSync('git', ['update-ref', BACKUPS[0], other], { cwd: there, env: gitEnvironment(), stdio: 'pipe' })
    }
    const report = await purge({ ...REMOVE, retries: '3' }, { onLine })
    expect(report).toMatchObject({ status: 'partial', attempts: 2, counts: { deleted: 3, raced: 1 } })
    expect(exitCode(report, new Set(['rejected']))).toBe(1)
    const left = new Map([...before, [BACKUPS[0], other], ['refs/heads/other', other]])
    for (const ref of BACKUPS.slice(1)) left.delete(ref)
    expect(readRefs(there)).toEqual(left)
  })
})

describe.each(['relay', 'git'])('%s', transfer => {
  // If a push is refused as a whole, its halves are tried; `git/mirror` shows that by git.
  const refusals: readonly [string, (there: string) => unknown, number, object][] = [
    ['refuses one', there => installHook(there, 'update', `[ "$1" != ${BACKUPS[1]} ]`), 3, { status: 'partial', counts: { rejected: 1 } }],
    ['hides one from those who push', hide => git(hide, ['config', 'receive.hideRefs', BACKUPS[1]]), 3, { status: 'partial' }],
    ['refuses to delete', there => installHook(there, 'pre-receive', 'exit 1'), 0, { status: 'failed', counts: { rejected: 4 } }],
  ]
  test('the source is not contacted: it may be gone', async () => {
    const { there, purge } = await mirrorOver('https', transfer)
    const gone = { 'repository-url': 'ssh://git@127.0.0.1:1/gone.git', token: sshd.privateKey }
    expect(await purge({ ...REMOVE, ...gone })).toMatchObject({ status: 'updated', counts: { deleted: 4 } })
    expect([...readRefs(there).keys()].sort()).toEqual([...OTHERS, 'refs/heads/main'].sort())
  })

  test.each(refusals.slice(0, transfer === 'git' ? 2 : 3))(
    'a server that %s: that is reported, and the others are removed, also with `atomic`',
    async (_, prepare, removed, expected) => {
      const { there, purge, before } = await mirrorOver('https', transfer)
      await prepare(there)
      const report = await purge({ ...REMOVE, retries: '1', atomic: 'true' })
      expect(report).toMatchObject({ ...expected, failure: null })
      const gone = report.refs.filter(({ outcome }) => outcome === 'deleted').map(({ ref }) => ref)
      expect(gone).toHaveLength(removed)
      expect(exitCode(report, new Set(['rejected']))).toBe(1)
      const left = new Map([...before].filter(([ref]) => !gone.includes(ref)))
      expect(readRefs(there)).toEqual(left)
      expect(left.has(BACKUPS[1])).toBe(true)
    },
  )

  test('a symbolic ref with the name of a backup stays, because a push would delete the branch that it points to', async () => {
    const { there, purge, before } = await mirrorOver('https', transfer)
    await git(there, ['symbolic-ref', BACKUPS[0], 'refs/heads/main'])
    expect(await purge({ ...MAIN, ...REMOVE })).toMatchObject({ status: 'updated', counts: { deleted: 1 } })
    const left = new Map(before)
    left.delete(BACKUPS[1])
    expect(readRefs(there)).toEqual(left)
  })
})

test('git removes them where the relay cannot', async () => {
  const { there, purge, before } = await mirrorOver('https', 'auto')
  writeFileSync(join(there, 'shallow'), `${before.get('refs/heads/main')}\n`)
  const report = await purge(REMOVE)
  expect(report).toMatchObject({ status: 'updated', attempts: 1, counts: { deleted: 4 } })
  expect(report.notices[0]).toMatch(/^git moves the objects, because/)
  expect([...readRefs(there).keys()].sort()).toEqual([...OTHERS, 'refs/heads/main'].sort())
})

test('with `bidirectional`, both sides are purged', async () => {
  const { here, there, purge } = await mirrorOver('https', 'relay')
  const tip = readRefs(here).get('refs/heads/main') ?? ''
  await git(here, ['update-ref', BACKUPS[0], tip])
  const report = await purge({ direction: 'bidirectional', ...MAIN, ...REMOVE })
  expect(report.refs.map(({ side, outcome }) => `${side} ${outcome}`)).toEqual(['there deleted', 'here deleted', 'there deleted'])
  expect([...readRefs(here).keys()]).toEqual(['refs/heads/main'])
  expect([...readRefs(there).keys()]).toEqual(expect.arrayContaining(BACKUPS.slice(2)))
})

test('with `pull`, only the repository of the run is purged', async () => {
  const { here, there, purge, before } = await mirrorOver('https', 'auto')
  await git(here, ['update-ref', BACKUPS[0], 'refs/heads/main'])
  const report = await purge({ direction: 'pull', ...REMOVE })
  expect(report.refs.map(({ ref, side, outcome }) => `${side} ${outcome} ${ref}`)).toEqual([`here deleted ${BACKUPS[0]}`])
  expect([...readRefs(here).keys()]).toEqual(['refs/heads/main'])
  expect(readRefs(there)).toEqual(before)
})

test('with a key that may only read, nothing is removed, and the failure says so', async () => {
  const { there, purge, before } = await mirrorOver('ssh', 'auto')
  const report = await purge({ ...REMOVE, 'auth-secret': sshd.readOnlyKey })
  expect(report).toMatchObject({ status: 'failed', failure: { side: 'there' } })
  expect(readRefs(there)).toEqual(before)
})

describe('a backup that can be read without a login', () => {
  interface Overwriting {
    readonly prefix?: 'git' | 'shown'
    /** A server that takes a client certificate instead of a login. */
    readonly guarded?: boolean
    readonly inputs?: RawInputs
    readonly diverge?: boolean
    readonly config?: Readonly<Record<string, string>>
    readonly options?: (there: string) => MirrorOptions
  }

  const certified = (name: string): RawInputs => ({
    ...{ 'remote-url': `${http.guardedOrigin}/shown/${name}.git`, username: '', 'auth-secret': '' },
    ...{ 'client-certificate': http.client.certificate, 'client-key': http.client.key },
  })

  /** Mirrors over a commit that only the mirror has. Resolves with the notices, and the requests without credentials. */
  async function overwrite({
    prefix = 'shown',
    guarded = false,
    inputs = {},
    diverge = true,
    config = {},
    options = () => ({}),
  }: Overwriting) {
    const name = `exposed-${count++}`
    const there = await http.createRepository(name, { config })
    const here = await createBare()
    await commit(here, 'main')
    copyInto(there, here)
    if (diverge) await commit(there, 'main', { files: { secret: 'hunter2' } })
    await commit(here, 'main')
    const earlier = (await http.requests()).length
    const report = await runMirror(
      {
        ...{ 'repository-url': here, 'remote-url': http.url(name, { prefix }), username: http.user, 'auth-secret': http.token },
        ...{ 'ca-certificate': http.caPem, transfer: 'relay', ...inputs, ...(guarded ? certified(name) : {}) },
      },
      options(there),
    )
    const anonymous = (await http.requests()).slice(earlier).filter(({ user }) => user === null)
    const asked = anonymous.map(({ method, path, status }) => `${method} ${path.replace(/^.*\.git/, '')} ${status}`)
    return { status: report.status, notices: report.notices, asked }
  }
  const QUESTION = 'GET /info/refs?service=git-upload-pack'
  const ANSWERED = [`${QUESTION} 200`, 'POST /git-upload-pack 200']

  test.each(['relay', 'git'])('is named, with the days and the operation: %s', async transfer => {
    const { status, notices, asked } = await overwrite({ inputs: { transfer, 'backup-days': '7' } })
    const notice = /^the backup of refs\/heads\/main can be read without a login, for 7 days; .* revoke the secret, .*`purge-backups`$/
    expect({ status, notices }).toEqual({ status: 'updated', notices: [expect.stringMatching(notice)] })
    expect(asked.slice(-2)).toEqual(ANSWERED)
    if (transfer === 'relay') expect(asked).toEqual(ANSWERED)
  })

  test.each<[string, Overwriting, string[]]>([
    ['the server asks for a login', { prefix: 'git' }, [`${QUESTION} 401`]],
    ['the server shows the branches alone', { config: { 'uploadpack.hideRefs': 'refs/mirroring' } }, ANSWERED],
    ['nothing is overwritten', { diverge: false }, []],
    ['backups are off', { inputs: { backup: 'false' } }, []],
    ['nothing is changed', { inputs: { 'dry-run': 'true' } }, []],
  ])('nothing is claimed where %s', async (_, overwriting, asked) => {
    expect(await overwrite(overwriting)).toMatchObject({ notices: [], asked })
  })

  test('nothing is claimed where the server asks for a certificate', async () => {
    const { asked, ...ended } = await overwrite({ guarded: true })
    expect(ended).toEqual({ status: 'updated', notices: [] })
    expect(asked.at(-1)).toBe(`${QUESTION} 400`)
  })

  test('with `pull`, the repository of the run is asked, and the source is not', async () => {
    const [here, there] = [await http.createRepository('pulled'), await http.createRepository('source')]
    await commit(there, 'main')
    copyInto(here, there)
    await Promise.all([commit(here, 'main', { files: { secret: 'hunter2' } }), commit(there, 'main')])
    const { status, notices } = await runMirror({
      ...{ direction: 'pull', 'keep-divergent': 'false', 'allow-unrelated': 'true', transfer: 'relay', 'ca-certificate': http.caPem },
      ...{ 'repository-url': http.url('pulled', { prefix: 'shown' }), token: http.token },
      ...{ 'remote-url': http.url('source', { prefix: 'public' }) },
    })
    expect({ status, notices }).toEqual({ status: 'updated', notices: [expect.stringContaining('can be read without a login')] })
    const looks = (await http.requests()).filter(({ method, path }) => method === 'GET' && path.startsWith('/public/source'))
    expect(looks).toHaveLength(1)
  })

  test('an SSH URL of a public forge: its HTTPS address is asked, and silence claims nothing', async () => {
    const asked: unknown[] = []
    const proxy = createServer().on('connect', ({ url }, socket) => {
      asked.push(url)
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    })
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    try {
      const options = (there: string): MirrorOptions => ({
        environment: { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` },
        ways: {
          there: () =>
            localTransport({ side: 'there', path: there, environment: gitEnvironment(), idleTimeoutMs: 60_000, hide: text => text }),
        },
      })
      const inputs = { 'remote-url': 'git@github.com:o/r.git', 'auth-secret': sshd.privateKey, 'known-host-keys': sshd.knownHosts }
      expect(await overwrite({ inputs, options })).toMatchObject({ status: 'updated', notices: [] })
      expect(asked).toEqual(['github.com:443'])
    } finally {
      proxy.close()
    }
  })
})
