import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Account } from './account.ts'
import { end, run } from './child-process.ts'
import { gitEnvironment } from './git-repository.ts'
import { temporaryDirectory } from './temporary-directory.ts'

export type HostKeyType = 'ed25519' | 'ecdsa' | 'ecdsa-384' | 'ecdsa-521' | 'rsa'

interface SshdOptions {
  /** One key each, in the order in which the server prefers them. */
  readonly hostKeys?: readonly HostKeyType[]
  /** Takes GIT_PROTOCOL from clients, which protocol v2 needs. Default: true. */
  readonly acceptGitProtocol?: boolean
  /** Given to git instead of what clients ask for, e.g. `version=1`. */
  readonly gitProtocol?: string
  /** Further lines of authorized_keys. */
  readonly authorizedKeys?: readonly string[]
  /** A directory with programs that clients may run next to those of the system. */
  readonly programs?: string
  /** Lines of sshd_config that come before all others, so that they win. */
  readonly settings?: readonly string[]
  /** The account that logs in, in the place of the present user. */
  readonly account?: Account
}

/** A real OpenSSH server on 127.0.0.1. */
export interface Sshd {
  readonly port: number
  readonly username: string
  /** Lines for all host keys. */
  readonly knownHosts: string
  /** Public host keys, `type base64`. */
  readonly hostKeys: Readonly<Record<HostKeyType, string>>
  /** May run any command. */
  readonly privateKey: string
  /** May only read repositories, as with a deploy key without write access. */
  readonly readOnlyKey: string
  url(path: string): string
  log(): string
  /** Connections of clients so far. */
  connections(): number
  /** Puts a new host key in the place of the one of this type, on the same port. Resolves with its public half. */
  changeHostKey(type: HostKeyType): Promise<string>
  stop(): Promise<void>
}

/** Makes a key pair with ssh-keygen; gives the private key's file and the public line without its comment. */
export async function generateKey(
  file: string,
  type: HostKeyType,
  options: readonly string[] = [],
): Promise<{ readonly file: string; readonly privateKey: string; readonly publicKey: string }> {
  // ssh-keygen makes 3072 bits of RSA unless told otherwise, which takes half a second of a processor.
  const [kind = '', bits] = (type === 'rsa' ? 'rsa-2048' : type).split('-')
  const args = [
    '-q',
    '-t',
    kind,
    ...(bits === undefined ? [] : ['-b', bits]),
    ...(options.includes('-N') ? [] : ['-N', '']),
    ...options,
    '-f',
    file,
  ]
  const { code, stderr } = await run('ssh-keygen', args, { cwd: '/', env: gitEnvironment() })
  if (code !== 0) throw new Error(`ssh-keygen ended with ${code}: ${stderr}`)
  const [keyType, base64] = readFileSync(`${file}.pub`, 'utf8').split(' ')
  return { file, privateKey: readFileSync(file, 'utf8'), publicKey: `${keyType} ${base64?.trim()}` }
}

const READ_ONLY = [
  'case \\"$SSH_ORIGINAL_COMMAND\\" in git-upload-pack*) exec git shell -c \\"$SSH_ORIGINAL_COMMAND\\";; git-lfs-*\\ download) eval \\"exec $SSH_ORIGINAL_COMMAND\\";; esac',
  "echo 'ERROR: The key you are authenticating with has been marked as read only.' >&2",
  'exit 1',
].join('; ')

/** Starts a server with keys of its own, in the foreground and as the present user. Stop it at the end of the test file. */
export async function startSshd({
  hostKeys = ['ed25519'],
  acceptGitProtocol = true,
  gitProtocol,
  authorizedKeys = [],
  programs,
  settings = [],
  account,
}: SshdOptions = {}): Promise<Sshd> {
  const directory = temporaryDirectory()
  const file = (name: string): string => join(directory, name)
  const publicKeys: Record<string, string> = {}
  for (const type of hostKeys) publicKeys[type] = (await generateKey(file(`host_${type}`), type)).publicKey
  const user = await generateKey(file('user'), 'ed25519')
  const reader = await generateKey(file('reader'), 'ed25519')
  const lines = [`restrict ${user.publicKey}`, `restrict,command="${READ_ONLY}" ${reader.publicKey}`, ...authorizedKeys]
  writeFileSync(file('authorized_keys'), `${lines.join('\n')}\n`)
  // Without it sshd does not start as root.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })

  const { child, port } = await listen(directory, account, [
    ...settings,
    ...hostKeys.map(type => `HostKey ${file(`host_${type}`)}`),
    ...(acceptGitProtocol && gitProtocol === undefined ? ['AcceptEnv GIT_PROTOCOL'] : []),
    // Neither the user's nor the machine's git settings reach the server's git, and HOME keeps the shell from what the user has in .bashrc,
    // which can take longer than git. Only the first line of this name counts.
    `SetEnv HOME=/nonexistent GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 LC_ALL=C${gitProtocol === undefined ? '' : ` GIT_PROTOCOL=${gitProtocol}`}${
      programs === undefined ? '' : ` "PATH=${programs}:${gitEnvironment()['PATH']}"`
    }`,
  ])
  const { username } = account ?? userInfo()
  const log = (): string => readFileSync(file('log'), 'utf8').replaceAll('\r', '')
  return {
    port,
    username,
    knownHosts: hostKeys.map(type => `[127.0.0.1]:${port} ${publicKeys[type]}\n`).join(''),
    hostKeys: publicKeys as Record<HostKeyType, string>,
    privateKey: user.privateKey,
    readOnlyKey: reader.privateKey,
    url: path => `ssh://${encodeURIComponent(username)}@127.0.0.1:${port}${path}`,
    log,
    // The first one is the question of `answers`.
    connections: () => (log().match(/^Connection from /gm)?.length ?? 0) - 1,
    changeHostKey: async type => {
      for (const name of [`host_${type}`, `host_${type}.pub`]) rmSync(file(name))
      const { publicKey } = await generateKey(file(`host_${type}`), type)
      const starts = () => log().match(/^Server listening on /gm)?.length ?? 0
      const before = starts()
      child.kill('SIGHUP')
      while (starts() === before && child.exitCode === null) await setTimeout(LOOK_MS)
      if (!(await answers(child, port))) throw new Error(`sshd did not start again: ${log()}`)
      return publicKey
    },
    stop: async () => {
      await end(child)
      account?.cleanUp()
    },
  }
}

const CONFIG = [
  'ListenAddress 127.0.0.1',
  'AuthenticationMethods publickey',
  'UsePAM no',
  'StrictModes no',
  'PermitRootLogin prohibit-password',
  'PermitUserRC no',
  'PrintMotd no',
  'MaxStartups 100',
  'PidFile none',
  'LogLevel VERBOSE',
  // This key exchange, the first choice of OpenSSH 9.0 to 9.8, takes the client a tenth of a second of a processor, and is not what is tested.
  'KexAlgorithms -sntrup761*',
]

const ATTEMPTS = 5
/** Between two looks whether a server has started: looks without a pause would take the processor that it needs. */
const LOOK_MS = 5

/** Starts sshd on a free port; on another one if that was taken in between. */
async function listen(
  directory: string,
  account: Account | undefined,
  settings: readonly string[],
): Promise<{ child: ChildProcess; port: number }> {
  const config = join(directory, 'sshd_config')
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const all = [...settings, `Port ${port}`, `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`, ...CONFIG]
    // From 9.8 on a client that fails to log in is shut out for a while, and all tests are the same client.
    if (await isAtLeast(9, 8)) all.push('PerSourcePenalties no')
    writeFileSync(config, `${all.join('\n')}\n`)
    const log = openSync(join(directory, 'log'), 'w')
    const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], {
      stdio: ['ignore', 'ignore', log],
      env: { ...gitEnvironment(), ...account?.env },
    })
    closeSync(log)
    if (await answers(child, port)) return { child, port }
    const text = readFileSync(join(directory, 'log'), 'utf8')
    if (attempt === ATTEMPTS || !text.includes('Address already in use')) throw new Error(`sshd did not start: ${text}`)
  }
}

let version: Promise<string> | null = null

async function isAtLeast(major: number, minor: number): Promise<boolean> {
  version ??= run('ssh', ['-V'], { cwd: '/', env: gitEnvironment() }).then(({ stderr }) => stderr)
  const [, x = '0', y = '0'] = /OpenSSH_(\d+)\.(\d+)/.exec(await version) ?? []
  return Number(x) > major || (Number(x) === major && Number(y) >= minor)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Asks until the server names itself; false when it has ended instead. */
export async function answers(child: ChildProcess, port: number): Promise<boolean> {
  let ended = false
  child.once('error', () => {
    ended = true
  })
  child.once('exit', () => {
    ended = true
  })
  while (!ended) {
    const greeting = await greetingOf(port)
    if (greeting.startsWith('SSH-2.0-')) return !ended
    await setTimeout(LOOK_MS)
  }
  return false
}

/** The first words of the port; empty if no server is there. */
const greetingOf = (port: number): Promise<string> =>
  new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port })
    const done = (text: string): void => {
      socket.destroy()
      resolve(text)
    }
    socket.once('data', data => done(data.toString('latin1')))
    socket.once('error', () => done(''))
    socket.once('close', () => done(''))
  })
