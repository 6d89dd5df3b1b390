import { Failure } from '../errors/failure.ts'
import { remoteFailure } from '../git/remote-failure.ts'
import type { SshConnection, SshTarget } from '../ssh/client.ts'
import { onceThere } from '../tasks/later.ts'
import { ofSide } from './of-side.ts'
import { collectWords, converse } from './stream.ts'
import type { CommonOptions, Transport } from './transport.ts'

interface SshOptions extends CommonOptions {
  /** The server and the login; read only when a connection is needed. */
  readonly target: () => Promise<SshTarget>
  /** The repository, as it is given to the server. */
  readonly path: string
}

/**
 * Starts commands at one server, over one connection. If the server allows only one session on it (`MaxSessions 1` of sshd, and many gateways), each
 * further command gets a connection of its own.
 */
function sessionsAt(target: SshOptions['target'], signal: SshOptions['signal']) {
  let connection: Promise<SshConnection> | null = null
  const further = new Set<SshConnection>()
  let [sessions, allowsOne, isClosed] = [0, false, false]
  const connect = async (): Promise<SshConnection> => {
    const { connectSsh } = await import('../ssh/client.ts')
    return connectSsh(await target())
  }
  const execAlone: SshConnection['exec'] = async (command, env) => {
    const opened = await connect()
    if (isClosed) opened.end()
    further.add(opened)
    const end = () => {
      further.delete(opened)
      opened.end()
    }
    try {
      const started = await opened.exec(command, env)
      void started.exit.then(end, end)
      return started
    } catch (error) {
      end()
      throw error
    }
  }
  const exec: SshConnection['exec'] = async (command, env) => {
    if (allowsOne) return await execAlone(command, env)
    connection ??= connect()
    const opened = await connection
    sessions += 1
    const isFirst = sessions === 1
    try {
      return await opened.exec(command, env)
    } catch (error) {
      if (isFirst || signal?.aborted || Failure.from(error).kind === 'timed-out') throw error
      allowsOne = true
      return await execAlone(command, env)
    }
  }
  const close = () => {
    isClosed = true
    onceThere(connection, opened => opened.end())
    for (const own of further) own.end()
  }
  return { start: exec, close }
}

/** A repository behind an SSH server: a session for each service. */
export function sshTransport({ side, target, path, hide, idleTimeoutMs, signal }: SshOptions): Transport {
  const sessions = sessionsAt(target, signal)
  return {
    open: (service, protocol) =>
      ofSide(side, async () => {
        signal?.throwIfAborted()
        // A server that does not take the variable answers in protocol v0.
        const env = protocol === 2 ? { GIT_PROTOCOL: 'version=2' } : {}
        const { stream, stderr, exit, cut } = await sessions.start(`git-${service} ${quote(path)}`, env)
        const words = collectWords(stderr)
        const ended = async () => {
          const { code, signal: by } = await exit
          if (code === 0) return null
          const text = words().trim() || `git-${service} ended with ${by ?? `exit code ${code}`}`
          return remoteFailure(hide(text), side)
        }
        return converse({ input: stream, output: stream, ended, cut, idleTimeoutMs, signal })
      }),
    close: sessions.close,
  }
}

/** As git quotes for the server's shell (quote.c, sq_quote_buf). */
const quote = (path: string): string => `'${path.replace(/['!]/g, char => `'\\${char}'`)}'`
