/** Says yes when so much time has gone by since it was made, or since it last said yes. */
export function atMostEvery(milliseconds: number): () => boolean {
  let last = Date.now()
  return () => {
    const now = Date.now()
    if (now - last < milliseconds) return false
    last = now
    return true
  }
}
