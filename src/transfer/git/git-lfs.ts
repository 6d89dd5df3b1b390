import { readRootFiles, readSmallBlobs, readTypes } from '../../git/objects.ts'
import type { LocalGit } from '../../git/run.ts'
import { collectPointers, type Pointer } from '../../lfs/pointer.ts'
import { ATTRIBUTES_FILE, CONFIG_FILE, type LfsUsage, usesLfs } from '../../lfs/usage.ts'
import { POINTER_BYTES } from '../../limits/limits.ts'
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

/**
 * The pointers that the tips reach, and the destination's tips do not.
 * @param present the destination's tips; those that were not fetched are left out
 * @throws Failure
 */
export async function readPointers(tips: readonly Oid[], present: Iterable<Oid>, local: LocalGit): Promise<ReadonlyMap<string, Pointer>> {
  const types = await readTypes([...new Set(present)], local)
  const without = [...types].flatMap(([oid, type]) => (type === null ? [] : [oid]))
  return await collectPointers(readSmallBlobs({ tips, without, alone: false, most: POINTER_BYTES }, local))
}
