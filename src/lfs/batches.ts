import type { Pointer } from './pointer.ts'

/** Upper limits for one batch; an object that is larger than `bytes` makes a batch of its own. */
export interface BatchLimits {
  readonly bytes: number
  readonly objects: number
}

/** Cuts the objects into batches, in order, each within both limits. */
export function cutIntoBatches(pointers: Iterable<Pointer>, limits: BatchLimits): Pointer[][] {
  const batches: Pointer[][] = []
  let bytes = 0
  for (const pointer of pointers) {
    const current = batches.at(-1)
    if (current === undefined || current.length >= limits.objects || bytes + pointer.size > limits.bytes) {
      batches.push([pointer])
      bytes = pointer.size
    } else {
      current.push(pointer)
      bytes += pointer.size
    }
  }
  return batches
}
