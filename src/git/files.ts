import { Failure } from '../errors/failure.ts'
import { type LocalGit, runLocalGit } from './run.ts'

/**
 * Contents of files at the roots of commits.
 * @param name of a file at the root
 * @returns by commit; null where the commit has no such file, undefined where the repository has no such commit
 * @throws Failure `internal` if git cannot read them; the signal's reason
 */
export async function readRootFiles(
  commits: readonly string[],
  name: string,
  repository: LocalGit,
): Promise<ReadonlyMap<string, Buffer | null>> {
  const input = commits.flatMap(commit => [`${commit}\n`, `${commit}:${name}\n`]).join('')
  const types = await runLocalGit(['cat-file', '--batch-check=%(objectname) %(objecttype)'], repository, input)
  const lines = types.stdout.toString('utf8').split('\n')
  const files = new Map<string, string | null>()
  for (const [index, commit] of commits.entries()) {
    if (lines[2 * index]?.endsWith(' missing') !== false) continue
    const [oid = '', type] = lines[2 * index + 1]?.split(' ') ?? []
    files.set(commit, type === 'blob' ? oid : null)
  }
  const contents = await readBlobs([...new Set([...files.values()].flatMap(oid => oid ?? []))], repository)
  return new Map([...files].map(([commit, oid]) => [commit, oid === null ? null : (contents.get(oid) ?? null)]))
}

/** Blobs that are there, by oid. */
async function readBlobs(oids: readonly string[], repository: LocalGit): Promise<ReadonlyMap<string, Buffer>> {
  if (oids.length === 0) return new Map()
  const { exitCode, stdout, stderr } = await runLocalGit(['cat-file', '--batch'], repository, oids.map(oid => `${oid}\n`).join(''))
  const blobs = new Map<string, Buffer>()
  for (let at = 0, end = stdout.indexOf(10); end >= 0; end = stdout.indexOf(10, at)) {
    const [oid = '', , size = ''] = stdout.toString('latin1', at, end).split(' ')
    blobs.set(oid, stdout.subarray(end + 1, end + 1 + Number(size)))
    at = end + 1 + Number(size) + 1
  }
  if (exitCode !== 0 || blobs.size !== oids.length)
    throw new Failure('internal', 'files of the fetched commits could not be read', { detail: stderr })
  return blobs
}
