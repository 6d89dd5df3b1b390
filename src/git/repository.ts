import { mkdir } from 'node:fs/promises'
import { Failure } from '../errors/failure.ts'
import { runGit } from './run.ts'

/** Makes an empty bare repository, unless it is there. @param directory below one that exists @returns the directory @throws Failure `internal` */
export async function createRepository(directory: string, objectFormat: string, env: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(directory, { recursive: true })
  const result = await runGit(['init', '--quiet', '--bare', `--object-format=${objectFormat}`, '--template=', '.'], { env, cwd: directory })
  if (result.exitCode !== 0) throw new Failure('internal', 'the temporary repository could not be created', { detail: result.stderr })
  return directory
}
