// A mirror through SSH servers other than a new OpenSSH: Dropbear, and an OpenSSH that is set up as an old one.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Account, createAccount } from '../support/account.ts'
import { type Dropbear, startDropbear } from '../support/dropbear.ts'
import { commit, commitAll, createBare } from '../support/git-repository.ts'
import { differences, runMirror } from '../support/mirror.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'

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

test('a code with SHA-1 that ssh2 would choose before one with SHA-2 is not offered', async () => {
  const server = await startSshd({ settings: ['Ciphers aes128-ctr', 'MACs hmac-sha1-etm@openssh.com'] })
  try {
    const inputs = {
      'repository-url': await createBare(),
      'remote-url': server.url(await createBare()),
      'known-host-keys': server.knownHosts,
    }
    expect(await runMirror({ ...inputs, 'auth-secret': server.privateKey })).toMatchObject({ failure: { kind: 'ssh-algorithms' } })
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
