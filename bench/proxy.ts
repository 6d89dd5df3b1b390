import { once } from 'node:events'
import { type AddressInfo, createServer, Socket } from 'node:net'
import { DelayLine } from './delay-line.ts'
import type { Trace } from './round-trips.ts'

/** Traffic through a proxy. */
export interface Traffic {
  readonly traces: readonly Trace[]
  /** In both directions. */
  readonly bytes: number
}

/** A port in front of a server, which measures the traffic and can delay it. */
export interface DelayProxy {
  readonly port: number
  /** Traffic since the last call. */
  take(): Traffic
  stop(): Promise<void>
}

// Limit of the data in transit in one direction, like the window of a connection.
const UNDER_WAY = 8 << 20

/**
 * Starts one in front of a port of 127.0.0.1. Each direction takes `delayMs`: for bytes, and for the three packets with which TCP opens a connection,
 * so that a client can send after one round trip, and the server learns of it half a round trip later.
 */
export async function startProxy(serverPort: number, delayMs: number): Promise<DelayProxy> {
  let traces: Trace[] = []
  let bytes = 0
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    // The other end sees an error as a closed connection.
    socket.setNoDelay(true).on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  }
  const listener = createServer({ allowHalfOpen: true }, client => {
    const server = new Socket({ allowHalfOpen: true })
    for (const socket of [client, server]) keep(socket)
    const asked = performance.now()
    const trace = { asked, sent: [] as number[], received: [] as number[] }
    traces.push(trace)
    const opened = asked + 2 * delayMs
    const there = new DelayLine()
    there.put(opened + delayMs, () => server.connect({ host: '127.0.0.1', port: serverPort }))
    forward(client, server, there, { delayMs, opened }, (length, sent) => {
      bytes += length
      trace.sent.push(sent)
    })
    forward(server, client, new DelayLine(), { delayMs, opened: 0 }, (length, _, received) => {
      bytes += length
      // A client that has closed its side no longer waits for an answer.
      if (!client.readableEnded) trace.received.push(received)
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    port: (listener.address() as AddressInfo).port,
    take() {
      const taken = { traces, bytes }
      traces = []
      bytes = 0
      return taken
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      listener.close()
      await once(listener, 'close')
    },
  }
}

interface Way {
  readonly delayMs: number
  /** Nothing is sent before this time. */
  readonly opened: number
}

function forward(
  from: Socket,
  to: Socket,
  line: DelayLine,
  { delayMs, opened }: Way,
  passed: (length: number, sent: number, received: number) => void,
): void {
  let held = 0
  const keepPace = (): void => void (held > UNDER_WAY || to.writableNeedDrain ? from.pause() : from.resume())
  from.on('data', chunk => {
    const sent = Math.max(performance.now(), opened)
    held += chunk.length
    keepPace()
    line.put(sent + delayMs, () => {
      held -= chunk.length
      to.write(chunk)
      passed(chunk.length, sent, performance.now())
      keepPace()
    })
  })
  to.on('drain', keepPace)
  from.once('end', () => line.put(Math.max(performance.now(), opened) + delayMs, () => to.end()))
  from.once('close', hadError => {
    if (hadError) line.put(performance.now() + delayMs, () => to.destroy())
  })
}
