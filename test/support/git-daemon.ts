import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import type { Side } from '../../src/remote/side.ts'
import { daemonTransport as transportOf } from '../../src/transport/daemon.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { end } from './child-process.ts'
import { createBare, gitEnvironment } from './git-repository.ts'
import { temporaryDirectory } from './temporary-directory.ts'

interface DaemonOptions {
  readonly host: string
  readonly port: number
  /** The path of the repository, as in its URL. */
  readonly path: string
  readonly side: Side
  readonly idleTimeoutMs?: number
}

/** The relay's way over `git://` to a repository that a run knows by another URL, as to push to it. */
export const daemonTransport = ({ host, port, path, side, idleTimeoutMs = 60_000 }: DaemonOptions): Transport =>
  transportOf({ side, url: { protocol: 'git', host, port, path }, hide: text => text, idleTimeoutMs })

/** Git's own daemon on 127.0.0.1. It takes reads and pushes without a login. */
export interface GitDaemon {
  readonly port: number
  /** Makes an empty bare repository; gives its directory. */
  createRepository(name: string): Promise<string>
  /** How the daemon calls a repository: the path of its URL. */
  path(name: string): string
  url(name: string): string
  stop(): Promise<void>
}

/** One `git daemon --inetd` for each connection, so that no port must be found free first. Stop it at the end of the test file. */
export async function startGitDaemon(): Promise<GitDaemon> {
  const directory = temporaryDirectory()
  const repositories = join(directory, 'repositories')
  mkdirSync(repositories)
  const args = ['daemon', '--inetd', '--export-all', '--enable=receive-pack', `--base-path=${repositories}`]
  const children = new Set<ChildProcess>()
  const server = createServer({ pauseOnConnect: true }, socket => {
    // It leads a group, with the service that it starts.
    const child = spawn('git', args, { cwd: '/', env: gitEnvironment(), stdio: [socket, socket, 'ignore'], detached: true })
    children.add(child)
    child.once('exit', () => children.delete(child))
    child.once('error', () => children.delete(child))
    // The child holds the connection now.
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    createRepository: name => createBare(join(repositories, `${name}.git`)),
    path: name => `/${name}.git`,
    url: name => `git://127.0.0.1:${port}/${name}.git`,
    async stop() {
      server.close()
      for (const child of children) await end(child, { group: true })
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
