import type { Readable } from 'node:stream'
import { Failure } from '../errors/failure.ts'
import { GIT_MESSAGES_BYTES, GIT_STDERR_BYTES, GIT_STDOUT_BYTES, LOGGED_AT_ONCE, MESSAGE_CHARACTERS } from '../limits/limits.ts'
import { showBytes } from '../text/quantity.ts'
import { collectText } from './output.ts'
import { type ProcessOptions, startGit } from './process.ts'

export interface GitOptions extends ProcessOptions {
  readonly input?: string | undefined
  /** Takes secrets out of git's stderr before anything reads, cuts or escapes it. */
  readonly hide?: (text: string) => string
  /** Gets the command, its exit code and its stderr. */
  readonly debug?: (message: string) => void
}

/** git in a repository of this machine, without a remote. */
export interface LocalGit extends ProcessOptions {
  readonly cwd: string
}

/** A finished process is a value: the caller decides what a non-zero exit code means. */
export interface GitResult {
  /** The command as a person would type it; holds no secret, because none is ever in argv. */
  readonly command: string
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: string
  /** Why it was ended; null where it ended by itself, or for a reason of the caller's own. */
  readonly ended: Failure | null
}

/**
 * Runs git to its end, or until the signal aborts.
 * @throws Failure `git-missing` if it could not be started; the signal's reason if that had already aborted; never for the rest
 */
export async function runGit(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const { input, hide = text => text } = options
  const startedAt = performance.now()
  const command = commandOf(args)
  const git = startGit(args, options)
  const limit = (stream: Readable, most: number, verb: string, take: (piece: Buffer) => void) => {
    let bytes = 0
    stream.on('data', (piece: Buffer) => {
      bytes += piece.length
      if (bytes > most) git.kill(new Failure('answer-too-large', `"${command}" ${verb} more than ${showBytes(most)}`))
      else take(piece)
    })
  }
  const out: Buffer[] = []
  limit(git.stdout, GIT_STDOUT_BYTES, 'printed', piece => void out.push(piece))
  const errorOutput = collectText([git.stderr], GIT_STDERR_BYTES)
  limit(git.stderr, GIT_MESSAGES_BYTES, 'said', () => {})
  git.stdin.end(input)
  const exitCode = await git.exit
  const stderr = hide(errorOutput())
  options.debug?.(describeEnd(command, exitCode, startedAt, stderr))
  return { command, exitCode, stdout: Buffer.concat(out), stderr, ended: git.ended() }
}

/** Runs git in a repository of this machine. @throws Failure as runGit does; the signal's reason if that aborted at any time */
export async function runLocalGit(args: readonly string[], local: ProcessOptions, input?: string): Promise<GitResult> {
  const result = await runGit(args, { ...local, input })
  local.signal?.throwIfAborted()
  if (result.ended !== null) throw result.ended
  return result
}

/** The command as a person would type it, cut where it is long. */
export const commandOf = (args: readonly string[]): string => `git ${args.join(' ')}`.slice(0, MESSAGE_CHARACTERS)

/** How a command ended, for the debug log. @param output without secrets */
export function describeEnd(command: string, exitCode: number, startedAt: number, output: string): string {
  const duration = Math.round(performance.now() - startedAt)
  return `${command} ended with ${exitCode} after ${duration} ms\n${output.slice(0, LOGGED_AT_ONCE)}`.trimEnd()
}
