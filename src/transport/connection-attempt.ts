import type { Socket } from 'node:net'
import { Failure } from '../errors/failure.ts'
import { networkFailure } from './network-failure.ts'
import type { HttpProxy } from './proxy.ts'

export type ConnectionAttempt = ReturnType<typeof startConnectionAttempt>

/** One connection to a server, made step by step within a time limit. */
export function startConnectionAttempt(place: string, limitMs: number) {
  const sockets: Socket[] = []
  let reason: Failure | null = null
  const end = (failure: Failure): void => {
    reason ??= failure
    for (const socket of sockets) socket.destroy()
  }
  const late = () => end(new Failure('timed-out', `the connection was not made within ${limitMs / 1000} s: "${place}"`))
  const timer = setTimeout(late, limitMs)
  return {
    end,
    /** Waits for an event of a socket. @param proxy to which it leads; null for the server @throws Failure */
    settle: (socket: Socket, event: 'connect' | 'secureConnect', proxy: HttpProxy | null): Promise<Socket> => {
      sockets.push(socket)
      const at = proxy === null ? place : `proxy ${proxy.host}:${proxy.port}`
      return new Promise((resolve, reject) => {
        // Not removed: until the request begins there is no other listener.
        socket.on('error', error => reject(networkFailure(error, at)))
        socket.once('close', () => reject(networkFailure(new Error('the connection was closed'), at)))
        socket.once(event, () => resolve(socket.setNoDelay(true)))
        if (reason !== null) socket.destroy()
      })
    },
    fail: (error: unknown): Failure => {
      const failure = reason ?? networkFailure(error, place)
      end(failure)
      return failure
    },
    finish: () => clearTimeout(timer),
  }
}
