import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type Ended, findNode20, runCli } from '../support/action-step.ts'
import { commandHere } from '../support/command-here.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, createBare, git, refsOf } from '../support/git-repository.ts'
import { differences } from '../support/mirror.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let sshd: Sshd
let http: GitHttp
beforeAll(async () => {
  sshd = await startSshd()
  http = await startGitHttp()
})
afterAll(async () => {
  await Promise.allSettled([sshd, http].map(async server => await server?.stop()))
})

let source: string
let destination: string
beforeEach(async () => {
  source = await createBare()
  destination = await createBare()
  await commit(source, 'main', { files: { a: '1' } })
})

const file = (text: string): string => {
  const path = join(temporaryDirectory(), 'file')
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

describe('mirror and plan', () => {
  test('between paths, relative ones too: plan changes nothing, mirror does', async () => {
    const plan = await runCli(['plan', source, destination])
    expect(plan).toMatchObject({ code: 0, stdout: expect.stringContaining('1 to create') })
    expect(await refsOf(destination)).toEqual(new Map())
    const cwd = join(source, '..')
    expect(await runCli(['mirror', 'repository.git', `file://${destination}`], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 created'),
    })
    expect(await differences(source, destination)).toEqual([])
    expect(await runCli(['mirror', source, destination])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^✅ Up to date: .*\n$/),
    })
  })

  test('over ssh, with the key in a file, in scp-style; as JSON', async () => {
    const flags = ['--auth-secret-file', file(sshd.privateKey), '--known-host-keys-file', file(sshd.knownHosts), '--json']
    const run = await runCli(['mirror', source, sshd.url(destination), ...flags], { secrets: [sshd.privateKey] })
    expect(run.code).toBe(0)
    expect(JSON.parse(run.stdout)).toMatchObject({ version: 1, status: 'updated', inSync: true })
    const scp = `${sshd.username}@[127.0.0.1:${sshd.port}]:${destination}`
    expect(await runCli(['mirror', source, scp, ...flags])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"status": "up-to-date"'),
    })
  })

  test('over https, with the token in the environment', async () => {
    const there = await http.createRepository('cli')
    const env = { REPOSITORY_MIRRORING_AUTH_SECRET: http.token }
    const run = await runCli(['mirror', source, http.url('cli'), '--username', http.user, '--ca-certificate-file', file(http.caPem)], {
      env,
    })
    expect(run.code).toBe(0)
    expect(await differences(source, there)).toEqual([])
  })

  test('credentials in the URL work, are warned about, and never shown', async () => {
    const there = await http.createRepository('inurl')
    const url = http.url('inurl').replace('https://', `https://${http.user}:${encodeURIComponent(http.token)}@`)
    const run = await runCli(['mirror', source, url, '--ca-certificate-file', file(http.caPem)], { secrets: [http.token] })
    expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('the URL contains credentials') })
    expect(run.log).not.toContain(http.token)
    expect(await differences(source, there)).toEqual([])
  })
})

test('verify changes nothing, and its exit code says whether both sides are equal', async () => {
  const wordsOf = ({ code, stdout }: Pick<Ended, 'code' | 'stdout'>) => [code, stdout.split('\n')[0]]
  const words = async (...args: string[]) => wordsOf(await commandHere(args))
  const missing = [1, '⚠️ Not in sync: 1 missing, 0 refs are the same']
  expect(wordsOf(await runCli(['verify', source, destination]))).toEqual(missing)
  expect(await words('verify', source, destination, '--fail-on', 'rejected')).toEqual([1, expect.stringContaining('Not in sync')])
  expect(await words('verify', source, destination, '--fail-on', 'never')).toEqual([0, expect.stringContaining('Not in sync')])
  expect(await refsOf(destination)).toEqual(new Map())
  await git(source, ['push', '-q', '--mirror', destination])
  expect(await words('verify', source, destination)).toEqual([0, '✅ Up to date: 1 ref is the same on both sides'])
  expect(await words('verify', source, `${destination}-not`, '--fail-on', 'never')).toEqual([1, '❌ Failed: Repository not found'])
  const { stdout } = await commandHere(['verify', source, destination, '--json'])
  expect(JSON.parse(stdout)).toMatchObject({ operation: 'verify', status: 'up-to-date', inSync: true })
})

test('purge-backups lists the backups, and removes them with --no-dry-run, whatever a file says', async () => {
  const tip = await commit(destination, 'main')
  const backups = ['dev', 'main'].map(branch => `refs/mirroring/backup/20261125T050138Z/heads/${branch}`)
  for (const ref of backups) await git(destination, ['update-ref', ref, tip])
  const one = { name: 'one', 'repository-url': source, 'remote-url': destination, branches: 'dev', 'dry-run': false }
  const config = file(JSON.stringify({ mirrors: [one] }))
  const purge = async (run: typeof runCli | typeof commandHere, ...args: string[]) => {
    const { code, stdout } = await run(['purge-backups', ...args])
    const left = await git(destination, ['for-each-ref', '--format=%(refname)', 'refs/mirroring'])
    return [code, stdout.match(/^\S+ (?:Dry run|Updated|Nothing).*$/m)?.[0], left.stdout.trim().split('\n')]
  }
  const main = [source, destination, '--branches', 'main']
  expect(await purge(commandHere, ...main)).toEqual([0, '⏭️ Dry run: 1 to delete', backups])
  expect(await purge(runCli, ...main, '--no-dry-run')).toEqual([0, '✅ Updated: 1 deleted', backups.slice(0, 1)])
  expect(await purge(commandHere, '--config', config)).toEqual([0, '⏭️ Dry run: 1 to delete', backups.slice(0, 1)])
  expect(await purge(commandHere, '--config', config, '--no-dry-run')).toEqual([0, '✅ Updated: 1 deleted', ['']])
  expect(await purge(commandHere, ...main, '--no-dry-run')).toEqual([
    0,
    '✅ Nothing to remove: no backup of the selected refs was found',
    [''],
  ])
})

describe('exit codes', () => {
  const key = () => ({ REPOSITORY_MIRRORING_AUTH_SECRET: sshd.privateKey })
  const expectEnd = ({ code, stdout, stderr }: Pick<Ended, 'code' | 'stdout' | 'stderr'>, expected: number, words: string): void => {
    const log = stdout + stderr
    expect({ code, log }).toEqual({ code: expected, log: expect.stringContaining(words) })
    expect(log).not.toMatch(/^\s+at .*:\d+/m)
  }

  test.each<[number, string, string, () => string[], () => Record<string, string>]>([
    [0, 'help', 'Usage:', () => ['--help'], () => ({})],
    [0, 'version', '0.1.0', () => ['--version'], () => ({})],
    [0, 'nothing at all shows the overview', 'mirror FROM TO', () => [], () => ({})],
    [1, 'a destination that is not there', 'Repository not found', () => ['mirror', source, `${destination}-not`], () => ({})],
    [2, 'an unknown command', 'did you mean mirror?', () => ['mirrr'], () => ({})],
    [3, 'an unknown host', 'Unknown host', () => ['mirror', source, sshd.url(destination)], key],
    [3, 'no key', 'REPOSITORY_MIRRORING_AUTH_SECRET', () => ['mirror', source, sshd.url(destination)], () => ({})],
    [
      4,
      'nobody listens',
      'Connection refused',
      () => ['mirror', source, 'ssh://git@127.0.0.1:1/x', '--known-host-keys', sshd.hostKeys.ed25519, '--retries', '0'],
      key,
    ],
  ])('of the process: %d, %s', async (code, _, words, args, env) => {
    expectEnd(await runCli(args(), { env: env() }), code, words)
  })

  test.each<[number, string, string, () => string[]]>([
    [0, 'help of a command', '--known-host-keys', () => ['mirror', '--help']],
    [0, 'help of plan', 'changes neither', () => ['plan', '-h']],
    [0, 'help of verify', 'report each difference', () => ['verify', '--help']],
    [0, 'help of demo', 'SSH git server', () => ['demo', '--help']],
    [2, 'no URLs', 'what to do: see `mirror --help`', () => ['mirror']],
    [2, 'one URL', 'what to do: see `plan --help`', () => ['plan', source]],
    [2, 'an unknown flag', 'did you mean --prune?', () => ['mirror', source, destination, '--prun', 'all']],
    [2, 'a file that is not there', '"/nowhere" could not be read', () => ['mirror', source, destination, '--token-file', '/nowhere']],
    [2, 'a secret on the command line', 'REPOSITORY_MIRRORING_TOKEN', () => ['mirror', source, destination, '--token', 'x']],
  ])('of a command: %d, %s', async (code, _, words, args) => {
    expectEnd(await commandHere(args()), code, words)
  })
})

describe('demo', () => {
  /** Words of each thing that it shows. */
  const STEPS = ['created', 'forced', 'deleted', 'Up to date', 'Host key changed', 'Done. Server, mirror and copy are removed']
  /** Every file below a directory with its content's fingerprint, as git sees it. */
  const state = async (directory: string) => ({
    refs: await refsOf(directory),
    objects: (await git(directory, ['count-objects', '-v'])).stdout,
    config: (await git(directory, ['config', '--local', '--list'])).stdout,
    status: (await git(directory, ['status', '--porcelain'])).stdout,
  })

  test('on node 20: shows all of it, and changes nothing', async () => {
    const clone = join(temporaryDirectory(), 'clone')
    for (const content of ['2', '3']) await commit(source, 'main', { files: { a: content, b: content } })
    await commit(source, 'topic', { files: { c: '1' } })
    await git(source, ['tag', '-m', 'one', 'v1', 'main'])
    await git('/', ['clone', '-q', source, clone])
    const before = await state(clone)
    const home = temporaryDirectory()
    const run = await runCli(['demo'], { cwd: clone, env: { HOME: home }, node: findNode20() })
    expect(run).toMatchObject({ code: 0, stderr: '' })
    for (const words of ['First mirror of the repository in', ...STEPS]) expect(run.stdout).toContain(words)
    expect(await state(clone)).toEqual(before)
    expect(readdirSync(home)).toEqual([])
  })

  test('on this node, in a shallow clone and outside any repository: it takes a new one', async () => {
    const shallow = join(temporaryDirectory(), 'shallow')
    await commit(source, 'main', { files: { a: '2' } })
    await git('/', ['clone', '-q', '--depth=1', `file://${source}`, shallow])
    expect(await runCli(['demo'], { cwd: shallow })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('the one here is a shallow clone'),
    })
    const run = await runCli(['demo'])
    expect(run).toMatchObject({ code: 0, stderr: '' })
    for (const words of ['there is none here', ...STEPS]) expect(run.stdout).toContain(words)
  })
})
