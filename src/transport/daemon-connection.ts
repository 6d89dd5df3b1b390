import { connect, type Socket } from 'node:net'
import { Failure } from '../errors/failure.ts'
import { ADDRESS_MS, CONNECT_MS } from '../limits/limits.ts'
import { bracketed } from '../remote/server.ts'
import { startConnectionAttempt } from './connection-attempt.ts'

/** Connects to a server of `git://`, always directly: git uses no HTTP proxy for it either. @throws Failure, the signal's reason included */
export async function connectToDaemon(host: string, port: number, signal?: AbortSignal | undefined): Promise<Socket> {
  const attempt = startConnectionAttempt(`${bracketed(host)}:${port}`, CONNECT_MS)
  const end = () => attempt.end(Failure.from(signal?.reason))
  signal?.addEventListener('abort', end)
  try {
    signal?.throwIfAborted()
    return await attempt.settle(connect({ host, port, autoSelectFamilyAttemptTimeout: ADDRESS_MS }), 'connect', null)
  } catch (error) {
    throw attempt.fail(error)
  } finally {
    attempt.finish()
    signal?.removeEventListener('abort', end)
  }
}
