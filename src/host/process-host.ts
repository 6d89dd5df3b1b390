import { rmSync } from 'node:fs'
import type { Host } from './host.ts'
import { terminalHost, wantsPlain } from './terminal-host.ts'

/** A terminal has no post step, so the process itself removes the private directories of its runs, also when it is interrupted. */
export function hostOfProcess(env: NodeJS.ProcessEnv, verbose = false): Host {
  const directories: Record<string, string> = {}
  process.once('exit', () => {
    for (const directory of Object.values(directories)) rmSync(directory, { recursive: true, force: true })
  })
  return terminalHost(process.stderr, {
    verbose,
    plain: wantsPlain(env),
    onState: (name, value) => {
      directories[name] = value
    },
  })
}
