import type { RefName } from './ref.ts'

/** Names among which one that cannot exist beside another is found, as `a` and `a/b`. A server may have hundreds of thousands, so no look goes through all. */
export class NeighbourNames {
  readonly #names: ReadonlySet<RefName>
  readonly #sorted: readonly RefName[]

  constructor(names: Iterable<RefName>) {
    this.#names = new Set(names)
    this.#sorted = [...this.#names].sort()
  }

  /** A name below or above this one. */
  of(name: RefName): RefName | undefined {
    const below = this.#sorted[this.#firstFrom(`${name}/`)]
    if (below?.startsWith(`${name}/`)) return below
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      const above = name.slice(0, end) as RefName
      if (this.#names.has(above)) return above
    }
    return undefined
  }

  /** Index of the first name that is not before the text. */
  #firstFrom(text: string): number {
    let [low, high] = [0, this.#sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#sorted[middle] ?? '') < text) low = middle + 1
      else high = middle
    }
    return low
  }
}
