import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { run } from './child-process.ts'
import { gitEnvironment } from './git-repository.ts'
import { generateKey, type Sshd, startSshd } from './sshd.ts'
import { type StagedText, saidBy } from './staged-text.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** Real servers of SSH, and ports that are none. */
export interface SshPlace {
  readonly sshd: Sshd
  /** Hangs up after one key that is not the right one. */
  readonly strict: Sshd
  /** File of the key that the first one takes. */
  readonly key: string
  /** File that knows both. */
  readonly known: string
  /** A key after whose login the server's process stops, and the file that tells which. */
  readonly silencing: { readonly key: string; readonly silenced: string }
  /** No server listens; hangs up at once; resets after its greeting; takes no more connections. */
  readonly ports: Readonly<Record<'nobody' | 'closing' | 'resetting' | 'full', number>>
  stop(): Promise<void>
}

export async function startSshPlace(): Promise<SshPlace> {
  const directory = temporaryDirectory()
  const silenced = join(directory, 'silenced')
  const silencing = await generateKey(join(directory, 'silencing'), 'ed25519')
  const sshd = await startSshd({
    authorizedKeys: [`command="echo $PPID > '${silenced}'; kill -STOP $PPID" ${silencing.publicKey}`],
  })
  const strict = await startSshd({ settings: ['MaxAuthTries 1'] })
  const known = join(directory, 'known_hosts')
  writeFileSync(known, sshd.knownHosts + strict.knownHosts)
  const closing = createServer(socket => socket.resume().end())
  // A text that is longer than a greeting can be (RFC 4253 §4.2) comes from a client that has read ours.
  const resetting = createServer(socket => {
    socket.on('data', ({ length }) => length > 255 && socket.resetAndDestroy()).write('SSH-2.0-x\r\n')
  })
  const nobody = createServer()
  const servers: Server[] = [closing, resetting, nobody]
  const [closes = 0, resets = 0, free = 0] = await Promise.all(servers.map(listen))
  await new Promise(resolve => nobody.close(resolve))
  const full = await startFullPort()
  return {
    sshd,
    strict,
    key: writeKey(sshd.privateKey),
    known,
    silencing: { key: silencing.file, silenced },
    ports: { nobody: free, closing: closes, resetting: resets, full: full.port },
    async stop() {
      await Promise.all([sshd, strict, full].map(server => server.stop()))
      await Promise.all([closing, resetting].map(server => new Promise(resolve => server.close(resolve))))
    },
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A port whose queue of connections is full, and that never takes one out of it: the kernel lets further ones wait (listen(2)). */
async function startFullPort(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const code = `
    const { parentPort } = require('node:worker_threads')
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`
  const worker = new Worker(code, { eval: true })
  const [port] = (await once(worker, 'message')) as [number]
  const waiting = [0, 1].map(() => connect(port, '127.0.0.1'))
  await Promise.all(waiting.map(socket => once(socket, 'connect')))
  return {
    port,
    async stop() {
      for (const socket of waiting) socket.destroy()
      await worker.terminate()
    },
  }
}

const OPTIONS = ['-F', '/dev/null', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'GlobalKnownHostsFile=/dev/null']

/** The text of the OpenSSH client, and of git after it. @param options of ssh; the first that names a setting wins */
export function connects(options: readonly string[], { known, sshd }: SshPlace, port = sshd.port, host = '127.0.0.1'): Promise<string> {
  const ssh = ['ssh', ...OPTIONS, ...options, '-o', 'StrictHostKeyChecking=yes', '-o', `UserKnownHostsFile=${known}`]
  return saidBy('/', ['ls-remote', `ssh://${sshd.username}@${host}:${port}/x.git`], { env: { GIT_SSH_COMMAND: ssh.join(' ') } })
}

const offering =
  (key: (place: SshPlace) => string | Promise<string>, ...options: readonly string[]) =>
  async (place: SshPlace): Promise<string> =>
    connects(['-i', await key(place), ...options], place)
const connecting =
  (...options: readonly string[]) =>
  (place: SshPlace): Promise<string> =>
    connects(options, place)
const connectingTo =
  (port: keyof SshPlace['ports'], ...options: readonly string[]) =>
  (place: SshPlace): Promise<string> =>
    connects(options, place, place.ports[port])

function writeKey(text: string, mode = 0o600): string {
  const path = join(temporaryDirectory(), 'key')
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}
const strangerKey = async (...options: readonly string[]): Promise<string> =>
  (await generateKey(join(temporaryDirectory(), 'stranger'), 'ed25519', options)).file

/** The server, known by a line like this alone. */
async function knowing(place: SshPlace, key: string, marker = ''): Promise<string> {
  const known = join(temporaryDirectory(), 'known_hosts')
  writeFileSync(known, `${marker}[127.0.0.1]:${place.sshd.port} ${key}\n`)
  return connects([], { ...place, known })
}

/** The text of a program of OpenSSH other than its client. */
async function keygen(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await run('ssh-keygen', args, { cwd: '/', env: gitEnvironment() })
  if (code === 0) throw new Error(`ssh-keygen ${args.join(' ')} did not fail`)
  return stderr
}

/** A key that PEM can hold, and SSH cannot use. */
async function exchangeKey(): Promise<string> {
  const { stdout } = await run('openssl', ['genpkey', '-algorithm', 'X25519'], { cwd: '/', env: gitEnvironment() })
  return writeKey(stdout)
}

/** The server's process stops after the login. */
async function awaitSilence(place: SshPlace): Promise<string> {
  const { key, silenced } = place.silencing
  try {
    return await connects(['-i', key, '-o', 'ServerAliveInterval=1', '-o', 'ServerAliveCountMax=1'], place)
  } finally {
    process.kill(Number(readFileSync(silenced, 'utf8')), 'SIGCONT')
  }
}

/** Texts of OpenSSH about its own server and about others. */
export const SSH_TEXTS: readonly StagedText<SshPlace>[] = [
  ['ssh-host-key-unknown', /No \S+ host key is known for/, place => connects([], { ...place, known: '/dev/null' })],
  [
    'ssh-host-key-failed',
    /Host key verification failed/,
    place => connects(['-o', 'StrictHostKeyChecking=ask'], { ...place, known: '/dev/null' }),
  ],
  [
    'ssh-host-key-changed',
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    async place => knowing(place, (await generateKey(join(temporaryDirectory(), 'other'), 'ed25519')).publicKey),
  ],
  ['ssh-host-key-revoked', /REVOKED HOST KEY DETECTED/, place => knowing(place, place.sshd.hostKeys.ed25519, '@revoked ')],
  ['ssh-permission-denied', /Permission denied \(publickey\)/, offering(() => strangerKey())],
  [
    'ssh-load-key-libcrypto',
    /Load key "[^"]*": error in libcrypto/,
    offering(({ sshd }) => writeKey(`${sshd.privateKey.slice(0, 100)}\n`)),
  ],
  ['ssh-load-key-invalid', /Load key "[^"]*": invalid format/, offering(exchangeKey)],
  ['ssh-load-key-perm', /Load key "[^"]*": bad permissions/, offering(({ sshd }) => writeKey(sshd.privateKey, 0o644))],
  // The client tries the next key without a word.
  [
    'ssh-passphrase',
    /incorrect passphrase supplied to decrypt private key/,
    async () => keygen('-y', '-P', 'wrong', '-f', await strangerKey('-N', 'right')),
  ],
  ['ssh-identity-missing', /Identity file \S+ not accessible/, offering(() => '/nonexistent/key')],
  ['ssh-too-many-auth', /Too many authentication failures/, async place => connects(['-i', await strangerKey()], place, place.strict.port)],
  ['ssh-hostkey-alg', /no matching host key type found/, connecting('-o', 'HostKeyAlgorithms=sk-ssh-ed25519@openssh.com')],
  ['ssh-kex-alg', /no matching key exchange method found/, connecting('-o', 'KexAlgorithms=diffie-hellman-group1-sha1')],
  // No resolver is asked about a name whose label is too long.
  ['ssh-dns', /Could not resolve hostname/, place => connects([], place, 22, `${'a'.repeat(64)}.invalid`)],
  ['ssh-refused', /ssh: connect to host \S+ port \d+: Connection refused/, connectingTo('nobody')],
  ['ssh-timeout', /ssh: connect to host \S+ port \d+: (?:Connection|Operation) timed out/, connectingTo('full', '-o', 'ConnectTimeout=1')],
  ['ssh-kex-closed', /kex_exchange_identification: Connection closed by remote host/, connectingTo('closing')],
  ['ssh-connection-closed', /Connection reset by \S+ port \d+/, connectingTo('resetting')],
  ['ssh-server-not-responding', /Timeout, server \S+ not responding/, awaitSilence],
]
