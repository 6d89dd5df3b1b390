import type { ClientRequest } from 'node:http'
import { leave, nextPiece, untilEvent } from './body.ts'
import type { IdleWatch } from './idle-watch.ts'
import type { Body } from './transport.ts'

/** A body whose beginning has been read already. */
export interface PreparedBody {
  readonly head: Buffer
  /** null where the head is the whole body, so that its length is known. */
  readonly rest: AsyncIterator<Buffer> | null
}

/** Read before a request begins: most bodies are shorter, and some servers require the length. */
const MAX_HEAD = 2 ** 20
const EMPTY: Buffer = Buffer.alloc(0)
/** Sent in pieces, so that progress is seen on a slow line. */
const PIECE = 65_536

/** Reads the beginning of a body. @throws the error of the body */
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

/** Sends a body to its end; stops early, with the request unfinished, when the signal comes or the connection breaks. @throws the error of the body */
export async function sendBody(out: ClientRequest, { head, rest }: PreparedBody, watch: IdleWatch, signal: AbortSignal): Promise<void> {
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
