import { rm, stat } from 'node:fs/promises'
import { messageOf } from '../errors/failure.ts'
import { isSessionDirectory } from './session.ts'

/**
 * The work of the post step: removes the private directory of a run that was killed. Never fails; returns a sentence for the log.
 * @param directory from the saved state; undefined if the run ended before it had one
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
