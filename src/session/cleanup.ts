import { lstat, realpath, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { messageOf } from '../errors/failure.ts'
import { DIRECTORY_PREFIX } from './session.ts'

/**
 * The work of the post step: removes the private directory of a run that was killed. Never fails; returns a sentence for the log.
 * @param directory from the saved state, which other steps of the job can write; undefined if the run ended before it had one
 * @param temporaryDirectory in which the run made it
 */
export async function cleanUp(directory: string | undefined, temporaryDirectory: string): Promise<string> {
  if (!directory) return 'nothing to clean up: the run stored nothing'
  if (!(await isOurs(directory, temporaryDirectory)))
    return `nothing was removed: ${JSON.stringify(directory)} is not a directory of this action`
  const isThere = await lstat(directory).catch(() => null)
  if (isThere === null) return 'nothing to clean up: the run removed its keys and files itself'
  try {
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    return 'removed the keys and files that the run left behind'
  } catch (error) {
    return `the files in "${directory}" could not be removed: ${messageOf(error)}`
  }
}

/** Whether a run can have made a directory: by its place and by its name. */
async function isOurs(directory: string, temporaryDirectory: string): Promise<boolean> {
  const place = await realpath(temporaryDirectory).catch(() => null)
  return dirname(directory) === place && basename(directory).startsWith(DIRECTORY_PREFIX) && /^[\w-]+$/.test(basename(directory))
}
