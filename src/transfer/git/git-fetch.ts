import { classify } from '../../errors/error-table.ts'
import { Failure } from '../../errors/failure.ts'
import { failureOf, type GitRemote } from '../../git/remote.ts'
import { type GitResult, runGit } from '../../git/run.ts'
import type { Oid } from '../../refs/ref.ts'
import { asDamage } from '../damage.ts'

/** The bare repository for all that a run fetches, in the run's own directory. */
export const REPOSITORY = 'transfer.git'

/** Fetches tips by their oids in one request, so that the planned commits arrive even if a branch has moved. */
export async function fetchInto(repository: string, remote: GitRemote, tips: readonly Oid[]): Promise<GitResult> {
  const result = await runGit(['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--stdin', remote.url], {
    ...remote,
    cwd: repository,
    input: tips.map(tip => `+${tip}:refs/tips/${tip}\n`).join(''),
  })
  const kind = classify(result.stderr)?.kind
  const details = { side: remote.side, detail: result.stderr }
  if (kind === 'source-shallow') throw new Failure('source-shallow', 'a shallow clone: its history ends before the first commit', details)
  if (kind === 'source-moved') throw new Failure('source-moved', 'a tip disappeared between reading and fetching it', details)
  if (result.exitCode !== 0) throw asDamage(await failureOf(remote, result), result.stderr)
  return result
}
