import { rm, stat } from 'node:fs/promises'
import { messageOf } from '../errors/failure.ts'
import { isSessionDirectory } from './session.ts'

/**
 * What the post step does: removes what a run left behind that was killed before it could tidy up. Never fails; says what it did.
 * @param directory the session's, from the saved state; undefined when the run ended before it had one
 */
export async function cleanUp(directory: string | undefined): Promise<string> {
  if (!directory) return 'nothing to clean up: the run stored nothing'
  if (!isSessionDirectory(directory)) return `nothing was removed: "${directory}" is not a directory of this action`
  try {
    await stat(directory)
  } catch {
    return 'nothing to clean up: the run removed its keys and files itself'
  }
  try {
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    return 'removed the keys and files that the run left behind'
  } catch (error) {
    return `the files in "${directory}" could not be removed: ${messageOf(error)}`
  }
}
