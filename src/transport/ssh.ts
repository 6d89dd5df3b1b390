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

/** A repository behind an SSH server: one connection, and a channel of it for each service. */
export function sshTransport({ side, target, path, hide, idleTimeoutMs, signal }: SshOptions): Transport {
  let connection: Promise<SshConnection> | null = null
  const connect = async (): Promise<SshConnection> => {
    const { connectSsh } = await import('../ssh/client.ts')
    return connectSsh(await target())
  }
  return {
    open: (service, protocol) =>
      ofSide(side, async () => {
        signal?.throwIfAborted()
        connection ??= connect()
        const opened = await connection
        // A server that does not take the variable answers in protocol v0.
        const env = protocol === 2 ? { GIT_PROTOCOL: 'version=2' } : {}
        const { stream, stderr, exit, cut } = await opened.exec(`git-${service} ${quote(path)}`, env)
        const words = collectWords(stderr)
        const ended = async () => {
          const { code, signal: by } = await exit
          if (code === 0) return null
          const text = words().trim() || `git-${service} ended with ${by ?? `exit code ${code}`}`
          return remoteFailure(hide(text), side)
        }
        return converse({ input: stream, output: stream, ended, cut, idleTimeoutMs, signal })
      }),
    close: () => {
      onceThere(connection, opened => opened.end())
    },
  }
}

/** As git quotes for the server's shell (quote.c, sq_quote_buf). */
const quote = (path: string): string => `'${path.replace(/['!]/g, char => `'\\${char}'`)}'`
