import { Failure } from '../errors/failure.ts'
import type { RefName } from '../refs/ref.ts'
import { failureOf, type GitRemote } from './remote.ts'
import { type GitResult, runGit } from './run.ts'

/** Lets HEAD of a bare repository on this machine name a branch. @throws Failure */
export async function setHead(repository: string, branch: RefName, remote: GitRemote): Promise<void> {
  const git = async (...args: readonly string[]): Promise<GitResult> => {
    const result = await runGit(['-C', repository, ...args], remote)
    if (result.exitCode !== 0) throw await failureOf(remote, result)
    return result
  }
  const { stdout } = await git('rev-parse', '--is-bare-repository')
  // Another HEAD would make all files of the work tree look changed.
  if (stdout.toString('utf8').trim() !== 'true')
    throw new Failure('default-branch-refused', `HEAD of "${repository}" was not changed, because it has a work tree`, {
      side: remote.side,
    })
  await git('symbolic-ref', 'HEAD', branch)
}
