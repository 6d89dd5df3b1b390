/** A promise that is awaited later, or not at all where something else fails first: until then its failure must not count as unhandled. */
export function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/** Does something with the value of a promise once it is there; nothing where the promise fails, which is reported elsewhere. */
export function onceThere<T>(promise: Promise<T> | null | undefined, work: (value: T) => void): void {
  promise?.then(work, () => {})
}
