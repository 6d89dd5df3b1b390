import { rm, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { Failure } from '../errors/failure.ts'
import { silence } from '../errors/network-codes.ts'
import { IDLE_MS } from '../limits/limits.ts'
import { bracketed } from '../remote/server.ts'
import { GIT_PROXY_VARIABLE } from '../session/daemon.ts'
import { serializeFailure } from '../session/ssh-session.ts'
import { watchIdle } from '../tasks/idle-watch.ts'
import { connectToDaemon } from './daemon-connection.ts'
import { networkFailure } from './network-failure.ts'

/** The environment of the program. */
interface GitProxy {
  /** The host, without brackets, and the port, as git gives them. */
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
}

/** Connects git to a server of `git://`, within the limits of time. A failure goes to the failure file and to stderr. @returns the exit code */
export async function runGitProxy({ argv: [host = '', port = ''], env, stdin, stdout, stderr }: GitProxy): Promise<number> {
  const failureFile = env[GIT_PROXY_VARIABLE] ?? ''
  let socket: Socket | null = null
  try {
    // An earlier process may have left its file.
    await rm(failureFile, { force: true })
    socket = await connectToDaemon(host, Number(port))
    await relay(socket, `${bracketed(host)}:${port}`, { stdin, stdout })
    return 0
  } catch (error) {
    const failure = Failure.from(error)
    await writeFile(failureFile, serializeFailure(failure), { mode: 0o600 })
    stderr.write(`repository-mirroring: ${failure.message}\nrepository-mirroring: ${failure.hint}\n`)
    return 1
  } finally {
    socket?.destroy()
    // git may keep its end of the pipe open, which would keep this process alive.
    stdin.destroy()
  }
}

/** Streams in both directions until the server ends, and all of its bytes are written. @throws Failure `timed-out`, `connection-lost` */
const relay = (socket: Socket, place: string, { stdin, stdout }: Pick<GitProxy, 'stdin' | 'stdout'>): Promise<void> =>
  new Promise((resolve, reject) => {
    let [passed, isAnswered] = [0, false]
    // While git takes no more, it is not the server's turn.
    const bytes = () => (stdout.writableNeedDrain ? Number.NaN : passed)
    const watch = watchIdle(IDLE_MS, bytes, () => reject(silence(isAnswered, IDLE_MS)))
    stdin.on('data', (piece: Buffer) => (passed += piece.length))
    socket.on('data', (piece: Buffer) => {
      passed += piece.length
      isAnswered = true
    })
    const ended = new Promise<void>((end, fail) => {
      socket.once('end', () => {
        if (isAnswered) stdout.write('', () => end())
        else fail(new Failure('connection-lost', 'the server closed the connection without an answer'))
      })
      socket.once('error', error => fail(networkFailure(error, place)))
      // git, which reads no more, has its own reason.
      stdout.on('error', () => end())
    })
    void watch.wait(ended).then(resolve, reject)
    stdin.pipe(socket)
    socket.pipe(stdout, { end: false })
  })
