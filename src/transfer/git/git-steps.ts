import { largestFiles } from '../../git/largest-files.ts'
import { packSizeOf, readHistory, sizeOf } from '../../git/objects.ts'
import type { LocalGit } from '../../git/run.ts'
import { AROUND_PACK_BYTES } from '../../limits/limits.ts'
import type { Oid } from '../../refs/ref.ts'
import type { StepRefs, StepSource } from '../step-source.ts'

export interface GitSteps extends StepSource {
  /** Bytes of what a push of these objects brings, as they are on this disk. @throws Failure */
  readonly measure: (tips: readonly Oid[]) => Promise<number>
  /** From now on the destination has these, too. */
  readonly landed: (tips: readonly Oid[]) => void
  /** Options of git for the next push. */
  readonly bufferOptions: () => readonly string[]
}

/**
 * The history in steps, from a repository that has all of it.
 * @param targets what annotated tags lead to @param present what the destination has
 */
export function gitSteps(repository: LocalGit, refs: StepRefs, targets: ReadonlyMap<Oid, Oid>, present: Iterable<Oid>): GitSteps {
  const there = new Set([...present, ...refs.present.values()])
  let [isBuffered, buffered] = [false, 0]
  const measure = (tips: readonly Oid[]) => sizeOf(tips, there, repository)
  return {
    ...refs,
    read: tips => readHistory(tips, there, repository),
    peel: oid => targets.get(oid) ?? oid,
    prepare: async (wants, most) => {
      // On the disk, a file may be whole where a push sends a difference, or the other way round.
      const bytes = await packSizeOf(wants, [...there], most, repository)
      // Only a server that wants to know the length makes git hold the whole pack; then that of each step as well.
      isBuffered ||= most === Number.POSITIVE_INFINITY
      buffered = isBuffered ? (bytes ?? 0) + AROUND_PACK_BYTES : 0
      return bytes
    },
    largestFiles: (commit, parents, count) => largestFiles(commit, { parents, alone: false, count }, repository),
    measure,
    landed: tips => {
      for (const tip of tips) there.add(tip)
    },
    bufferOptions: () => (buffered === 0 ? [] : ['-c', `http.postBuffer=${buffered}`]),
  }
}
