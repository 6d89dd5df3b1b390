// Logins at a real OpenSSH server with every type and format of key, and with keys made by `keygen`; the message for a refused key.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parseKnownHostKeys } from '../../src/host-keys/known-hosts.ts'
import { connectSsh } from '../../src/ssh/client.ts'
import { generateKeyFiles } from '../../src/ssh/key-generation.ts'
import { readPrivateKey } from '../../src/ssh/key-pair.ts'
import { Server } from '../../src/ssh/ssh2.ts'
import { commit, createBare } from '../support/git-repository.ts'
import { runMirror } from '../support/mirror.ts'
import { KEY_CASES, KEY_FORMATS, KEY_TYPES, type MadeKey, makeKey, PASSPHRASE, privateFile, succeed } from '../support/private-keys.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const directory = temporaryDirectory()
const made = new Map<string, MadeKey>()
/** Each format with another type than the one before: in unit/key-formats.test.ts every type in every format signs what its public half verifies. */
const LOGINS = KEY_CASES.filter(
  ([type, format]) =>
    Object.keys(KEY_TYPES).indexOf(type) === (Object.keys(KEY_FORMATS).indexOf(format) + 1) % Object.keys(KEY_TYPES).length,
)
const OURS = [
  ['ed25519', PASSPHRASE],
  ['rsa', null],
] as const
const ours = OURS.map(([type, passphrase]) => ({ passphrase, ...generateKeyFiles(type, 'of ours', passphrase) }))
let sshd: Sshd
let sha512: Sshd
let sha256: Sshd

beforeAll(async () => {
  for (const [type, format] of LOGINS) made.set(`${type} ${format}`, await makeKey(directory, type, format))
  const authorizedKeys = [...new Set([...made.values()].map(({ publicHalf }) => publicHalf)), ...ours.map(({ publicKey }) => publicKey)]
  sshd = await startSshd({ authorizedKeys })
  sha512 = await startSshd({ authorizedKeys, settings: ['PubkeyAcceptedAlgorithms rsa-sha2-512'] })
  sha256 = await startSshd({ authorizedKeys, settings: ['PubkeyAcceptedAlgorithms rsa-sha2-256'] })
}, 60_000)

afterAll(async () => {
  await Promise.allSettled([sshd, sha256, sha512].map(async server => await server?.stop()))
})

/** Logs in and runs a command; resolves with what the server logged of the login. */
async function logIn(server: Sshd, secret: string, passphrase: string | null): Promise<string> {
  const { port, username, knownHosts } = server
  const key = readPrivateKey(secret, passphrase)
  const before = server.log().length
  const connection = await connectSsh({
    ...{ host: '127.0.0.1', port, username },
    login: { by: 'key', key },
    knownHostKeys: parseKnownHostKeys(knownHosts).entries,
  })
  try {
    const { stream, stderr, exit } = await connection.exec('echo in')
    stream.end()
    const [out] = await Promise.all([text(stream), text(stderr)])
    expect([out, (await exit).code]).toEqual(['in\n', 0])
  } finally {
    connection.end()
  }
  return server.log().slice(before)
}

const NAMES = { ed25519: 'ED25519', 'ecdsa-256': 'ECDSA', 'ecdsa-384': 'ECDSA', 'ecdsa-521': 'ECDSA', rsa: 'RSA' } as const

test('each type and each format is there', () => {
  expect(new Set(LOGINS.map(([type]) => type))).toEqual(new Set(Object.keys(KEY_TYPES)))
  expect(new Set(LOGINS.map(([, format]) => format))).toEqual(new Set(Object.keys(KEY_FORMATS)))
})

test.each(LOGINS)('%s as %s', async (type, format) => {
  const { text: secret = '', passphrase = null, publicHalf = '' } = made.get(`${type} ${format}`) ?? {}
  const told = await succeed('ssh-keygen', ['-l', '-f', privateFile(directory, 'told', publicHalf)])
  const log = await logIn(sshd, secret, passphrase)
  expect(log).toMatch(new RegExp(`Accepted publickey for \\S+ from .* ${NAMES[type]} ${told.split(' ')[1]?.replace(/[+/.]/g, '\\$&')}`))
})

test.each(
  ours.map(
    ({ publicKey, privateKey, passphrase }) =>
      [`${publicKey.split(' ')[0]}, passphrase ${passphrase !== null}`, privateKey, passphrase] as const,
  ),
)('a key of ours: %s', async (_, privateKey, passphrase) => {
  expect(await logIn(sshd, privateKey, passphrase)).toContain('Accepted publickey for')
})

describe('an RSA key signs', () => {
  const rsa = (): MadeKey => made.get('rsa PEM') ?? { text: '', passphrase: null, publicHalf: '' }

  test.each([
    ['rsa-sha2-256', () => sha256],
    ['rsa-sha2-512', () => sha512],
  ] as const)('with %s where the server takes nothing else', async (_, server) => {
    expect(await logIn(server(), rsa().text, null)).toContain('Accepted publickey for')
  })

  test('with SHA-1 only where a server of old announces nothing', async () => {
    const algorithms: string[] = []
    const hostKey = generateKeyFiles('ed25519', '', null)
    const old = new Server({ hostKeys: [hostKey.privateKey] }, client => {
      client.on('error', () => {})
      client.on('authentication', context => {
        if (context.method !== 'publickey') return context.reject(['publickey'])
        algorithms.push(context.key.algo)
        context.accept()
      })
    })
    const listener = createServer(socket => old.injectSocket(socket)).listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port } = listener.address() as AddressInfo
    try {
      const connection = await connectSsh({
        ...{ host: '127.0.0.1', port, username: 'git', login: { by: 'key', key: readPrivateKey(rsa().text, null) } as const },
        knownHostKeys: parseKnownHostKeys(hostKey.publicKey).entries,
      })
      connection.end()
      expect(new Set(algorithms)).toEqual(new Set(['ssh-rsa']))
    } finally {
      const closed = once(listener, 'close')
      listener.close()
      await closed
    }
  })
})

describe('a refused key', () => {
  const stranger = generateKeyFiles('ed25519', '', null)

  test.each(['relay', 'git'] as const)('is told what to register, and where: %s', async transfer => {
    const [source, destination] = [await createBare(), await createBare()]
    await commit(source, 'main', { files: { a: '1' } })
    const report = await runMirror({
      ...{ 'repository-url': source, 'remote-url': sshd.url(destination), transfer },
      ...{ 'auth-secret': stranger.privateKey, 'known-host-keys': sshd.knownHosts },
    })
    expect(report.failure).toMatchObject({
      kind: 'ssh-key-refused',
      side: 'there',
      hint: `register this public key: add it to \`~/.ssh/authorized_keys\` of "${sshd.username}" at "127.0.0.1", or, where a forge runs there, as a deploy key with write access\n${stranger.publicKey}`,
    })
  })
})
