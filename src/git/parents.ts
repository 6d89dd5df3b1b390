import { createInterface } from 'node:readline'
import { Failure } from '../errors/failure.ts'
import type { Oid } from '../refs/ref.ts'
import { type GitProcess, type ProcessOptions, startGit } from './process.ts'

/**
 * Every commit of a repository with its parents, also those that are missing: git would not walk past a missing one.
 * @throws Failure `internal` if git cannot list them; the signal's reason
 */
export async function readParents(options: ProcessOptions): Promise<ReadonlyMap<Oid, readonly Oid[]>> {
  const list = startGit(['cat-file', '--batch-all-objects', '--batch-check=%(objecttype) %(objectname)', '--unordered'], options)
  const read = startGit(['rev-list', '--parents', '--no-walk=unsorted', '--stdin'], options)
  const parents = new Map<Oid, readonly Oid[]>()
  try {
    const [codes] = await Promise.all([Promise.all([list.exit, read.exit]), passCommits(list, read), collect(read, parents)])
    options.signal?.throwIfAborted()
    if (codes.some(code => code !== 0)) throw new Failure('internal', 'the commits of the source could not be listed')
    return parents
  } finally {
    list.kill()
    read.kill()
  }
}

async function passCommits({ stdout, stderr }: GitProcess, { stdin }: GitProcess): Promise<void> {
  stderr.resume()
  for await (const line of createInterface({ input: stdout })) {
    if (!line.startsWith('commit ') || stdin.destroyed) continue
    if (!stdin.write(`${line.slice('commit '.length)}\n`))
      await new Promise(resolve => void stdin.once('drain', resolve).once('close', resolve))
  }
  stdin.end()
}

async function collect({ stdout, stderr }: GitProcess, parents: Map<Oid, readonly Oid[]>): Promise<void> {
  stderr.resume()
  for await (const line of createInterface({ input: stdout })) {
    const [commit, ...its] = line.split(' ') as Oid[]
    if (commit !== undefined && its !== undefined) parents.set(commit, its)
  }
}
