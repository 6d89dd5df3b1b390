import { runInThisContext } from 'node:vm'

/** Errors of node's own modules are made outside of jest's context. */
const CLASSES = [Error, runInThisContext('Error') as ErrorConstructor]

/**
 * Leaves the stacks of errors empty while thousands of errors are made on purpose. Otherwise each gets ten frames, which jest maps to the
 * sources, and that takes longer than the work itself.
 */
export async function withoutStacks<T>(work: () => T | Promise<T>): Promise<T> {
  const limits = CLASSES.map(errors => errors.stackTraceLimit)
  for (const errors of CLASSES) errors.stackTraceLimit = 0
  try {
    return await work()
  } finally {
    for (const [index, errors] of CLASSES.entries()) errors.stackTraceLimit = limits[index] ?? 10
  }
}
