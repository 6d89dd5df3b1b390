import { statfsSync } from 'node:fs'
import { Failure } from '../errors/failure.ts'
import { DISK_LEFT_BYTES, DISK_LEFT_PART } from '../limits/limits.ts'
import { showBytes } from '../text/quantity.ts'

/**
 * Watches the room on a disk from now on: a pack has no end of its own.
 * @param directory on that disk
 * @returns the look at it, which gives the failure once too little is left. Throws as statfs(2) does
 */
export function watchDisk(directory: string): () => Failure | null {
  const least = Math.min(DISK_LEFT_BYTES, freeBytes(directory) * DISK_LEFT_PART)
  return () =>
    freeBytes(directory) >= least
      ? null
      : new Failure('disk-full', `this machine is nearly full: less than ${showBytes(least)} of its disk is left for other programs`)
}

/** For users without special rights. */
function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}
