import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

interface CuttingOptions {
  /** The port of the real server, on 127.0.0.1. */
  readonly port: number
  /** The direction whose bytes are counted: what the client sends, or what it gets. */
  readonly counted: 'up' | 'down'
  /** After so many bytes, of all connections together, everything is cut, in the middle of a packet if need be; left out, never. */
  readonly after?: number
  /** The cut waits for this; meanwhile nothing more passes on the connection that reached `after`, and everything on the others. */
  readonly until?: Promise<unknown>
  /** Told the bytes of the counted direction as they pass. */
  readonly onBytes?: (bytes: Buffer) => void
}

export interface CuttingProxy {
  readonly port: number
  /** Bytes of the counted direction so far. */
  readonly passed: () => number
  readonly wasCut: () => boolean
  /** Cuts both ends of every connection now. Connections that are made later are served. */
  cut(): void
  close(): Promise<void>
}

/** Stands in front of a server, and breaks its connections once. */
export async function startCuttingProxy({
  port,
  counted,
  after = Number.POSITIVE_INFINITY,
  until = Promise.resolve(),
  onBytes = () => {},
}: CuttingOptions): Promise<CuttingProxy> {
  const sockets = new Set<Socket>()
  let passed = 0
  let wasReached = false
  let wasCut = false
  const cut = (): void => {
    wasReached = true
    wasCut = true
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer(client => {
    const upstream = connect(port, '127.0.0.1')
    const [from, to] = counted === 'up' ? [client, upstream] : [upstream, client]
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    let isHeld = false
    to.pipe(from)
    to.on('drain', () => {
      if (!isHeld) from.resume()
    })
    from.on('end', () => to.end())
    from.on('data', (chunk: Buffer) => {
      const left = wasReached ? chunk.length : Math.min(chunk.length, after - passed)
      passed += left
      onBytes(chunk.subarray(0, left))
      if (!wasReached && passed >= after) {
        wasReached = true
        isHeld = true
        from.pause()
        to.write(chunk.subarray(0, left), () => void until.then(cut))
      } else if (!to.write(chunk)) from.pause()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    passed: () => passed,
    wasCut: () => wasCut,
    cut,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
