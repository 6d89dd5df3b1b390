import { Failure } from '../errors/failure.ts'
import { oneLine } from '../text/escape.ts'
import { openForRelay } from './relay/relay-sides.ts'
import type { Sides, SidesContext } from './sides.ts'

export interface Chosen<T> {
  readonly result: T
  /** Why git moves the objects although the relay was allowed to; null where that is not so. */
  readonly fallback: string | null
}

/**
 * Does the work over the transfer that the settings ask for. `auto` is the relay, and git where that finds, before anything is changed, that it cannot.
 * @throws Failure, `relay-impossible` where the relay was asked for and cannot; whatever the work throws
 */
export async function withTransfer<T>(context: SidesContext, work: (sides: Sides) => Promise<T>): Promise<Chosen<T>> {
  const { transfer } = context.settings
  if (transfer === 'git') return { result: await doneOver(await openGit(context), work), fallback: null }
  try {
    return { result: await doneOver(await openForRelay(context), work), fallback: null }
  } catch (error) {
    if (transfer === 'relay' || !isImpossible(error)) throw error
    const fallback = `it is not possible without a clone: ${oneLine(error.message)}`
    context.host.info(`${fallback}; going on with git`)
    return { result: await doneOver(await openGit(context), work), fallback }
  }
}

/** The relay cannot do it: found before anything was changed. */
export const isImpossible = (error: unknown): error is Failure => error instanceof Failure && error.kind === 'relay-impossible'

/** Loaded by the runs that need it. */
async function openGit(context: SidesContext): Promise<Sides> {
  const { openWithGit } = await import('./git/git-sides.ts')
  return await openWithGit(context)
}

async function doneOver<T>(sides: Sides, work: (sides: Sides) => Promise<T>): Promise<T> {
  try {
    return await work(sides)
  } finally {
    sides.close()
  }
}
