import { type ChildProcess, spawn } from 'node:child_process'

export interface Finished {
  /** null where a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface RunOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly input?: string | Buffer
}

/** Runs a program to its end, whatever the exit code. Throws only where it could not start. */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: { ...options.env }, stdio: 'pipe' })
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text
      })
    }
    child.on('error', reject)
    child.on('close', code => resolve({ code, ...output }))
    // A program may end without reading its input; its exit code says what that means.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input)
  })
}

/** Ends a process, with its whole group where it leads one, and waits until it is gone. */
export async function end(child: ChildProcess, { group = false, signal = 'SIGTERM' as NodeJS.Signals } = {}): Promise<void> {
  const { pid } = child
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise(resolve => child.once('exit', resolve))
  process.kill(group ? -pid : pid, signal)
  await gone
}
