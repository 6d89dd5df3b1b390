import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import ssh2 from 'ssh2'
import { roundTrips } from './round-trips.ts'
import type { Route, Servers } from './servers.ts'

/**
 * Round trips until a client can send a request: TCP and TLS, or TCP and the login with ssh2 and a key that is offered at once, as in our
 * client. Measured by connecting through the route's proxy without a request.
 */
export async function handshakeRoundTrips(servers: Servers, route: Route): Promise<number> {
  route.take()
  const port = route.ports.source
  const close = await (route.protocol === 'https' ? openTls(servers, port) : logIn(servers, port))
  const { traces } = route.take().source
  close()
  return roundTrips(traces, route.roundTripMs)
}

function openTls({ caFile }: Servers, port: number): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, ca: readFileSync(caFile) })
    socket.once('error', reject).once('secureConnect', () => resolve(() => socket.destroy()))
  })
}

function logIn({ ssh: { username, privateKey, hostKeys } }: Servers, port: number): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    const sock = connect({ host: '127.0.0.1', port, noDelay: true })
    const close = (): void => {
      client.end()
      sock.destroy()
    }
    client.once('error', reject).once('ready', () => resolve(close))
    client.connect({
      sock,
      username,
      algorithms: { serverHostKey: ['ssh-ed25519'] },
      hostVerifier: (key: Buffer) => hostKeys.ed25519 === `ssh-ed25519 ${key.toString('base64')}`,
      authHandler: (_methods, _partial, next) => next({ type: 'publickey', username, key: privateKey }),
    })
  })
}
