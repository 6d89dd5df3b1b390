/** The result of `work`, or `otherwise` where it throws: for what can fail in ways that do not matter. */
export function orElse<T, U>(otherwise: U, work: () => T): T | U {
  try {
    return work()
  } catch {
    return otherwise
  }
}
