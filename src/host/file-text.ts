import { createReadStream } from 'node:fs'
import { FILE_BYTES } from '../limits/limits.ts'
import { showBytes } from '../text/quantity.ts'

/** The text of a file. @throws Error if it cannot be read, or is larger than that: it may be a device without an end */
export async function readText(file: string, most = FILE_BYTES): Promise<string> {
  const pieces: Buffer[] = []
  let left = most
  for await (const piece of createReadStream(file) as AsyncIterable<Buffer>) {
    left -= piece.length
    if (left < 0) throw new Error(`it has more than ${showBytes(most)}`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
