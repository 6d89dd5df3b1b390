// A mirror through SSH servers other than a new OpenSSH: Dropbear, and an OpenSSH that is set up as an old one.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { scanHostKeys } from '../../src/ssh/host-key-scan.ts'
import { type Account, createAccount } from '../support/account.ts'
import { run } from '../support/child-process.ts'
import { type Dropbear, startDropbear } from '../support/dropbear.ts'
import { commit, commitAll, createBare, gitEnvironment } from '../support/git-repository.ts'
import { differences, runMirror } from '../support/mirror.ts'
import { generateKey, type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let account: Account
let dropbear: Dropbear
let old: Sshd

beforeAll(async () => {
  account = await createAccount({ username: 'mirror@corp', password: 's3cret pass' })
  dropbear = await startDropbear(['ed25519', 'rsa'], account)
  // A host key that signs with SHA-1, as before OpenSSH 7.2.
  old = await startSshd({
    hostKeys: ['rsa'],
    settings: ['HostKeyAlgorithms ssh-rsa', 'KexAlgorithms diffie-hellman-group14-sha256', 'Ciphers aes128-ctr', 'MACs hmac-sha1'],
  })
})

afterAll(async () => {
  await Promise.allSettled([dropbear?.stop(), old?.stop()])
})

const servers = {
  'dropbear, by key': () => ({ server: dropbear, secret: dropbear.privateKey }),
  'dropbear, by password': () => ({ server: dropbear, secret: account.password }),
  'an sshd that has ssh-rsa alone': () => ({ server: old, secret: old.privateKey }),
}

const WAYS = Object.entries(servers).flatMap(([name, way]) => (['relay', 'git'] as const).map(transfer => [name, transfer, way] as const))

// The program that git starts logs in as the relay does; that it gets the password is shown in ssh-login.test.ts.
test.each(WAYS.filter(([name, transfer]) => name !== 'dropbear, by password' || transfer === 'relay'))(
  '%s, %s: a first mirror; by the relay an update, and nothing to do',
  async (_name, transfer, way) => {
    const { server, secret } = way()
    const [source, destination] = [await createBare(), await createBare()]
    const inputs = {
      'repository-url': source,
      'remote-url': server.url(destination),
      'auth-secret': secret,
      'known-host-keys': server.knownHosts,
      transfer,
    }
    await commitAll(source, [
      { branch: 'main', files: { a: '1' } },
      { branch: 'other', files: { b: '1' } },
    ])
    expect(await runMirror(inputs)).toMatchObject({ status: 'updated', inSync: true, transfer, failure: null })
    expect(await differences(source, destination)).toEqual([])
    // The program that git starts has opened connections to read and to push by now.
    if (transfer === 'git') return
    await commit(source, 'main', { files: { a: '2' } })
    expect(await runMirror(inputs)).toMatchObject({ outcomes: { main: 'updated', other: 'up-to-date' } })
    expect(await differences(source, destination)).toEqual([])
    expect(await runMirror(inputs)).toMatchObject({ status: 'up-to-date', inSync: true })
  },
)

test.each(['relay', 'git'])('keys are exchanged again and again, while packs come and go: %s', async transfer => {
  const server = await startSshd({ settings: ['RekeyLimit 256K'] })
  try {
    const [source, destination] = [await createBare(), await createBare()]
    await commit(source, 'main', { files: { a: randomBytes(2 ** 20).toString('base64') } })
    const inputs = {
      'repository-url': server.url(source),
      token: server.privateKey,
      'remote-url': server.url(destination),
      'auth-secret': server.privateKey,
      'known-host-keys': server.knownHosts,
      transfer,
    }
    expect(await runMirror(inputs)).toMatchObject({ status: 'updated', inSync: true, transfer })
    expect(await differences(source, destination)).toEqual([])
  } finally {
    await server.stop()
  }
})

const REFUSED = [
  // A code with SHA-1 that ssh2 would choose before one with SHA-2.
  ['MACs', 'hmac-sha1-etm@openssh.com', 'MAC', /^let the server also offer `hmac-sha2-256-etm@openssh.com` \(`MACs` in its sshd_config\)/],
  ['KexAlgorithms', 'sntrup761x25519-sha512@openssh.com', 'key exchange', /^post-quantum .* offer `curve25519-sha256` \(`KexAlgorithms`/],
  ['Ciphers', 'aes256-cbc,3des-cbc', 'cipher', /offer `aes256-gcm@openssh.com` \(`Ciphers` in its sshd_config\), or use an https URL$/],
] as const

test.each(REFUSED)('a server with %s %s alone is refused, and the report names what it lacks', async (setting, names, what, hint) => {
  const server = await startSshd({ settings: [`${setting} ${names}`, ...(setting === 'MACs' ? ['Ciphers aes128-ctr'] : [])] })
  try {
    const inputs = {
      'repository-url': await createBare(),
      'remote-url': server.url(await createBare()),
      'known-host-keys': server.knownHosts,
    }
    expect(await runMirror({ ...inputs, 'auth-secret': server.privateKey })).toMatchObject({
      failure: {
        kind: 'ssh-algorithms',
        message: expect.stringContaining(`the server offers no ${what} that is supported here, only ${names.replace(',', ', ')}: "`),
        hint: expect.stringMatching(hint),
      },
    })
  } finally {
    await server.stop()
  }
})

test('a server with a host certificate alone is refused, and so is the question for its keys', async () => {
  const directory = temporaryDirectory()
  const [authority, host] = [join(directory, 'authority'), join(directory, 'host')]
  for (const file of [authority, host]) await generateKey(file, 'ed25519')
  await run('ssh-keygen', ['-q', '-s', authority, '-I', 'host', '-h', `${host}.pub`], { cwd: directory, env: gitEnvironment() })
  const only = 'ssh-ed25519-cert-v01@openssh.com'
  const server = await startSshd({
    hostKeys: [],
    settings: [`HostKey ${host}`, `HostCertificate ${host}-cert.pub`, `HostKeyAlgorithms ${only}`],
  })
  try {
    const failure = {
      kind: 'host-key-algorithm',
      message: `"[127.0.0.1]:${server.port}" has no host key of a type that can be checked here, only ${only}`,
      hint: expect.stringMatching(/^let the server have an ed25519 key, too/),
    }
    const inputs = { 'repository-url': await createBare(), 'remote-url': server.url(await createBare()), 'auth-secret': server.privateKey }
    expect(await runMirror(inputs)).toMatchObject({ failure })
    await expect(scanHostKeys({ host: '127.0.0.1', port: server.port })).rejects.toMatchObject(failure)
  } finally {
    await server.stop()
  }
})

test('dropbear: a wrong password', async () => {
  const inputs = {
    'repository-url': await createBare(),
    'remote-url': dropbear.url(await createBare()),
    'known-host-keys': dropbear.knownHosts,
  }
  const report = await runMirror({ ...inputs, 'auth-secret': 'wrong-password' })
  expect(report.failure).toMatchObject({ kind: 'ssh-password-refused', detail: 'the server accepts only: publickey, password' })
  expect(dropbear.log().match(/Bad password attempt/g)).toHaveLength(1)
})
