import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { Failure } from '../failure.ts'

export type Service = 'upload-pack' | 'receive-pack'

/** A git service that runs as a child process. */
export interface Served {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves with the exit code once the process and its streams have ended. Rejects with a Failure when it could not be started. */
  readonly exit: Promise<number>
  /** Ends the process, and what it started, at once. Never throws. */
  readonly kill: () => void
}

/** A repository of this machine need not allow filters to be asked: whoever reads it here may read all of it anyway. */
const SETTINGS: Readonly<Record<Service, readonly string[]>> = { 'upload-pack': ['-c', 'uploadpack.allowFilter=true'], 'receive-pack': [] }

/** Starts `git upload-pack` or `git receive-pack` on a repository of this machine. */
export function serveRepository(service: Service, path: string, env: Readonly<Record<string, string>>): Served {
  const child = spawn('git', [...SETTINGS[service], service, path], { env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
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
