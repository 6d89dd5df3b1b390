import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { Failure } from '../errors/failure.ts'

/** A git that runs as a child process, and is spoken with while it does. */
export interface Served {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves with the exit code once the process and its streams have ended. Rejects with a Failure when it could not be started. */
  readonly exit: Promise<number>
  /** Ends the process, and what it started, at once. Never throws. */
  readonly kill: () => void
}

export interface StreamOptions {
  /** Whole environment of the process, as made by environment.ts. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** Starts git; whatever it takes and gives streams by. */
export function startGit(args: readonly string[], { env, cwd }: StreamOptions): Served {
  const child = spawn('git', args, { env: { ...env }, cwd, stdio: ['pipe', 'pipe', 'pipe'] })
  const exit = new Promise<number>((resolve, reject) => {
    child.once('error', cause =>
      reject(
        new Failure('code' in cause && cause.code === 'ENOENT' ? 'git-missing' : 'internal', `git could not be started: ${cause.message}`, {
          cause,
        }),
      ),
    )
    child.once('close', code => resolve(code ?? 1))
  })
  const kill = () => {
    // Whatever git started for its work ends with the pipes that lead to us.
    child.stdin.destroy()
    child.stdout.destroy()
    child.kill()
  }
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exit, kill }
}
