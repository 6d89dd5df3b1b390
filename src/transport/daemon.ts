import type { Socket } from 'node:net'
import { Failure } from '../errors/failure.ts'
import { bracketed, portOf } from '../remote/server.ts'
import type { RemoteUrl } from '../remote/url.ts'
import { encodePacket } from '../wire/pkt-line.ts'
import { connectToDaemon } from './daemon-connection.ts'
import { ofSide } from './of-side.ts'
import { converse } from './stream.ts'
import type { CommonOptions, Transport } from './transport.ts'

interface DaemonOptions extends CommonOptions {
  readonly url: Pick<RemoteUrl, 'protocol' | 'host' | 'port' | 'path'>
}

/** A repository behind `git://` (gitprotocol-pack(5), "Git Transport"): one connection for each service that is opened. */
export function daemonTransport({ side, url, idleTimeoutMs, signal }: DaemonOptions): Transport {
  const { host, port, path } = url
  const sockets = new Set<Socket>()
  const closed = new AbortController()
  const given = signal === undefined ? closed.signal : AbortSignal.any([signal, closed.signal])
  return {
    open: (service, protocol) =>
      ofSide(side, async () => {
        const socket = await connectToDaemon(host, portOf(url), given)
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
        // git names the port only where the URL does. Servers that know no further parameters read no further than the host.
        const at = port === null ? bracketed(host) : `${bracketed(host)}:${port}`
        const version = protocol === 2 ? '\0version=2\0' : ''
        socket.write(encodePacket(`git-${service} ${path}\0host=${at}\0${version}`))
        return converse({ input: socket, output: socket, ended: async () => null, cut: () => socket.destroy(), idleTimeoutMs, signal })
      }),
    close: () => {
      closed.abort(new Failure('connection-lost', 'the connection was given up'))
      for (const socket of sockets) socket.destroy()
    },
  }
}
