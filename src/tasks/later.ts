/** Marks a promise that is awaited later, or never if another failure comes first: its rejection does not count as unhandled. */
export function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/** Calls `work` with the value of a promise. A rejection is ignored, because another place reports it. */
export function onceThere<T>(promise: Promise<T> | null | undefined, work: (value: T) => void): void {
  promise?.then(work, () => {})
}

/** Does a piece of work at most once, when it is first needed. */
export function once<T>(work: () => Promise<T>): (() => Promise<T>) & { wasAsked(): boolean } {
  let result: Promise<T> | null = null
  const ask = () => {
    result ??= work()
    return result
  }
  return Object.assign(ask, { wasAsked: () => result !== null })
}
