import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Certificates, createCertificates } from './certificates.ts'
import { end } from './child-process.ts'
import { createBare, git, gitEnvironment } from './git-repository.ts'
import { type LfsBackend, nginxConfig, type Ports } from './nginx-config.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/**
 * `git`: read and write, with a login. `bearer`: the same, with `Authorization: Bearer TOKEN` alone. `v0`, `v1`: the same in older protocols. `dumb`: the bare files, without a login.
 * `nopush`: the same repositories, a push is answered with 403. `public`: reading without a login.
 * `shown`: the same, and a push with one.
 * `old`: 301 to `git` on the same origin. `elsewhere`: 301 to `git` on another origin.
 */
export type Prefix = 'git' | 'bearer' | 'v0' | 'v1' | 'dumb' | 'nopush' | 'public' | 'shown' | 'old' | 'elsewhere'

export interface GitHttpOptions {
  /** Origin to which `elsewhere` points, e.g. another server's `origin`; left out, it answers 404. */
  readonly elsewhere?: string
  /** Serves the LFS objects of `git`, below `<repository>.git/info/lfs`; left out, there is no LFS. */
  readonly lfs?: LfsBackend
}

export interface LoggedRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly status: number
  /** From the request's credentials, right or wrong; null without. */
  readonly user: string | null
  /** The scheme of the header `Authorization`; null without. */
  readonly login: string | null
  readonly scheme: string
  /** The header `Git-Protocol`, e.g. `version=2`; null without. */
  readonly gitProtocol: string | null
}

export interface GitHttp {
  /** `https://127.0.0.1:port` */
  readonly origin: string
  /** `http://127.0.0.1:port` */
  readonly plainOrigin: string
  /** `https://127.0.0.1:port`, which asks for a client certificate; has `git`, and `shown` without a login. */
  readonly guardedOrigin: string
  /** A certificate that it takes, and its key. */
  readonly client: { readonly certificate: string; readonly key: string }
  readonly user: string
  readonly token: string
  readonly caPem: string
  readonly caFile: string
  /** Holds the bare repositories, `<name>.git`. */
  readonly repositories: string
  /** Makes an empty bare repository that accepts pushes; gives its directory. */
  createRepository(name: string, options?: Parameters<typeof createBare>[1]): Promise<string>
  /** Address of a repository, without credentials. */
  url(name: string, options?: { readonly prefix?: Prefix; readonly plain?: boolean }): string
  /** Everything asked so far, in the order in which it was answered. */
  requests(): Promise<LoggedRequest[]>
  /** Cuts every connection at once and answers no more. `stop` is still needed. */
  cut(): Promise<void>
  stop(): Promise<void>
}

interface Nginx {
  readonly process: ChildProcess
  readonly ports: Ports
}

/** Starts nginx with TLS in front of `git http-backend`, on free ports of 127.0.0.1, with a directory and an authority of its own. */
export async function startGitHttp(options: GitHttpOptions = {}): Promise<GitHttp> {
  const directory = temporaryDirectory()
  const repositories = join(directory, 'repositories')
  mkdirSync(repositories)
  const user = 'mirror'
  // With characters that look different in a URL, and without the colon that ends a password in htpasswd.
  const token = `tok+${randomBytes(18).toString('base64url')}/=&`
  // A token is also accepted with the user names that forges take next to one.
  const users = [user, 'x-access-token', 'oauth2', 'ada@example.org']
  writeFileSync(join(directory, 'htpasswd'), users.map(name => `${name}:{PLAIN}${token}\n`).join(''))
  const socket = join(directory, 'fcgi.sock')
  const certificates = await createCertificates(directory, gitEnvironment())
  const backend = join((await git(directory, ['--exec-path'])).stdout, 'git-http-backend')
  const fcgiwrap = await startFcgiwrap(directory, socket)
  const nonce = randomBytes(9).toString('hex')
  const write = (ports: Ports): void => {
    const { elsewhere = null, lfs = null } = options
    const text = nginxConfig({ directory, repositories, token, certificates, socket, backend, ports, nonce, elsewhere, lfs })
    writeFileSync(join(directory, 'nginx.conf'), text)
  }
  const nginx = await startNginx(directory, write, nonce).catch(async (error: unknown) => {
    await end(fcgiwrap, { group: true })
    throw error
  })
  return describeServer({ directory, repositories, user, token, certificates, nginx, fcgiwrap })
}

interface Running {
  readonly directory: string
  readonly repositories: string
  readonly user: string
  readonly token: string
  readonly certificates: Certificates
  readonly nginx: Nginx
  readonly fcgiwrap: ChildProcess
}

function describeServer({ directory, repositories, user, token, certificates, nginx, fcgiwrap }: Running): GitHttp {
  const origin = `https://127.0.0.1:${nginx.ports.https}`
  const plainOrigin = `http://127.0.0.1:${nginx.ports.http}`
  const cut = async (): Promise<void> => {
    await end(nginx.process, { signal: 'SIGKILL' })
  }
  return {
    origin,
    plainOrigin,
    guardedOrigin: `https://127.0.0.1:${nginx.ports.guarded}`,
    client: { certificate: readFileSync(certificates.certificate, 'utf8'), key: readFileSync(certificates.key, 'utf8') },
    user,
    token,
    caPem: readFileSync(certificates.ca, 'utf8'),
    caFile: certificates.ca,
    repositories,
    createRepository: (name, options) =>
      createBare(join(repositories, `${name}.git`), { ...options, config: { 'http.receivepack': 'true', ...options?.config } }),
    url: (name, { prefix = 'git', plain = false } = {}) => `${plain ? plainOrigin : origin}/${prefix}/${name}.git`,
    async requests() {
      // The one process of nginx writes the line of a request before it turns to the next one.
      if (nginx.process.exitCode === null && nginx.process.signalCode === null) await probe(nginx.ports.http)
      return readRequests(join(directory, 'access.log'))
    },
    cut,
    async stop() {
      await end(nginx.process)
      await end(fcgiwrap, { group: true })
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function readRequests(file: string): LoggedRequest[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines
    .filter(line => line !== '')
    .map(line => {
      const entry = JSON.parse(line) as Record<'method' | 'path' | 'status' | 'user' | 'login' | 'scheme' | 'gitProtocol', string>
      return {
        ...entry,
        status: Number(entry.status),
        user: entry.user || null,
        login: entry.login || null,
        gitProtocol: entry.gitProtocol || null,
      }
    })
}

// A group of its own: the programs that it starts must end with it.
async function startFcgiwrap(directory: string, socket: string): Promise<ChildProcess> {
  const args = ['-f', '-c', '4', '-s', `unix:${socket}`]
  const child = spawn('fcgiwrap', args, { cwd: directory, env: gitEnvironment(), stdio: 'ignore', detached: true })
  await started(child, 'fcgiwrap', () => accepts(socket))
  return child
}

/** Tries free ports until nginx gets them: another process may take one in between. */
async function startNginx(directory: string, write: (ports: Ports) => void, nonce: string): Promise<Nginx> {
  const log = join(directory, 'error.log')
  for (let attempt = 1; ; attempt += 1) {
    const [http, https, guarded] = await Promise.all([freePort(), freePort(), freePort()])
    const ports = { http, https, guarded }
    write(ports)
    writeFileSync(log, '')
    const args = ['-p', directory, '-e', log, '-c', join(directory, 'nginx.conf')]
    const child = spawn('nginx', args, { cwd: directory, env: gitEnvironment(), stdio: 'ignore' })
    try {
      await started(child, 'nginx', async () => (await probe(http).catch(() => '')) === nonce)
      return { process: child, ports }
    } catch (error) {
      await end(child)
      const words = readFileSync(log, 'utf8')
      if (attempt === 5 || !words.includes('Address already in use')) throw new Error(`nginx did not start\n${words}`, { cause: error })
    }
  }
}

/** Waits until a server answers; throws when it ends before, cannot start, or takes more than 20 seconds. */
export async function started(child: ChildProcess, name: string, answers: () => Promise<boolean>): Promise<void> {
  let failure: Error | null = null
  child.once('error', error => {
    failure = new Error(`"${name}" cannot be started: install it`, { cause: error })
  })
  const deadline = Date.now() + 20_000
  while (!(await answers())) {
    if (failure !== null) throw failure
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`"${name}" ended with ${child.exitCode ?? child.signalCode}`)
    if (Date.now() > deadline) throw new Error(`"${name}" does not answer`)
    await delay(5)
  }
}

function accepts(socket: string): Promise<boolean> {
  return new Promise(resolve => {
    const connection = connect(socket)
    connection.once('connect', () => resolve(true)).once('error', () => resolve(false))
    connection.once('connect', () => connection.destroy())
  })
}

function probe(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path: '/probe', agent: false }, response => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve(body))
    })
    request.on('error', reject)
  })
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
