import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { messageOf } from '../errors/failure.ts'
import type { CommandLine } from './flags.ts'

/** The same command line with the inputs that are in files. A file that cannot be read is a problem like the others. */
export async function withFiles<T extends CommandLine>(line: T): Promise<T> {
  const raw = { ...line.raw }
  const problems = [...line.problems]
  for (const { input, path } of line.files) {
    try {
      raw[input] = await readFile(resolve(path), 'utf8')
    } catch (error) {
      problems.push(`--${input}-file: "${path}" could not be read: ${messageOf(error)}`)
    }
  }
  return { ...line, raw, problems }
}
