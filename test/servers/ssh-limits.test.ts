// Every phase of an SSH connection has a limit in time, whatever the server still answers: in the relay, and in the program that git starts.
import { readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import type { Service } from '../../src/git/process.ts'
import type { GitRemote } from '../../src/git/remote.ts'
import { changeOf } from '../../src/plan/plan.ts'
import type { Oid, RefName } from '../../src/refs/ref.ts'
import { NO_PACK_VARIABLE, serializeSshSession } from '../../src/session/ssh-session.ts'
import { scanHostKeys } from '../../src/ssh/host-key-scan.ts'
import { runSshProgram } from '../../src/ssh/program.ts'
import { pushWithGit } from '../../src/transfer/git/git-push.ts'
import { PLAIN } from '../../src/transfer/transfer.ts'
import { ofSide } from '../../src/transport/of-side.ts'
import { sshTransport } from '../../src/transport/ssh.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { PacketReader } from '../../src/wire/pkt-line.ts'
import { inTime, settle, stopClock, until } from '../support/clock.ts'
import { commit, createBare, gitEnvironment, refsOf } from '../support/git-repository.ts'
import { type Phase, type StallingSsh, startStallingSsh } from '../support/stalling-ssh.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

stopClock()
const servers: StallingSsh[] = []
const transports: Transport[] = []
afterEach(() => {
  for (const transport of transports.splice(0)) transport.close()
  for (const server of servers.splice(0)) server.stop()
})

async function start(phase: Phase): Promise<StallingSsh> {
  const server = await startStallingSsh(phase)
  servers.push(server)
  return server
}

type Reported = Pick<Failure, 'kind' | 'message'>

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const outcome = await work.catch((error: unknown) => error)
  if (outcome instanceof Failure) return outcome
  throw new Error(`not a Failure: ${outcome}`)
}

/** Reads all packets of a service, as the relay does. */
async function relay({ target }: StallingSsh, service: Service = 'receive-pack'): Promise<void> {
  const transport = sshTransport({ side: 'there', target: async () => target, path: '/r', hide: text => text, idleTimeoutMs: 300_000 })
  transports.push(transport)
  await ofSide('there', async () => {
    const packets = new PacketReader((await transport.open(service, 0)).greeting)
    while ((await packets.next()) !== null);
  })
}

/** The program that git starts. */
function program({ session, target }: StallingSsh, command = "git-receive-pack '/r'", variables: Record<string, string> = {}) {
  const directory = temporaryDirectory()
  const failureFile = join(directory, 'failure.json')
  writeFileSync(join(directory, 'session.json'), serializeSshSession({ ...session, failureFile, notesFile: null }))
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const code = runSshProgram({
    argv: ['-p', String(target.port), 'git@127.0.0.1', command],
    env: { REPOSITORY_MIRRORING_SSH: join(directory, 'session.json'), ...variables },
    ...{ stdin, stdout, stderr },
  })
  return { stdin, stdout, code, left: (): Reported => JSON.parse(readFileSync(failureFile, 'utf8')) }
}

const LATE: readonly [Phase, RegExp][] = [
  ['greeting', /^the server sent no greeting of an SSH server within 30 s: "git@127\.0\.0\.1:\d+"$/],
  ['key exchange', /^the key exchange was not complete within 30 s: "git@127/],
  ['login', /^the login was not complete within 30 s: "git@127/],
  ['channel', /^the server did not start the command within 60 s: "git@127/],
  ['command', /^the server did not start the command within 60 s: "git@127/],
  ['answer', /^the server sent no answer for 300 s$/],
  ['rest', /^the server was silent for 300 s$/],
  ['end', /^the server was silent for 300 s$/],
]

describe('a server that stops at', () => {
  test.each(LATE)('%s, in the relay', async (phase, message) => {
    const server = await start(phase)
    expect(await failureOf(inTime(relay(server)))).toMatchObject({
      kind: 'timed-out',
      side: 'there',
      message: expect.stringMatching(message),
    })
  })

  test.each(LATE)('%s, in the program', async (phase, message) => {
    const { stdin, stdout, code, left } = program(await start(phase))
    stdout.resume()
    // git has nothing more to say.
    stdin.end('0000')
    expect(await inTime(code)).toBe(255)
    expect(left()).toMatchObject({ kind: 'timed-out', message: expect.stringMatching(message) })
  })
})

test('a git that is gone ends the program without a word, however many writes fail', async () => {
  const { stdout, code } = program(await start('rest'))
  const gone = () => stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  stdout.once('data', () => {
    gone()
    // An error event without a listener throws.
    gone()
  })
  expect(await inTime(code)).toBe(128 + constants.signals.SIGPIPE)
})

test('lines before the greeting are shown', async () => {
  const failure = await failureOf(inTime(relay(await start('preamble'))))
  expect(failure).toMatchObject({ kind: 'remote-error', message: expect.stringMatching(/is no SSH server: it says "welcome"$/) })
})

test('a scan of host keys, too, says what did not come', async () => {
  const failure = await failureOf(inTime(scanHostKeys((await start('key exchange')).target)))
  expect(failure).toMatchObject({ kind: 'timed-out', message: expect.stringMatching(/^the key exchange was not complete within 10 s: /) })
})

/** Lets a minute pass, in which the server answers whether it is still there. */
async function aMinute(): Promise<void> {
  for (let part = 0; part < 6; part += 1) {
    jest.advanceTimersByTime(10_000)
    await settle()
  }
}

test('a packet that comes in single bytes is not waited for without end', async () => {
  const server = await start('rest')
  const failure = failureOf(relay(server))
  let isOver = false
  void failure.then(() => {
    isOver = true
  })
  await until(() => server.channel() !== null)
  server.channel()?.write('fff')
  let bytes = 0
  for (; !isOver && bytes < 20; bytes += 1) {
    server.channel()?.write('x')
    await aMinute()
  }
  expect(bytes).toBeLessThan(10)
  expect(await failure).toMatchObject({
    kind: 'timed-out',
    message: expect.stringMatching(/^the server did not complete a packet within 300 s/),
  })
})

describe('the program', () => {
  test('waits for git for as long as git takes', async () => {
    const server = await start('rest')
    const { stdin, stdout, code } = program(server)
    stdout.resume()
    await until(() => server.channel() !== null)
    await settle()
    for (let minutes = 0; minutes < 60; minutes += 1) await aMinute()
    stdin.write('a pack')
    for (let minutes = 0; minutes < 60; minutes += 1) await aMinute()
    server.channel()?.exit(0)
    server.channel()?.end()
    server.channel()?.close()
    expect(await code).toBe(0)
  })

  test.each([
    ['git only asks', 'upload-pack', {}],
    ['git sends no pack', 'receive-pack', { [NO_PACK_VARIABLE]: '1' }],
  ])('does not wait for a server to which %s', async (_, service, variables) => {
    const { stdin, stdout, code, left } = program(await start('rest'), `git-${service} '/r'`, variables)
    stdout.resume()
    stdin.write('0000')
    expect(await inTime(code)).toBe(255)
    expect(left()).toMatchObject({ kind: 'timed-out', message: 'the server was silent for 300 s' })
  })

  test('nor for one whose bytes come one a minute', async () => {
    const server = await start('rest')
    const { stdout, code } = program(server, "git-upload-pack '/r'")
    stdout.resume()
    let ended: number | null = null
    void code.then(result => {
      ended = result
    })
    await until(() => server.channel() !== null)
    for (let bytes = 0; ended === null && bytes < 20; bytes += 1) {
      server.channel()?.write('x')
      await aMinute()
    }
    expect(ended).toBe(255)
  })

  test('learns which push has no pack', async () => {
    const [repository, bare] = [await createBare(), await createBare()]
    const oid = (await commit(repository, 'main')) as Oid
    const ssh = join(temporaryDirectory(), 'ssh')
    const script = `#!/bin/sh\necho "$${NO_PACK_VARIABLE}" >> "$0.asked"\nfor last; do :; done\nexec sh -c "$last"\n`
    writeFileSync(ssh, script, { mode: 0o755 })
    const destination: GitRemote = {
      ...{ side: 'there', url: `ssh://x${bare}`, cwd: repository, hasCredentials: false, failureFile: null },
      ...{ hide: text => text, debug: () => {} },
      env: { ...gitEnvironment(), GIT_SSH_COMMAND: ssh, GIT_SSH_VARIANT: 'ssh' },
    }
    const change = (name: string, before: Oid | null, after: Oid | null) => changeOf(`refs/heads/${name}` as RefName, before, after)
    for (const changes of [change('a', null, oid), [...change('a', oid, null), ...change('b', null, oid)], change('b', oid, null)])
      await pushWithGit(changes, {
        ...PLAIN,
        destination,
        repository,
        present: new Map(),
        defaultBranch: null,
        readAgain: async () => new Map(),
        say: () => {},
        refsPerPush: null,
        packLimit: null,
        steps: null,
      })
    expect((await refsOf(bare)).size).toBe(0)
    expect(readFileSync(`${ssh}.asked`, 'utf8')).toBe('\n\n1\n')
  })
})
