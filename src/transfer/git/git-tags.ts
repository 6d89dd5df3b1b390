import { join } from 'node:path'
import { commitsOutside } from '../../git/objects.ts'
import type { GitRemote } from '../../git/remote.ts'
import { createRepository } from '../../git/repository.ts'
import type { LocalGit } from '../../git/run.ts'
import type { RefName } from '../../refs/ref.ts'
import type { TagQuestion } from '../../refs/tag-scope.ts'
import { fetchInto, REPOSITORY } from './git-fetch.ts'

/** The tags whose object is no commit that the branches contain: fetches both with their whole history. @throws Failure */
export async function tagsBeyond(
  { tags, branches }: TagQuestion,
  source: GitRemote,
  objectFormat: string,
  local: LocalGit,
): Promise<RefName[]> {
  const repository = await createRepository(join(local.cwd, REPOSITORY), objectFormat, local)
  await fetchInto(repository, source, [...new Set([...branches, ...tags.map(({ tip }) => tip)])])
  const outside = await commitsOutside(
    tags.map(({ target }) => target),
    branches,
    { ...local, cwd: repository },
  )
  return tags.flatMap(({ ref, target }) => (outside.has(target) ? [ref] : []))
}
