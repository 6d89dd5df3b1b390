import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mirrorStep } from '../../src/commands/mirrors-step.ts'
import { Failure } from '../../src/errors/failure.ts'
import type { Host } from '../../src/host/host.ts'
import type { Runtime } from '../../src/host/runtime.ts'
import { exitCode } from '../../src/report/exit.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { FAIL_ON } from '../../src/settings/settings.ts'
import type { Place } from '../support/behaviour.ts'
import { startCacheServer } from '../support/cache-server.ts'
import { startForge } from '../support/forge-server.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, createBare, git, installHook, refsOf } from '../support/git-repository.ts'
import { differences, hostWith, type Mirrored, PROGRAM, runMirror } from '../support/mirror.ts'
import { httpsPlace, sshPlace } from '../support/places.ts'
import { contextWith } from '../support/settings.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let sshd: Sshd
let http: GitHttp
/** Takes every connection, and says nothing. */
let silent: Server
let onConnection = () => {}
const connections = new Set<Socket>()
beforeAll(async () => {
  sshd = await startSshd()
  http = await startGitHttp()
  silent = createServer(socket => {
    connections.add(socket.on('error', () => {}))
    onConnection()
  })
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  for (const socket of connections) socket.destroy()
  silent?.close()
  await Promise.allSettled([sshd, http].map(async server => await server?.stop()))
})

/** Waits until no program of this machine has the words in its command line any more: one that was asked to end needs a moment. */
async function untilGone(words: string): Promise<void> {
  const deadline = Date.now() + 20_000
  for (;;) {
    const running = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
      .split('\n')
      .filter(line => line.includes(words))
    if (running.length === 0) return
    if (Date.now() > deadline) throw new Error(`still running: ${running.join(', ')}`)
    await delay(5)
  }
}

function expectOverdue(report: Mirrored, message: RegExp): void {
  expect(report).toMatchObject({ status: 'failed', inSync: false, attempts: 1, failure: { kind: 'timed-out', fault: 'network' } })
  expect(report.failure?.message).toMatch(message)
  expect(report.failure?.hint).toContain('`timeout-minutes`')
  expect(exitCode(report, new Set(FAIL_ON))).toBe(4)
}

describe.each(['relay', 'git'])('%s: the time is up', transfer => {
  test.each(['ssh', 'https', 'http'])('while a server says nothing, over %s: the run ends, and leaves nothing behind', async protocol => {
    const here = await createBare()
    await commit(here, 'main')
    const { port } = silent.address() as AddressInfo
    const time = new AbortController()
    onConnection = () => time.abort()
    const login = protocol === 'ssh' ? { 'auth-secret': sshd.privateKey } : { username: 'u', 'auth-secret': 'a-token-of-somebody' }
    const report = await runMirror(
      {
        ...{ 'repository-url': here, 'remote-url': `${protocol}://u@127.0.0.1:${port}/g/p.git`, ...login, transfer, retries: '3' },
        ...{ 'allow-insecure-http': 'true', 'known-host-keys': sshd.hostKeys.ed25519, 'timeout-minutes': '1' },
      },
      { timeIsUp: time.signal },
    )
    expectOverdue(report, /^the run was not done after a minute$/)
    await untilGone(`127.0.0.1:${port}`)
    await untilGone(`-p ${port}`)
  })

  const localPlace: Place = {
    create: options => createBare(undefined, options),
    inputs: (source, destination) => ({ 'repository-url': source, 'remote-url': destination }),
  }
  test.each<[string, () => Place]>([
    ['ssh', () => sshPlace(sshd)],
    ['https', () => httpsPlace(http, 'git')],
    ['the file system', () => localPlace],
  ])('while a push is under way, over %s: as before, the report knows no better, and the next run heals', async (_, placeOf) => {
    const place = placeOf()
    const [source, destination] = [await place.create(), await place.create()]
    await commit(source, 'main', { files: { a: '1' } })
    const before = await refsOf(destination)
    const [reached, gate] = ['reached', 'gate'].map(name => join(temporaryDirectory(), name)) as [string, string]
    for (const pipe of [reached, gate]) execFileSync('mkfifo', [pipe])
    installHook(destination, 'pre-receive', `echo yes > '${reached}'; read -r _ < '${gate}'; exit 1`)
    const inputs: RawInputs = { ...place.inputs(source, destination), transfer, retries: '3' }
    const time = new AbortController()
    const running = runMirror(inputs, { timeIsUp: time.signal })
    await readFile(reached)
    time.abort()
    const report = await running
    expectOverdue(report, /^the run was not done after 60 minutes; it is unknown whether anything was changed$/)
    expect(report.failure?.side).toBe('there')
    // A server may still be at it; it is let go.
    const descriptor = openSync(gate, 'r+')
    writeSync(descriptor, '\n')
    await untilGone(`${destination}/hooks`)
    closeSync(descriptor)
    expect(await refsOf(destination)).toEqual(before)
    expect(readdirSync(join(destination, 'refs', 'heads')).filter(name => name.endsWith('.lock'))).toEqual([])
    installHook(destination, 'pre-receive', 'exit 0')
    // The refs are as before, so the next run may use either transfer.
    expect(await runMirror({ ...inputs, transfer: 'relay' })).toMatchObject({ status: 'updated', inSync: true })
    expect(await differences(source, destination)).toEqual([])
  })
})

test('what was done before the time was up is told as done', async () => {
  const [source, destination] = [await createBare(), await createBare()]
  const tip = await commit(source, 'main', { files: { a: '1' } })
  // One more than git pushes at once.
  const input = Array.from({ length: 1000 }, (_, index) => `create refs/heads/z${index} ${tip}\n`).join('')
  await git(source, ['update-ref', '--stdin'], { input })
  const gate = join(temporaryDirectory(), 'gate')
  execFileSync('mkfifo', [gate])
  installHook(destination, 'pre-receive', `[ "$(wc -l)" -gt 500 ] && exit 0; echo yes > '${gate}'; read -r _ < '${gate}'`)
  const time = new AbortController()
  const running = runMirror(
    { 'repository-url': source, 'remote-url': destination, transfer: 'git', retries: '3' },
    { timeIsUp: time.signal },
  )
  await readFile(gate)
  time.abort()
  const report = await running
  expect(report).toMatchObject({ status: 'partial', inSync: false, attempts: 1, counts: { created: 1000, failed: 1 } })
  expect(report.refs.filter(({ outcome }) => outcome === 'failed')).toMatchObject([
    { code: 'timed-out', reason: expect.stringContaining('it is unknown whether anything was changed') },
  ])
})

test('while the forge is asked which branches are protected', async () => {
  const [here, there] = [await http.createRepository('asked'), await createBare()]
  await commit(here, 'main')
  const forge = await startForge(http.plainOrigin)
  const time = new AbortController()
  const asked = new Promise<void>(resolve => {
    forge.respond = () => {
      resolve()
      return 'silence'
    }
  })
  // Both sides have been read: nothing else is waited for.
  const beforeChanges = async () => {
    await asked
    time.abort()
    return null
  }
  const inputs = { 'repository-url': `${forge.origin}/git/asked.git`, token: http.token, 'allow-insecure-http': 'true' }
  const report = await runMirror(
    { ...inputs, 'remote-url': there, 'protected-only': 'true', retries: '3' },
    { beforeChanges, timeIsUp: time.signal, context: { apiUrl: `${forge.origin}/api/v4` } },
  ).finally(() => forge.stop())
  expectOverdue(report, /^the run was not done after 60 minutes$/)
  expect(forge.asked).toHaveLength(1)
})

test('between two attempts: there is no other one', async () => {
  const here = await createBare()
  await commit(here, 'main')
  const time = new AbortController()
  const pauses: number[] = []
  const onPause = (milliseconds: number) => {
    pauses.push(milliseconds)
    time.abort()
  }
  const inputs = { 'repository-url': here, 'remote-url': 'http://127.0.0.1:1/g/p.git', 'allow-insecure-http': 'true', retries: '3' }
  const report = await runMirror(inputs, { onPause, timeIsUp: time.signal })
  expect(report).toMatchObject({ status: 'failed', attempts: 1, failure: { kind: 'connection-refused' } })
  expect(pauses).toHaveLength(1)
  expect(report.notices).toEqual(['the run was not done after 60 minutes, so nothing more was tried'])
})

test('interrupted between two attempts: the failure is the interruption, which the schedule does not count', async () => {
  const here = await createBare()
  await commit(here, 'main')
  const time = new AbortController()
  const onPause = () => time.abort(new Failure('interrupted', 'the run was interrupted'))
  const inputs = { 'repository-url': here, 'remote-url': 'http://127.0.0.1:1/g/p.git', 'allow-insecure-http': 'true', retries: '3' }
  const report = await runMirror(inputs, { onPause, timeIsUp: time.signal })
  expect(report).toMatchObject({
    status: 'failed',
    attempts: 1,
    failure: { kind: 'interrupted', detail: expect.stringContaining('127.0.0.1:1') },
  })
})

/** A hook that lets our own refs pass, and then waits for the test. */
function gateAt(directory: string): { readonly reached: Promise<string>; readonly open: () => void } {
  const [reached, gate] = ['reached', 'gate'].map(name => join(temporaryDirectory(), name)) as [string, string]
  for (const pipe of [reached, gate]) execFileSync('mkfifo', [pipe])
  installHook(directory, 'pre-receive', `grep -q refs/mirroring/ && exit 0; echo yes > '${reached}'; read -r _ < '${gate}'; exit 1`)
  const open = () => {
    const descriptor = openSync(gate, 'r+')
    writeSync(descriptor, '\n')
    closeSync(descriptor)
  }
  return { reached: readFile(reached, 'utf8'), open }
}

describe.each(['relay', 'git'])('%s: the time is up', transfer => {
  test('between a backup and the ref that it is for: the backup is told as stored, and the next run uses it', async () => {
    const [source, destination] = [await createBare(), await createBare()]
    await commit(source, 'main', { files: { a: '1' } })
    const inputs: RawInputs = { 'repository-url': source, 'remote-url': destination, transfer, 'allow-unrelated': 'true', retries: '3' }
    const tip = await commit(destination, 'main', { files: { b: '1' } })
    const { reached, open } = gateAt(destination)
    const time = new AbortController()
    const running = runMirror(inputs, { timeIsUp: time.signal })
    await reached
    time.abort()
    const report = await running
    open()
    await untilGone(`${destination}/hooks`)
    expectOverdue(report, /it is unknown whether anything was changed$/)
    const [backup] = report.backups
    expect(report.backups).toMatchObject([{ of: 'refs/heads/main', tip, outcome: 'stored' }])
    expect((await git(destination, ['rev-parse', backup?.ref ?? ''])).stdout.trim()).toBe(tip)
    expect(report.refs).toMatchObject([{ outcome: 'skipped', reason: expect.stringContaining(`its old tip is stored as ${backup?.ref}`) }])

    installHook(destination, 'pre-receive', 'exit 0')
    expect(await runMirror(inputs)).toMatchObject({ status: 'updated', backups: [{ ref: backup?.ref, outcome: 'present' }] })
    expect(await differences(source, destination)).toEqual([])
  })

  test('while the second side is changed, of two: what the first has got is told, and the next run goes on', async () => {
    const [here, there] = [await createBare(), await createBare()]
    const inputs: RawInputs = { 'repository-url': here, 'remote-url': there, direction: 'bidirectional', transfer, retries: '3' }
    const tip = await commit(here, 'main', { files: { a: '1' } })
    expect((await runMirror(inputs)).status).toBe('updated')
    await commit(here, 'mine', { parents: [tip], files: { b: '1' } })
    await commit(there, 'theirs', { parents: [tip], files: { c: '1' } })
    const { reached, open } = gateAt(here)
    const time = new AbortController()
    const running = runMirror(inputs, { timeIsUp: time.signal })
    await reached
    time.abort()
    const report = await running
    open()
    await untilGone(`${here}/hooks`)
    expect(report).toMatchObject({ status: 'partial', inSync: false, attempts: 1, failure: { kind: 'timed-out', side: 'here' } })
    expect(report.outcomes).toEqual({ main: 'up-to-date', mine: 'created', theirs: 'skipped' })

    installHook(here, 'pre-receive', 'exit 0')
    expect(await runMirror(inputs)).toMatchObject({ inSync: true, outcomes: { theirs: 'created' } })
    expect(await runMirror(inputs)).toMatchObject({ status: 'up-to-date', inSync: true })
  })
})

test('of many mirrors in one step each has a time of its own: the others run, and one that ran out of it is counted', async () => {
  const cache = await startCacheServer()
  const [here, there, directory] = [await createBare(), await createBare(), temporaryDirectory()]
  await commit(here, 'main')
  const { port } = silent.address() as AddressInfo
  const config = join(directory, 'mirrors.yml')
  writeFileSync(
    config,
    `defaults: { repository-url: "${here}", min-interval: 1h }
mirrors:
  - { name: stuck, remote-url: "http://127.0.0.1:${port}/g/p.git", allow-insecure-http: true }
  - { name: fine, remote-url: "${there}" }
`,
  )
  const environment = { PATH: process.env['PATH'], RUNNER_TEMP: directory, GITHUB_WORKSPACE: directory, ...cache.env }
  const outputs: Record<string, string> = {}
  const host: Host = {
    ...hostWith(() => {}),
    kind: 'actions',
    output: async (name, value) => void Object.assign(outputs, { [name]: value }),
  }
  const context = contextWith()
  const ends: (() => void)[] = []
  onConnection = () => ends[0]?.()
  const runtime: Runtime = {
    ...{ env: environment, program: PROGRAM, now: () => new Date(), random: () => 0, pause: async () => {} },
    alarm: (_, reason) => {
      const alarm = new AbortController()
      ends.push(() => alarm.abort(reason))
      return alarm.signal
    },
  }
  const code = await mirrorStep({ raw: { config, 'config-may-set': 'allow-insecure-http' }, context, host, runtime }).finally(() =>
    cache.stop(),
  )
  expect(code).toBe(1)
  expect(JSON.parse(outputs['mirrors'] ?? '')).toMatchObject([
    { name: 'stuck', status: 'failed', 'consecutive-failures': '1' },
    { name: 'fine', status: 'updated', 'in-sync': true, 'consecutive-failures': '0' },
  ])
  expect(await differences(here, there)).toEqual([])
  expect(cache.names.map(name => /-(failed|updated)-\d+-\d+$/.exec(name)?.[0])).toEqual(['-failed-1-0', '-updated-0-0'])
})
