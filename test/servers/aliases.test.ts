// Refs of the destination with the same tip: before protocol v2, a server does not report which of them are symbolic. Each row has the same outcome with each server.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { type Dulwich, startDulwich } from '../support/dulwich.ts'
import { daemonTransport } from '../support/git-daemon.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commitAll, createBare, fsck, git, installHook, refsOf } from '../support/git-repository.ts'
import { type JgitDaemon, startJgitDaemon } from '../support/jgit.ts'
import { type MirrorOptions, PROGRAM, runMirror } from '../support/mirror.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** What is there and here: the row's old tip, one that follows it, another one, a symbolic ref, or nothing. */
type Cell = 'old' | 'next' | 'other' | `> ${string}` | '-'
type Row = Readonly<Record<string, readonly [there: Cell, here: Cell, outcome: string, after: Exclude<Cell, `> ${string}`>]>>

/** Each row has commits of its own, so that no ref has its tip by accident. */
const ROWS: Readonly<Record<string, Row>> = {
  'a floating tag moves': { 'tags/v1': ['old', 'next', 'forced', 'next'], 'tags/v1.0.0': ['old', 'old', 'up-to-date', 'old'] },
  'the default branch is amended, and a tag has its old tip': {
    main: ['old', 'other', 'forced', 'other'],
    'tags/before': ['old', 'old', 'up-to-date', 'old'],
    // Symbolic refs to it, one of which the source wants elsewhere.
    master: ['> main', 'old', 'kept symbolic-ref', 'other'],
    trunk: ['> main', 'next', 'kept symbolic-ref', 'other'],
    develop: ['> main', 'other', 'up-to-date', 'other'],
  },
  'a fast-forward': { 'a-1': ['old', 'next', 'updated', 'next'], 'a-2': ['old', 'old', 'up-to-date', 'old'] },
  'a rewritten branch': { 'b-1': ['old', 'other', 'forced', 'other'], 'b-2': ['old', 'old', 'up-to-date', 'old'] },
  'a deleted branch': { 'c-1': ['old', '-', 'deleted', '-'], 'c-2': ['old', 'old', 'up-to-date', 'old'] },
  'both deleted': { 'd-1': ['old', '-', 'deleted', '-'], 'd-2': ['old', '-', 'deleted', '-'] },
  'both changed, each in its own way': { 'e-1': ['old', 'next', 'updated', 'next'], 'e-2': ['old', 'other', 'forced', 'other'] },
  'a new branch beside': { 'f-1': ['old', 'old', 'up-to-date', 'old'], 'f-2': ['-', 'old', 'created', 'old'] },
  'an alias that would be fast-forwarded': {
    'g-1': ['> g-2', 'next', 'kept symbolic-ref', 'old'],
    'g-2': ['old', 'old', 'up-to-date', 'old'],
  },
  'an alias that would be forced': { 'h-1': ['> h-2', 'other', 'kept symbolic-ref', 'old'], 'h-2': ['old', 'old', 'up-to-date', 'old'] },
  'an alias that would be deleted': { 'i-1': ['> i-2', '-', 'kept symbolic-ref', 'old'], 'i-2': ['old', 'old', 'up-to-date', 'old'] },
  'a tag that is an alias': {
    'tags/latest': ['> tags/v9', 'next', 'kept symbolic-ref', 'old'],
    'tags/v9': ['old', 'old', 'up-to-date', 'old'],
  },
}

const nameOf = (ref: string): string => (ref.startsWith('tags/') ? `refs/${ref}` : `refs/heads/${ref}`)

let sample: string
let wanted: Map<string, string>
beforeAll(async () => {
  sample = temporaryDirectory()
  const [source, destination] = [await createBare(join(sample, 'here')), await createBare(join(sample, 'there'))]
  const [here, there]: [string[], string[]] = [[], []]
  wanted = new Map()
  const symbolic: [string, string][] = []
  for (const [index, row] of Object.values(ROWS).entries()) {
    const branch = `row-${index}`
    const all = ['old', 'next'].map(file => ({ branch, files: { [`${index}`]: file } }))
    const oids = await commitAll(source, [...all, { branch: `other-${index}`, parents: [], files: { [`${index}`]: 'other' } }])
    const tips = { old: oids[0] ?? '', next: oids[1] ?? '', other: oids[2] ?? '', '-': '' }
    for (const [ref, [atThere, atHere, , after]] of Object.entries(row)) {
      if (atHere in tips && atHere !== '-') here.push(`create ${nameOf(ref)} ${tips[atHere as 'old']}\n`)
      if (atThere.startsWith('> ')) symbolic.push([nameOf(ref), nameOf(atThere.slice(2))])
      else if (atThere !== '-') there.push(`create ${nameOf(ref)} ${tips[atThere as 'old']}\n`)
      if (after !== '-') wanted.set(nameOf(ref), tips[after])
    }
    here.push(`delete refs/heads/${branch}\n`, `delete refs/heads/other-${index}\n`)
  }
  const tips = there.map(line => line.split(' ')[2]?.trim() ?? '')
  await git(destination, ['fetch', '-q', source, ...new Set(tips)])
  await git(source, ['update-ref', '--stdin'], { input: here.join('') })
  await git(destination, ['update-ref', '--stdin'], { input: there.join('') })
  for (const [ref, target] of symbolic) await git(destination, ['symbolic-ref', ref, target])
})

let stock: Sshd
let http: GitHttp
let dulwich: Dulwich
let jgit: JgitDaemon
beforeAll(async () => {
  ;[stock, http, dulwich, jgit] = await Promise.all([
    startSshd({ acceptGitProtocol: false }),
    startGitHttp(),
    startDulwich(),
    startJgitDaemon(),
  ])
})
afterAll(async () => {
  await Promise.allSettled([stock, http, dulwich, jgit].map(async server => await server?.stop()))
})

interface Place {
  readonly directory: string
  readonly inputs: RawInputs
  readonly options?: MirrorOptions
}

let count = 0
const overSsh = async (): Promise<Place> => {
  const directory = await createBare()
  const inputs = { 'remote-url': stock.url(directory), 'auth-secret': stock.privateKey, 'known-host-keys': stock.knownHosts }
  return { directory, inputs }
}
const overHttp = async (prefix: 'git' | 'v0'): Promise<Place> => {
  const name = `aliases${count++}`
  const directory = await http.createRepository(name)
  const inputs = { 'remote-url': http.url(name, { prefix }), username: http.user, 'auth-secret': http.token, 'ca-certificate': http.caPem }
  return { directory, inputs }
}
const overGit = async (protocol: 0 | 2): Promise<Place> => {
  const name = `aliases${count++}`
  const directory = await jgit.createRepository(name)
  const way = () => {
    const transport = daemonTransport({ host: '127.0.0.1', port: jgit.port, path: jgit.path(name), side: 'there' })
    return {
      ...transport,
      open: (service: Parameters<typeof transport.open>[0], asked: 0 | 2) => transport.open(service, protocol === 0 ? 0 : asked),
    }
  }
  return { directory, inputs: { 'remote-url': directory }, options: { ways: { there: way } } }
}

const SERVERS: Readonly<Record<string, readonly [place: () => Promise<Place>, transfers: readonly string[]]>> = {
  'sshd without AcceptEnv': [overSsh, ['relay', 'git']],
  'http without Git-Protocol': [() => overHttp('v0'), ['relay']],
  'http with Git-Protocol': [() => overHttp('git'), ['relay']],
  'JGit, v0': [() => overGit(0), ['relay']],
  'JGit, v2': [() => overGit(2), ['relay']],
  Dulwich: [
    async () => {
      const name = `aliases${count++}`
      const directory = await dulwich.createRepository(name)
      return { directory, inputs: { 'remote-url': dulwich.url(name), 'allow-insecure-http': 'true' } }
    },
    ['relay'],
  ],
}

const expected = Object.fromEntries(
  Object.values(ROWS)
    .flatMap(row => Object.entries(row))
    .map(([ref, [, , outcome]]) => [ref, outcome]),
)

const WAYS = Object.entries(SERVERS).flatMap(([name, [place, transfers]]) => transfers.map(transfer => ({ name, transfer, place })))

/** Names below `refs/mirroring/` that are no backups. */
async function marksOf(directory: string): Promise<string[]> {
  const { stdout } = await git(directory, ['for-each-ref', '--format=%(refname)', 'refs/mirroring'])
  return stdout.split('\n').filter(name => name !== '' && !/^refs\/mirroring\/(?:backup|base|seal)\//.test(name))
}

describe.each(WAYS)('$name, $transfer', ({ transfer, place }) => {
  test('each row has the same outcome, and a second run changes nothing', async () => {
    const { directory, inputs, options } = await place()
    cpSync(join(sample, 'there'), directory, { recursive: true })
    const run = () =>
      runMirror(
        { 'repository-url': join(sample, 'here'), transfer, prune: 'all', 'max-deletions': '100', lfs: 'false', ...inputs },
        options,
      )
    const report = await run()
    expect(report).toMatchObject({ status: 'partial', inSync: false, failure: null })
    expect(report.outcomes).toEqual(expected)
    expect(new Map([...(await refsOf(directory))].sort())).toEqual(new Map([...wanted].sort()))
    await fsck(directory)
    expect(await marksOf(directory)).toEqual([])
    // The git transfer plans the second run as the relay does.
    if (transfer === 'git') return
    const again = await run()
    expect(again.refs.filter(({ outcome }) => outcome !== 'up-to-date').map(({ code }) => code)).toEqual(Array(6).fill('symbolic-ref'))
    expect(new Map([...(await refsOf(directory))].sort())).toEqual(new Map([...wanted].sort()))
  })
})

/** Two sides where `there` has a symbolic ref `a` to `b`, which its server does not report; `main` is the default branch. */
async function createPair(aHere: 'old' | 'next' | 'other' | '-') {
  const [here, there] = [await createBare(), await createBare()]
  const [old = '', next = '', other = ''] = await commitAll(here, [
    { branch: 'b', files: { a: '1' } },
    { branch: 'next', parents: [0], files: { a: '2' } },
    { branch: 'other', parents: [], files: { a: '3' } },
    { branch: 'main', parents: [], files: { m: '1' } },
  ])
  await git(there, ['fetch', '-q', here, 'b:b', 'main:main'])
  await git(there, ['symbolic-ref', 'refs/heads/a', 'refs/heads/b'])
  const tips = { old, next, other }
  if (aHere !== '-') await git(here, ['branch', 'a', tips[aHere]])
  await git(here, ['branch', '-D', 'next', 'other'])
  const inputs = {
    'repository-url': here,
    'remote-url': stock.url(there),
    'auth-secret': stock.privateKey,
    'known-host-keys': stock.knownHosts,
    prune: 'all',
    retries: '0',
  }
  const tipsThere = async () => Object.fromEntries([...(await refsOf(there))].map(([ref, oid]) => [ref.replace('refs/heads/', ''), oid]))
  return { here, there, old, inputs, tipsThere }
}

/** Runs in a process of its own, which the server's hook kills as soon as `a` has changed. */
async function killWhenMoved(there: string, inputs: RawInputs): Promise<void> {
  const pid = join(temporaryDirectory(), 'pid')
  installHook(there, 'post-receive', `if grep -q " refs/heads/a$"; then kill -9 $(cat ${pid}); fi`)
  const { 'repository-url': from = '', 'remote-url': to = '', 'auth-secret': secret, ...rest } = inputs
  const flags = Object.entries(rest).flatMap(([name, value]) => (value === 'false' ? [`--no-${name}`] : [`--${name}`, value ?? '']))
  const env = { PATH: process.env['PATH'], HOME: temporaryDirectory(), REPOSITORY_MIRRORING_AUTH_SECRET: secret }
  const child = spawn(process.execPath, [PROGRAM[1] ?? '', 'mirror', from, to, ...flags], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  writeFileSync(pid, String(child.pid))
  const [code, signal] = await once(child, 'exit')
  expect([code, signal]).toEqual([null, 'SIGKILL'])
  installHook(there, 'post-receive', 'cat > /dev/null')
}

describe('over protocol v0, killed after an alias was changed, and before its branch is put back', () => {
  test.each([
    ['relay', 'fast-forwarded', 'next', {}],
    ['relay', 'deleted', '-', {}],
    ['relay', 'forced, without backups', 'other', { backup: 'false' }],
    ['git', 'forced', 'other', {}],
  ] as const)('%s, %s: the next run puts it back', async (transfer, _, aHere, more) => {
    const { there, old, inputs, tipsThere } = await createPair(aHere)
    const all = { ...inputs, transfer, ...more }
    await killWhenMoved(there, all)
    expect(await tipsThere()).not.toMatchObject({ b: old })
    // The commit is kept in any case.
    expect((await git(there, ['for-each-ref', `--points-at=${old}`, 'refs/mirroring/twin'])).stdout).not.toBe('')
    expect(await runMirror(all)).toMatchObject({ failure: null, outcomes: { a: 'kept symbolic-ref', b: 'up-to-date', main: 'up-to-date' } })
    expect(await tipsThere()).toMatchObject({ a: old, b: old })
    expect(await marksOf(there)).toEqual([])
    await fsck(there)
  })
})

test('in both directions, a killed run neither deletes nor moves anything here', async () => {
  const { here, there, old, inputs, tipsThere } = await createPair('old')
  const both = { ...inputs, direction: 'bidirectional' }
  expect(await runMirror(both)).toMatchObject({ status: 'up-to-date', inSync: true })
  await git(here, ['branch', '-D', 'a'])
  await killWhenMoved(there, both)
  expect(Object.keys(await tipsThere())).toEqual(['main'])
  const outcomes = { a: 'kept symbolic-ref', b: 'up-to-date', main: 'up-to-date' }
  expect(await runMirror(both)).toMatchObject({ inSync: false, failure: null, outcomes })
  expect(await tipsThere()).toMatchObject({ a: old, b: old })
  expect([...(await refsOf(here)).keys()]).toEqual(['refs/heads/b', 'refs/heads/main'])
  expect(await runMirror(both)).toMatchObject({ inSync: false, failure: null, outcomes })
})

test('marks of others are ignored', async () => {
  const { there, old, inputs, tipsThere } = await createPair('old')
  const code = '0'.repeat(40)
  await git(there, ['update-ref', `refs/mirroring/twin/${code}/heads/main`, old])
  await git(there, ['update-ref', `refs/mirroring/moving/${code}/${(await tipsThere())['main']}`, old])
  expect(await runMirror(inputs)).toMatchObject({ status: 'up-to-date', inSync: true })
})
