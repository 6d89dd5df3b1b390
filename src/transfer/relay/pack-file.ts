import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { watchDisk } from '../../git/disk.ts'
import { DISK_LOOK_BYTES } from '../../limits/limits.ts'

/**
 * Puts a pack into a file while it arrives.
 * @param most bytes
 * @returns its bytes; null once there are more
 * @throws Failure `disk-full` while there is still room for other programs; any error of the pack
 */
export async function storePack(pack: AsyncIterable<Buffer>, file: string, most: number): Promise<number | null> {
  const look = watchDisk(dirname(file))
  const out = await open(file, 'w', 0o600)
  try {
    let [bytes, seen] = [0, 0]
    for await (const piece of pack) {
      bytes += piece.length
      if (bytes > most) return null
      if (bytes - seen > DISK_LOOK_BYTES) {
        const isFull = look()
        if (isFull !== null) throw isFull
        seen = bytes
      }
      await out.write(piece)
    }
    return bytes
  } finally {
    await out.close()
  }
}
