import type { ClientRequest } from 'node:http'
import { leave, nextPiece } from './body.ts'
import type { Body } from './transport.ts'

/** A body of which some is here already, and the rest is still to come. */
export interface PreparedBody {
  readonly head: Buffer
  /** null where the head is the whole, so that its length can be told. */
  readonly rest: AsyncIterator<Buffer> | null
}

/** Waits for so much of a body; most are shorter, and a server likes to know the length. */
const MAX_HEAD = 2 ** 20
const EMPTY: Buffer = Buffer.alloc(0)
/** Sent in pieces, so that a slow line shows that it moves. */
const PIECE = 65_536

/** @throws whatever the body throws */
export async function prepareBody(body: Body, signal: AbortSignal): Promise<PreparedBody> {
  if (Buffer.isBuffer(body)) return { head: body, rest: null }
  const iterator = body[Symbol.asyncIterator]()
  const pieces: Buffer[] = []
  let size = 0
  while (size <= MAX_HEAD) {
    const next = await nextPiece(iterator, signal)
    if (next === null) {
      leave(iterator)
      return { head: EMPTY, rest: null }
    }
    if (next.done === true) return { head: Buffer.concat(pieces, size), rest: null }
    pieces.push(next.value)
    size += next.value.length
  }
  return { head: Buffer.concat(pieces, size), rest: iterator }
}

/** Tells the idle watch which side has to act. */
export interface SendingWatch {
  wait<T>(work: Promise<T>): Promise<T>
  hold<T>(work: Promise<T>): Promise<T>
}

/**
 * Sends a body, as fast as it is taken, up to its end; ends early, and the request stays open, when the signal says so or the connection breaks.
 * @throws whatever the body throws
 */
export async function sendBody(out: ClientRequest, { head, rest }: PreparedBody, watch: SendingWatch, signal: AbortSignal): Promise<void> {
  const isOver = () => signal.aborted || out.destroyed
  const send = async (bytes: Buffer): Promise<void> => {
    for (let start = 0; start < bytes.length && !isOver(); start += PIECE) {
      if (!out.write(bytes.subarray(start, start + PIECE))) await watch.wait(untilEvent(out, 'drain', signal))
    }
  }
  await send(head)
  while (rest !== null && !isOver()) {
    const next = await watch.hold(nextPiece(rest, signal))
    if (next === null || next.done === true) break
    await send(next.value)
  }
  if (isOver()) return leave(rest)
  out.end()
  if (!out.writableFinished) await watch.wait(untilEvent(out, 'finish', signal))
}

/** Waits for an event of a request, or until it is over. */
function untilEvent(out: ClientRequest, event: 'drain' | 'finish', signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      for (const name of [event, 'close']) out.off(name, done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    for (const name of [event, 'close']) out.on(name, done)
    signal.addEventListener('abort', done)
    if (signal.aborted || out.destroyed) done()
  })
}
