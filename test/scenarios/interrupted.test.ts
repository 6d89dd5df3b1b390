// A run that is interrupted: its words. kills.test.ts has a table of signals and points.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Ended, runCli, runInTerminal, runMain, runPost } from '../support/action-step.ts'
import { commit, createBare, installHook, refsOf } from '../support/git-repository.ts'
import { differences, runMirror } from '../support/mirror.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { type WatchedRun, watchedRun } from '../support/watched-run.ts'

let sshd: Sshd
let source: string
beforeAll(async () => {
  sshd = await startSshd()
  source = await createBare()
  await commit(source, 'main', { files: { a: '1' } })
})
afterAll(() => sshd?.stop())

interface HeldMirror {
  readonly destination: string
  readonly watched: WatchedRun
  readonly url: string
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** A mirror whose push waits in a hook, after the hook has run a command. */
async function heldMirror(protocol: string, command: (watched: WatchedRun) => string): Promise<HeldMirror> {
  const destination = await createBare()
  const watched = watchedRun()
  installHook(destination, 'pre-receive', `${command(watched)}; ${watched.wait}; exit 1`)
  if (protocol === 'file') return { destination, watched, url: destination, flags: [], env: watched.directories }
  const env = { ...watched.directories, REPOSITORY_MIRRORING_AUTH_SECRET: sshd.privateKey }
  return { destination, watched, url: sshd.url(destination), flags: ['--known-host-keys', sshd.knownHosts], env }
}

/** The run reported what it knows, nothing that it had started is left, the mirror is as before, and the next run goes on. */
async function expectInterrupted(run: Ended, code: number, { destination, watched, url }: HeldMirror): Promise<void> {
  expect({ code: run.code, left: run.left }).toEqual({ code, left: [] })
  expect(run.log).toContain('Interrupted')
  expect(run.log).toContain('it is unknown whether anything was changed')
  watched.release()
  expect((await refsOf(destination)).size).toBe(0)
  installHook(destination, 'pre-receive', 'exit 0')
  const next = {
    ...{ 'repository-url': source, 'remote-url': url },
    ...(url !== destination && { 'auth-secret': sshd.privateKey, 'known-host-keys': sshd.knownHosts }),
  }
  expect(await runMirror(next)).toMatchObject({ status: 'updated', inSync: true })
  expect(await differences(source, destination)).toEqual([])
}

// The relay over ssh starts no program, and `kills` interrupts it. The step that is cancelled shows a git that pushes to a directory.
describe.each([
  { transfer: 'relay', protocol: 'file', signal: 'SIGHUP', code: 129 },
  { transfer: 'git', protocol: 'ssh', signal: 'SIGTERM', code: 143 },
] as const)('$transfer: a push is in progress', ({ transfer, protocol, signal, code }) => {
  test(`Ctrl-C at a terminal, over ${protocol}: no process and no file is left`, async () => {
    const mirror = await heldMirror(protocol, ({ reach }) => reach)
    const { watched, url, flags, env } = mirror
    const keys = watched.reached().then(() => '\u0003')
    const run = await runInTerminal(['mirror', source, url, ...flags, `--transfer=${transfer}`], { columns: 200, env, keys })
    await expectInterrupted(run, 130, mirror)
    expect(run.log).toContain('Interrupted. If a push was in progress, the server may still complete it; run again to check.')
    expect(watched.files()).toEqual([])
  })

  test(`${signal} at a command: as Ctrl-C`, async () => {
    const mirror = await heldMirror('ssh', ({ kill }) => kill(signal))
    const { watched, url, flags, env } = mirror
    const run = await runCli(['mirror', source, url, ...flags, `--transfer=${transfer}`], { env, started: watched.started })
    await expectInterrupted(run, code, mirror)
    expect(watched.files()).toEqual([])
  })

  test('a step that is cancelled: it is reported, and the post step finds nothing to do', async () => {
    const mirror = await heldMirror('file', ({ kill }) => kill('SIGINT'))
    const { watched, url } = mirror
    const step = await runMain(
      { 'repository-url': source, 'remote-url': url, transfer },
      { env: watched.directories, started: watched.started },
    )
    await expectInterrupted(step, 130, mirror)
    expect(step.outputs).toMatchObject({ status: 'failed', 'in-sync': 'false' })
    expect(step.summary).toContain('Interrupted')
    expect((await runPost(step)).log).toBe('nothing to clean up: the run removed its keys and files itself\n')
    expect(readdirSync(step.temp).filter(name => !name.includes('-report-'))).toEqual([])
  })
})

test('a step that is killed while git pushes: the post step ends what is left of it, and its files', async () => {
  const { watched, url, destination } = await heldMirror('file', ({ kill }) => kill('SIGKILL'))
  const inputs = { 'repository-url': source, 'remote-url': url, transfer: 'git' }
  const step = await runMain(inputs, { env: watched.directories, started: watched.started, leave: true })
  expect(step.left).not.toEqual([])
  const post = await runPost(step)
  expect(post.log).toMatch(
    /^ended 1 git that the run left behind, with what each had started\nremoved the keys and files that the run left behind\n$/,
  )
  expect({ left: step.killLeft(), files: readdirSync(step.temp), secrets: watched.files() }).toEqual({ left: [], files: [], secrets: [] })
  watched.release()
  expect((await refsOf(destination)).size).toBe(0)
})

test.each([
  ["new Error('nothing caught it')", 70, 'A bug in Repository Mirroring', 'nothing caught it', 'A bug in Repository Mirroring'],
  ['null', 70, 'A bug in Repository Mirroring', 'null', 'A bug in Repository Mirroring'],
  ["Object.assign(new Error('no space'), { code: 'ENOSPC' })", 1, 'The disk of the runner is full', 'no space', 'Out of disk space'],
])('a step in which nothing catches %s: it is reported, with what was done', async (thrown, code, title, text, summary) => {
  const { destination, watched, env } = await heldMirror('file', ({ kill }) => kill('SIGUSR2'))
  const thrower = join(temporaryDirectory(), 'thrower.cjs')
  writeFileSync(thrower, `process.on('SIGUSR2', () => { throw ${thrown} })\n`)
  const inputs = { 'repository-url': source, 'remote-url': destination }
  const step = await runMain(inputs, { env: { ...env, NODE_OPTIONS: `--require=${thrower}` }, started: watched.started })
  expect({ code: step.code, left: step.left }).toEqual({ code, left: [] })
  expect(step.log).toContain(`::error title=${title}::${text}\n`)
  expect(step.outputs).toMatchObject({ status: 'failed', 'in-sync': 'false' })
  expect(step.summary).toContain(summary)
  watched.release()
  expect((await refsOf(destination)).size).toBe(0)
})

test('mirrors of a file: the one that runs ends, the next does not begin, and both are reported', async () => {
  const { destination, watched, env } = await heldMirror('file', ({ kill }) => kill('SIGTERM'))
  const next = await createBare()
  const file = join(temporaryDirectory(), 'mirrors.yml')
  const mirrors = [destination, next].map(
    (url, index) => `  - { name: "mirror-${index}", repository-url: "${source}", remote-url: "${url}" }`,
  )
  writeFileSync(file, `mirrors:\n${mirrors.join('\n')}\n`)
  const run = await runCli(['mirror', '--config', file, '--jobs', '1'], { env, started: watched.started })
  expect({ code: run.code, left: run.left, files: watched.files() }).toEqual({ code: 143, left: [], files: [] })
  expect(run.stdout).toMatch(/\n2 mirrors: 2 failed .*\n {2}❌ mirror-0 {2}Failed: Interrupted\n {2}❌ mirror-1 {2}Failed: Interrupted\n$/)
  watched.release()
  expect([await refsOf(destination), await refsOf(next)]).toEqual([new Map(), new Map()])
})
