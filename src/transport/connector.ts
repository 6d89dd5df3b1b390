import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { Failure } from '../failure.ts'
import { findAuthorities } from './authorities.ts'
import { isUnknownAuthority, messageOf, networkFailure } from './network-failure.ts'
import { type HttpProxy, proxyFor } from './proxy.ts'
import { openTunnel } from './tunnel.ts'

export interface ConnectorOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly caCertificate: string | null
  readonly clientCertificate: string | null
  readonly clientKey: string | null
  readonly connectTimeoutMs: number
}

/** Makes connections to servers: through a proxy where the environment names one, and with TLS for https. */
export interface Connector {
  /** A connection that is ready for requests. @throws Failure */
  connect(url: URL): Promise<Socket>
  /** Ends what is still being connected. Never throws. */
  close(): void
}

/** @throws Failure `settings-invalid` for certificates that cannot be used */
export async function createConnector(options: ConnectorOptions): Promise<Connector> {
  const [net, tls] = await Promise.all([import('node:net'), import('node:tls')])
  const { environment, caCertificate, clientCertificate, clientKey, connectTimeoutMs } = options
  const authorities = await findAuthorities(caCertificate, environment, () => tls.rootCertificates)
  const contextsOf = (ca: readonly string[] | null): Contexts => {
    try {
      const authorities = ca === null ? {} : { ca: [...ca] }
      const forProxies = tls.createSecureContext(authorities)
      if (clientCertificate === null) return { forServers: forProxies, forProxies }
      return {
        forServers: tls.createSecureContext({ ...authorities, cert: clientCertificate, key: clientKey ?? clientCertificate }),
        forProxies,
      }
    } catch (cause) {
      throw new Failure('settings-invalid', 'a certificate, or its key, cannot be used', { detail: messageOf(cause), cause })
    }
  }
  let context: Contexts | null = null
  let longer: Promise<Contexts | null> | null = null
  let isClosed = false
  const pending = new Set<Attempt>()

  const attempt = async (url: URL, secure: Contexts | null): Promise<Socket> => {
    if (isClosed) throw givenUp()
    const one = new Attempt(placeOf(url), connectTimeoutMs)
    pending.add(one)
    const encrypt = (socket: Socket, host: string, secureContext: SecureContext | undefined) =>
      tls.connect({
        socket,
        host,
        ...(net.isIP(host) === 0 && { servername: host }),
        ...(secureContext && { secureContext }),
        // Node's default, which NODE_TLS_REJECT_UNAUTHORIZED=0 would turn off.
        rejectUnauthorized: true,
        ALPNProtocols: ['http/1.1'],
      })
    try {
      const proxy = proxyFor(url, environment)
      const raw = await one.settle(net.connect(proxy === null ? addressOf(url) : { host: proxy.host, port: proxy.port }), 'connect', proxy)
      const way =
        proxy === null ? raw : await throughProxy(one, raw, proxy, url, (socket, host) => encrypt(socket, host, secure?.forProxies))
      return url.protocol === 'https:'
        ? await one.settle(encrypt(way, addressOf(url).host, secure?.forServers), 'secureConnect', null)
        : way
    } catch (error) {
      throw one.fail(error)
    } finally {
      one.finish()
      pending.delete(one)
    }
  }

  return {
    connect: async url => {
      if (url.protocol === 'https:') context ??= contextsOf(authorities.first)
      const used = context
      try {
        return await attempt(url, used)
      } catch (error) {
        if (!(error instanceof Failure && isUnknownAuthority(error.cause))) throw error
        longer ??= authorities.more().then(list => list && contextsOf(list))
        const next = await longer
        if (next === null || next === used) throw error
        context = next
        return await attempt(url, next)
      }
    },
    close: () => {
      isClosed = true
      for (const one of pending) one.end(givenUp())
    },
  }
}

/** Whom we trust, and who we are: a client certificate is shown to the servers that the user named, and to no proxy on the way. */
interface Contexts {
  readonly forServers: SecureContext
  readonly forProxies: SecureContext
}

const givenUp = (): Failure => new Failure('connection-lost', 'the connection was given up')

async function throughProxy(
  attempt: Attempt,
  raw: Socket,
  proxy: HttpProxy,
  url: URL,
  encrypt: (socket: Socket, host: string) => Socket,
): Promise<Socket> {
  const way = proxy.secure ? await attempt.settle(encrypt(raw, proxy.host), 'secureConnect', proxy) : raw
  return await openTunnel(way, proxy, addressOf(url))
}

const addressOf = (url: URL): { host: string; port: number } => ({
  host: url.hostname.replace(/^\[|\]$/g, ''),
  port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
})

const placeOf = (url: URL): string => `${url.hostname}:${addressOf(url).port}`

/** One way to a server, step by step, which has to be made within a time. */
class Attempt {
  readonly #place: string
  readonly #timer: NodeJS.Timeout
  readonly #sockets: Socket[] = []
  #reason: Failure | null = null

  constructor(place: string, limitMs: number) {
    this.#place = place
    this.#timer = setTimeout(() => {
      this.end(new Failure('timed-out', `the connection was not made within ${limitMs / 1000} s: "${place}"`))
    }, limitMs)
  }

  /** Waits until a socket has come so far. @param proxy to which it leads; null for the server @throws Failure */
  settle(socket: Socket, event: 'connect' | 'secureConnect', proxy: HttpProxy | null): Promise<Socket> {
    this.#sockets.push(socket)
    const place = proxy === null ? this.#place : `proxy ${proxy.host}:${proxy.port}`
    return new Promise((resolve, reject) => {
      // Stays: between here and the request nobody else listens.
      socket.on('error', error => reject(networkFailure(error, place)))
      socket.once('close', () => reject(networkFailure(new Error('the connection was closed'), place)))
      socket.once(event, () => resolve(socket.setNoDelay(true)))
      if (this.#reason !== null) socket.destroy()
    })
  }

  /** Ends it at once, for this reason. */
  end(reason: Failure): void {
    this.#reason ??= reason
    for (const socket of this.#sockets) socket.destroy()
  }

  /** It came to nothing. */
  fail(error: unknown): Failure {
    const failure = this.#reason ?? networkFailure(error, this.#place)
    this.end(failure)
    return failure
  }

  finish(): void {
    clearTimeout(this.#timer)
  }
}
