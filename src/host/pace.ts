/** Returns true at most once per period; the first period begins now. */
export function atMostEvery(milliseconds: number): () => boolean {
  let last = Date.now()
  return () => {
    const now = Date.now()
    if (now - last < milliseconds) return false
    last = now
    return true
  }
}
