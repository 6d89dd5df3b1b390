import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { openSession, type Session } from '../../src/session/session.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { run } from '../support/child-process.ts'
import { hostWith, PROGRAM } from '../support/mirror.ts'
import { settingsFrom } from '../support/settings.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/* What git-lfs is told of each side, and what it gets when it asks git for a login. */

const SECRET = 'to\'k$en "x"'
const HTTPS: RawInputs = { 'repository-url': 'https://127.0.0.1:8443/o/r', 'remote-url': 'https://git.example.org/o/r.git' }
const WITH_LOGIN: RawInputs = { ...HTTPS, username: 'ada', 'auth-secret': SECRET, token: 'of-here' }
const FILES: RawInputs = { 'repository-url': '/srv/here.git', 'remote-url': '/srv/there.git' }
const PEM = (name: string) => `-----BEGIN ${name}-----\nMAMCAQE=\n-----END ${name}-----\n`

/** Uses a session with these inputs, which is gone afterwards. */
async function inSession<T>(inputs: RawInputs, use: (session: Session) => Promise<T>): Promise<T> {
  // A helper goes through a shell.
  const directory = join(temporaryDirectory(), "it's $HOME")
  mkdirSync(directory)
  const host = { ...hostWith(() => {}), temporaryDirectory: directory }
  const runtime = { env: { PATH: process.env['PATH'] }, program: PROGRAM }
  const session = openSession(settingsFrom(inputs), host, runtime)
  try {
    return await use(session)
  } finally {
    await session.dispose()
    expect(readdirSync(directory)).toEqual([])
  }
}

/** The settings that git is given by the environment. */
function settingsIn(env: Readonly<Record<string, string>>): Map<string, string> {
  const indices = Array.from({ length: Number(env['GIT_CONFIG_COUNT']) }, (_, index) => index)
  return new Map(indices.map(index => [env[`GIT_CONFIG_KEY_${index}`] ?? '', env[`GIT_CONFIG_VALUE_${index}`] ?? '']))
}

/** What git answers whoever asks for a login, as git-lfs does. */
async function credential(operation: 'fill' | 'approve' | 'reject', env: Readonly<Record<string, string>>, cwd: string, url: string) {
  const { code, stdout } = await run('git', ['credential', operation], { cwd, env, input: `url=${url}\n\n` })
  const [user, password] = ['username', 'password'].map(name => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1])
  return code === 0 ? `${user} ${password}` : 'nobody'
}

describe('the helper of a side', () => {
  test('gives the login to its server, and to no other', () =>
    inSession(WITH_LOGIN, async session => {
      const { env, cwd } = await session.lfs('there')
      const ask = (url: string) => credential('fill', env, cwd, url)
      expect(await ask('https://git.example.org/o/r.git/info/lfs')).toBe(`ada ${SECRET}`)
      expect(await ask('https://git.example.org:443/x')).toBe(`ada ${SECRET}`)
      for (const other of [
        'https://example.org/o/r.git',
        'https://git.example.org:8443/',
        'http://git.example.org/',
        'https://127.0.0.1:8443/o/r',
      ])
        expect([other, await ask(other)]).toEqual([other, 'nobody'])
    }))

  test('gives that of the other side to the other side alone', () =>
    inSession(WITH_LOGIN, async session => {
      const { env, cwd } = await session.lfs('here')
      expect(await credential('fill', env, cwd, 'https://127.0.0.1:8443/o/r')).toMatch(/^\S+ of-here$/)
      expect(await credential('fill', env, cwd, 'https://git.example.org/o/r.git')).toBe('nobody')
    }))

  test('gives it once more while it is good, and never again once it was refused', () =>
    inSession(WITH_LOGIN, async session => {
      const { env, cwd } = await session.lfs('there')
      const [url, other] = ['https://git.example.org/o/r.git', 'https://elsewhere.example.org/']
      await credential('approve', env, cwd, url)
      await run('git', ['credential', 'reject'], { cwd, env, input: `url=${other}\nusername=ada\npassword=x\n\n` })
      expect(await credential('fill', env, cwd, url)).toBe(`ada ${SECRET}`)
      await run('git', ['credential', 'reject'], { cwd, env, input: `url=${url}\nusername=ada\npassword=x\n\n` })
      expect(await credential('fill', env, cwd, url)).toBe('nobody')
    }))
})

test('no secret is in what a process shows: it is in files that only we can read', () =>
  inSession(WITH_LOGIN, async session => {
    const [directory, there] = [await session.directory(), await session.lfs('there')]
    expect(JSON.stringify([there.url, there.env])).not.toContain(SECRET.slice(0, 3))
    const holding = readdirSync(directory).filter(
      name => statSync(join(directory, name)).isFile() && readFileSync(join(directory, name), 'utf8').includes(SECRET),
    )
    expect(holding).toEqual(['there-lfs-credentials'])
    for (const name of holding) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
  }))

/** What is told about one side: the settings that name it, and how git gets there. */
const told = (inputs: RawInputs, endpoint?: string) =>
  inSession({ ...inputs }, async session => {
    const { url, env, repository, hasCredentials } = await session.lfs('there', endpoint)
    const settings = settingsIn(env)
    const names = [...settings.keys()]
    return {
      ...{ url, repository, hasCredentials },
      remote: settings.get('remote.there.lfsurl'),
      access: settings.get(`lfs.${url}.access`) ?? null,
      helpers: names.filter(name => /^credential\..+\.helper$/.test(name)),
      certificates: names.filter(name => /^http\..+\.ssl(?:Cert|Key)$/.test(name)),
      ssh: env['GIT_SSH_COMMAND'] !== undefined,
      headers: names.filter(name => /extraheader/i.test(name)),
      protocols: env['GIT_ALLOW_PROTOCOL'],
    }
  })

const NOTHING = {
  repository: null,
  hasCredentials: false,
  access: null,
  helpers: [],
  certificates: [],
  ssh: false,
  headers: [],
  protocols: 'none',
}
const SSH: RawInputs = {
  ...FILES,
  'remote-url': 'git@git.example.org:o/r.git',
  'known-host-keys': `SHA256:${'A'.repeat(43)}`,
  'auth-secret': SECRET,
}
const CLIENT: RawInputs = { 'client-certificate': PEM('CERTIFICATE'), 'client-key': PEM('PRIVATE KEY') }
const OWN = 'https://git.example.org'
const certificatesOf = (base: string) => [`http.${base}.sslCert`, `http.${base}.sslKey`]

test.each<[string, RawInputs, string | undefined, object]>([
  ['https, nobody', HTTPS, undefined, { ...NOTHING, url: `${OWN}/o/r.git/info/lfs` }],
  [
    'https, a login',
    WITH_LOGIN,
    undefined,
    { ...NOTHING, url: `${OWN}/o/r.git/info/lfs`, hasCredentials: true, access: 'basic', helpers: [`credential.${OWN}.helper`] },
  ],
  [
    'https, an address of that server with a port',
    { ...WITH_LOGIN, 'remote-url': 'https://[::1]:8443/o/r' },
    undefined,
    {
      ...{ ...NOTHING, url: 'https://[::1]:8443/o/r.git/info/lfs', hasCredentials: true, access: 'basic' },
      helpers: ['credential.https://[::1]:8443.helper'],
    },
  ],
  [
    'https, a client certificate',
    { ...HTTPS, ...CLIENT },
    undefined,
    { ...NOTHING, url: `${OWN}/o/r.git/info/lfs`, certificates: certificatesOf(OWN) },
  ],
  [
    'another server gets neither the login nor the certificate',
    { ...WITH_LOGIN, ...CLIENT, 'remote-lfs-url': 'https://lfs.example.org/o/r' },
    undefined,
    { ...NOTHING, url: 'https://lfs.example.org/o/r' },
  ],
  [
    'another server gets the login that its own URL has',
    { ...WITH_LOGIN, ...CLIENT, 'remote-lfs-url': 'https://bob:s3cret-of-lfs@lfs.example.org/o/r' },
    undefined,
    {
      ...{ ...NOTHING, url: 'https://lfs.example.org/o/r', hasCredentials: true, access: 'basic' },
      helpers: ['credential.https://lfs.example.org.helper'],
    },
  ],
  [
    'another place on the same server',
    { ...WITH_LOGIN, ...CLIENT, 'remote-lfs-url': `${OWN}/lfs/o/r` },
    undefined,
    {
      ...{ ...NOTHING, url: `${OWN}/lfs/o/r`, hasCredentials: true, access: 'basic', helpers: [`credential.${OWN}.helper`] },
      certificates: certificatesOf(OWN),
    },
  ],
  [
    'a Bearer token: a header of the one address that has no other',
    { ...WITH_LOGIN, username: '', 'auth-scheme': 'bearer', 'auth-secret': 'of-there' },
    undefined,
    {
      ...{ ...NOTHING, url: `${OWN}/o/r.git/info/lfs`, hasCredentials: true },
      headers: [`http.${OWN}/o/r.git/info/lfs/objects/batch.extraHeader`],
    },
  ],
  ['ssh has no login but its own', SSH, undefined, { ...NOTHING, url: 'git@git.example.org:o/r.git', ssh: true }],
  [
    'ssh, with LFS over https: the key is not for that',
    { ...SSH, 'remote-lfs-url': 'https://git.example.org/lfs' },
    undefined,
    { ...NOTHING, url: 'https://git.example.org/lfs', ssh: true },
  ],
  ['a directory', FILES, undefined, { ...NOTHING, url: 'file:///srv/there.git', repository: '/srv/there.git' }],
  [
    'a place that the source names, on its own server',
    WITH_LOGIN,
    `${OWN}/elsewhere`,
    { ...NOTHING, url: `${OWN}/elsewhere`, hasCredentials: true, access: 'basic', helpers: [`credential.${OWN}.helper`] },
  ],
])('%s', async (_, inputs, endpoint, expected) => {
  const { remote, ...rest } = await told(inputs, endpoint)
  expect(rest).toEqual(expected)
  expect(remote).toBe(rest.url)
})
