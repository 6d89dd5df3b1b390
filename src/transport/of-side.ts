import { Failure } from '../errors/failure.ts'
import type { Side } from '../remote/side.ts'

/** Does a piece of work, and turns every error into a Failure of the side. */
export async function ofSide<T>(side: Side, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw Failure.from(error).on(side)
  }
}

/** The same for bytes that arrive. */
export async function* bytesOfSide(side: Side, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* bytes
  } catch (error) {
    throw Failure.from(error).on(side)
  }
}
