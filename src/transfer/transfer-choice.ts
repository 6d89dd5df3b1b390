import { Failure } from '../errors/failure.ts'
import { oneLine } from '../text/escape.ts'
import { openForRelay } from './relay/relay-sides.ts'
import type { Sides, SidesContext } from './sides.ts'

/**
 * Does the work over the transfer of the settings. `auto` is the relay, with git as a fallback if the relay is not possible and nothing is changed yet.
 * @returns also why git moved the objects although the relay was allowed; null = no fallback was needed
 * @throws Failure, `relay-impossible` if `transfer` is `relay` and that is not possible; also the error of the work
 */
export async function withTransfer<T>(context: SidesContext, work: (sides: Sides) => Promise<T>) {
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

/** The relay is not possible. This is found before anything is changed. */
export const isImpossible = (error: unknown): error is Failure => error instanceof Failure && error.kind === 'relay-impossible'

/** Loads the code only in runs that need it. */
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
