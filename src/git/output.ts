import type { Readable } from 'node:stream'
import { GIT_TEXT_BYTES } from '../limits/limits.ts'

/**
 * Collects the text of streams in the order in which it comes. If a text is too long, it keeps the beginning and the end, and says how much
 * is missing. Lines stay whole, so that no secret is cut in two before it is hidden.
 * @returns the text so far
 */
export function collectText(streams: readonly Readable[], maxBytes = GIT_TEXT_BYTES): () => string {
  const [head, tail]: [Buffer[], Buffer[]] = [[], []]
  let [headBytes, tailBytes, dropped] = [0, 0, 0]
  const take = (piece: Buffer) => {
    if (tail.length === 0 && headBytes + piece.length <= maxBytes / 2) {
      headBytes += head.push(piece) && piece.length
      return
    }
    tailBytes += tail.push(piece) && piece.length
    for (let first = tail[0]; first !== undefined && tailBytes - first.length >= maxBytes / 2; first = tail[0]) {
      tail.shift()
      tailBytes -= first.length
      dropped += first.length
    }
  }
  for (const stream of streams) stream.on('data', take)
  return () => {
    const [start, end] = [head, tail].map(pieces => Buffer.concat(pieces).toString('utf8')) as [string, string]
    if (dropped === 0) return start + end
    const kept = start.slice(0, start.lastIndexOf('\n') + 1)
    const rest = end.includes('\n') ? end.slice(end.indexOf('\n') + 1) : ''
    return `${kept}[${dropped} bytes or more are left out here]\n${rest}`
  }
}
