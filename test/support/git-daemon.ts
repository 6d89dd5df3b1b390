import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { Failure } from '../../src/errors/failure.ts'
import type { Side } from '../../src/remote/side.ts'
import { converse } from '../../src/transport/stream.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { encodePacket } from '../../src/wire/pkt-line.ts'
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

/** A repository behind `git://` (gitprotocol-pack(5), "Git Transport"): one connection for each service that is opened. */
export function daemonTransport({ host, port, path, side, idleTimeoutMs = 60_000 }: DaemonOptions): Transport {
  const sockets = new Set<Socket>()
  return {
    async open(service, protocol) {
      const socket = connect({ host, port, noDelay: true })
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      await once(socket, 'connect').catch((error: NodeJS.ErrnoException) => {
        const kind = error.code === 'ECONNREFUSED' ? 'connection-refused' : 'connection-lost'
        throw new Failure(kind, `no connection to "${host}:${port}"`, { side, cause: error })
      })
      // Servers that know no further parameters read no further than the host.
      const extra = protocol === 2 ? '\0version=2\0' : ''
      socket.write(encodePacket(`git-${service} ${path}\0host=${host}:${port}\0${extra}`))
      return converse({ input: socket, output: socket, ended: async () => null, cut: () => socket.destroy(), idleTimeoutMs })
    },
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Git's own daemon on 127.0.0.1. It takes reads and pushes without a login. */
export interface GitDaemon {
  readonly port: number
  /** Makes an empty bare repository; gives its directory. */
  createRepository(name: string): Promise<string>
  /** How the daemon calls a repository: the path of its URL. */
  path(name: string): string
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
    async stop() {
      server.close()
      for (const child of children) await end(child, { group: true })
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
