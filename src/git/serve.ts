import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

export type Service = 'upload-pack' | 'receive-pack'

/** A git service that runs as a child process. */
export interface Served {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves with the exit code once the process and its streams have ended. */
  readonly exit: Promise<number>
}

/** Starts `git upload-pack` or `git receive-pack` on a repository of this machine. */
export function serveRepository(service: Service, path: string, env: Readonly<Record<string, string>>): Served {
  const child = spawn('git', [service, path], { env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  const exit = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve(code ?? 1))
  })
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exit }
}
