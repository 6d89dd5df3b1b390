import { git } from './git-repository.ts'

/**
 * A message of server-messages.ts that a program of today prints: its id, words that it shares with what is printed, and how to bring the program
 * to it. `Place` is what the table's stages need: repositories, or servers.
 */
export type StagedText<Place> = readonly [string, RegExp, (place: Place) => Promise<string>]

interface Saying {
  readonly env?: Readonly<Record<string, string>>
  /** Only lines that match: a run takes up each ref by itself. */
  readonly lines?: RegExp
}

/** The output of git, in the language in which a run starts it (LC_ALL=C). Throws if git does not fail. */
export async function saidBy(directory: string, args: readonly string[], { env = {}, lines = /^/ }: Saying = {}): Promise<string> {
  const { code, stdout, stderr } = await git(directory, args, { allowFailure: true, env })
  if (code === 0) throw new Error(`git ${args.join(' ')} did not fail\n${stderr}${stdout}`)
  const all = `${stderr}\n${stdout}`.split('\n')
  return all.filter(line => lines.test(line)).join('\n')
}
