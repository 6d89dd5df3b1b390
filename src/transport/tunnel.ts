import type { Socket } from 'node:net'
import { Failure } from '../errors/failure.ts'
import { bracketed } from '../remote/server.ts'
import { networkFailure } from './network-failure.ts'
import type { HttpProxy } from './proxy.ts'

/** Asks a proxy to connect to a server (RFC 9110 §9.3.6). @returns the connection, which now leads to the server @throws Failure */
export async function openTunnel(socket: Socket, proxy: HttpProxy, server: { host: string; port: number }): Promise<Socket> {
  const { request } = await import('node:http')
  const target = `${bracketed(server.host)}:${server.port}`
  const place = `proxy ${proxy.host}:${proxy.port}`
  return await new Promise((resolve, reject) => {
    const headers: Record<string, string> = { Host: target }
    if (proxy.login !== null) headers['Proxy-Authorization'] = `Basic ${Buffer.from(proxy.login, 'utf8').toString('base64')}`
    const asking = request({ method: 'CONNECT', path: target, headers, createConnection: () => socket })
    asking.once('connect', ({ statusCode = 0 }, _socket, head) => {
      const failure = statusCode >= 200 && statusCode < 300 ? null : refusal(statusCode, place, target)
      if (failure !== null) return reject(failure)
      // A server sends nothing before the client has.
      if (head.length > 0) return reject(new Failure('protocol-error', `unexpected bytes from the proxy: "${place}"`))
      resolve(socket)
    })
    // Any other answer: node hands an answer to CONNECT over as `connect`, whatever its status.
    asking.once('error', error => reject(networkFailure(error, place)))
    asking.once('close', () => reject(networkFailure(new Error('the connection was closed'), place)))
    asking.end()
  })
}

function refusal(status: number, place: string, target: string): Failure {
  // 401 is what some proxies, such as tinyproxy, say to a wrong password.
  if (status === 407 || status === 401)
    return new Failure('proxy-refused', `the proxy asks for a user and a password, or refuses those it got: "${place}"`)
  const message = `the proxy did not connect to "${target}" (HTTP ${status}): "${place}"`
  if (status >= 500) return new Failure('connection-refused', message, { hint: 'check host and port, and that the proxy can reach them' })
  return new Failure('proxy-refused', message, {
    hint: "ask the proxy's owner to let connections to this host pass, or name the host in `NO_PROXY`",
  })
}
