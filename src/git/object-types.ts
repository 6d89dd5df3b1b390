import { Failure } from '../errors/failure.ts'
import type { Oid } from '../refs/ref.ts'
import { runGit } from './run.ts'
import type { StreamOptions } from './stream.ts'

/** Type of each object in a repository; null for those that are not there. @throws Failure `internal` where git cannot list them */
export async function readTypes(oids: readonly Oid[], { env, cwd = '.' }: StreamOptions): Promise<ReadonlyMap<Oid, string | null>> {
  const input = oids.map(oid => `${oid}\n`).join('')
  const result = await runGit(['cat-file', '--batch-check=%(objecttype)'], { env, cwd, input })
  const lines = result.stdout.toString('utf8').split('\n')
  if (result.exitCode !== 0 || lines.length !== oids.length + 1)
    throw new Failure('internal', 'the fetched objects could not be listed', { detail: result.stderr })
  return new Map(oids.map((oid, index) => [oid, lines[index]?.endsWith(' missing') ? null : (lines[index] ?? null)]))
}
