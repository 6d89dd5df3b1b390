/** The body's next piece; null once it is not wanted any more. @throws whatever the body throws */
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

/** Tells a body that no more of it is wanted. */
export function leave(pieces: AsyncIterator<Buffer> | null): void {
  pieces?.return?.().catch(() => {})
}
