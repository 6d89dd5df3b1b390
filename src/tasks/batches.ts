/** Upper limits for one batch; an item that is larger than `size` makes a batch of its own. */
export interface BatchLimits {
  readonly items: number
  readonly size: number
}

/** Cuts items into batches, in order, each within both limits. */
export function cutIntoBatches<T>(all: Iterable<T>, sizeOf: (item: T) => number, { items, size }: BatchLimits): T[][] {
  const batches: T[][] = []
  let filled = 0
  for (const item of all) {
    const current = batches.at(-1)
    const own = sizeOf(item)
    if (current === undefined || current.length >= items || filled + own > size) {
      batches.push([item])
      filled = own
    } else {
      current.push(item)
      filled += own
    }
  }
  return batches
}
