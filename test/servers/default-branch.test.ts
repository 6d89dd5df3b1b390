// The default branch of a mirror: reported if it leads nowhere, and kept that of the source with `default-branch: sync`.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { setDefaultBranch } from '../../src/forge/default-branch.ts'
import type { RefName } from '../../src/refs/ref.ts'
import type { Side } from '../../src/remote/side.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { type ForgeServer, startForge } from '../support/forge-server.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, createBare, createScratch, git } from '../support/git-repository.ts'
import { differences, runMirror } from '../support/mirror.ts'
import { settingsFrom } from '../support/settings.ts'

let http: GitHttp
let forge: ForgeServer
beforeAll(async () => {
  http = await startGitHttp()
  forge = await startForge(http.plainOrigin)
})
afterAll(async () => {
  await Promise.allSettled([forge, http].map(async server => await server?.stop()))
})
beforeEach(() => {
  forge.asked.length = 0
  forge.respond = null
})

/** A source whose default branch is `develop`, with `main` behind it. */
async function startSource(): Promise<string> {
  const source = await createBare(undefined, { defaultBranch: 'develop' })
  const first = await commit(source, 'main', { files: { a: '1' } })
  await commit(source, 'develop', { parents: [first], files: { a: '2' } })
  return source
}

const headOf = async (repository: string): Promise<string> => (await git(repository, ['symbolic-ref', 'HEAD'])).stdout
const SYNC = { 'default-branch': 'sync' }
const sentence = (text: string) => [expect.stringContaining(text)]

describe.each(['relay', 'git'])('a mirror on this machine: %s', transfer => {
  const run = (from: string, to: string, inputs: RawInputs = {}) =>
    runMirror({ 'repository-url': from, 'remote-url': to, transfer, ...inputs })

  test('HEAD that leads nowhere is reported with the command that corrects it, and follows the source with `sync`', async () => {
    const source = await startSource()
    const mirror = await createBare(undefined, { defaultBranch: 'trunk' })
    const command = `\`git -C ${mirror} symbolic-ref HEAD refs/heads/develop\``
    const dangling = [expect.stringMatching(/so a clone of it would be empty: set `default-branch: sync`, or `git -C /)]
    expect((await run(source, mirror)).notices).toEqual(dangling)
    const again = await run(source, mirror)
    expect(again).toMatchObject({ status: 'up-to-date', notices: dangling })
    expect(again.notices[0]).toContain(command)

    expect((await run(source, mirror, { ...SYNC, 'dry-run': 'true' })).notices).toEqual(
      sentence('the default branch of the destination would become `develop`'),
    )
    expect(await headOf(mirror)).toBe('refs/heads/trunk')
    const synced = await run(source, mirror, SYNC)
    expect(synced).toMatchObject({ status: 'up-to-date', inSync: true })
    expect(synced.notices).toEqual(sentence('the default branch of the destination is `develop` now'))
    expect(await headOf(mirror)).toBe('refs/heads/develop')
    expect((await run(source, mirror, SYNC)).notices).toEqual([])

    // It follows the source, in the run that brings the branch.
    await git(source, ['branch', 'next', 'develop'])
    await git(source, ['symbolic-ref', 'HEAD', 'refs/heads/next'])
    expect(await run(source, mirror, SYNC)).toMatchObject({
      outcomes: { next: 'created' },
      notices: ['the default branch of the destination is `next` now (before: `develop`)'],
    })
    expect(await headOf(mirror)).toBe('refs/heads/next')
    expect(await differences(source, mirror)).toEqual([])
  })

  test('the command is one that a shell takes as it is, and `sync` is not advised where it changes nothing', async () => {
    const source = await createBare(undefined, { defaultBranch: 'x;touch$IFS-y' })
    await commit(source, 'x;touch$IFS-y', { files: { a: '1' } })
    const mirror = await createBare(`${await createBare()}/a b.git`, { defaultBranch: 'trunk' })
    expect((await run(source, mirror)).notices).toEqual([
      expect.stringMatching(/set `default-branch: sync`, or `git -C '.*\/a b\.git' symbolic-ref HEAD 'refs\/heads\/x;touch\$IFS-y'`$/),
    ])
    await git(source, ['symbolic-ref', 'HEAD', 'refs/heads/gone'])
    for (const inputs of [{}, SYNC]) expect((await run(source, mirror, inputs)).notices.at(-1)).toMatch(/would be empty: `git -C '/)
  })

  test('both directions: a HEAD that leads nowhere is reported of either side', async () => {
    const here = await createBare(undefined, { defaultBranch: 'gone' })
    await commit(here, 'main', { files: { a: '1' } })
    const there = await createBare(undefined, { defaultBranch: 'trunk' })
    const report = await run(here, there, { direction: 'bidirectional' })
    expect(report).toMatchObject({ status: 'updated', inSync: true })
    expect(report.notices).toEqual([
      expect.stringMatching(
        /^HEAD of the destination (?:names `trunk`|leads to no branch), .* empty: `git -C .* symbolic-ref HEAD refs\/heads\/main`$/,
      ),
      expect.stringMatching(
        /^HEAD of this repository (?:names `gone`|leads to no branch), .* empty: `git -C .* symbolic-ref HEAD refs\/heads\/main`$/,
      ),
    ])
  })

  test('never to a branch that is not at the mirror, not in a work tree, not where it holds the running workflow', async () => {
    const source = await startSource()
    const mirror = await createBare()
    expect((await run(source, mirror, { ...SYNC, branches: 'main' })).notices).toEqual(
      sentence('the default branch of the source, `develop`, is not at the destination'),
    )
    expect(await headOf(mirror)).toBe('refs/heads/main')

    const tree = await createScratch()
    await git(tree, ['fetch', '-q', source, 'main'])
    await git(tree, ['checkout', '-q', '-B', 'main', 'FETCH_HEAD'])
    const report = await run(source, tree, SYNC)
    expect(report).toMatchObject({ status: 'updated', outcomes: { develop: 'created' } })
    expect(report.notices).toEqual(sentence('has a work tree'))
    expect(await headOf(tree)).toBe('refs/heads/main')

    await run(source, mirror)
    const pull = { ...SYNC, direction: 'pull' }
    const context = { run: { repository: 'o/r', workflowRef: 'o/r/.github/workflows/m.yml@refs/heads/main', ref: 'refs/heads/main' } }
    const here = await createBare(`${await createBare()}/o/r.git`)
    await git(here, ['fetch', '-q', source, '+refs/heads/*:refs/heads/*'])
    const pulled = await runMirror({ 'repository-url': here, 'remote-url': source, transfer, ...pull }, { context })
    expect(pulled.notices).toEqual(sentence('holds the running workflow'))
    expect(await headOf(here)).toBe('refs/heads/main')
  })
})

const FORGES = [
  ['github', '/api/v3', 'PATCH', '/repos/git/r%d'],
  ['gitlab', '/api/v4', 'PUT', '/projects/git%2Fr%d'],
  ['gitea', '/api/v1', 'PATCH', '/repos/git/r%d'],
] as const

describe.each(FORGES)('a mirror at %s', (kind, base, method, path) => {
  let count = 0
  /** An empty mirror at the forge; `git` is its owner. */
  async function startMirror(defaultBranch = 'main') {
    const name = `${kind}${count++}`
    await http.createRepository(name, { defaultBranch })
    const requests: { method: string; path: string; body: unknown }[] = []
    const answer = { status: 200 as number, body: {} as unknown }
    forge.respond = (...[asked, at, body]) => {
      requests.push({ method: asked, path: at, body })
      return answer
    }
    const source = await startSource()
    const run = (inputs: RawInputs = {}) =>
      runMirror(
        {
          ...{ 'repository-url': source, 'remote-url': `${forge.origin}/git/${name}.git`, 'allow-insecure-http': 'true' },
          ...{ username: http.user, 'auth-secret': http.token, ...SYNC, ...inputs },
        },
        { context: { apiUrl: `${forge.origin}${base}` } },
      )
    return { run, requests, answer, at: `${base}${path.replace('r%d', name)}` }
  }

  test('one request changes it, in the run that brings the branch; a dry run only says so', async () => {
    const { run, requests, at } = await startMirror()
    expect((await run({ 'dry-run': 'true' })).notices).toEqual(sentence('would become `develop` (before: `main`)'))
    expect(requests).toEqual([])
    expect(await run()).toMatchObject({
      status: 'updated',
      notices: ['the default branch of the destination is `develop` now (before: `main`)'],
    })
    expect(requests).toEqual([{ method, path: at, body: { default_branch: 'develop' } }])
    expect(forge.asked.map(({ authorization }) => authorization)).toEqual([`Bearer ${http.token}`])
    expect((await run({ 'default-branch': 'no' })).notices).toEqual([])
    expect(requests).toHaveLength(1)
  })

  test('a destination that does not report its HEAD: the forge is asked, and changed only where it differs', async () => {
    // git reports no HEAD that leads nowhere.
    for (const [before, notices] of [
      ['develop', []],
      ['main', ['the default branch of the destination is `develop` now (before: `main`)']],
    ] as const) {
      const { run, requests, answer, at } = await startMirror('gone')
      answer.body = { default_branch: before }
      expect((await run({ transfer: 'git' })).notices).toEqual(notices)
      expect(requests.map(request => [request.method, request.path])).toEqual([['GET', at], ...(notices.length > 0 ? [[method, at]] : [])])
    }
  })

  test('a refusal is reported with the right that is missing, and loses nothing', async () => {
    const { run, answer } = await startMirror()
    answer.status = 403
    answer.body = { message: 'Must have admin rights to Repository.' }
    const report = await run()
    expect(report).toMatchObject({ status: 'updated', inSync: true, failure: null })
    expect(report.notices).toEqual([
      expect.stringMatching(
        /^the default branch of the destination was not changed: .*denies access \(HTTP 403\): give the token in `auth-secret` /,
      ),
    ])
  })
})

test('without the API of a forge, or a token for it, the report says what is missing', async () => {
  const source = await startSource()
  await http.createRepository('unknown')
  const inputs = { 'repository-url': source, 'allow-insecure-http': 'true', username: http.user, 'auth-secret': http.token, ...SYNC }
  const report = await runMirror({ ...inputs, 'remote-url': `${forge.origin}/git/unknown.git` })
  expect(report).toMatchObject({ status: 'updated', inSync: true })
  expect(report.notices).toEqual(sentence('it is not known which forge is at "127.0.0.1", and so which API it has: '))

  const access = { environment: {}, hide: (text: string) => text, debug: () => {}, signal: undefined }
  const refused = (raw: RawInputs, side: Side) => {
    const settings = settingsFrom({ 'allow-insecure-http': 'true', ...raw })
    return expect(setDefaultBranch(side, 'refs/heads/main' as RefName, null, settings, access)).rejects
  }
  await refused({ 'repository-url': source, 'remote-url': 'git@github.com:o/r.git', 'auth-secret': 'x' }, 'there').toMatchObject({
    kind: 'default-branch-refused',
    message: expect.stringContaining('is an SSH URL'),
    hint: expect.stringContaining('the https URL with a token in `auth-secret`'),
  })
  await refused({ 'repository-url': 'https://github.com/o/r', 'remote-url': source, direction: 'pull' }, 'here').toMatchObject({
    message: expect.stringContaining('`token` is empty'),
  })
})
