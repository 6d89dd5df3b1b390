import type { Writable } from 'node:stream'
import { constants, deflateRawSync } from 'node:zlib'

/** One part of what a hostile server sends: bytes, many of them, no more and no end, or single bytes without an end. `time`: what follows is ended by time alone. */
export type Part = Buffer | string | Iterable<Buffer> | 'silence' | 'drip' | 'time'

/** The parts that a server sends, one after the other. Then it ends in good order. */
export type Script = readonly Part[]

/** The output of a service of git. */
export interface ServicePlan {
  /** Comes first. */
  readonly greeting?: Script
  /** An answer to each request. */
  readonly answers?: readonly Script[]
  /** The answer to a request for objects: git, which knows what it wants, asks for no list of refs first. */
  readonly objects?: Script
}

/** Whether bytes are a request for objects (gitprotocol-v2(5)). */
export const isForObjects = (request: Buffer): boolean => request.includes('command=fetch')

/** All but the requests or commands with this word are answered well. */
export interface Only {
  readonly only?: string
}

export const MEGABYTE = 2 ** 20
/** The largest payload of a packet. */
const MOST = 65_516

export const filled = (text: string, length = MOST): string => text + 'x'.repeat(Math.max(0, length - text.length))

/** The same for ever: many packets in one piece, so that much comes quickly. May be sent more than once. */
export function forever(packet: Buffer): Iterable<Buffer> {
  const piece = Buffer.concat(Array.from({ length: Math.ceil(65_536 / packet.length) }, () => packet))
  return counted(() => piece, 1)
}

/** Each a little different, for ever. @param together packets in one piece */
export const counted = (make: (index: number) => Buffer, together = 500): Iterable<Buffer> => ({
  *[Symbol.iterator]() {
    for (let index = 0; ; index += together) yield Buffer.concat(Array.from({ length: together }, (_, next) => make(index + next)))
  },
})

const block = (bytes: Buffer): Buffer => deflateRawSync(bytes, { finishFlush: constants.Z_FULL_FLUSH })

/** A beginning, then the same packet for ever, as gzip: a thousandth of what it inflates to. */
export const compressed = ([first, packet]: Endless): Script => [
  Buffer.from('1f8b0800000000000003', 'hex'),
  block(first),
  forever(block(Buffer.alloc(packet.length * Math.ceil(MEGABYTE / packet.length), packet))),
]
export type Endless = readonly [first: Buffer, packet: Buffer]

/** More than any limit of these tests. A server that gets rid of all this was not stopped: it cuts the connection, so that the row fails at once. */
export const TOO_MUCH = 32 * MEGABYTE

const DRIP_MS = 1000

/** The work of a server so far. */
export interface Noted {
  /** Bytes that the client, or the system between them, has taken. */
  taken: number
  /** Bytes after which a server that was not stopped cuts the connection, or is silent where time alone ends it; left out: `TOO_MUCH`. */
  readonly most?: number
  /** A script has come to its silence, or to its drip, and the client is still there. */
  isWaiting: boolean
  /** Sends what still comes while time passes: a byte, or one more piece. A test that moves the clock of another process calls it. */
  goOn?: () => void
  /** The client that it waits for. */
  client?: unknown
}

/** Sends a script to a client, as fast as it takes it. @param isLast then the stream ends @returns when all is sent, or the client is gone */
export async function say(out: Writable, script: Script, noted: Noted, isLast = true): Promise<void> {
  const client: Client = { out, isGone: false, gone: Promise.resolve() }
  client.gone = new Promise<void>(resolve =>
    out.once('close', () => {
      client.isGone = true
      resolve()
    }),
  )
  const wait = () => {
    Object.assign(noted, { isWaiting: true, client })
    void client.gone.then(() => {
      if (noted.client === client) noted.isWaiting = false
    })
  }
  for (const part of script) {
    if (client.isGone) return
    if (part === 'silence') {
      wait()
      return await client.gone
    }
    if (part === 'drip') {
      wait()
      return await drip(client, noted)
    }
    if (part === 'time') {
      wait()
      continue
    }
    // A part that has an end is sent as it is: the server may be asked once more, after a flood.
    const isOne = typeof part === 'string' || Buffer.isBuffer(part)
    for (const piece of isOne ? [part] : part) {
      if (!isOne && noted.taken > (noted.most ?? TOO_MUCH)) {
        if (noted.isWaiting) noted.goOn = () => void write(client, Buffer.from(piece))
        else out.destroy()
        return await client.gone
      }
      await write(client, typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
      if (client.isGone) return
      noted.taken += piece.length
    }
  }
  if (isLast) out.end()
}

interface Client {
  readonly out: Writable
  /** A channel of ssh2 that is closed is not yet destroyed. */
  isGone: boolean
  gone: Promise<void>
}

async function drip({ out, gone }: Client, noted: Noted): Promise<void> {
  const letFall = () => {
    if (out.writable) out.write('0')
  }
  noted.goOn = letFall
  const timer = setInterval(letFall, DRIP_MS)
  await gone
  clearInterval(timer)
}

async function write({ out, gone }: Client, piece: Buffer): Promise<void> {
  if (!out.writable) return await gone
  const drained = new Promise<void>(resolve => {
    if (out.write(piece)) setImmediate(resolve)
    else out.once('drain', resolve)
  })
  await Promise.race([drained, gone])
}
