import { Failure } from '../errors/failure.ts'
import type { Oid } from '../refs/ref.ts'
import type { ProcessOptions } from './process.ts'
import { runLocalGit } from './run.ts'

/** Type of each object in a repository; null if it is missing. @throws Failure `internal` if git cannot list them; the signal's reason */
export async function readTypes(oids: readonly Oid[], repository: ProcessOptions): Promise<ReadonlyMap<Oid, string | null>> {
  const input = oids.map(oid => `${oid}\n`).join('')
  const result = await runLocalGit(['cat-file', '--batch-check=%(objecttype)'], repository, input)
  const lines = result.stdout.toString('utf8').split('\n')
  if (result.exitCode !== 0 || lines.length !== oids.length + 1)
    throw new Failure('internal', 'the fetched objects could not be listed', { detail: result.stderr })
  return new Map(oids.map((oid, index) => [oid, lines[index]?.endsWith(' missing') ? null : (lines[index] ?? null)]))
}
