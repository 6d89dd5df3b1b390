import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GitHttp } from './git-http.ts'

/** The pushes that are refused; all else is passed on. */
export interface Limits {
  readonly status: number
  /** Bytes of the body. */
  readonly bytes?: number
  /** Changes of refs. */
  readonly refs?: number
  /** Only a body whose length is said is taken. */
  readonly length?: true
  /** Bytes of a body whose length is not said, after which it is refused, as it comes too slowly. */
  readonly slow?: number
}

/** A server that stands in front of a good one, as a proxy or a forge's own front does, and limits what is pushed. */
export interface LimitingFront {
  /** `http://127.0.0.1:port` */
  readonly origin: string
  limits: Limits
  /** Bytes of each push so far, and whether it was refused. */
  readonly pushes: { bytes: number; isRefused: boolean }[]
  /** Resolves when a push was refused. */
  readonly refused: Promise<void>
  /** The rest of a pack is held back until then. */
  hold: { readonly after: number; readonly until: Promise<void> } | null
  stop(): Promise<void>
}

/** The request of git that only finds out whether it may push (`remote-curl.c`, "probe_rpc"). */
const PROBE_BYTES = 4

export async function startLimitingFront(git: Pick<GitHttp, 'plainOrigin'>): Promise<LimitingFront> {
  let release = (): void => {}
  const refused = new Promise<void>(resolve => {
    release = resolve
  })
  const server = createServer((message, response) => {
    if (!/git-receive-pack$/.test(message.url ?? '')) return passOn(git, message, response, { hold: front.hold })
    const { status, bytes = Number.POSITIVE_INFINITY, refs = Number.POSITIVE_INFINITY, length = false, slow } = front.limits
    const isLengthSaid = message.headers['content-length'] !== undefined
    const most = isLengthSaid ? bytes : Math.min(bytes, slow ?? bytes, length ? 0 : bytes)
    const pieces: Buffer[] = []
    const push = { bytes: 0, isRefused: false }
    const refuse = (): void => {
      push.isRefused = true
      front.pushes.push(push)
      response.writeHead(status).end()
      release()
    }
    message.on('data', (piece: Buffer) => {
      push.bytes += piece.length
      if (push.isRefused) return
      pieces.push(piece)
      if (push.bytes > most) refuse()
    })
    message.once('end', () => {
      if (push.isRefused) return
      const body = Buffer.concat(pieces)
      if (changesIn(body) > refs) return refuse()
      if (body.length > PROBE_BYTES) front.pushes.push(push)
      passOn(git, message, response, { body })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const front: LimitingFront = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    limits: { status: 500 },
    pushes: [],
    refused,
    hold: null,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return front
}

/** Commands stand before the first flush packet (gitprotocol-pack(5)). */
const changesIn = (body: Buffer): number => body.subarray(0, body.indexOf('0000PACK')).toString('latin1').split(' refs/').length - 1

interface How {
  /** Read already. */
  readonly body?: Buffer
  readonly hold?: LimitingFront['hold']
}

function passOn(
  { plainOrigin }: Pick<GitHttp, 'plainOrigin'>,
  message: IncomingMessage,
  response: ServerResponse,
  { body, hold }: How,
): void {
  const { host: _, 'transfer-encoding': __, ...headers } = message.headers
  const length = body && { 'content-length': body.length }
  const out = request(`${plainOrigin}${message.url}`, { method: message.method, headers: { ...headers, ...length } }, async from => {
    response.writeHead(from.statusCode ?? 502, from.headers)
    let given = 0
    for await (const piece of from) {
      if (hold && given > hold.after) await hold.until
      given += piece.length
      response.write(piece)
    }
    response.end()
  }).on('error', () => response.destroy())
  if (body === undefined) message.pipe(out)
  else out.end(body)
}
