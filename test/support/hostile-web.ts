import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createServer as createTls, type TLSSocket } from 'node:tls'
import { isForObjects, type Noted, type Only, type Script, type ServicePlan, say } from './hostile-bytes.ts'

/** The faults of a server. In all else it is a good one. */
export interface WebPlan extends ServicePlan, Only {
  /** Sent in the place of TLS. */
  readonly raw?: Script
  /** Sent within TLS, in the place of an answer to each request. */
  readonly bytes?: Script
  /** The answer to each request. */
  readonly answer?: (message: IncomingMessage, response: ServerResponse, noted: Noted) => void
  /** The output of `git-receive-pack` alone, where it differs. */
  readonly receive?: ServicePlan
}

export interface HostileWeb {
  readonly origin: string
  readonly noted: Noted
  /** Connections that are open. */
  readonly open: () => number
  /** Requests so far, by path. */
  readonly asked: string[]
  /** Its faults towards the connections that follow. */
  plan: WebPlan
  /** For the next row: nothing is noted, and no connection is left of a row that failed. */
  reset(): void
  stop(): void
}

export async function startHostileWeb(tls: { readonly cert: string; readonly key: string }): Promise<HostileWeb> {
  const sockets = new Set<Socket>()
  const noted: Noted = { taken: 0, isWaiting: false }
  let left: Script[] = []
  // A client that waits keeps its connection: that is how its end is seen.
  const http = createHttp({ keepAliveTimeout: 0 }, (message, response) => {
    web.asked.push(message.url ?? '')
    const { answer, bytes, only = '' } = web.plan
    const isMeant = (message.url ?? '').includes(only)
    if (answer !== undefined && isMeant) return answer(message, response, noted)
    if (bytes !== undefined && isMeant) return void say(message.socket, bytes, noted)
    const [, service] = /git-((?:upload|receive)-pack)/.exec(message.url ?? '') ?? []
    if (message.method === 'GET') {
      const { greeting = [], answers = [] } = (service === 'receive-pack' ? web.plan.receive : null) ?? web.plan
      left = [...answers]
      response.writeHead(200, { 'content-type': `application/x-git-${service}-advertisement` })
      return void say(response, greeting, noted)
    }
    response.writeHead(200, { 'content-type': `application/x-git-${service}-result` })
    response.flushHeaders()
    const { objects } = web.plan
    if (objects !== undefined) {
      message.once('data', (request: Buffer) => void say(response, isForObjects(request) ? objects : (left.shift() ?? []), noted))
      return
    }
    void say(response, left.shift() ?? [], noted)
    message.resume()
  })
  const secure = createTls(tls, (socket: TLSSocket) => {
    socket.on('error', () => {})
    const { bytes, only } = web.plan
    if (bytes === undefined || only !== undefined) http.emit('connection', socket)
    else socket.once('data', () => void say(socket.resume(), bytes, noted))
  })
  secure.on('tlsClientError', () => {})
  const listener = createServer({ noDelay: true }, socket => {
    sockets.add(socket.on('error', () => {}))
    socket.once('close', () => sockets.delete(socket))
    if (web.plan.raw !== undefined) void say(socket.resume(), web.plan.raw, noted)
    else secure.emit('connection', socket)
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const web = {
    origin: `https://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    noted,
    open: () => sockets.size,
    asked: [] as string[],
    plan: {} as WebPlan,
    reset: () => {
      for (const socket of sockets) socket.destroy()
      Object.assign(noted, { taken: 0, isWaiting: false })
    },
    stop: () => {
      listener.close()
      web.reset()
    },
  }
  return web
}
