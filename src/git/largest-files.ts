import { createInterface } from 'node:readline'
import type { Oid } from '../refs/ref.ts'
import { awaitedLater } from '../tasks/later.ts'
import { oneLine } from '../text/escape.ts'
import { showBytes } from '../text/quantity.ts'
import { startGit, throwIfEnded } from './process.ts'
import type { LocalGit } from './run.ts'

/**
 * The largest files that a commit has and its parents lack, each as `path (3.0 MiB)`, the largest first. Objects that the repository lacks are passed over.
 * @param alone the repository lacks the parents
 * @throws Failure if git cannot be started, or was ended
 */
export async function largestFiles(
  commit: Oid,
  { parents, alone, count }: { readonly parents: readonly Oid[]; readonly alone: boolean; readonly count: number },
  repository: LocalGit,
): Promise<string[]> {
  const without = alone ? ['--no-walk', '--missing=allow-any'] : parents.map(parent => `^${parent}`)
  const list = startGit(['rev-list', '--objects', commit, ...without], repository)
  const read = startGit(['cat-file', '--batch-check=%(objecttype) %(objectsize) %(rest)', '--buffer'], repository)
  for (const { stderr } of [list, read]) stderr.resume()
  const ended = awaitedLater(Promise.all([list.exit, read.exit]))
  let largest: { readonly size: number; readonly path: string }[] = []
  try {
    list.stdout.pipe(read.stdin)
    for await (const line of createInterface({ input: read.stdout })) {
      const [, size, path = ''] = /^blob (\d+) (.*)$/.exec(line) ?? []
      if (size === undefined) continue
      largest.push({ size: Number(size), path })
      if (largest.length > 1000) largest = firstOf(largest, count)
    }
    await ended
    repository.signal?.throwIfAborted()
    throwIfEnded(list, read)
    return firstOf(largest, count).map(({ size, path }) => `${oneLine(path)} (${showBytes(size)})`)
  } finally {
    list.kill()
    read.kill()
  }
}

const firstOf = <T extends { readonly size: number }>(files: readonly T[], count: number): T[] =>
  [...files].sort((a, b) => b.size - a.size).slice(0, count)
