import { mkdir } from 'node:fs/promises'
import { Failure } from '../errors/failure.ts'
import type { ProcessOptions } from './process.ts'
import { runLocalGit } from './run.ts'

/** Makes an empty bare repository unless it exists. @param directory below one that exists @returns the directory @throws Failure `internal`; the signal's reason */
export async function createRepository(directory: string, objectFormat: string, local: ProcessOptions): Promise<string> {
  await mkdir(directory, { recursive: true })
  const result = await runLocalGit(['init', '--quiet', '--bare', `--object-format=${objectFormat}`, '--template=', '.'], {
    ...local,
    cwd: directory,
  })
  if (result.exitCode !== 0) throw new Failure('internal', 'the temporary repository could not be created', { detail: result.stderr })
  return directory
}
