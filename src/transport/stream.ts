import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { Failure } from '../failure.ts'
import { ByteReader } from '../wire/byte-reader.ts'
import type { Body, Conversation } from './transport.ts'

/** A git service at the other end of two streams: a process, an SSH channel, a socket. */
export interface ServiceStreams {
  readonly input: Writable
  readonly output: Readable
  /** Asked once the output has ended: why it should not have; null where all is well. */
  readonly ended: () => Promise<Failure | null>
  /** Ends the service at once, so that what it did not get it never gets. */
  readonly cut: () => void
  /** Longest silence while we wait for the other side. */
  readonly idleTimeoutMs: number
}

/** Who is silent, and whether it is their turn: a receiver may be silent for hours while the sender still thinks. */
interface Activity {
  /** A request is being sent, and the other side takes it. */
  sending: boolean
  last: number
}

/** One conversation over both streams: requests go in, and all answers come out of the one output, one after the other. */
export function converse({ input, output, ended, cut, idleTimeoutMs }: ServiceStreams): Conversation {
  const activity: Activity = { sending: false, last: Date.now() }
  const silent = () => new Failure('timed-out', `the server was silent for ${Math.round(idleTimeoutMs / 1000)} s`)
  // Whatever happens to the input, the output ends and tells why.
  input.on('error', () => {})
  // An SSH channel whose connection broke still calls itself writable, and would never drain.
  let isClosed = false
  input.once('close', () => {
    isClosed = true
  })
  const reader = new ByteReader(readUntilSilent(output, { activity, ended, cut, idleTimeoutMs, silent }))

  const send = async (body: Body): Promise<void> => {
    activity.sending = true
    try {
      for await (const piece of Buffer.isBuffer(body) ? [body] : body) {
        if (isClosed || input.destroyed || !input.writable) return
        if (input.write(piece)) continue
        activity.sending = false
        await drained(input)
        activity.sending = true
        activity.last = Date.now()
      }
    } catch (error) {
      cut()
      throw error
    } finally {
      activity.sending = false
      activity.last = Date.now()
    }
  }
  return { stateless: false, greeting: reader, ask: body => ({ answer: reader, sent: send(body), abort: cut }) }
}

interface Watched extends Pick<ServiceStreams, 'ended' | 'cut' | 'idleTimeoutMs'> {
  readonly activity: Activity
  readonly silent: () => Failure
}

async function* readUntilSilent(output: Readable, watched: Watched): AsyncGenerator<Buffer> {
  const pieces = output.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer, undefined>
  for (let piece = await nextPiece(pieces, watched); piece !== null; piece = await nextPiece(pieces, watched)) yield piece
  const failure = await watched.ended()
  if (failure !== null) throw failure
}

/** The next piece; null at the end. The clock runs only while somebody waits for it. */
async function nextPiece(pieces: AsyncIterator<Buffer, undefined>, watched: Watched): Promise<Buffer | null> {
  const { activity, ended, cut, idleTimeoutMs, silent } = watched
  let timedOut = false
  activity.last = Date.now()
  const watch = setInterval(
    () => {
      if (activity.sending || Date.now() - activity.last < idleTimeoutMs) return
      timedOut = true
      cut()
    },
    Math.min(idleTimeoutMs, 1000),
  )
  try {
    const { done, value } = await pieces.next()
    if (timedOut) throw silent()
    return done === true ? null : value
  } catch (error) {
    if (timedOut) throw silent()
    throw (await ended()) ?? lost(error)
  } finally {
    clearInterval(watch)
  }
}

const lost = (cause: unknown): Failure => {
  if (cause instanceof Failure) return cause
  return new Failure('connection-lost', 'the connection was lost', {
    detail: cause instanceof Error ? cause.message : String(cause),
    cause,
  })
}

/** Waits until the stream takes more, or never will again. */
async function drained(stream: Writable): Promise<void> {
  const stop = new AbortController()
  const { signal } = stop
  await Promise.race(['drain', 'close', 'error'].map(async event => once(stream, event, { signal }).catch(() => {})))
  stop.abort()
}

/** What a service writes on its stderr: the end of it, which is where it says what went wrong. */
export function collectWords(stderr: Readable): () => string {
  let text = ''
  stderr.on('data', (piece: Buffer) => {
    text = (text + piece.toString('utf8')).slice(-MOST_WORDS)
  })
  stderr.on('error', () => {})
  return () => text
}

const MOST_WORDS = 65_536
