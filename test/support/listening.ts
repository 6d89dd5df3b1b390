import { type ChildProcess, spawn } from 'node:child_process'

interface Listening {
  readonly child: ChildProcess
  readonly port: number
}

/**
 * Starts a server that prints its port, and nothing else, as soon as it listens. It ends when its standard input does, so that none outlives the tests,
 * not even if those are killed. Throws with its own words where it ends instead.
 */
export function startListening(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: '/', env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] = (output[name] + text).slice(-10_000)
        const [, port] = /^(\d+)\n/.exec(output.stdout) ?? []
        if (port !== undefined) resolve({ child, port: Number(port) })
      })
    }
    child.once('error', reject)
    child.once('close', code => reject(new Error(`${program} ended with ${code}\n${output.stdout}${output.stderr}`)))
  })
}
