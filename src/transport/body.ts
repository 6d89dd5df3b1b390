import type { Writable } from 'node:stream'

/** The body's next piece; null once it is not wanted any more. @throws the error of the body */
export function nextPiece(pieces: AsyncIterator<Buffer>, unwanted: AbortSignal): Promise<IteratorResult<Buffer> | null> {
  return new Promise((resolve, reject) => {
    const give = () => resolve(null)
    if (unwanted.aborted) return give()
    // Taken away again each time: a race with a promise that stays would hold on to every piece.
    unwanted.addEventListener('abort', give)
    pieces
      .next()
      .then(resolve, reject)
      .finally(() => unwanted.removeEventListener('abort', give))
  })
}

/** Waits for an event of a stream, or until the stream has failed or the signal comes. */
export function untilEvent(stream: Writable, event: 'drain' | 'finish', signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const events = [event, 'close', 'error']
    const done = () => {
      for (const name of events) stream.off(name, done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    for (const name of events) stream.on(name, done)
    signal.addEventListener('abort', done)
    if (signal.aborted || stream.destroyed) done()
  })
}

/** Ends a body of which no more is wanted. */
export function leave(pieces: AsyncIterator<Buffer> | null): void {
  pieces?.return?.().catch(() => {})
}
