import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Account } from './account.ts'
import { end, run } from './child-process.ts'
import { freePort } from './git-http.ts'
import { gitEnvironment } from './git-repository.ts'
import { answers, generateKey } from './sshd.ts'
import { temporaryDirectory } from './temporary-directory.ts'

type DropbearKeyType = 'ed25519' | 'ecdsa' | 'rsa'

/** A real Dropbear server on 127.0.0.1: SSH that is not OpenSSH's. It takes no GIT_PROTOCOL, so git speaks protocol v0 with it. */
export interface Dropbear {
  readonly port: number
  /** Public host keys, `type base64`. */
  readonly hostKeys: Readonly<Record<DropbearKeyType, string>>
  /** Lines for all host keys. */
  readonly knownHosts: string
  /** May run any command. */
  readonly privateKey: string
  url(path: string): string
  log(): string
  stop(): Promise<void>
}

const ATTEMPTS = 5
const SERVER_PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`

/** Starts a server with host keys of its own, in the foreground and for the present user, or for an account of ours, with its password, too. Stop it at the end of the test file. */
export async function startDropbear(hostKeys: readonly DropbearKeyType[] = ['ed25519'], account?: Account): Promise<Dropbear> {
  const directory = temporaryDirectory()
  const file = (name: string): string => join(directory, name)
  const env = { ...gitEnvironment(), PATH: SERVER_PATH }
  const publicKeys: Record<string, string> = {}
  for (const type of hostKeys) {
    const { code, stdout, stderr } = await run('dropbearkey', ['-t', type, '-f', file(`host_${type}`)], { cwd: '/', env })
    const line = /^(?:ssh|ecdsa)-\S+ [A-Za-z0-9+/=]+/m.exec(stdout)?.[0]
    if (code !== 0 || line === undefined) throw new Error(`dropbearkey ended with ${code}: ${stderr}`)
    publicKeys[type] = line
  }
  const user = await generateKey(file('user'), 'ed25519')
  const login = account === undefined ? await prepareLogin(directory, user.publicKey, env) : loginOf(account, user.publicKey, env)
  const { child, port } = await listen(directory, [...hostKeys.flatMap(type => ['-r', file(`host_${type}`)]), ...login.args], login.env)
  return {
    port,
    hostKeys: publicKeys as Record<DropbearKeyType, string>,
    knownHosts: hostKeys.map(type => `[127.0.0.1]:${port} ${publicKeys[type]}\n`).join(''),
    privateKey: user.privateKey,
    url: path => `ssh://${encodeURIComponent((account ?? userInfo()).username)}@127.0.0.1:${port}${path}`,
    log: () => readFileSync(file('log'), 'utf8'),
    stop: () => end(child),
  }
}

interface Login {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

function loginOf({ home, env: accounts }: Account, publicKey: string, env: Login['env']): Login {
  writeFileSync(join(home, '.ssh', 'authorized_keys'), `${publicKey}\n`, { mode: 0o600 })
  return { args: [], env: { ...env, ...accounts } }
}

/**
 * Shows the server its authorized_keys: `-D` names the directory. A server without that option looks into the user's home, so nss_wrapper makes
 * ours the home.
 */
async function prepareLogin(directory: string, publicKey: string, env: Login['env']): Promise<Login> {
  const keys = join(directory, '.ssh')
  mkdirSync(keys, { mode: 0o700 })
  writeFileSync(join(keys, 'authorized_keys'), `${publicKey}\n`, { mode: 0o600 })
  const help = await run('dropbear', ['-h'], { cwd: '/', env })
  if (/^\s*-D\s/m.test(help.stdout + help.stderr)) return { args: ['-s', '-D', keys], env }
  const { username, uid, gid } = userInfo()
  const [passwd, group] = [join(directory, 'passwd'), join(directory, 'group')]
  writeFileSync(passwd, `${username}:x:${uid}:${gid}::${directory}:/bin/sh\n`)
  writeFileSync(group, `${username}:x:${gid}:\n`)
  return { args: ['-s'], env: { ...env, LD_PRELOAD: findWrapper(), NSS_WRAPPER_PASSWD: passwd, NSS_WRAPPER_GROUP: group } }
}

function findWrapper(): string {
  const directories = ['/usr/lib', ...readdirSync('/usr/lib').map(name => `/usr/lib/${name}`)]
  const found = directories.map(directory => join(directory, 'libnss_wrapper.so')).find(path => existsSync(path))
  if (found === undefined) throw new Error('this dropbear does not know -D, and there is no libnss_wrapper.so: install libnss-wrapper')
  return found
}

/** Starts it on a free port; on another one if that was taken in between. */
async function listen(
  directory: string,
  args: readonly string[],
  env: Login['env'],
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const log = openSync(join(directory, 'log'), 'w')
    // In the foreground, its log on stderr, without forwarding; `-s`: without passwords.
    const all = ['-F', '-E', '-j', '-k', '-p', `127.0.0.1:${port}`, '-P', join(directory, 'pid'), ...args]
    const child = spawn('dropbear', all, { cwd: directory, stdio: ['ignore', 'ignore', log], env: { ...env } })
    closeSync(log)
    if (await answers(child, port)) return { child, port }
    const text = readFileSync(join(directory, 'log'), 'utf8')
    if (attempt === ATTEMPTS || !/in use/i.test(text)) throw new Error(`dropbear did not start: ${text}`)
  }
}
