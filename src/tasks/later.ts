/** A promise that is awaited later, or not at all where something else fails first: until then its failure must not count as unhandled. */
export function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
