import { cli } from '../../src/entries/cli.ts'
import type { Finished } from './child-process.ts'
import { gitEnvironment } from './git-repository.ts'
import { PROGRAM } from './mirror.ts'

/** Runs the command line in this process, one at a time: for tests of what a command does and says, and not of the process. */
export async function commandHere(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  const said = { stdout: '', stderr: '' }
  const restore = (['stdout', 'stderr'] as const).map(name => {
    const stream = process[name]
    const { write } = stream
    const listeners = stream.listeners('error')
    stream.write = (text: string | Uint8Array) => {
      said[name] += String(text)
      return true
    }
    return () => {
      stream.write = write
      for (const added of stream.listeners('error').filter(one => !listeners.includes(one))) stream.off('error', added as () => void)
    }
  })
  try {
    const code = await cli(args, { ...gitEnvironment(), ...env }, PROGRAM)
    return { code, ...said }
  } finally {
    for (const undo of restore) undo()
  }
}
