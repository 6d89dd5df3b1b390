import type { RefName } from './ref.ts'

/** Finds a name that cannot exist beside another one, as `a` and `a/b`. */
export type NeighbourOf = (name: RefName) => RefName | undefined

/** Finds names below or above others. A server may have hundreds of thousands, so no look goes through all. */
export function neighboursAmong(all: Iterable<RefName>): NeighbourOf {
  const names = new Set(all)
  const sorted = [...names].sort()
  /** Index of the first name that is not before the text. */
  const firstFrom = (text: string): number => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sorted[middle] ?? '') < text) low = middle + 1
      else high = middle
    }
    return low
  }
  return name => {
    const below = sorted[firstFrom(`${name}/`)]
    if (below?.startsWith(`${name}/`)) return below
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      const above = name.slice(0, end) as RefName
      if (names.has(above)) return above
    }
    return undefined
  }
}
