import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable, Writable } from 'node:stream'

/** A request of a client to an LFS server. */
export interface LfsRequest {
  readonly kind: 'batch' | 'upload' | 'download' | 'verify' | 'locks'
  /** As in `createRepository`. */
  readonly repository: string
  /** The operation of a batch; null = not a batch. */
  readonly operation: 'upload' | 'download' | null
  /** Those of a batch, or the one that is moved or verified. */
  readonly objects: readonly string[]
  /** The header. */
  readonly authorization: string | null
  /** 1 for the first of its kind in this repository. */
  readonly nth: number
}

/** A request that has come to its end. */
export interface LfsAnswered extends LfsRequest {
  /** null = it was cut, or the client went away. */
  readonly status: number | null
  /** Bytes of the object, as far as they passed. */
  readonly bytes: number
}

/** The server does not get to see the request. */
interface Refusal {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. Left out: as the API's errors are, with `message`. */
  readonly body?: unknown
  readonly message?: string
}

/** The connection ends after so many bytes of the object. */
interface Cut {
  readonly cutAfter: number
}

/** The object stands still after so many bytes until it is released, or the client goes away. */
export interface Hold {
  readonly holdAfter: number
  /** Resolved when an object stands still. */
  readonly reached: Promise<void>
  readonly released: Promise<void>
  readonly arrive: () => void
  release(): void
}

/** A download gives so many bytes, whatever the size of the object, and does not end. */
interface Flood {
  readonly flood: number
}

export type Intervention = Refusal | Cut | Hold | Flood

/** Holds one transfer. @param bytes of the object that pass before; it must have more of them */
export function hold(bytes: number): Hold {
  const [reached, arrive] = signal()
  const [released, release] = signal()
  return { holdAfter: bytes, reached, arrive, released, release }
}

function signal(): [happened: Promise<void>, give: () => void] {
  let give = (): void => {}
  const happened = new Promise<void>(resolve => {
    give = resolve
  })
  return [happened, give]
}

/** Stands between nginx and a server for LFS objects. */
export interface LfsGate {
  readonly port: number
  /** The port of the server; 0 until it is known. */
  upstream: number
  /** Asked before each request; null = it goes on to the server. */
  intervene: ((request: LfsRequest) => Intervention | null) | null
  /** Everything that has come to its end, in that order. */
  readonly answered: LfsAnswered[]
  stop(): Promise<void>
}

/** Starts a gate on a free port of 127.0.0.1. */
export async function startGate(): Promise<LfsGate> {
  const counts = new Map<string, number>()
  const gate = { upstream: 0, intervene: null as LfsGate['intervene'], answered: [] as LfsAnswered[] }
  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { kind, repository, oid } = placeOf(message)
    const body = kind === 'upload' || kind === 'download' ? null : await textOf(message)
    const key = `${kind} ${repository}`
    const nth = (counts.get(key) ?? 0) + 1
    counts.set(key, nth)
    const { operation = null, objects } = batchOf(kind, body)
    const authorization = message.headers.authorization ?? null
    const asked: LfsRequest = { kind, repository, operation, objects: oid === null ? objects : [oid], authorization, nth }
    const intervention = gate.intervene?.(asked) ?? null
    const moved = { bytes: 0 }
    const status =
      intervention !== null && 'flood' in intervention
        ? await flood(intervention, response)
        : intervention !== null && 'status' in intervention
          ? await refuse(intervention, message, response)
          : await pass(gate.upstream, { message, body, kind, response, intervention, moved }).catch(() => null)
    if (status === null) response.destroy()
    gate.answered.push({ ...asked, status, bytes: moved.bytes })
  }
  const server = createServer((message, response) => void serve(message, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(gate, {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  })
}

const PLACE = /^\/(?:git|bearer)\/(?<repository>.+)\.git\/info\/lfs\/(?<rest>[^?]*)/

function placeOf({ url = '', method }: IncomingMessage): { kind: LfsRequest['kind']; repository: string; oid: string | null } {
  const { repository = '', rest = '' } = PLACE.exec(url)?.groups ?? {}
  const place = { repository: decodeURIComponent(repository), oid: null }
  if (rest === 'objects/batch') return { ...place, kind: 'batch' }
  if (rest.startsWith('locks')) return { ...place, kind: 'locks' }
  if (rest === 'objects/storage/verify') return { ...place, kind: 'verify' }
  return { ...place, kind: method === 'PUT' ? 'upload' : 'download', oid: rest.slice(rest.lastIndexOf('/') + 1) }
}

function batchOf(kind: LfsRequest['kind'], body: string | null): { operation?: 'upload' | 'download'; objects: string[] } {
  if (body === null || body === '' || kind === 'locks') return { objects: [] }
  const {
    operation,
    objects = [],
    oid,
  } = JSON.parse(body) as Partial<{
    operation: 'upload' | 'download'
    objects: { oid: string }[]
    oid: string
  }>
  return { ...(operation === undefined ? {} : { operation }), objects: oid === undefined ? objects.map(one => one.oid) : [oid] }
}

async function textOf(message: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of message) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('utf8')
}

async function refuse(refusal: Refusal, message: IncomingMessage, response: ServerResponse): Promise<number> {
  const { status, headers = {}, message: words = `refused with ${status}`, body = { message: words } } = refusal
  // A client that is still sending may see the connection end before it reads the answer.
  if (!message.readableEnded) await once(message.resume(), 'close')
  response.writeHead(status, { 'Content-Type': 'application/vnd.git-lfs+json', ...headers })
  response.end(JSON.stringify(body))
  if (!response.closed) await once(response, 'close')
  return status
}

async function flood({ flood: bytes }: Flood, response: ServerResponse): Promise<null> {
  response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).write(Buffer.alloc(bytes))
  await once(response, 'close')
  return null
}

interface Passing {
  readonly message: IncomingMessage
  readonly body: string | null
  readonly kind: LfsRequest['kind']
  readonly response: ServerResponse
  readonly intervention: Cut | Hold | null
  readonly moved: { bytes: number }
}

async function pass(port: number, { message, body, kind, response, intervention, moved }: Passing): Promise<number> {
  const { method = 'GET', headers, url = '' } = message
  const onward = request({ host: '127.0.0.1', port, path: url, method, headers, agent: false })
  for (const stream of [response, onward]) stream.on('error', () => {})
  // A failure on one side ends the other, so that neither is waited for.
  response.once('close', () => onward.destroy())
  try {
    const answering = once(onward, 'response') as Promise<[IncomingMessage]>
    // Awaited below; the upload may fail first.
    answering.catch(() => {})
    if (kind === 'upload') await pour(message, onward, intervention, moved)
    else onward.end(body ?? undefined)
    const [answer] = await answering
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    const download = kind === 'download' && answer.statusCode === 200
    await pour(answer, response, download ? intervention : null, download ? moved : { bytes: 0 })
    return answer.statusCode ?? 502
  } finally {
    onward.destroy()
  }
}

async function pour(from: Readable, to: Writable, intervention: Cut | Hold | null, moved: { bytes: number }): Promise<void> {
  const gone = closed(to)
  const limit =
    intervention === null ? Number.POSITIVE_INFINITY : 'cutAfter' in intervention ? intervention.cutAfter : intervention.holdAfter
  const write = async (bytes: Buffer): Promise<void> => {
    moved.bytes += bytes.length
    if (bytes.length > 0 && !to.write(bytes)) await Promise.race([once(to, 'drain'), gone])
    if (to.destroyed) throw new Error('the other side is gone')
  }
  for await (const chunk of from as AsyncIterable<Buffer>) {
    const room = Math.max(0, limit - moved.bytes)
    if (intervention === null || moved.bytes > limit || chunk.length <= room) await write(chunk)
    else {
      await write(chunk.subarray(0, room))
      if ('cutAfter' in intervention) throw new Error('cut')
      intervention.arrive()
      await Promise.race([intervention.released, gone, closed(from)])
      await write(chunk.subarray(room))
    }
  }
  to.end()
}

const closed = (stream: Readable | Writable): Promise<unknown> => new Promise(resolve => stream.once('close', resolve))
