// Our SSH client, and the program that git starts with it, against a real OpenSSH server.
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import { serveRepository } from '../../src/git/process.ts'
import { parseKnownHostKeys } from '../../src/host-keys/known-hosts.ts'
import { sha256Fingerprint } from '../../src/keys/public-key.ts'
import { type SshSession, serializeSshSession } from '../../src/session/ssh-session.ts'
import { connectSsh, type SshConnection, type SshTarget } from '../../src/ssh/client.ts'
import { publicHalf, readPrivateKey } from '../../src/ssh/key-pair.ts'
import { runSshProgram } from '../../src/ssh/program.ts'
import { startDemoServer } from '../../src/ssh/server.ts'
import { shellQuote } from '../../src/text/quote.ts'
import { until } from '../support/clock.ts'
import { commit, compareRefs, createBare, createScratch, fsck, git, gitEnvironment, refsOf } from '../support/git-repository.ts'
import { PROGRAM } from '../support/mirror.ts'
import { generateKey, type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const directory = temporaryDirectory()
const PASSPHRASE = 'correct horse'
const USER_KEYS = [
  ['ed25519', 'ed25519', []],
  ['ecdsa', 'ecdsa', []],
  ['rsa', 'rsa', []],
  ['ed25519-encrypted', 'ed25519', ['-N', PASSPHRASE, '-a', '2']],
  ['rsa-pkcs8', 'rsa', ['-m', 'PKCS8']],
  ['ecdsa-pkcs8-encrypted', 'ecdsa', ['-m', 'PKCS8', '-N', PASSPHRASE]],
] as const
const userKeys = new Map<string, string>()
/** A key that the server does not know, and one that is no host key of it. */
let stranger = { privateKey: '', publicKey: '' }
/** A key for which the server runs the path of git-receive-pack as a script: the program takes no other commands than those of git. */
let scripting = { privateKey: '', publicKey: '' }
const RUN_PATH = 'git-receive-pack() { eval \\"$1\\"; }; eval \\"$SSH_ORIGINAL_COMMAND\\"'
let sshd: Sshd
let opened: SshConnection[] = []

beforeAll(async () => {
  const publicKeys: string[] = []
  for (const [name, type, options] of USER_KEYS) {
    const made = await generateKey(join(directory, name), type, options)
    userKeys.set(name, made.privateKey)
    publicKeys.push(made.publicKey)
  }
  stranger = await generateKey(join(directory, 'stranger'), 'ed25519')
  scripting = await generateKey(join(directory, 'scripting'), 'ed25519')
  publicKeys.push(`restrict,command="${RUN_PATH}" ${scripting.publicKey}`)
  sshd = await startSshd({ hostKeys: ['ed25519', 'rsa', 'ecdsa'], authorizedKeys: publicKeys })
})

afterAll(async () => {
  for (const connection of opened) connection.end()
  opened = []
  await sshd?.stop()
})

const target = (changes: Partial<Omit<SshTarget, 'knownHostKeys'>> & { knownHosts?: string } = {}): SshTarget => ({
  host: '127.0.0.1',
  port: sshd.port,
  username: sshd.username,
  login: { by: 'key', key: readPrivateKey(sshd.privateKey, null) },
  ...changes,
  knownHostKeys: parseKnownHostKeys(changes.knownHosts ?? sshd.knownHosts).entries,
})

async function connect(...changes: Parameters<typeof target>): Promise<SshConnection> {
  const connection = await connectSsh(target(...changes))
  opened.push(connection)
  return connection
}

/** What a promise fails with. A connection that comes about against all hope is ended, or the test could not end. */
async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const outcome = await promise.catch((error: unknown) => error)
  if (outcome instanceof Failure) return outcome
  if (typeof outcome === 'object' && outcome !== null && 'end' in outcome && typeof outcome.end === 'function') outcome.end()
  throw new Error(`not a Failure: ${outcome}`)
}

async function execute(connection: SshConnection, command: string, env: Record<string, string> = {}) {
  const { stream, stderr, exit } = await connection.exec(command, env)
  stream.end()
  const [out, err] = await Promise.all([text(stream), text(stderr)])
  return { out, err, exit: await exit }
}

const line = (key: string, server = sshd): string => `[127.0.0.1]:${server.port} ${key}\n`
const fingerprint = (key: string): string => sha256Fingerprint(Buffer.from(key.split(' ')[1] ?? '', 'base64'))

describe('a command', () => {
  test('gives stdout, stderr, its exit code, and gets its environment', async () => {
    const connection = await connect()
    const result = await execute(connection, 'echo "out $GIT_PROTOCOL"; echo err >&2; exit 3', { GIT_PROTOCOL: 'version=2' })
    expect(result).toEqual({ out: 'out version=2\n', err: 'err\n', exit: { code: 3, signal: null } })
    expect((await execute(connection, 'kill -TERM $$')).exit).toEqual({ code: null, signal: 'SIGTERM' })
  })

  test('may say much on stderr while its stdout waits for a slow reader', async () => {
    const says = 'for i in $(seq 64); do head -c 65536 /dev/zero; echo $i >&2; done'
    const { stream, stderr, exit } = await (await connect()).exec(says)
    stderr.resume()
    const { incoming } = stream as unknown as { readonly incoming: { readonly window: number; readonly state: string } }
    await until(() => incoming.window === 0 || incoming.state !== 'open')
    let bytes = 0
    for await (const piece of stream) bytes += piece.length
    expect([bytes, await exit]).toEqual([2 ** 22, { code: 0, signal: null }])
  })

  test('whose connection is killed fails as lost', async () => {
    const connection = await connect()
    const { stream, stderr, exit } = await connection.exec('kill -KILL $PPID; cat')
    for (const one of [stream, stderr]) one.resume()
    expect((await failureOf(exit)).kind).toBe('connection-lost')
    expect((await failureOf(connection.exec('true'))).kind).toBe('connection-lost')
  })

  test('whose server no longer answers fails as timed out', async () => {
    const connection = await connect({ keepaliveMs: 1000 })
    // By a file, because what the server holds back while it is stopped never comes.
    const pidFile = join(directory, 'stopped.pid')
    const { stream, stderr, exit } = await connection.exec(`echo $PPID > ${pidFile}; kill -STOP $PPID; cat`)
    for (const one of [stream, stderr]) one.resume()
    const failure = await failureOf(exit).finally(() => process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL'))
    expect(failure).toMatchObject({ kind: 'timed-out', message: expect.stringContaining('no longer answers') })
  })
})

describe('host keys', () => {
  test.each<[string, () => string]>([
    ['all known', () => sshd.knownHosts],
    ['one type known, not the one that the server prefers', () => line(sshd.hostKeys.ecdsa)],
    ['rsa known', () => line(sshd.hostKeys.rsa)],
    ['by the plain name', () => `127.0.0.1 ${sshd.hostKeys.rsa}`],
    ['by a bare key', () => sshd.hostKeys.ecdsa],
    ['by the fingerprint of the preferred key', () => fingerprint(sshd.hostKeys.ed25519)],
    ['by a fingerprint of another type', () => fingerprint(sshd.hostKeys.rsa)],
    ['by a bare key, another one of the preferred type next to it', () => `${stranger.publicKey}\n${sshd.hostKeys.rsa}`],
  ])('trusted: %s', async (_name, knownHosts) => {
    const connection = await connect({ knownHosts: knownHosts() })
    expect((await execute(connection, 'echo in')).out).toBe('in\n')
  })

  test.each<[string, () => string, Failure['kind'], string]>([
    ['nothing known', () => '', 'host-key-unknown', 'is not known'],
    ['another port known', () => `[127.0.0.1]:1 ${sshd.hostKeys.ed25519}`, 'host-key-unknown', 'is not known'],
    ['another key', () => line(stranger.publicKey), 'host-key-changed', 'is not the known one'],
    ['another bare key', () => stranger.publicKey, 'host-key-changed', 'is not the known one'],
    ['another fingerprint', () => fingerprint(stranger.publicKey), 'host-key-changed', 'is not the known one'],
    [
      'another key, a key of a second type known and right',
      () => line(stranger.publicKey) + line(sshd.hostKeys.rsa),
      'host-key-changed',
      'is not the known one',
    ],
    ['revoked', () => `${sshd.knownHosts}@revoked * ${sshd.hostKeys.ed25519}\n`, 'host-key-revoked', 'is revoked'],
    [
      'revoked, known by fingerprint',
      () => `${fingerprint(sshd.hostKeys.rsa)}\n@revoked * ${sshd.hostKeys.ed25519}`,
      'host-key-revoked',
      'is revoked',
    ],
  ])('refused: %s', async (_name, knownHosts, kind, words) => {
    const failure = await failureOf(connectSsh(target({ knownHosts: knownHosts() })))
    const offered = fingerprint(sshd.hostKeys.ed25519)
    expect(failure.kind).toBe(kind)
    expect(failure.message).toContain(`the host key of "[127.0.0.1]:${sshd.port}" ${words}: it offers ssh-ed25519 ${offered}`)
    expect(failure.detail?.split('\n').includes(line(sshd.hostKeys.ed25519).trim())).toBe(kind !== 'host-key-revoked')
  })

  test('the line to paste is enough', async () => {
    const { detail } = await failureOf(connectSsh(target({ knownHosts: '' })))
    await connect({ knownHosts: detail?.split('\n').at(-1) ?? '' })
  })

  test('no type in common: says what the server has', async () => {
    const server = await startSshd({ hostKeys: ['ecdsa'] })
    try {
      const known = line(stranger.publicKey, server)
      const failure = await failureOf(connectSsh(target({ port: server.port, knownHosts: known })))
      expect(failure.kind).toBe('host-key-algorithm')
      expect(failure.message).toContain(`it offers ecdsa-sha2-nistp256 ${fingerprint(server.hostKeys.ecdsa)}`)
      expect(failure.message).toContain(`known is only ssh-ed25519 ${fingerprint(stranger.publicKey)} (line 1)`)
      expect(server.connections()).toBe(2)
    } finally {
      await server.stop()
    }
  })

  test('nothing is sent to a server that is not trusted, and only the key to one that is', async () => {
    const server = await startSshd()
    const there = { port: server.port, login: { by: 'key', key: readPrivateKey(stranger.privateKey, null) } as const }
    await failureOf(connectSsh(target({ ...there, knownHosts: line(stranger.publicKey, server) })))
    const failure = await failureOf(connectSsh(target({ ...there, knownHosts: server.knownHosts })))
    await server.stop()
    const [, , first] = server.log().split(/^Connection from .*\n/m)
    expect(first).not.toMatch(/user|Failed|Accepted/)
    expect(server.connections()).toBe(2)
    expect(server.log().match(/^Failed .*/gm)).toEqual([expect.stringMatching(/^Failed publickey for .*ED25519 SHA256:/)])
    expect(failure).toMatchObject({
      kind: 'ssh-key-refused',
      message: `"${sshd.username}@127.0.0.1:${server.port}" refused the key ssh-ed25519 ${fingerprint(stranger.publicKey)}`,
    })
    expect(failure.detail).toContain('publickey')
  })
})

test.each(USER_KEYS)('logs in with a key: %s', async (...[name]) => {
  const privateKey = readPrivateKey(userKeys.get(name) ?? '', name.includes('encrypted') ? PASSPHRASE : null)
  const connection = await connect({ login: { by: 'key', key: privateKey } })
  expect((await execute(connection, 'echo in')).out).toBe('in\n')
})

describe('what is no SSH server', () => {
  const listen = async (onSocket: (socket: Socket) => void): Promise<Server> => {
    const server = createServer(onSocket)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return server
  }

  test.each<[string, (socket: Socket) => void, Failure['kind']]>([
    ['silent', () => undefined, 'timed-out'],
    ['closes', socket => socket.end(), 'connection-lost'],
    ['resets', socket => socket.resetAndDestroy(), 'connection-lost'],
    ['speaks HTTP', socket => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'), 'remote-error'],
    ['speaks SSH 1', socket => socket.end('SSH-1.5-old\r\n'), 'remote-error'],
  ])('%s', async (_name, onSocket, kind) => {
    const sockets: Socket[] = []
    const server = await listen(socket => {
      sockets.push(socket.on('error', () => undefined))
      onSocket(socket)
    })
    const { port } = server.address() as AddressInfo
    const failure = await failureOf(connectSsh(target({ port, connectTimeoutMs: 2000 })))
    for (const socket of sockets) socket.destroy()
    server.close()
    expect(failure.kind).toBe(kind)
    expect(failure.message).toContain(`"${sshd.username}@127.0.0.1:${port}"`)
  })

  test('nobody there', async () => {
    const server = await listen(() => undefined)
    const { port } = server.address() as AddressInfo
    await new Promise(resolve => server.close(resolve))
    expect((await failureOf(connectSsh(target({ port })))).kind).toBe('connection-refused')
  })

  test('no such host', async () => {
    expect((await failureOf(connectSsh(target({ host: 'nowhere.invalid' })))).kind).toBe('host-not-found')
  })
})

describe('the program', () => {
  const FAILURE_FILE = join(directory, 'failure.json')
  const COMMAND = [...PROGRAM, 'ssh']

  const environment = (changes: Partial<SshSession> = {}): Record<string, string> => {
    const session = {
      host: '127.0.0.1',
      port: sshd.port,
      username: sshd.username,
      secret: sshd.privateKey,
      agentSocket: null,
      passphrase: null,
      knownHostKeys: sshd.knownHosts,
      failureFile: FAILURE_FILE,
      notesFile: null,
      ...changes,
    }
    const file = join(directory, 'session.json')
    writeFileSync(file, serializeSshSession(session), { mode: 0o600 })
    return {
      ...gitEnvironment(),
      REPOSITORY_MIRRORING_SSH: file,
      GIT_SSH_COMMAND: COMMAND.map(word => `'${word}'`).join(' '),
      GIT_SSH_VARIANT: 'ssh',
    }
  }

  const started = (
    script: string,
    {
      env = environment({ secret: scripting.privateKey }),
      options = ['-o', 'SendEnv=GIT_PROTOCOL', '-p', String(sshd.port)],
      host = '127.0.0.1',
    } = {},
  ) => ({ env, argv: [...options, `${sshd.username}@${host}`, `git-receive-pack ${shellQuote(script)}`] })
  const start = (...given: Parameters<typeof started>) => {
    const [node = '', ...args] = COMMAND
    const { env, argv } = started(...given)
    const child = spawn(node, [...args, ...argv], { env, stdio: 'pipe' })
    const code = new Promise<number | null>(resolve => child.once('close', resolve))
    child.stdin.on('error', () => undefined)
    return { child, code }
  }
  const run = async (...args: Parameters<typeof start>) => {
    const { child, code } = start(...args)
    child.stdin.end()
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
    return { code: await code, out, err }
  }
  /** The same in this process: that the program starts is shown where its streams are tested. */
  const runHere = async (...args: Parameters<typeof start>) => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    stdin.end()
    const code = await runSshProgram({ ...started(...args), stdin, stdout, stderr })
    for (const stream of [stdout, stderr]) stream.end()
    return { code, out: await text(stdout), err: await text(stderr) }
  }
  const leftFailure = (): Record<string, unknown> => JSON.parse(readFileSync(FAILURE_FILE, 'utf8'))

  test('passes on environment, outputs and exit code, and forgets an old failure', async () => {
    writeFileSync(FAILURE_FILE, 'old')
    const env = { ...environment({ secret: scripting.privateKey }), GIT_PROTOCOL: 'version=2', LANG: 'C' }
    expect(await run('echo "$GIT_PROTOCOL"; echo err >&2; exit 3', { env })).toEqual({ code: 3, out: 'version=2\n', err: 'err\n' })
    expect((await runHere('kill -TERM $$')).code).toBe(128 + 15)
    expect(existsSync(FAILURE_FILE)).toBe(false)
  })

  test('streams 5 MB both ways unchanged', async () => {
    const { child, code } = start('cat')
    // Several windows of SSH, of 2 MB each.
    const sent = randomBytes(5_000_000)
    child.stdin.end(sent)
    expect(await sha256Of(child.stdout)).toEqual({ bytes: sent.length, hash: createHash('sha256').update(sent).digest('hex') })
    expect(await code).toBe(0)
  })

  test('ends with a command that ends early, its stdin full or still open', async () => {
    const full = start('exit 7')
    full.child.stdin.write(Buffer.alloc(50_000_000))
    expect(await full.code).toBe(7)
    const open = start('exit 8')
    expect(await open.code).toBe(8)
    expect(existsSync(FAILURE_FILE)).toBe(false)
  })

  test('ends when nobody reads its output', async () => {
    const { child, code } = start('yes')
    child.stdout.once('data', () => child.stdout.destroy())
    expect(await code).toBe(128 + 13)
    expect(existsSync(FAILURE_FILE)).toBe(false)
  })

  test('a lost connection: 255, a failure file for us alone, words for people', async () => {
    const { code, err } = await run('kill -KILL $PPID; cat')
    expect(code).toBe(255)
    expect(leftFailure()).toEqual({
      kind: 'connection-lost',
      message: expect.any(String),
      detail: expect.any(String),
      hint: expect.any(String),
    })
    expect(statSync(FAILURE_FILE).mode & 0o777).toBe(0o600)
    expect(err).toMatch(/^repository-mirroring: the connection was lost: "[^"]+"\nrepository-mirroring: run again.*\n$/)
  })

  test.each<[string, () => Parameters<typeof start>[1], string]>([
    ['unknown host', () => ({ env: environment({ knownHostKeys: '' }) }), 'host-key-unknown'],
    ['changed host key', () => ({ env: environment({ knownHostKeys: line(stranger.publicKey) }) }), 'host-key-changed'],
    ['wrong private key', () => ({ env: environment({ secret: stranger.privateKey }) }), 'ssh-key-refused'],
    ['no private key', () => ({ env: environment({ secret: 'ghp_0123456789' }) }), 'secret-not-a-key'],
    ['unreadable host keys', () => ({ env: environment({ knownHostKeys: 'what?' }) }), 'settings-invalid'],
    ['another host than that of the session', () => ({ host: 'localhost' }), 'internal'],
    ['another port than that of the session', () => ({ options: ['-p', '22'] }), 'internal'],
    ['an option that git does not use', () => ({ options: ['-A'] }), 'internal'],
  ])('%s: 255 and a failure file', async (_name, options, kind) => {
    const { code, out, err } = await runHere('echo never', options())
    expect({ code, out, kind: leftFailure()['kind'] }).toEqual({ code: 255, out: '', kind })
    expect(err).toContain(`repository-mirroring: ${leftFailure()['message']}`)
    expect(err).not.toContain('ghp_0123456789')
  })

  describe('with git', () => {
    test('push, ls-remote and fetch by protocol 2, one connection each', async () => {
      const [scratch, bare] = [await createScratch(), await createBare()]
      for (const branch of ['main', 'topic']) await commit(scratch, branch, { files: { a: branch, big: 'x'.repeat(1_000_000) } })
      const before = sshd.connections()
      await git(scratch, ['push', '-q', sshd.url(bare), 'main', 'topic'], { env: environment() })
      expect(compareRefs(await refsOf(scratch), await refsOf(bare))).toEqual([])
      await fsck(bare)
      const { stderr, stdout } = await git(scratch, ['ls-remote', sshd.url(bare)], { env: { ...environment(), GIT_TRACE_PACKET: '1' } })
      expect(stdout).toContain('refs/heads/topic')
      expect(stderr).toContain('< version 2')
      const copy = await createBare()
      await git(copy, ['fetch', '-q', sshd.url(bare), 'refs/heads/*:refs/heads/*'], { env: environment() })
      expect(compareRefs(await refsOf(scratch), await refsOf(copy))).toEqual([])
      expect(sshd.connections() - before).toBe(3)
    })

    test("the server's own words and git's exit code stay; a read-only key reads", async () => {
      const [scratch, bare] = [await createScratch(), await createBare()]
      await commit(scratch, 'main')
      const env = environment({ secret: sshd.readOnlyKey })
      expect((await git(scratch, ['ls-remote', sshd.url(bare)], { env })).code).toBe(0)
      const { code, stderr } = await git(scratch, ['push', sshd.url(bare), 'main'], { env, allowFailure: true })
      expect(code).toBe(128)
      expect(stderr).toContain('marked as read only')
      expect(existsSync(FAILURE_FILE)).toBe(false)
      expect(await refsOf(bare)).toEqual(new Map())
    })
  })

  describe('with the server of the demo', () => {
    const serve: Parameters<typeof startDemoServer>[0]['serve'] = (service, path, protocol) =>
      serveRepository(service, path, { ...gitEnvironment(), ...(protocol !== null && { GIT_PROTOCOL: protocol }) })

    test('push and ls-remote; other keys and other commands are refused', async () => {
      const server = await startDemoServer({ serve })
      try {
        const [scratch, bare] = [await createScratch(), await createBare(join(temporaryDirectory(), "it's!.git"))]
        await commit(scratch, 'main', { files: { big: randomBytes(2_000_000).toString('hex') } })
        const { port, userPrivateKey, hostKeyLine } = server
        const env = environment({ port, secret: userPrivateKey, knownHostKeys: hostKeyLine })
        const url = `ssh://git@127.0.0.1:${port}${bare}`
        await git(scratch, ['push', '-q', url, 'main'], { env })
        expect(compareRefs(await refsOf(scratch), await refsOf(bare))).toEqual([])
        const { stderr } = await git(scratch, ['ls-remote', url], { env: { ...env, GIT_TRACE_PACKET: '1' } })
        expect(stderr).toContain('< version 2')
        expect((await git(scratch, ['ls-remote', `${url}-not`], { env, allowFailure: true })).code).toBe(128)

        const rightKey = readPrivateKey(userPrivateKey, null)
        const there = { port, login: { by: 'key', key: rightKey } as const, knownHosts: hostKeyLine }
        expect((await failureOf(connectSsh(target({ ...there, knownHosts: server.otherHostKeyLine })))).kind).toBe('host-key-changed')
        const wrongKey = readPrivateKey(stranger.privateKey, null)
        expect((await failureOf(connectSsh(target({ ...there, login: { by: 'key', key: wrongKey } })))).kind).toBe('ssh-key-refused')
        const forged = Object.assign(Object.create(rightKey), { sign: wrongKey.sign.bind(wrongKey) })
        expect(publicHalf(forged)).toBe(publicHalf(rightKey))
        expect((await failureOf(connectSsh(target({ ...there, login: { by: 'key', key: forged } })))).kind).toBe('ssh-key-refused')
        const connection = await connect(there)
        expect((await failureOf(connection.exec('ls /'))).kind).toBe('remote-error')
      } finally {
        await server.close()
      }
    })
  })
})

test('a stopped server is gone', async () => {
  const server = await startSshd()
  await server.stop()
  const failure = await failureOf(connectSsh(target({ port: server.port, knownHosts: server.knownHosts })))
  expect(failure.kind).toBe('connection-refused')
})

async function sha256Of(stream: Readable): Promise<{ bytes: number; hash: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, hash: hash.digest('hex') }
}
