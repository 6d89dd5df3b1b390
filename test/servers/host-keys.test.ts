// Host keys of real servers: found as ssh-keyscan finds them, and refused or trusted by a mirror.
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { md5Fingerprint, sha256Fingerprint } from '../../src/keys/public-key.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { scanHostKeys } from '../../src/ssh/host-key-scan.ts'
import { run } from '../support/child-process.ts'
import { commandHere } from '../support/command-here.ts'
import { type Dropbear, startDropbear } from '../support/dropbear.ts'
import { commit, createBare, gitEnvironment, refsOf } from '../support/git-repository.ts'
import { differences, PROGRAM, runMirror } from '../support/mirror.ts'
import { generateKey, type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** All types, and more than one of ECDSA. */
let many: Sshd
let two: Sshd
/** Only an RSA key, and only signatures that newer clients do not ask for. */
let old: Sshd
let ed25519: Sshd
let dropbear: Dropbear
let stranger: string

beforeAll(async () => {
  many = await startSshd({ hostKeys: ['rsa', 'ecdsa-521', 'ecdsa-384', 'ecdsa', 'ed25519'] })
  two = await startSshd({ hostKeys: ['ed25519', 'rsa'] })
  old = await startSshd({ hostKeys: ['rsa'], settings: ['HostKeyAlgorithms ssh-rsa'] })
  ed25519 = await startSshd()
  dropbear = await startDropbear(['ed25519', 'ecdsa', 'rsa'])
  stranger = (await generateKey(join(temporaryDirectory(), 'stranger'), 'ed25519')).publicKey
})
afterAll(async () => {
  await Promise.allSettled([many, two, old, ed25519, dropbear].map(async server => await server?.stop()))
})

const lineOf = (port: number, key: string): string => `[127.0.0.1]:${port} ${key}`
const fingerprint = (key: string): string => sha256Fingerprint(Buffer.from(key.split(' ')[1] ?? '', 'base64'))
const lines = (text: string): string[] => text.split('\n').filter(line => line !== '' && !line.startsWith('#'))

/** What ssh-keyscan finds, one type after the other: of several ECDSA keys it shows only one. */
async function keyscan(port: number): Promise<string[]> {
  const { stdout } = await run('ssh-keyscan', ['-p', String(port), '127.0.0.1'], { cwd: '/', env: gitEnvironment() })
  return lines(stdout).sort()
}

async function keygen(text: string, ...args: string[]): Promise<string[]> {
  const file = join(temporaryDirectory(), 'known_hosts')
  writeFileSync(file, text)
  const { code, stdout } = await run('ssh-keygen', ['-l', ...args, '-f', file], { cwd: '/', env: gitEnvironment() })
  expect(code).toBe(0)
  return lines(stdout)
}

async function program(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const [node = '', ...index] = PROGRAM
  return await run(node, [...index, ...args], { cwd: '/', env: { ...gitEnvironment(), ...env } })
}

interface Found {
  readonly keys: readonly { readonly type: string; readonly published: string | null; readonly configured: string | null }[]
  readonly missing: readonly unknown[]
  readonly knownHosts: readonly string[]
}
const found = (stdout: string): Found => JSON.parse(stdout) as Found

describe('detection', () => {
  const scanned = async (port: number) =>
    (await scanHostKeys({ host: '127.0.0.1', port })).map(key =>
      lineOf(port, `${key.subarray(4, 4 + key.readUInt32BE()).toString()} ${key.toString('base64')}`),
    )

  test.each<[string, () => { readonly port: number; readonly knownHosts: string }]>([
    ['OpenSSH, two keys', () => two],
    ['OpenSSH, RSA with SHA-1 only', () => old],
    ['OpenSSH, one key', () => ed25519],
    ['Dropbear, three keys', () => dropbear],
  ])('finds what ssh-keyscan finds: %s', async (_, server) => {
    const { port, knownHosts } = server()
    const all = await scanned(port)
    expect([...all].sort()).toEqual(await keyscan(port))
    expect([...all].sort()).toEqual(lines(knownHosts).sort())
  })

  test('finds each of several ECDSA keys, where ssh-keyscan shows one', async () => {
    const all = await scanned(many.port)
    expect([...all].sort()).toEqual(lines(many.knownHosts).sort())
    expect(all).toEqual(expect.arrayContaining(await keyscan(many.port)))
    expect(all.map(line => line.split(' ')[1])).toEqual([
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
      'ssh-rsa',
    ])
  })

  test('names no user to the server', async () => {
    const server = await startSshd()
    await scanned(server.port)
    await server.stop()
    expect(server.log()).not.toMatch(/invalid user|Failed|Accepted|for nobody/i)
  })

  test('the command shows what ssh-keygen -l shows, and the lines to paste', async () => {
    const { code, stdout, stderr } = await program(['host-keys', `127.0.0.1:${many.port}`])
    expect(code).toBe(0)
    // So that `> hosts` keeps the lines, and what is to be compared stays on the screen.
    expect(lines(stdout).sort()).toEqual(lines(many.knownHosts).sort())
    for (const args of [[], ['-E', 'md5']]) expect(stderr.split('\n')).toEqual(expect.arrayContaining(await keygen(stdout, ...args)))
    expect(stderr).toContain('gh variable set MIRROR_HOST_KEYS < hosts')
    expect(stderr).toContain('these keys are not verified yet: compare the fingerprints')
  })

  test.each<[string, () => string[], number, string[], number]>([
    ['nothing is known', () => [], 0, ['null', 'null'], 0],
    ['all is known', () => ['--known-host-keys', two.knownHosts], 0, ['same', 'same'], 0],
    ['one is known', () => ['--known-host-keys', lineOf(two.port, two.hostKeys.rsa)], 0, ['new', 'same'], 0],
    ['one is another', () => ['--known-host-keys', `${lineOf(two.port, stranger)}\n${two.hostKeys.rsa}`], 3, ['changed', 'same'], 0],
    ['one is gone', () => ['--known-host-keys', `${two.knownHosts}${lineOf(two.port, many.hostKeys.ecdsa)}`], 0, ['same', 'same'], 1],
    [
      'one is revoked',
      () => ['--known-host-keys', `@revoked * ${two.hostKeys.ed25519}`, `--known-host-keys=${two.hostKeys.rsa}`],
      3,
      ['revoked', 'same'],
      0,
    ],
    ['by fingerprint', () => ['--known-host-keys', fingerprint(two.hostKeys.rsa)], 0, ['new', 'same'], 0],
    ['by a fingerprint of another', () => ['--known-host-keys', fingerprint(stranger)], 3, ['changed', 'changed'], 0],
  ])('the command compares: %s', async (_, args, code, configured, missing) => {
    const result = await commandHere(['host-keys', `ssh://git@127.0.0.1:${two.port}/x.git`, '--json', ...args()])
    const { keys, missing: gone, knownHosts } = found(result.stdout)
    expect({ code: result.code, configured: keys.map(key => String(key.configured)), missing: gone.length }).toEqual({
      code,
      configured,
      missing,
    })
    expect(keys.map(({ published }) => published)).toEqual([null, null])
    expect(knownHosts).toHaveLength(configured.filter(word => word !== 'revoked').length)
  })

  test('known keys from a file; localhost', async () => {
    const file = join(temporaryDirectory(), 'known_hosts')
    writeFileSync(file, `[localhost]:${two.port} ${two.hostKeys.ed25519}\n`)
    const { code, stdout } = await commandHere(['host-keys', `localhost:${two.port}`, '--json', '--known-host-keys-file', file])
    expect({ code, configured: found(stdout).keys.map(({ configured }) => configured) }).toEqual({ code: 0, configured: ['same', 'new'] })
  })

  const step = async (inputs: Readonly<Record<string, string>>) => {
    const directory = temporaryDirectory()
    const files = ['OUTPUT', 'STATE', 'STEP_SUMMARY', 'ENV'].map(name => [`GITHUB_${name}`, join(directory, name)] as const)
    for (const [, file] of files) writeFileSync(file, '')
    const given = Object.entries({ operation: 'detect-host-keys', ...inputs }).map(([name, value]) => [
      `INPUT_${name.toUpperCase()}`,
      value,
    ])
    const env = { GITHUB_ACTIONS: 'true', RUNNER_TEMP: directory, ...Object.fromEntries([...files, ...given]) }
    const { code, stdout } = await program([], env)
    const { readFileSync } = await import('node:fs')
    const read = (name: string) => readFileSync(join(directory, name), 'utf8')
    return { code, stdout, output: read('OUTPUT'), summary: read('STEP_SUMMARY') }
  }

  test('the operation needs no secret, and tells the same in the log, the output and the summary', async () => {
    const { code, stdout, output, summary } = await step({ 'remote-url': two.url('/x.git') })
    expect({ code, errors: stdout.match(/^::error.*/gm) }).toEqual({ code: 0, errors: null })
    for (const line of lines(two.knownHosts)) for (const place of [stdout, output, summary]) expect(place).toContain(line)
    for (const key of [two.hostKeys.ed25519, two.hostKeys.rsa]) expect(stdout).toContain(fingerprint(key))
    expect(output).toMatch(/^host-keys<</m)
    expect(summary).toContain('gh variable set MIRROR_HOST_KEYS')
  })

  test('the operation fails where a known key was changed', async () => {
    const { code, stdout, summary } = await step({ 'remote-url': two.url('/x.git'), 'known-host-keys': lineOf(two.port, stranger) })
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /^::error title=Host key changed::a host key of "\[127\.0\.0\.1\]:\d+" is not the known one: ssh-ed25519 SHA256:/m,
    )
    expect(summary).toContain('CHANGED')
  })
})

describe('what is no SSH server', () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ['silent', () => undefined, 'timed-out'],
    ['closes', socket => socket.end(), 'connection-lost'],
    ['speaks HTTP', socket => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'), 'remote-error'],
    ['speaks SSH 1', socket => socket.end('SSH-1.5-old\r\n'), 'remote-error'],
    ['tries a command of the runner', socket => socket.end('::set-output name=host-keys::mine\r\n'), 'remote-error'],
  ])('%s', async (_, onSocket, kind) => {
    const sockets: Socket[] = []
    const server = createServer(socket => {
      sockets.push(socket.on('error', () => undefined))
      onSocket(socket)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const outcome = scanHostKeys({ host: '127.0.0.1', port, connectTimeoutMs: 1000 })
    await expect(outcome).rejects.toMatchObject({ kind, message: expect.stringContaining(`"[127.0.0.1]:${port}"`) })
    for (const socket of sockets) socket.destroy()
    await close(server)
  })

  const close = (server: Server): Promise<void> => new Promise(resolve => server.close(() => resolve()))

  test.each<[string, string, number, string]>([
    ['nobody there', '127.0.0.1:1', 4, 'Connection refused'],
    ['no such host', 'nowhere.invalid', 4, 'Host not found'],
    ['no host', '', 2, 'HOST is missing'],
    ['a web address', 'https://example.com/', 2, 'a web server has a certificate instead'],
  ])('the command says so: %s', async (_, host, code, words) => {
    const result = await commandHere(['host-keys', ...(host === '' ? [] : [host])])
    // Where `> hosts` would hide it, nobody would see it.
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' })
    expect(result.stderr).toContain(words)
    expect(result.stderr).not.toMatch(/^\s+at /m)
  })
})

describe('a mirror', () => {
  let source: string
  beforeAll(async () => {
    source = await createBare()
    await commit(source, 'main', { files: { a: '1' } })
  })

  const mirrorTo = async (server: Pick<Sshd, 'url' | 'privateKey'>, inputs: RawInputs) => {
    const destination = await createBare()
    const there = { 'remote-url': server.url(destination), 'auth-secret': server.privateKey }
    const report = await runMirror({ 'repository-url': source, ...there, ...inputs })
    return { destination, report }
  }

  describe.each(['relay', 'git'])('by %s', transfer => {
    // The program that git starts compares as the relay does, so git takes only the first rows; `ssh-servers` has more of them.
    const ofTransfer = <Row>(rows: readonly Row[]): Row[] => (transfer === 'git' ? rows.slice(0, 2) : [...rows])

    const trusted: [string, () => Pick<Sshd, 'url' | 'privateKey'>, () => string][] = [
      ['of two host keys the second is known', () => two, () => lineOf(two.port, two.hostKeys.rsa)],
      ['of five host keys one is known, by MD5', () => many, () => md5Of(many.hostKeys['ecdsa-384'])],
      ['RSA with SHA-1 only', () => old, () => old.knownHosts],
      ['Dropbear', () => dropbear, () => dropbear.knownHosts],
      ['Dropbear, its RSA key known', () => dropbear, () => dropbear.hostKeys.rsa],
    ]
    test.each(ofTransfer(trusted))('goes to a trusted server: %s', async (_, server, known) => {
      const { destination, report } = await mirrorTo(server(), { transfer, 'known-host-keys': known() })
      expect(report.failure).toBeNull()
      expect(report.status).toBe('updated')
      expect(await differences(source, destination)).toEqual([])
    })

    const refused: [string, () => Sshd | Dropbear, () => string, string, () => string, RegExp | null][] = [
      [
        'unknown host',
        () => ed25519,
        () => '',
        'host-key-unknown',
        () => `the host key of "[127.0.0.1]:${ed25519.port}" is not known: it offers ssh-ed25519 ${fingerprint(ed25519.hostKeys.ed25519)}`,
        /^compare the fingerprint with one that the server's owner gives you over another channel; if they are equal, add this line to `known-host-keys`:$/m,
      ],
      [
        'changed key',
        () => ed25519,
        () => lineOf(ed25519.port, stranger),
        'host-key-changed',
        () =>
          `the host key of "[127.0.0.1]:${ed25519.port}" is not the known one: it offers ssh-ed25519 ${fingerprint(ed25519.hostKeys.ed25519)}, and not ssh-ed25519 ${fingerprint(stranger)} (line 1)`,
        /^ask whether the server's key was replaced, .* someone may be intercepting the connection\. Otherwise replace line 1 of `known-host-keys` with this line:$/m,
      ],
      [
        'revoked key, though it is known',
        () => ed25519,
        () => `${ed25519.knownHosts}@revoked * ${ed25519.hostKeys.ed25519}`,
        'host-key-revoked',
        () =>
          `the host key of "[127.0.0.1]:${ed25519.port}" is revoked: it offers ssh-ed25519 ${fingerprint(ed25519.hostKeys.ed25519)}, which line 2 of the known host keys revokes`,
        null,
      ],
      [
        'only an untrusted type',
        () => old,
        () => lineOf(old.port, stranger),
        'host-key-algorithm',
        () =>
          `"[127.0.0.1]:${old.port}" has no host key of a known type: it offers ssh-rsa ${fingerprint(old.hostKeys.rsa)}, known is only ssh-ed25519 ${fingerprint(stranger)} (line 1)`,
        /^compare the fingerprint .* add this line to `known-host-keys`:$/m,
      ],
      [
        'changed key of Dropbear',
        () => dropbear,
        () => lineOf(dropbear.port, stranger),
        'host-key-changed',
        () =>
          `the host key of "[127.0.0.1]:${dropbear.port}" is not the known one: it offers ssh-ed25519 ${fingerprint(dropbear.hostKeys.ed25519)}, and not ssh-ed25519 ${fingerprint(stranger)} (line 1)`,
        /^ask whether/,
      ],
    ]
    test.each(ofTransfer(refused))('is refused: %s', async (_, server, known, kind, message, hint) => {
      const { destination, report } = await mirrorTo(server(), { transfer, 'known-host-keys': known() })
      expect(report.failure).toMatchObject({ kind, fault: 'host-key', side: 'there', message: message() })
      expect((await refsOf(destination)).size).toBe(0)
      expect(report.failure?.detail).toMatch(/^offered:\n {2}(?:ssh-ed25519|ssh-rsa) SHA256:\S{43} MD5:[0-9a-f:]{47}\n/)
      const pasted = report.failure?.hint.split('\n').slice(1) ?? []
      if (hint === null) {
        expect(report.failure?.hint).toMatch(/^do not connect: /)
        expect(pasted).toEqual([])
        return
      }
      expect(report.failure?.hint).toMatch(hint)
      if (transfer === 'git') return
      // The line alone is enough for the next run, however that transfers.
      const again = await runMirror({
        'repository-url': source,
        'remote-url': server().url(destination),
        'auth-secret': server().privateKey,
        'known-host-keys': pasted.join('\n'),
        transfer: 'relay',
      })
      expect(again).toMatchObject({ status: 'updated', failure: null })
    })
  })
})

const md5Of = (key: string): string => md5Fingerprint(Buffer.from(key.split(' ')[1] ?? '', 'base64'))
