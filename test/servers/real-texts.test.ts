import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Kind } from '../../src/errors/kinds.ts'
import { classify } from '../../src/errors/table.ts'
import { commit, createBare, createScratch, fsck, git, installHook } from '../support/git-repository.ts'
import { differences, runMirror } from '../support/mirror.ts'
import { generateKey, type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

// The rows of the table against what programs of today really print, in the language in which a run starts them (LC_ALL=C).

/** What git says when a push or another command fails. */
const saidBy = async (directory: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> => {
  const { code, stdout, stderr } = await git(directory, args, { allowFailure: true, env })
  expect(code).not.toBe(0)
  return `${stderr}\n${stdout}`
}

interface Sides {
  readonly here: string
  readonly there: string
}
async function sides(): Promise<Sides> {
  const here = await createBare()
  await commit(here, 'main', { files: { a: '1' } })
  await commit(here, 'dev', { files: { b: '1' } })
  const there = await createBare()
  await git(here, ['push', '-q', there, 'main', 'dev'])
  await commit(here, 'main', { files: { a: '2' } })
  return { here, there }
}

type Stage = (sides: Sides) => Promise<string>
const push =
  (...refs: readonly string[]): Stage =>
  ({ here, there }) =>
    saidBy(here, ['push', there, ...refs])
/** The same, at a destination with a setting. */
const pushTo =
  (setting: string, value: string, ...args: readonly string[]): Stage =>
  async ({ here, there }) => {
    await git(there, ['config', setting, value])
    return saidBy(here, ['push', ...args.filter(arg => arg.startsWith('--')), there, ...args.filter(arg => !arg.startsWith('--'))])
  }
/** The same, at a destination with a hook of this name, which says something and refuses. */
const pushPast =
  (hook: 'pre-receive' | 'update', says: string): Stage =>
  async ({ here, there }) => {
    installHook(there, hook, `echo "${says}" >&2; exit 1`)
    return saidBy(here, ['push', there, 'main'])
  }

const GIT: readonly (readonly [string, Kind, Stage])[] = [
  ['a branch that is checked out', 'current-branch', async ({ here }) => saidBy(here, ['push', await createScratch({}), 'main'])],
  ['the current branch deleted', 'current-branch', push(':main')],
  ['deletions switched off', 'deletion-denied', pushTo('receive.denyDeletes', 'true', ':dev')],
  ['force pushes switched off', 'force-push-denied', pushTo('receive.denyNonFastForwards', 'true', '+main:refs/heads/dev')],
  ['no fast-forward', 'diverged', push('main:refs/heads/dev')],
  [
    'a tag that moved',
    'diverged',
    async ({ here, there }) => {
      await git(here, ['push', '-q', there, 'dev:refs/tags/v1'])
      return saidBy(here, ['push', there, 'main:refs/tags/v1'])
    },
  ],
  [
    'a ref that somebody else moved',
    'raced',
    ({ here, there }) => saidBy(here, ['push', `--force-with-lease=main:${'1'.repeat(40)}`, there, 'main']),
  ],
  ['a hidden ref', 'hidden-ref', pushTo('receive.hideRefs', 'refs/pull', 'main:refs/pull/1/head')],
  ['a name below another', 'ref-conflict', push('main:refs/heads/main/x')],
  [
    'a lock that was left behind',
    'ref-not-written',
    ({ here, there }) => {
      writeFileSync(join(there, 'refs/heads/dev.lock'), '')
      return saidBy(here, ['push', there, '+main:refs/heads/dev'])
    },
  ],
  ['a name that git does not take', 'ref-name-refused', push('main:refs/x')],
  ['a pack that is too large', 'large-file', pushTo('receive.maxInputSize', '10', 'main')],
  ['a pre-receive hook', 'hook-declined', pushPast('pre-receive', 'no')],
  ['an update hook', 'hook-declined', pushPast('update', 'no')],
  ['a rule of GitHub', 'protected-branch', pushPast('pre-receive', 'error: GH006: Protected branch update failed for refs/heads/main.')],
  ['a rule of GitLab', 'push-rule', pushPast('pre-receive', 'GitLab: Commit must be signed with a GPG key')],
  ['a limit of Forgejo', 'storage-limit', pushPast('pre-receive', 'Forgejo: Quota exceeded')],
  ['no atomic pushes', 'not-supported', pushTo('receive.advertiseAtomic', 'false', '--atomic', 'main', 'dev')],
  ['no push options', 'not-supported', pushTo('receive.advertisePushOptions', 'false', '--push-option=a', 'main')],
  ['one of several, atomically', 'deletion-denied', pushTo('receive.denyDeletes', 'true', '--atomic', 'main', ':dev')],
  [
    'another object format',
    'object-format-mismatch',
    async ({ here }) => saidBy(here, ['push', await createBare(undefined, { objectFormat: 'sha256' }), 'main']),
  ],
  [
    'a shallow source',
    'source-shallow',
    async ({ here }) => {
      const shallow = join(temporaryDirectory(), 'shallow')
      await git('/', ['clone', '-q', '--bare', '--depth=1', `file://${here}`, shallow])
      return saidBy(shallow, ['push', await createBare(), 'main'])
    },
  ],
  ['no repository', 'repository-not-found', ({ here }) => saidBy(here, ['push', '/nonexistent/mirror.git', 'main'])],
]

describe('git says it of a push', () => {
  test.each(GIT)('%s: %s', async (_, kind, stage) => {
    const both = await sides()
    expect(classify(await stage(both))?.kind).toBe(kind)
    await fsck(both.there)
  })
})

/** Answers of a web server by the first part of the path. */
const STATUSES = [301, 401, 403, 404, 413, 429, 503] as const
const KIND_OF: Readonly<Record<(typeof STATUSES)[number], Kind>> = {
  301: 'redirected',
  401: 'credentials-missing',
  403: 'permission-denied',
  404: 'repository-not-found',
  413: 'large-file',
  429: 'rate-limited',
  503: 'server-error',
}

let web: Server
let closed: number
let sshd: Sshd
let known: string
beforeAll(async () => {
  sshd = await startSshd()
  known = join(temporaryDirectory(), 'known_hosts')
  writeFileSync(known, sshd.knownHosts)
  web = createServer((request, response) => {
    const [, first = ''] = request.url?.split('/') ?? []
    if (first === 'cut') return void request.socket.destroy()
    if (first === 'page') return void response.end('<html>\n<title>Log in</title>\n</html>\n')
    response.writeHead(Number(first), { location: '/nowhere', 'www-authenticate': 'Basic realm="git"' }).end()
  })
  const other = createServer()
  for (const server of [web, other]) await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closed = (other.address() as AddressInfo).port
  await new Promise(resolve => other.close(resolve))
})
afterAll(async () => {
  await sshd?.stop()
  await new Promise(resolve => web?.close(resolve))
})

const asks = (path: string, port = (web.address() as AddressInfo).port, scheme = 'http') =>
  saidBy('/', ['-c', 'http.followRedirects=false', 'ls-remote', `${scheme}://127.0.0.1:${port}/${path}/mirror.git`])

describe('git and curl say it of a web server', () => {
  test.each(STATUSES)('status %d', async status => expect(classify(await asks(String(status)))?.kind).toBe(KIND_OF[status]))
  test('a login page', async () => expect(classify(await asks('page'))?.kind).toBe('not-a-repository'))
  test('nobody listens', async () => expect(classify(await asks('x', closed))?.kind).toBe('connection-refused'))
  test('a connection that is cut', async () => expect(classify(await asks('cut'))?.kind).toBe('connection-lost'))
  test('no TLS where TLS is asked for', async () => {
    const port = (web.address() as AddressInfo).port
    // OpenSSL and GnuTLS have different words for it.
    expect(['connection-lost', 'protocol-error']).toContain(classify(await asks('x', port, 'https'))?.kind)
  })
})

/** What the OpenSSH client says, and git after it. */
async function overSsh(options: readonly string[], port: number = sshd.port): Promise<string> {
  const ssh = ['ssh', '-F', '/dev/null', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'StrictHostKeyChecking=yes', ...options]
  return saidBy('/', ['ls-remote', `ssh://${sshd.username}@127.0.0.1:${port}/x.git`], { GIT_SSH_COMMAND: ssh.join(' ') })
}
const file = (name: string, text: string, mode = 0o600): string => {
  const path = join(temporaryDirectory(), name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}
const knows = () => ['-o', `UserKnownHostsFile=${known}`, '-o', 'GlobalKnownHostsFile=/dev/null']
const line = (type: string, key: string, marker = '') => file('known_hosts', `${marker}[127.0.0.1]:${sshd.port} ${type}${key}\n`)
const trusting = (path: string) => ['-o', `UserKnownHostsFile=${path}`, '-o', 'GlobalKnownHostsFile=/dev/null']

const SSH: readonly (readonly [string, Kind, () => Promise<string>])[] = [
  ['a host that is not known', 'host-key-unknown', () => overSsh(trusting('/dev/null'))],
  [
    'another host key',
    'host-key-changed',
    async () => overSsh(trusting(line('', (await generateKey(join(temporaryDirectory(), 'other'), 'ed25519')).publicKey))),
  ],
  ['a host key that is revoked', 'host-key-revoked', () => overSsh(trusting(line('', sshd.hostKeys.ed25519, '@revoked ')))],
  [
    'a key that nobody knows',
    'ssh-key-refused',
    async () => overSsh([...knows(), '-i', (await generateKey(join(temporaryDirectory(), 'stranger'), 'ed25519')).file]),
  ],
  ['half a key', 'secret-not-a-key', () => overSsh([...knows(), '-i', file('half', `${sshd.privateKey.slice(0, 100)}\n`)])],
  ['a key that everybody may read', 'secret-not-a-key', () => overSsh([...knows(), '-i', file('open', sshd.privateKey, 0o644)])],
  ['no host key type in common', 'host-key-algorithm', () => overSsh([...knows(), '-o', 'HostKeyAlgorithms=sk-ssh-ed25519@openssh.com'])],
  ['no cipher in common', 'ssh-algorithms', () => overSsh([...knows(), '-o', 'Ciphers=3des-cbc'])],
  ['nobody listens', 'connection-refused', () => overSsh(knows(), closed)],
  ['no repository', 'repository-not-found', () => overSsh([...knows(), '-i', file('key', sshd.privateKey)])],
]

describe('OpenSSH says it', () => {
  test.each(SSH)('%s: %s', async (_, kind, said) => expect(classify(await said())?.kind).toBe(kind))
})

test.each(['relay', 'git'])('a server in trouble has refused nothing: the ref is tried again (%s)', async transfer => {
  const { here, there } = await sides()
  const tried = join(temporaryDirectory(), 'tried')
  installHook(there, 'update', `test -e '${tried}' && exit 0; touch '${tried}'; echo 'fatal error in commit_refs' >&2; exit 1`)
  const inputs = { 'repository-url': here, 'remote-url': there, transfer }
  const once = await runMirror(inputs)
  expect(once.outcomes).toMatchObject({ main: 'failed server-error' })
  expect(once.refs.find(({ ref }) => ref === 'refs/heads/main')?.hint).toMatch(/two names are in conflict/)
  rmSync(tried)
  expect(await runMirror({ ...inputs, retries: '1' })).toMatchObject({ status: 'updated', inSync: true, attempts: 2 })
  expect(await differences(here, there)).toEqual([])
})

test.each(['relay', 'git'])('a warning of the server is told, and gives the runner no command (%s)', async transfer => {
  const { here, there } = await sides()
  installHook(there, 'update', 'echo "Bypassed rule violations for refs/heads/main: ##[error]::error::x" >&2')
  const report = await runMirror({ 'repository-url': here, 'remote-url': there, transfer })
  expect(report).toMatchObject({ status: 'updated', inSync: true })
  const told = report.log.filter(text => text.startsWith('the server warns: Bypassed rule violations'))
  expect(told).toEqual([expect.stringContaining('##\\[error]'), ...told.slice(1)])
  await fsck(there)
})
