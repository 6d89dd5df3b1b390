import { readRootFiles } from '../../git/files.ts'
import type { LocalGit } from '../../git/run.ts'
import { usesLfs } from '../../lfs/attributes.ts'
import { ATTRIBUTES_FILE, CONFIG_FILE, type LfsUsage } from '../../lfs/usage.ts'
import type { Oid } from '../../refs/ref.ts'

/**
 * The use of LFS according to the roots of fetched tips. It is unknown for a default branch that was not fetched.
 * @param head tip of the default branch; null = none
 * @throws Failure `internal`
 */
export async function readUsage(tips: readonly Oid[], head: Oid | null, repository: LocalGit): Promise<LfsUsage> {
  const attributes = await readRootFiles(tips, ATTRIBUTES_FILE, repository)
  const config = head === null ? undefined : (await readRootFiles([head], CONFIG_FILE, repository)).get(head)
  const isUsed = [...attributes.values()].some(contents => contents !== null && usesLfs(contents.toString('utf8')))
  return { isUsed: isUsed || (tips.every(tip => attributes.has(tip)) ? false : null), config: config?.toString('utf8') ?? null }
}
