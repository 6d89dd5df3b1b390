import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Failure } from '../errors/failure.ts'
import { ADDRESS_MS } from '../limits/limits.ts'
import { addressOf } from '../remote/server.ts'
import { awaitedLater, once } from '../tasks/later.ts'
import { type ConnectionAttempt, startConnectionAttempt } from './connection-attempt.ts'
import { type EncryptionOptions, loadEncryption } from './encryption.ts'
import { isUnknownAuthority } from './network-failure.ts'
import { type HttpProxy, proxyFor } from './proxy.ts'
import { openTunnel } from './tunnel.ts'

export interface ConnectorOptions extends EncryptionOptions {
  readonly connectTimeoutMs: number
}

/** Makes connections to servers: through a proxy where the environment names one, and with TLS for https. */
export function createConnector(options: ConnectorOptions) {
  const { environment, connectTimeoutMs } = options
  let trustsMore = false
  let closedFor: Failure | null = null
  const pending = new Set<ConnectionAttempt>()
  const encryption = once(() => loadEncryption(options))

  const attempt = async (url: URL): Promise<Socket> => {
    const { connect, isIP } = await import('node:net')
    if (closedFor !== null) throw closedFor
    const one = startConnectionAttempt(`${url.hostname}:${addressOf(url).port}`, connectTimeoutMs)
    pending.add(one)
    const encrypt = async (socket: Socket, host: string, proxy: HttpProxy | null): Promise<Socket> =>
      one.settle((await encryption()).connect(socket, host, { isName: isIP(host) === 0, isProxy: proxy !== null }), 'secureConnect', proxy)
    try {
      const proxy = proxyFor(url, environment)
      const isSecure = url.protocol === 'https:'
      const { host, port } = proxy ?? addressOf(url)
      const socket = connect({ host, port, autoSelectFamilyAttemptTimeout: ADDRESS_MS })
      const connected = one.settle(socket, 'connect', proxy)
      // Loading takes as long as a connection may: it begins when that is under way, for which node needs a turn.
      if (isSecure || proxy?.secure) void awaitedLater(nextTurn().then(encryption))
      const raw = await connected
      const toProxy = proxy?.secure ? await encrypt(raw, proxy.host, proxy) : raw
      const way = proxy === null ? raw : await openTunnel(toProxy, proxy, addressOf(url))
      return isSecure ? await encrypt(way, addressOf(url).host, null) : way
    } catch (error) {
      throw one.fail(error)
    } finally {
      one.finish()
      pending.delete(one)
    }
  }

  return {
    /** A connection that is ready for requests. @throws Failure, `settings-invalid` for certificates that cannot be used */
    connect: async (url: URL): Promise<Socket> => {
      const trustedMore = trustsMore
      try {
        return await attempt(url)
      } catch (error) {
        if (trustedMore || !(error instanceof Failure && isUnknownAuthority(error.cause))) throw error
        trustsMore ||= await (await encryption()).trustMore()
        if (!trustsMore) throw error
        return await attempt(url)
      }
    },
    /** Ends pending connections, and makes no more. Never throws. */
    close: (reason: Failure): void => {
      closedFor ??= reason
      for (const one of pending) one.end(reason)
    },
  }
}
