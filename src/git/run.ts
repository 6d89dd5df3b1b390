import { Failure, messageOf } from '../errors/failure.ts'
import { stoppable } from './stop.ts'

export interface GitOptions {
  /** Whole environment of the process, as made by environment.ts; nothing is inherited besides. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly input?: string
  /** Takes secrets out of what the other side says, before anybody reads, cuts or escapes it. */
  readonly hide?: (text: string) => string
  /** Told what was run, how it ended, and what was said. */
  readonly debug?: (message: string) => void
  /** When it comes git is ended, with all that it has started. */
  readonly signal?: AbortSignal
}

/** A finished process is a value: what a non-zero exit code means is for the caller to say. */
export interface GitResult {
  /** The command as a person would type it; holds no secret, because none is ever in argv. */
  readonly command: string
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: string
}

/** Of what git says, for debugging. */
const MAX_WORDS = 10_000

/** Runs git to its end. @throws Failure `git-missing` when it could not be started; the signal's reason where that had come before; never for what git itself says. */
export async function runGit(
  args: readonly string[],
  { env, cwd, input, hide = text => text, debug = () => {}, signal }: GitOptions,
): Promise<GitResult> {
  const out: Buffer[] = []
  const err: Buffer[] = []
  const { exec } = await import('@actions/exec')
  signal?.throwIfAborted()
  const startedAt = performance.now()
  const options = {
    env: { ...env },
    cwd,
    silent: true,
    ignoreReturnCode: true,
    ...(input !== undefined && { input: Buffer.from(input) }),
    listeners: { stdout: (data: Buffer) => void out.push(data), stderr: (data: Buffer) => void err.push(data) },
  }
  const exitCode = await stoppable(signal, () => exec('git', [...args], options)).catch((cause: unknown) => {
    const message = messageOf(cause)
    throw new Failure(/Unable to locate|ENOENT/.test(message) ? 'git-missing' : 'internal', `git could not be started: ${message}`, {
      cause,
    })
  })
  const command = `git ${args.join(' ')}`.slice(0, 500)
  const stderr = hide(Buffer.concat(err).toString('utf8'))
  debug(`${command} ended with ${exitCode} after ${Math.round(performance.now() - startedAt)} ms\n${stderr.slice(0, MAX_WORDS)}`.trimEnd())
  return { command, exitCode, stdout: Buffer.concat(out), stderr }
}
