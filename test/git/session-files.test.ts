import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, jest, test } from '@jest/globals'
import { endLeftBehind, listProcesses, listVariable } from '../../src/git/left-behind.ts'
import { cleanUp } from '../../src/session/cleanup.ts'
import { openSession } from '../../src/session/session.ts'
import { createBare, git } from '../support/git-repository.ts'
import { hostWith, PROGRAM } from '../support/mirror.ts'
import { settingsFrom } from '../support/settings.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/* The private directory of a run: what git trusts because of it, and what the post step removes. */

afterEach(() => void jest.restoreAllMocks())

/** `safe.directory` of a git that reads a repository. */
async function trusted(repository: string): Promise<string[]> {
  const inputs = { 'repository-url': repository, 'remote-url': 'https://git.example.org/o/r.git', 'auth-secret': 'x' }
  const session = openSession(
    settingsFrom(inputs),
    hostWith(() => {}),
    { env: { PATH: process.env['PATH'] }, program: PROGRAM },
  )
  try {
    const { env } = await session.remote('here')
    const file = env['GIT_CONFIG_GLOBAL'] ?? ''
    const { stdout } = await git(repository, ['config', '--file', file, '--null', '--get-all', 'safe.directory'], { allowFailure: true })
    return stdout.split('\0').filter(path => path !== '')
  } finally {
    await session.dispose()
  }
}

test('git is told to trust the repository of another user, and no other', async () => {
  const bare = temporaryDirectory()
  await createBare(bare)
  const work = join(temporaryDirectory(), `it's "a" \\ #;b`)
  mkdirSync(work)
  await git(work, ['init', '-q'])
  expect([await trusted(bare), await trusted(work)]).toEqual([[], []])
  jest.spyOn(process, 'geteuid').mockReturnValue(12_345)
  expect([await trusted(bare), await trusted(work)]).toEqual([bare, work].map(path => [path, join(path, '.git')]))
})

test('the post step removes a private directory in the temporary directory, and nothing with its name elsewhere', async () => {
  const [temporary, elsewhere] = [temporaryDirectory(), temporaryDirectory()]
  const name = 'repository-mirroring-0'
  const nested = join(temporary, 'deeper')
  const kept = [join(elsewhere, name), join(nested, name), join(temporary, 'another'), join(temporary, `${name}\n::error::x`), elsewhere]
  for (const path of kept) mkdirSync(path, { recursive: true })
  const others = [
    ...kept,
    `${nested}/../${name}/..`,
    `${temporary}/${name}/../../${elsewhere}/${name}`,
    'repository-mirroring-0',
    '/',
    '/\n::error::x',
  ]
  for (const path of others)
    expect(await cleanUp(path, temporary)).toBe(`nothing was removed: ${JSON.stringify(path)} is not a directory of this action`)
  for (const path of kept) expect(existsSync(path)).toBe(true)

  mkdirSync(join(temporary, name))
  const link = `${temporaryDirectory()}/temp`
  symlinkSync(temporary, link)
  expect(await cleanUp(join(temporary, name), link)).toBe('removed the keys and files that the run left behind')
  expect(readdirSync(temporary).sort()).toEqual(['another', 'deeper', `${name}\n::error::x`])
})

test('the post step reads a list of processes in the temporary directory, and none elsewhere', async () => {
  const [temporary, elsewhere] = [temporaryDirectory(), temporaryDirectory()]
  const name = 'repository-mirroring-processes-0'
  for (const directory of [temporary, elsewhere]) writeFileSync(join(directory, name), '0 1\n1 1\n-5 1\nx\n')
  expect(await endLeftBehind(join(elsewhere, name), temporary)).toBe(0)
  expect(await endLeftBehind(join(temporary, name), temporary)).toBe(0)
  expect([elsewhere, temporary].map(directory => existsSync(join(directory, name)))).toEqual([true, false])
})

test('the post step ends a listed process, and none that has its number by now', async () => {
  const temporary = temporaryDirectory()
  const [list, another] = ['repository-mirroring-processes-0', 'of-another-step'].map(name => join(temporary, name)) as [string, string]
  const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
  try {
    const [, , start] = /\) (\S+ ){19}(\d+)/.exec(readFileSync(`/proc/${child.pid}/stat`, 'latin1')) ?? []
    writeFileSync(list, `${child.pid} ${Number(start) - 1}\n`)
    writeFileSync(another, `${child.pid} ${start}\n`)
    expect([await endLeftBehind(list, temporary), await endLeftBehind(another, temporary), child.signalCode]).toEqual([0, 0, null])
    writeFileSync(list, `${child.pid} ${start}\n`)
    const ended = once(child, 'exit')
    expect(await endLeftBehind(list, temporary)).toBe(1)
    expect(await ended).toEqual([null, 'SIGTERM'])
  } finally {
    child.kill('SIGKILL')
  }
})

test('the post step ends a git that its run was killed before it could list', async () => {
  const temporary = temporaryDirectory()
  const list = listProcesses(temporary)
  expect(readFileSync(list, 'utf8')).toBe('')
  const [marked, other] = [listVariable(), {}].map(env =>
    spawn('sleep', ['1000'], { detached: true, stdio: 'ignore', env: { PATH: process.env['PATH'], ...env } }),
  )
  try {
    const ended = once(marked as ChildProcess, 'exit')
    expect(await endLeftBehind(list, temporary)).toBe(1)
    expect([await ended, other?.signalCode, existsSync(list)]).toEqual([[null, 'SIGTERM'], null, false])
    // The run has removed its list at its end: what still runs was left on purpose.
    expect(await endLeftBehind(list, temporary)).toBe(0)
  } finally {
    for (const child of [marked, other]) child?.kill('SIGKILL')
  }
})
