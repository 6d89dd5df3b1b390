import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import { memoryFailure } from '../../src/git/memory.ts'
import { collectText } from '../../src/git/output.ts'
import { startGit } from '../../src/git/process.ts'
import { runGit, runLocalGit } from '../../src/git/run.ts'
import { GIT_MEMORY_BYTES, PUSH_MEMORY_BYTES } from '../../src/limits/limits.ts'
import { showBytes } from '../../src/text/quantity.ts'
import { endOfTest } from '../support/clock.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** A directory with two pipes, and a `git` of its own that runs a shell script. */
function fakeGit(script: string) {
  const cwd = temporaryDirectory()
  for (const pipe of ['reached', 'gate']) execFileSync('mkfifo', [join(cwd, pipe)])
  writeFileSync(join(cwd, 'git'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return {
    options: { cwd, env: { PATH: `${cwd}:${process.env['PATH']}` }, signal: endOfTest() },
    reached: () => readFile(join(cwd, 'reached'), 'utf8'),
    /** Waits for the one who waits at the gate: what is written before anyone reads is lost. */
    open: () => writeFile(join(cwd, 'gate'), '\n'),
  }
}

/** One that has ended, and that nothing has collected yet, is not alive. */
const isAlive = (pid: number): boolean => /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout)

/** The real limit would take most of the memory of a small machine. */
const FOR_OBJECTS = 2 * GIT_MEMORY_BYTES

const reason = new Failure('timed-out', 'its time is up')

describe('everything that git started ends with it', () => {
  test.each([
    ['one that ends when it is asked to', ''],
    ['one that will not', "trap '' TERM; "],
  ])('%s', async (_, trap) => {
    // git's own child outlives it, and has a child that waits for ever.
    const { options, reached } = fakeGit(`${trap}sh -c '(read -r _ < gate) & echo $$ $! > reached; wait; read -r _ < gate' & wait`)
    const time = new AbortController()
    const git = startGit([], { ...options, signal: time.signal })
    const pids = (await reached()).trim().split(' ').map(Number)
    expect(pids.map(isAlive)).toEqual([true, true])
    time.abort(reason)
    expect(await git.exit).not.toBe(0)
    expect(pids.map(isAlive)).toEqual([false, false])
  })

  test('after git has ended by itself, what it left running on purpose stays', async () => {
    const { options, reached, open } = fakeGit(
      "sh -c 'echo $$ > reached; read -r _ < gate; echo done > reached' > /dev/null 2>&1 < /dev/null &",
    )
    const git = startGit([], options)
    const pid = Number(await reached())
    expect(await git.exit).toBe(0)
    git.kill()
    expect(isAlive(pid)).toBe(true)
    await open()
    expect(await reached()).toBe('done\n')
  })

  test('a command that was broken off is a value where a remote is asked, and the reason where none is; afterwards none is started', async () => {
    const { options, reached } = fakeGit('echo some; echo words >&2; echo > reached; exec sleep 1000')
    for (const run of [runGit, runLocalGit]) {
      const time = new AbortController()
      const running = run(['x'], { ...options, signal: time.signal }).catch((error: unknown) => error)
      await reached()
      time.abort(reason)
      if (run === runLocalGit) expect(await running).toBe(reason)
      else expect(await running).toMatchObject({ command: 'git x', exitCode: 1, stdout: Buffer.from('some\n'), stderr: 'words\n' })
      await expect(run(['x'], { ...options, signal: time.signal })).rejects.toBe(reason)
    }
  })
})

describe('what git prints has an end', () => {
  test('stdout: git is ended, and the failure says why', async () => {
    const { options } = fakeGit('head -c 33554433 /dev/zero; read -r _ < gate')
    const { exitCode, ended } = await runGit(['ls-remote'], options)
    expect(exitCode).not.toBe(0)
    expect(ended).toMatchObject({ kind: 'answer-too-large', message: '"git ls-remote" printed more than 32.0 MiB' })
    await expect(runLocalGit(['rev-list'], options)).rejects.toMatchObject({ kind: 'answer-too-large' })
  })

  // Other systems do not show it.
  const onLinux = process.platform === 'linux'
  const [answer, objects] = ['an answer of the server', 'the objects of the repository']
  test.each([
    ['fetch', GIT_MEMORY_BYTES, onLinux, answer],
    // Its memory is that of the history, and of objects.
    ['push', GIT_MEMORY_BYTES, false, answer],
    ['index-pack', GIT_MEMORY_BYTES, false, objects],
    ['push', PUSH_MEMORY_BYTES, onLinux, answer],
    ['index-pack', FOR_OBJECTS, onLinux, objects],
  ])('memory: git %s takes more than %i bytes: too much is %s', async (command, bytes, isTooMuch, what) => {
    const cwd = temporaryDirectory()
    symlinkSync(process.execPath, join(cwd, 'git'))
    writeFileSync(join(cwd, command), `globalThis.held = Buffer.alloc(${bytes}, 'x'); process.stdin.resume(); console.log()`)
    const git = startGit([command], { cwd, env: { PATH: cwd }, signal: endOfTest() })
    // It may be ended before it has said that it has its memory.
    await Promise.race([once(git.stdout, 'data'), git.exit])
    const reason = git.ended() ?? memoryFailure(git.pid ?? 0, FOR_OBJECTS)
    const message = `git ${command} took ${showBytes(bytes)} of memory for ${what}`
    if (isTooMuch) expect(reason).toMatchObject({ kind: 'answer-too-large', message })
    else expect(reason).toBeNull()
    git.kill()
    await git.exit
  })

  test('the messages of git: they are passed over, but not for ever', async () => {
    const { options } = fakeGit('head -c 268435457 /dev/zero >&2; read -r _ < gate')
    const { exitCode, ended } = await runGit(['fetch'], options)
    expect(exitCode).not.toBe(0)
    expect(ended).toMatchObject({ kind: 'answer-too-large', message: '"git fetch" said more than 256.0 MiB' })
  })

  test('stderr: git goes on, and both ends are kept', async () => {
    const { options } = fakeGit('echo first >&2; head -c 9000000 /dev/zero | tr "\\0" "\\n" >&2; echo last >&2')
    const { exitCode, stderr } = await runGit(['push'], options)
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^first\n+\[6\d{6} bytes or more are left out here\]\n+last\n$/)
    expect(stderr.length).toBeLessThan(2 ** 21 + 2 ** 17)
  })

  test.each<[string, readonly string[], string]>([
    ['short: as it came', ['a\n', 'b\n'], 'a\nb\n'],
    [
      'long: its beginning and its end, in whole lines',
      ['first\nsecond ', ...Array<string>(10).fill('middle\n'), 'secret\nlast\n'],
      'first\nsecond middle\n[49 bytes or more are left out here]\nmiddle\nsecret\nlast\n',
    ],
    [
      'one line that is too long: no part of it',
      ['x'.repeat(20), 'x'.repeat(20), 'x'.repeat(20), 'x'.repeat(20)],
      '[40 bytes or more are left out here]\n',
    ],
  ])('stderr, %s', (_, pieces, expected) => {
    const stream = new PassThrough()
    const text = collectText([stream], 40)
    for (const piece of pieces) stream.emit('data', Buffer.from(piece))
    expect(text()).toBe(expected)
  })
})

test('a git that cannot be started is a failure', async () => {
  await expect(runGit(['version'], { env: { PATH: temporaryDirectory() } })).rejects.toMatchObject({ kind: 'git-missing' })
})
