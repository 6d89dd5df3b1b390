import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { publicHalf, readPrivateKey } from '../../src/ssh/key-pair.ts'
import { findNode20, runMain, runPost, type StepOptions, type StepResult } from '../support/action-step.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, commitAll, createBare, fsck, git, installHook, refsOf } from '../support/git-repository.ts'
import { differences, runMirror } from '../support/mirror.ts'
import { generateKey, type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let sshd: Sshd
let http: GitHttp
/** The project's own repository, as it is. */
let project: string
/** A key pair that no server of these tests knows. */
let stranger: Awaited<ReturnType<typeof generateKey>>
beforeAll(async () => {
  sshd = await startSshd()
  http = await startGitHttp()
  stranger = await generateKey(join(temporaryDirectory(), 'stranger'), 'ed25519')
  project = join(temporaryDirectory(), 'project.git')
  await git('/', ['clone', '-q', '--mirror', process.cwd(), project])
  // A checkout of a pull request has no branch.
  const head = (await git(process.cwd(), ['rev-parse', 'HEAD'])).stdout
  await git(project, ['update-ref', 'refs/heads/main', head])
  await git(project, ['symbolic-ref', 'HEAD', 'refs/heads/main'])
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

/** So that a run has nothing to do there. */
const makeEqual = (to = destination) => git(source, ['push', '-q', '--mirror', to])

type Inputs = Record<string, string>
const overSsh = (inputs: Inputs = {}): Inputs => ({
  'repository-url': source,
  'remote-url': sshd.url(destination),
  'auth-secret': sshd.privateKey,
  'known-host-keys': sshd.knownHosts,
  retries: '0',
  ...inputs,
})
const overHttps = (name: string, inputs: Inputs = {}): Inputs => ({
  'repository-url': source,
  'remote-url': http.url(name),
  username: http.user,
  'auth-secret': http.token,
  'ca-certificate': http.caPem,
  retries: '0',
  ...inputs,
})

/** What differs from run to run, replaced. */
const steady = (text: string): string =>
  text
    .split('\n')
    .filter(line => !/^::(?:add-mask|debug)::/.test(line))
    .join('\n')
    .replace(/\b\d+(?:\.\d+)? (?:ms|s|B|KiB)\b/g, 'N')
    .replaceAll(`//${sshd.username}`, '//USER')
    .replace(/(127\.0\.0\.1(?:\]|&#93;)?(?::|<span>:<\/span>))\d+/g, '$1PORT')
    .replace(/(?:\/[\w.-]+)*\/mirroring-[\w-]+(?:\/[\w.-]+)*/g, '/PATH')
    .replace(/(SHA256(?::|<span>:<\/span>))[\w+/]{43}/g, '$1…')
    .replace(/(MD5(?::|<span>:<\/span>))[0-9a-f]{2}(?:(?::|<span>:<\/span>)[0-9a-f]{2}){15}/g, '$1…')
    .replace(/(ssh-ed25519|ecdsa-sha2-nistp256) AAAA[\w+/=]+/g, '$1 AAAA…')
    .replace(/\b[0-9a-f]{10}\b/g, 'OID')
    .replace(/\b[0-9a-f]{40}\b/g, 'OID')
    .replace(/repository-mirroring-report-[\w-]+/g, 'report')

/** What the run left in the runner's temporary directory: the report, for later steps, and nothing else. */
const leftovers = ({ temp }: StepResult) => readdirSync(temp).filter(name => !/^repository-mirroring-report-[\w-]+\.json$/.test(name))

describe('a mirror', () => {
  test('of the project’s own repository, over sshd, twice, then the post step', async () => {
    const first = await runMain(overSsh({ 'repository-url': project }))
    expect(first.outputs).toMatchObject({
      status: 'updated',
      'in-sync': 'true',
      transfer: 'relay',
      rejected: '0',
      failed: '0',
      'refs-truncated': 'false',
    })
    expect(first.code).toBe(0)
    expect(await differences(project, destination)).toEqual([])
    expect(leftovers(first)).toEqual([])

    const second = await runMain(overSsh({ 'repository-url': project }))
    expect(second).toMatchObject({ code: 0, outputs: { status: 'up-to-date', 'in-sync': 'true', transfer: '', bytes: '0' } })
    expect(second.summary.trim().split('\n')).toHaveLength(1)
    expect(await runPost(second)).toMatchObject({ code: 0, log: 'nothing to clean up: the run removed its keys and files itself\n' })
  })

  test('over https, from a server by `repository`, without a checkout', async () => {
    const here = await http.createRepository('octo/widgets')
    await git(source, ['push', '-q', '--mirror', here])
    const there = await http.createRepository('mirror-of-widgets')
    const { 'repository-url': _, ...inputs } = overHttps('mirror-of-widgets')
    const step = await runMain(inputs, { env: { GITHUB_SERVER_URL: `${http.origin}/public` }, github: { token: 'ghs_token_of_the_run' } })
    expect(step).toMatchObject({ code: 0, outputs: { status: 'updated', 'in-sync': 'true' } })
    expect(await differences(here, there)).toEqual([])
    expect(leftovers(step)).toEqual([])
  })
})

test('`operation: verify` tells what differs, changes nothing and fails until both sides are equal', async () => {
  const verify = (inputs: Inputs = {}) =>
    runMain({ operation: 'verify', 'repository-url': source, 'remote-url': destination, retries: '0', ...inputs })
  const missing = await verify()
  expect(missing).toMatchObject({ code: 1, outputs: { status: 'partial', 'in-sync': 'false', created: '0', transfer: '' } })
  expect(JSON.parse(missing.outputs['refs'] ?? '')).toMatchObject([{ action: 'create', outcome: 'skipped', code: 'missing' }])
  expect(missing.log).toContain('comparing ')
  expect(missing.log).toContain('::warning title=Only at the source::"refs/heads/main" is not the same on both sides')
  expect(missing.summary).toContain('### ⚠️ Not in sync: 1 missing')
  expect(await refsOf(destination)).toEqual(new Map())
  expect(await verify({ 'fail-on': 'never' })).toMatchObject({ code: 0, outputs: { 'in-sync': 'false' } })
  await makeEqual()
  expect(await verify()).toMatchObject({
    code: 0,
    outputs: { status: 'up-to-date', 'in-sync': 'true', refs: expect.stringContaining('up-to-date') },
  })
  const unread = await verify({ 'remote-url': `${destination}-not`, 'fail-on': 'never' })
  expect(unread).toMatchObject({ code: 1, outputs: { status: 'failed', 'in-sync': 'false' } })
})

describe('what a run says', () => {
  test('an update with everything that can happen', async () => {
    await commitAll(source, [
      { branch: 'merged', parents: [(await refsOf(source)).get('refs/heads/main') ?? ''], files: { m: '1' } },
      { branch: 'protected', parents: [], files: { p: '1' } },
      { branch: 'rewritten', parents: [], files: { r: '1' } },
    ])
    await makeEqual()
    const merged = (await refsOf(source)).get('refs/heads/merged') ?? ''
    await commit(source, 'main', { parents: [merged], files: { a: '2' } })
    await git(source, ['branch', '-D', 'merged'])
    await commit(source, 'rewritten', { parents: [], files: { r: '2' } })
    await commit(source, 'new|branch', { parents: [] })
    await commit(source, 'protected', { files: { p: '2' } })
    await git(source, ['tag', 'v1', 'main'])
    await git(destination, ['branch', 'theirs', 'rewritten'])
    installHook(destination, 'update', 'case $1 in */protected) echo "::error::protected branch, ask ops" >&2; exit 1;; esac')
    const step = await runMain(overSsh())
    expect(step.code).toBe(1)
    expect(steady(step.log)).toMatchSnapshot('log')
    expect(steady(step.summary)).toMatchSnapshot('summary')
    const { refs, 'report-file': file, ...outputs } = step.outputs
    expect(outputs).toEqual({
      status: 'partial',
      'in-sync': 'false',
      'skipped-reason': '',
      transfer: 'relay',
      created: '2',
      updated: '1',
      forced: '1',
      deleted: '1',
      kept: '1',
      rejected: '1',
      failed: '0',
      'up-to-date': '0',
      bytes: outputs['bytes'],
      'refs-truncated': 'false',
      'ssh-public-key': publicHalf(readPrivateKey(sshd.privateKey, null)),
    })
    expect(Object.keys(JSON.parse(refs ?? '')[0])).toEqual(['ref', 'action', 'outcome', 'before', 'after', 'reason', 'code', 'hint'])
    expect(JSON.parse(readFileSync(file ?? '', 'utf8'))).toMatchObject({ version: 1, status: 'partial' })
    expect((await refsOf(destination)).get('refs/heads/main')).toBe((await refsOf(source)).get('refs/heads/main'))
    await fsck(destination)
  })

  test('a host that is not known', async () => {
    const step = await runMain(overSsh({ 'known-host-keys': `example.com ${sshd.hostKeys.ed25519}` }))
    expect(step.code).toBe(1)
    expect(steady(step.log)).toMatchSnapshot('log')
    expect(steady(step.summary)).toMatchSnapshot('summary')
    expect(await refsOf(destination)).toEqual(new Map())
  })

  test('settings: every problem at once', async () => {
    const step = await runMain({
      'remote-url': 'ssh://git@-oProxyCommand=x/y',
      'dry-run': 'yes',
      retries: 'many',
      branches: 'refs/heads/x',
      prune: 'sometimes',
    })
    expect(step).toMatchObject({ code: 1, outputs: { status: 'failed', 'in-sync': 'false' } })
    expect(steady(step.log)).toMatchSnapshot('log')
  })

  test('fail-on never hides no failure, but a refused ref', async () => {
    installHook(destination, 'update', 'case $1 in */bad) exit 1;; esac')
    await commit(source, 'bad', { parents: [] })
    expect(await runMain(overSsh({ 'fail-on': 'never' }))).toMatchObject({ code: 0, outputs: { status: 'partial', rejected: '1' } })
    expect(await runMain(overSsh({ 'fail-on': 'never', 'remote-url': sshd.url('/nowhere') }))).toMatchObject({
      code: 1,
      outputs: { status: 'failed' },
    })
  })
})

test('a server that echoes the secrets gets them nowhere', async () => {
  const name = 'echo'
  const directory = await http.createRepository(name)
  installHook(directory, 'update', `cat '${directory}/secrets' >&2; exit 1`)
  const passphrase = 'pa"ss\\word_<b>|xyz'
  writeFileSync(join(directory, 'secrets'), `your token is ${http.token}\nyour passphrase is ${passphrase}\n`)
  const step = await runMain(overHttps(name, { 'ssh-key-passphrase': passphrase }))
  expect(step.outputs).toMatchObject({ rejected: '1' })
  const report = readFileSync(step.outputs['report-file'] ?? '', 'utf8')
  for (const text of [step.log.replace(/^::add-mask::.*$/gm, ''), step.summary, step.outputs['refs'] ?? '', report]) {
    expect(text).toMatch(/\*\*\*|&#42;&#42;&#42;/)
    for (const secret of [http.token, passphrase]) {
      const forms = [
        secret,
        JSON.stringify(secret).slice(1, -1),
        secret.replace(/[_|<>"\\]/g, character => `&#${character.charCodeAt(0)};`),
      ]
      for (const form of forms) expect(text).not.toContain(form)
    }
  }
})

// More errors are in `servers/ten-failures`, in one process.
describe('errors end the step, and change nothing', () => {
  test.each<[string, () => Inputs, RegExp]>([
    [
      'wrong host key',
      () => overSsh({ 'known-host-keys': `${sshd.knownHosts.split(' ')[0]} ${stranger.publicKey}` }),
      /::error title=Host key changed/,
    ],
    [
      'a public key as the secret',
      () => overSsh({ 'auth-secret': `${sshd.hostKeys.ed25519} me@here` }),
      /::error title=The secret is not a private key/,
    ],
    ['wrong token', () => overHttps('t', { 'auth-secret': 'not-the-right-token' }), /::error title=Credentials refused/],
    ['unknown authority', () => overHttps('t', { 'ca-certificate': '' }), /::error title=TLS certificate not trusted/],
  ])('%s', async (_, inputs, annotation) => {
    if (!existsSync(join(http.repositories, 't.git'))) await http.createRepository('t')
    const step = await runMain(inputs())
    expect(step.code).toBe(1)
    expect(step.log).toMatch(annotation)
    expect(step.log).not.toMatch(/^\s+at .*\.js:\d+/m)
    expect(step.outputs).toMatchObject({ status: 'failed', 'in-sync': 'false' })
    expect(step.leaks).toEqual([])
    expect(leftovers(step)).toEqual([])
    for (const repository of [destination, join(http.repositories, 't.git')]) expect(await refsOf(repository)).toEqual(new Map())
  })
})

test('a server that goes away in the middle of a push', async () => {
  const server = await startGitHttp()
  try {
    const directory = await server.createRepository('gone')
    const gate = join(temporaryDirectory(), 'gate')
    execFileSync('mkfifo', [gate])
    // The request is in the server's hands when it dies, and the hook has no answer before the test is over.
    installHook(directory, 'pre-receive', `echo reached > '${gate}'; while [ -e '${gate}' ]; do sleep 0.05; done; exit 1`)
    const reached = readFile(gate).then(() => server.cut())
    const step = await runMain({
      ...overHttps('gone'),
      'remote-url': server.url('gone'),
      'auth-secret': server.token,
      'ca-certificate': server.caPem,
    })
    await reached
    expect(step.code).toBe(1)
    expect(step.outputs).toMatchObject({ status: 'failed', 'in-sync': 'false' })
    expect(step.log).toMatch(/::error title=Connection (?:lost|refused)::.*it is unknown whether anything was changed/)
    expect(leftovers(step)).toEqual([])
    rmSync(gate)
    expect(await refsOf(directory)).toEqual(new Map())
    await fsck(directory)
  } finally {
    await server.stop()
  }
})

// The relay is killed in kills.test.ts.
describe('killed', () => {
  /** A hook that waits until the test opens the gate. */
  const gated = async () => {
    const gate = join(temporaryDirectory(), 'gate')
    execFileSync('mkfifo', [gate])
    installHook(destination, 'pre-receive', `read -r _ < '${gate}'`)
    return {
      // Opened for both, because a writer alone would wait for a reader, which may be gone with its connection.
      open: () => {
        const descriptor = openSync(gate, 'r+')
        writeSync(descriptor, '\n')
        closeSync(descriptor)
      },
    }
  }

  test('in the middle of a push with git: files are private, the post step removes them, the next run heals', async () => {
    const gate = await gated()
    const step = await runMain(overSsh({ transfer: 'git' }), { kill: { signal: 'SIGKILL', when: log => log.includes('pushing') } })
    const [directory = ''] = leftovers(step)
    const path = join(step.temp, directory)
    expect(step.state['session']).toBe(path)
    const mode = (file: string) => (statSync(join(path, file)).mode & 0o777).toString(8)
    expect({ directory: mode('.'), key: mode('there-ssh.json') }).toEqual({ directory: '700', key: '600' })
    expect(await runPost(step)).toMatchObject({ code: 0, log: 'removed the keys and files that the run left behind\n' })
    expect(leftovers(step)).toEqual([])
    gate.open()
    installHook(destination, 'pre-receive', 'exit 0')
    expect(await runMirror(overSsh({ retries: '3' }))).toMatchObject({ failure: null, inSync: true })
    expect(await differences(source, destination)).toEqual([])
  })

  test('before it had anything: the post step says so, does not mirror, and removes nothing that is not ours', async () => {
    const step = await runMain({ 'remote-url': '' })
    expect(await runPost(step)).toMatchObject({ code: 0, log: 'nothing to clean up: the run stored nothing\n' })
    const foreign = join(step.temp, 'foreign')
    mkdirSync(foreign)
    expect((await runPost({ ...step, state: { ...step.state, session: foreign } })).log).toContain('is not a directory of this action')
    expect(existsSync(foreign)).toBe(true)
  })
})

describe('with nothing to do', () => {
  test.each([
    ['relay', () => [`-c uploadpack.allowFilter=true upload-pack ${source}`]],
    ['git', () => [`ls-remote --symref ${source}`, `ls-remote --symref ${sshd.url(destination)}`, 'version']],
  ])('%s asks for the refs of each side, and for nothing else: no repository is made', async (transfer, expected) => {
    await makeEqual()
    const directory = temporaryDirectory()
    const calls = join(directory, 'calls')
    const git = execFileSync('sh', ['-c', 'command -v git']).toString().trim()
    writeFileSync(join(directory, 'git'), `#!/bin/sh\necho "$@" >> '${calls}'\nexec '${git}' "$@"\n`, { mode: 0o755 })
    const step = await runMain(overSsh({ transfer }), { env: { PATH: `${directory}:${process.env['PATH']}` } })
    expect(step.outputs['status']).toBe('up-to-date')
    const made = readFileSync(calls, 'utf8').trim().split('\n').sort()
    expect(made).toEqual(expected().sort())
  })
})

describe('what is loaded', () => {
  /** Which chunks of the bundle a run loads, as node's own coverage tells. */
  async function chunksOf(inputs: Inputs, options: StepOptions = {}): Promise<string[]> {
    const coverage = temporaryDirectory()
    const step = await runMain(inputs, { ...options, env: { NODE_V8_COVERAGE: coverage } })
    expect(step.outputs['status']).toBe('up-to-date')
    const urls = readdirSync(coverage).flatMap(file => {
      const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as { result: { url: string }[] }
      return result.map(({ url }) => url)
    })
    return [...new Set(urls.filter(url => url.includes('/dist/')).map(url => readFileSync(new URL(url), 'utf8')))]
  }
  const SSH2 = 'chacha20-poly1305@openssh.com'

  test('over https a run with nothing to do loads no ssh2; over ssh it does', async () => {
    await makeEqual(await http.createRepository('equal'))
    const https = await chunksOf(overHttps('equal'))
    expect(https.length).toBeGreaterThan(1)
    expect(https.filter(text => text.includes(SSH2))).toEqual([])
    await makeEqual()
    expect((await chunksOf(overSsh())).some(text => text.includes(SSH2))).toBe(true)
  })
})

test('on node 20, too', async () => {
  const node = findNode20()
  expect(await runMain(overSsh(), { node })).toMatchObject({ code: 0, outputs: { status: 'updated', 'in-sync': 'true' } })
  expect(await differences(source, destination)).toEqual([])
})
