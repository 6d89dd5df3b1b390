import { rmSync } from 'node:fs'
import type { Host } from './host.ts'
import { terminalHost, wantsPlain } from './terminal-host.ts'

/** A terminal has no post step, so what a run keeps in directories of its own goes when the process is interrupted. */
export function hostOfProcess(env: NodeJS.ProcessEnv, verbose = false): Host {
  const directories: Record<string, string> = {}
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.once(signal, () => {
      // After all who end what they have started when the process ends: it would make them anew.
      process.once('exit', () => {
        for (const directory of Object.values(directories)) rmSync(directory, { recursive: true, force: true })
      })
      process.stderr.write('interrupted: if a push was in progress, the server may still complete it; run again to check\n')
      process.exit(code)
    })
  }
  return terminalHost(process.stderr, {
    verbose,
    plain: wantsPlain(env),
    onState: (name, value) => {
      directories[name] = value
    },
  })
}
