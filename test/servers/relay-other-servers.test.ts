import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Service } from '../../src/git/process.ts'
import type { Side } from '../../src/remote/side.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { type Greeting, readGreeting } from '../../src/wire/greeting.ts'
import { encodePacket, FLUSH, PacketReader, textOf } from '../../src/wire/pkt-line.ts'
import { startCuttingProxy } from '../support/cutting-proxy.ts'
import { type Dulwich, startDulwich } from '../support/dulwich.ts'
import { daemonTransport, type GitDaemon, startGitDaemon } from '../support/git-daemon.ts'
import { commit, commitAll, createBare, fsck, git, gitEnvironment, installHook, refsOf } from '../support/git-repository.ts'
import { type JgitDaemon, startJgitDaemon } from '../support/jgit.ts'
import { differences, type Mirrored, type MirrorOptions, runMirror } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let dulwich: Dulwich
let jgit: JgitDaemon
let daemon: GitDaemon
let seed: string
beforeAll(async () => {
  dulwich = await startDulwich()
  jgit = await startJgitDaemon()
  daemon = await startGitDaemon()
  seed = await createSeed()
})
afterAll(async () => {
  await Promise.allSettled([dulwich, jgit, daemon].map(async server => await server?.stop()))
})

/** As forges have it; git and JGit are set up without. */
const WITH_FILTER = { 'uploadpack.allowFilter': 'true' }

/** The source at the start of each test: `main`, `side` and `merged`, the last two from the first commit of `main`, and a tag of each kind. */
async function createSeed(): Promise<string> {
  const directory = await createBare(undefined, { config: WITH_FILTER })
  await commitAll(directory, [
    { branch: 'main', files: { a: '1\n', 'b/c': large('1') } },
    { branch: 'side', parents: [0], files: { side: '1\n' } },
    { branch: 'merged', parents: [0], files: { merged: '1\n' } },
    { branch: 'main', files: { a: '2\n' } },
    { branch: 'main', files: { a: '3\n' } },
  ])
  await git(directory, ['tag', 'light', 'main~1'])
  await git(directory, ['tag', '-m', 'annotated', 'v1', 'main'])
  await git(directory, ['tag', '-m', 'of a tag', 'v1-again', 'v1'])
  await git(directory, ['tag', 'tree', 'main:b'])
  await git(directory, ['tag', '-m', 'of a blob', 'blob', 'main:a'])
  await git(directory, ['pack-refs', '--all'])
  return directory
}

/** Lines enough for a delta to be worth it. */
const large = (last: string): string => [...Array.from({ length: 500 }, (_, index) => `${Math.sin(index)}\n`), last].join('')

/** A repository, and the ways to it. */
interface Served {
  readonly directory: string
  readonly url: string
  /** The URL of a source that needs no other way; `git://` cannot be a destination. */
  readonly readUrl: string | null
  /** Where somebody can come in between; null for a directory of this machine. */
  readonly port: number | null
  /** The relay's way to push over `git://`, or to read in protocol v0. */
  readonly way: ((side: Side, port: number) => Transport) | null
}

let count = 0
const newName = () => `served${count++}`

async function overGit(server: GitDaemon | JgitDaemon, protocol: 0 | 2): Promise<Served> {
  const name = newName()
  const directory = await server.createRepository(name)
  const way = (side: Side, port: number): Transport => {
    const transport = daemonTransport({ host: '127.0.0.1', port, path: server.path(name), side })
    return { ...transport, open: (service, asked) => transport.open(service, protocol === 0 ? 0 : asked) }
  }
  return { directory, url: directory, readUrl: protocol === 2 ? server.url(name) : null, port: server.port, way }
}

async function overHttp(): Promise<Served> {
  const name = newName()
  const directory = await dulwich.createRepository(name)
  const url = dulwich.url(name)
  return { directory, url, readUrl: null, port: Number(new URL(url).port), way: null }
}

async function ofThisMachine(): Promise<Served> {
  const directory = await createBare(undefined, { config: WITH_FILTER })
  return { directory, url: directory, readUrl: null, port: null, way: null }
}

const SERVERS = {
  'JGit, v0': () => overGit(jgit, 0),
  'JGit, v2': () => overGit(jgit, 2),
  'git daemon, v0': () => overGit(daemon, 0),
  'git daemon, v2': () => overGit(daemon, 2),
  Dulwich: overHttp,
}
type Name = keyof typeof SERVERS

function run(source: Served, destination: Served, inputs: RawInputs = {}, options: MirrorOptions = {}): Promise<Mirrored> {
  const wayTo = ({ way, port }: Served, side: Side) => (way === null || port === null ? {} : { [side]: () => way(side, port) })
  return runMirror(
    { 'repository-url': source.readUrl ?? source.url, 'remote-url': destination.url, 'allow-insecure-http': 'true', ...inputs },
    { ...options, ways: { ...(source.readUrl === null && wayTo(source, 'here')), ...wayTo(destination, 'there') } },
  )
}

let source: Served
let destination: Served

/** The source with all of the seed, the destination empty. */
function start(from: Served, to: Served): void {
  source = from
  destination = to
  fill(source)
}

/** The repository as the seed: copied, as that needs no git. */
const fill = ({ directory }: Served, from = seed): void => cpSync(from, directory, { recursive: true })

const startEqual = (): void => fill(destination)

const changed = new Map<string, Promise<{ readonly here: string; readonly there: string }>>()

/** Both sides as a row has them: made once, and copied for each server. */
async function startChanged(row: Row): Promise<void> {
  const pair = changed.get(row.what) ?? makeChanged(row)
  changed.set(row.what, pair)
  const { here, there } = await pair
  fill(source, here)
  fill(destination, there)
}

async function makeChanged({ change }: Row) {
  const [here, there] = [temporaryDirectory(), temporaryDirectory()]
  for (const directory of [here, there]) cpSync(seed, directory, { recursive: true })
  await change(here, there)
  return { here, there }
}

const FALLEN_BACK = expect.stringMatching(/^git moves the objects, because it is not possible without a clone: /)

const changedOf = ({ outcomes }: Mirrored) => Object.fromEntries(Object.entries(outcomes).filter(([, outcome]) => outcome !== 'up-to-date'))

interface Row {
  readonly what: string
  /** Happens after both sides were equal. */
  readonly change: (here: string, there: string) => Promise<unknown>
  readonly inputs?: RawInputs
  /** Of the refs that were not the same. */
  readonly outcomes: Readonly<Record<string, string>>
  /** The source must be asked for commits alone. Dulwich offers that, but sends trees and blobs as well. */
  readonly asksForCommits?: true
}

const diverge = async (here: string, there: string): Promise<void> => {
  await commit(there, 'side', { files: { theirs: '1\n' } })
  await commit(here, 'side', { files: { ours: '1\n' } })
}

const changeMuch = async (here: string): Promise<void> => {
  await commitAll(here, [{ branch: 'main', files: { a: '4\n' } }, { branch: 'main' }])
  await git(here, ['branch', 'new', 'main~2'])
  await git(here, ['branch', '-D', 'side'])
}

/** Leaves both sides different from each other in nothing. */
const MIRRORED: readonly Row[] = [
  {
    what: 'a fast-forward, with a file that is worth a delta',
    change: here => commit(here, 'main', { files: { 'b/c': large('2') } }),
    outcomes: { main: 'updated' },
  },
  {
    what: 'a branch that was rewound, and a new one, at a commit within what the destination has',
    change: async here => {
      await git(here, ['branch', 'new', 'main~2'])
      await git(here, ['branch', '-f', 'main', 'main~1'])
    },
    outcomes: { main: 'forced', new: 'created' },
    asksForCommits: true,
  },
  { what: 'a diverged branch, which is overwritten', change: diverge, outcomes: { side: 'forced' } },
  {
    what: 'a deleted branch',
    change: here => git(here, ['branch', '-D', 'side']),
    inputs: { prune: 'all' },
    outcomes: { side: 'deleted' },
  },
  {
    what: 'a branch that was merged and deleted, atomically',
    change: async here => {
      const refs = await refsOf(here)
      await commit(here, 'main', { parents: [refs.get('refs/heads/main') ?? '', refs.get('refs/heads/merged') ?? ''] })
      await git(here, ['branch', '-D', 'merged'])
    },
    inputs: { atomic: 'true' },
    outcomes: { main: 'updated', merged: 'deleted' },
  },
  {
    what: 'a deleted branch that was merged long ago',
    change: (_, there) => git(there, ['branch', 'old', 'main~2']),
    outcomes: { old: 'deleted' },
    asksForCommits: true,
  },
  {
    what: 'other objects in tags, a branch that makes room for one below it, unusual names',
    change: async here => {
      await git(here, ['tag', '-f', '-m', 'of a tree', 'v1', 'side^{tree}'])
      await git(here, ['tag', '-f', 'blob', 'side:side'])
      await git(here, ['branch', '-D', 'side'])
      for (const name of ['side/below', 'ä/ö', "it's", '-x']) await git(here, ['update-ref', `refs/heads/${name}`, 'main~1'])
    },
    inputs: { prune: 'all' },
    outcomes: {
      '-x': 'created',
      "it's": 'created',
      side: 'deleted',
      'side/below': 'created',
      'tags/blob': 'forced',
      'tags/v1': 'forced',
      'ä/ö': 'created',
    },
  },
  {
    what: 'a destination that has not one tip in common, but the first commit',
    change: async (here, there) => {
      // git sends a blob or a tree that is asked for by its name in the midst of the commits, whatever the filter.
      await git(here, ['tag', '-d', 'blob', 'tree'])
      const [first = ''] = (await git(there, ['rev-list', '--max-parents=0', 'main'])).stdout.split('\n')
      for (const name of (await refsOf(there)).keys()) await git(there, ['update-ref', '-d', name])
      await commit(there, 'main', { parents: [first], files: { theirs: '1\n' } })
    },
    outcomes: {
      main: 'forced',
      merged: 'created',
      side: 'created',
      'tags/light': 'created',
      'tags/v1': 'created',
      'tags/v1-again': 'created',
    },
    asksForCommits: true,
  },
]

/** Leaves the destination as it is. */
const KEPT: readonly Row[] = [
  {
    what: 'a diverged branch, with keep-divergent',
    change: diverge,
    inputs: { 'keep-divergent': 'true' },
    outcomes: { side: 'kept diverged' },
  },
  {
    what: 'a deleted branch that was not merged',
    change: here => git(here, ['branch', '-D', 'side']),
    outcomes: { side: 'kept not-merged' },
    asksForCommits: true,
  },
  {
    what: 'whatever changed, in a dry run',
    change: changeMuch,
    inputs: { prune: 'all', 'dry-run': 'true' },
    outcomes: { main: 'skipped', new: 'skipped', side: 'skipped' },
  },
]

/**
 * Git of today is the other side of each row. A push is the same by each protocol, so JGit takes every other one by v0, and git, to which `mirroring-ssh`
 * pushes by v0, none. As the source JGit takes the rows that ask for commits alone by both, and the others by turns; so does git by v0, every second one.
 */
const OTHERS = [
  { name: 'JGit, v0', as: 'source', turns: [0] },
  { name: 'JGit, v2', as: 'source', turns: [1] },
  { name: 'git daemon, v0', as: 'source', turns: [1] },
  { name: 'Dulwich', as: 'source', turns: [0, 1] },
  { name: 'JGit, v0', as: 'destination', turns: [0] },
  { name: 'JGit, v2', as: 'destination', turns: [1] },
  { name: 'Dulwich', as: 'destination', turns: [0, 1] },
] as const

describe.each(OTHERS)('$name as the $as', ({ name, as, turns }) => {
  const itsTurn = (row: Row, index: number): boolean =>
    (as === 'source' && row.asksForCommits === true) || turns.some(turn => turn === index % 2)
  beforeEach(async () => {
    const [served, other] = [await SERVERS[name](), await ofThisMachine()]
    if (as === 'source') [source, destination] = [served, other]
    else [source, destination] = [other, served]
  })
  const goesBackToGit = ({ asksForCommits }: Row) => asksForCommits === true && name === 'Dulwich' && as === 'source'

  test('a first mirror; then there is nothing to do', async () => {
    fill(source)
    expect(await run(source, destination)).toMatchObject({
      status: 'updated',
      inSync: true,
      transfer: 'relay',
      counts: { created: 8 },
      notices: [],
    })
    expect(await differences(source.directory, destination.directory)).toEqual([])
    expect(await run(source, destination)).toMatchObject({ status: 'up-to-date', inSync: true, transfer: null, notices: [], log: [] })
  })

  test.each(MIRRORED.filter(itsTurn))('$what', async row => {
    await startChanged(row)
    // LFS is off, because the first mirror already shows how such a source is searched for LFS objects.
    const report = await run(source, destination, { lfs: 'false', ...row.inputs })
    expect(report).toMatchObject({ status: 'updated', inSync: true, failure: null })
    expect(changedOf(report)).toEqual(row.outcomes)
    // Dulwich is asked over HTTP, and lets in anyone.
    const isExposed = name === 'Dulwich' && as === 'destination' && report.backups.length > 0
    const exposed = isExposed ? [expect.stringContaining('can be read without a login')] : []
    expect(report).toMatchObject(goesBackToGit(row) ? { transfer: 'git', notices: [FALLEN_BACK] } : { transfer: 'relay', notices: exposed })
    expect(await differences(source.directory, destination.directory)).toEqual([])
  })

  test.each(KEPT.filter(itsTurn))('kept: $what', async row => {
    await startChanged(row)
    const before = await refsOf(destination.directory)
    // A dry run of a source that leaves nothing out says that LFS is not looked for, which is not what is asked here.
    const report = await run(source, destination, { lfs: 'false', ...row.inputs })
    expect(report).toMatchObject({ inSync: false, failure: null, transfer: null, notices: goesBackToGit(row) ? [FALLEN_BACK] : [] })
    expect(changedOf(report)).toEqual(row.outcomes)
    expect(await refsOf(destination.directory)).toEqual(before)
  })

  // The source is asked for the common history.
  const ofSource = as === 'source' ? test : null
  ofSource?.('kept: a destination with a history of its own', async () => {
    fill(source)
    await commit(destination.directory, 'main', { files: { theirs: '1\n' } })
    const before = await refsOf(destination.directory)
    expect(await run(source, destination)).toMatchObject({ status: 'failed', failure: { kind: 'unrelated' } })
    expect(await refsOf(destination.directory)).toEqual(before)
  })
})

describe.each(['JGit, v0', 'JGit, v2', 'Dulwich'] as const)('%s, which cannot be asked for commits alone', name => {
  test('git goes on where a pair of commits stays open, before anything was changed', async () => {
    start(await SERVERS[name](), await ofThisMachine())
    startEqual()
    await git(source.directory, ['config', 'uploadpack.allowFilter', 'false'])
    await git(source.directory, ['branch', '-f', 'main', 'main~1'])
    await commit(source.directory, 'side', { files: { side: '2\n' } })
    const before = await refsOf(destination.directory)
    expect(await run(source, destination, { transfer: 'relay' })).toMatchObject({
      status: 'failed',
      transfer: null,
      failure: { kind: 'relay-impossible' },
    })
    expect(await refsOf(destination.directory)).toEqual(before)
    const report = await run(source, destination, { transfer: 'auto' })
    expect(report).toMatchObject({ status: 'updated', inSync: true, transfer: 'git', notices: [FALLEN_BACK] })
    expect(changedOf(report)).toEqual({ main: 'forced', side: 'updated' })
    expect(await differences(source.directory, destination.directory)).toEqual([])
  })
})

// Refs are read by either protocol, and pushed by one.
describe.each(['JGit, v0', 'git daemon, v2', 'Dulwich'] as const)('%s as the destination', name => {
  beforeEach(async () => {
    start(await ofThisMachine(), await SERVERS[name]())
    startEqual()
  })

  test('what somebody else changes when we have read the refs for the push is raced, and stays', async () => {
    const theirs = await commit(destination.directory, 'theirs', { files: { theirs: '1\n' } })
    await changeMuch(source.directory)
    await git(source.directory, ['branch', 'fine', 'main'])
    const moved: string[] = []
    const proxy = await startCuttingProxy({
      port: destination.port ?? 0,
      counted: 'up',
      // The commands of the push are here, and the server has not got them yet. Those for the backups came before, in a request of their own.
      onBytes: bytes => {
        if (!bytes.includes('\0 report-status') || bytes.includes('refs/mirroring/')) return
        for (const branch of ['main', 'new', 'side']) {
          execFileSync('git', ['update-ref', `refs/heads/${branch}`, theirs], { cwd: destination.directory, env: gitEnvironment() })
          moved.push(branch)
        }
      },
    })
    const url = destination.url.replace(`:${destination.port}/`, `:${proxy.port}/`)
    const report = await run(source, { ...destination, url, port: proxy.port }, { transfer: 'relay', prune: 'all', branches: '!theirs' })
    await proxy.close()
    expect(moved).toEqual(['main', 'new', 'side'])
    expect(report).toMatchObject({ status: 'partial', inSync: false, failure: null })
    expect(changedOf(report)).toEqual({ fine: 'created', main: 'raced raced', new: 'raced raced', side: 'raced raced' })
    const after = await refsOf(destination.directory)
    expect(moved.map(branch => after.get(`refs/heads/${branch}`))).toEqual([theirs, theirs, theirs])
    expect(after.get('refs/heads/fine')).toBe((await refsOf(source.directory)).get('refs/heads/fine'))
    await fsck(destination.directory)
  })

  test('what a force and an unmerged deletion would lose is stored before, removed when it is old, and not stored again', async () => {
    const backups = async () =>
      (await git(destination.directory, ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/mirroring'])).stdout
        .split('\n')
        .filter(line => line !== '')
    const theirs = await commit(destination.directory, 'main', { files: { theirs: '1\n' } })
    const extra = await commit(destination.directory, 'extra', { parents: [theirs], files: { extra: '1\n' } })
    await git(destination.directory, ['update-ref', 'refs/mirroring/backup/20200101T000000Z/heads/main', theirs])
    await commit(source.directory, 'main', { files: { ours: '1\n' } })
    const report = await run(source, destination, { transfer: 'relay', prune: 'all' })
    expect(report).toMatchObject({ status: 'updated', inSync: true })
    expect(changedOf(report)).toEqual({ extra: 'deleted', main: 'forced' })
    expect(report.backups.map(({ outcome }) => outcome).sort()).toEqual(['removed', 'stored', 'stored'])
    expect(await backups()).toEqual([
      expect.stringMatching(new RegExp(`^refs/mirroring/backup/\\S+/heads/extra ${extra}$`)),
      expect.stringMatching(new RegExp(`^refs/mirroring/backup/\\S+/heads/main ${theirs}$`)),
    ])
    expect(await differences(source.directory, destination.directory)).toEqual([])
    expect(await run(source, destination, { transfer: 'relay', prune: 'all' })).toMatchObject({ status: 'up-to-date', backups: [] })
    expect(await backups()).toHaveLength(2)
  })

  test.each([
    { kept: 'x', refused: 'x/y' },
    { kept: 'x/y', refused: 'x' },
  ])('$refused next to $kept is refused as a conflict of names, the rest lands', async ({ kept, refused }) => {
    await git(destination.directory, ['branch', kept, 'main'])
    await git(source.directory, ['branch', refused, 'main~1'])
    await commit(source.directory, 'main', { files: { a: '4\n' } })
    const report = await run(source, destination, { transfer: 'relay', prune: 'none' })
    expect(report.status).toBe('partial')
    expect(changedOf(report)).toEqual({ [kept]: 'kept not-pruned', main: 'updated', [refused]: 'rejected ref-conflict' })
    expect(await differences(source.directory, destination.directory)).toHaveLength(2)
  })
})

describe('a server refuses in words of its own', () => {
  const reasonsOf = ({ refs }: Mirrored) => refs.flatMap(({ outcome, reason }) => (outcome === 'rejected' ? [reason] : []))

  test.each<[Name, string, string]>([
    ['JGit, v2', 'deletion prohibited', 'non-fast forward'],
    [
      'git daemon, v2',
      'deletion prohibited; error: denying ref deletion for refs/heads/merged',
      'non-fast-forward; error: denying non-fast-forward refs/heads/side (you should pull first)',
    ],
  ])('what its rules forbid: %s', async (name, deletion, rewinding) => {
    start(await ofThisMachine(), await SERVERS[name]())
    startEqual()
    for (const rule of ['denyDeletes', 'denyNonFastForwards']) await git(destination.directory, ['config', `receive.${rule}`, 'true'])
    await git(source.directory, ['branch', '-D', 'merged'])
    await git(source.directory, ['branch', '-f', 'side', 'main~2'])
    await commit(source.directory, 'main', { files: { a: '4\n' } })
    const report = await run(source, destination, { transfer: 'relay', prune: 'all' })
    expect(changedOf(report)).toEqual({
      main: 'updated',
      merged: 'rejected deletion-denied',
      side: 'rejected force-push-denied',
    })
    expect(reasonsOf(report)).toEqual([deletion, rewinding])
  })

  test.each<[Name, string]>([
    ['Dulwich', 'update hook exited with status 1: not this one'],
    ['git daemon, v2', 'hook declined; not this one'],
  ])('for a hook: %s', async (name, words) => {
    start(await ofThisMachine(), await SERVERS[name]())
    startEqual()
    await changeMuch(source.directory)
    installHook(destination.directory, 'update', 'case $1 in */new) echo "not this one" >&2; exit 1;; esac')
    const report = await run(source, destination, { transfer: 'relay', prune: 'all' })
    expect(changedOf(report)).toEqual({ main: 'updated', new: 'rejected hook-declined', side: 'deleted' })
    expect(reasonsOf(report)).toEqual([words])
  })
})

type Speaker = 'Dulwich' | 'JGit' | 'git daemon'

function transportTo(name: Exclude<Speaker, 'Dulwich'>, repository: string): Transport {
  const server = name === 'JGit' ? jgit : daemon
  return daemonTransport({ host: '127.0.0.1', port: server.port, path: server.path(repository), side: 'there' })
}

/** The repository with all objects of the seed, and two of its refs. */
async function withTwoRefs(name: Speaker, repository: string): Promise<string> {
  const directory = await { Dulwich: dulwich, JGit: jgit, 'git daemon': daemon }[name].createRepository(repository)
  cpSync(join(seed, 'objects'), join(directory, 'objects'), { recursive: true })
  for (const [ref, oid] of await refsOf(seed)) {
    if (ref !== 'refs/heads/main' && ref !== 'refs/tags/v1') continue
    mkdirSync(join(directory, ref, '..'), { recursive: true })
    writeFileSync(join(directory, ref), `${oid}\n`)
  }
  return directory
}

interface Said extends Greeting {
  readonly refs: readonly string[]
}

async function hear(bytes: ByteReader): Promise<Said> {
  const refs: string[] = []
  const greeting = await readGreeting(new PacketReader(bytes), (_, name) => refs.push(name.toString()))
  return { ...greeting, refs }
}

/** The greeting of a service. */
async function greetingOf(name: Speaker, service: Service, protocol: 0 | 2): Promise<Said> {
  if (name !== 'Dulwich') {
    const transport = transportTo(name, 'greeting')
    const conversation = await transport.open(service, protocol)
    const said = await hear(conversation.greeting)
    transport.close()
    return said
  }
  const headers = protocol === 2 ? { 'git-protocol': 'version=2' } : {}
  const [response] = (await once(get(`${dulwich.url('greeting')}/info/refs?service=git-${service}`, { headers }), 'response')) as [
    IncomingMessage,
  ]
  expect(response.statusCode).toBe(200)
  const bytes = new ByteReader(response)
  const packets = new PacketReader(bytes)
  expect(textOf(await packets.expect('the service'))).toBe(`# service=git-${service}`)
  expect(await packets.next()).toBe('flush')
  return hear(bytes)
}

describe.each([
  // Dulwich knows v0 alone, also when it is asked for v2.
  { name: 'Dulwich', service: 'upload-pack', asked: 0, version: 0, can: 'filter no-done object-format side-band-64k thin-pack', not: '' },
  { name: 'Dulwich', service: 'upload-pack', asked: 2, version: 0, can: 'multi_ack_detailed ofs-delta symref', not: 'agent' },
  { name: 'Dulwich', service: 'receive-pack', asked: 0, version: 0, can: 'atomic report-status', not: 'report-status-v2' },
  { name: 'JGit', service: 'upload-pack', asked: 0, version: 0, can: 'multi_ack_detailed symref thin-pack', not: 'filter object-format' },
  { name: 'JGit', service: 'upload-pack', asked: 2, version: 2, can: 'ls-refs fetch', not: 'object-format' },
  { name: 'JGit', service: 'receive-pack', asked: 0, version: 0, can: 'atomic report-status', not: 'report-status-v2' },
  { name: 'git daemon', service: 'upload-pack', asked: 0, version: 0, can: 'multi_ack_detailed symref thin-pack', not: 'no-done' },
  { name: 'git daemon', service: 'upload-pack', asked: 2, version: 2, can: 'ls-refs fetch object-format', not: '' },
  { name: 'git daemon', service: 'receive-pack', asked: 0, version: 0, can: 'atomic report-status-v2', not: '' },
] as const)('the greeting of $name, $service, asked for v$asked', ({ name, service, asked, version, can, not }) => {
  beforeAll(async () => {
    // The three rows of a server share one.
    await withTwoRefs(name, 'greeting')
  })

  test(`is of v${version}`, async () => {
    const said = await greetingOf(name, service, asked)
    expect(said.version).toBe(version)
    expect(can.split(' ').filter(word => !said.capabilities.has(word))).toEqual([])
    expect(not.split(' ').filter(word => said.capabilities.has(word))).toEqual([])
    const head = service === 'upload-pack' || name === 'Dulwich' ? ['HEAD'] : []
    const peeled = service === 'upload-pack' ? ['refs/tags/v1^{}'] : []
    expect(said.refs).toEqual(version === 2 ? [] : [...head, 'refs/heads/main', 'refs/tags/v1', ...peeled])
  })
})

describe.each(['JGit', 'git daemon'] as const)('a conversation over git://, with %s', name => {
  test('goes on after its greeting', async () => {
    const tip = (await refsOf(await withTwoRefs(name, 'asked'))).get('refs/heads/main')
    const transport = transportTo(name, 'asked')
    const conversation = await transport.open('upload-pack', 0)
    expect(conversation.stateless).toBe(false)
    await hear(conversation.greeting)
    const request = [encodePacket(`want ${tip} no-progress\n`), FLUSH, encodePacket('done\n')]
    const { answer, sent } = conversation.ask(piecesOf(Buffer.concat(request)))
    await sent
    expect(textOf(await new PacketReader(answer).expect('an answer'))).toBe('NAK')
    expect((await answer.exactly(4))?.toString()).toBe('PACK')
    transport.close()
  })

  test('is torn by a body that throws, and changes nothing', async () => {
    const directory = await withTwoRefs(name, 'torn')
    const tip = (await refsOf(directory)).get('refs/heads/main')
    const conversation = await transportTo(name, 'torn').open('receive-pack', 0)
    await hear(conversation.greeting)
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.concat([encodePacket(`${tip} ${'0'.repeat(40)} refs/heads/main\0 report-status`)])
      throw new Error('no more')
    }
    const { answer, sent } = conversation.ask(body())
    await expect(sent).rejects.toThrow('no more')
    await expect(answer.exactly(1)).rejects.toMatchObject({ kind: 'connection-lost' })
    expect([...(await refsOf(directory)).keys()]).toEqual(['refs/heads/main', 'refs/tags/v1'])
  })

  test('is over when the transport is closed', async () => {
    await withTwoRefs(name, 'closed')
    const transport = transportTo(name, 'closed')
    const conversation = await transport.open('upload-pack', 2)
    transport.close()
    await expect(hear(conversation.greeting)).rejects.toMatchObject({ kind: 'connection-lost' })
  })
})

/** One byte after the other. */
async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (const byte of bytes) yield Buffer.of(byte)
}
