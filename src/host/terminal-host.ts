import { tmpdir } from 'node:os'
import { maskIn } from '../credentials/mask.ts'
import type { Host } from './host.ts'

interface TerminalOptions {
  readonly verbose: boolean
  /** Told each value that a post step would be told, of which there is none here. */
  readonly onState: (name: string, value: string) => void
}

/** A person at a terminal, or a script: what happens goes to stderr, so that stdout holds the report alone. */
export function terminalHost(stderr: { write(text: string): unknown }, { verbose, onState }: TerminalOptions): Host {
  const masked: string[] = []
  const hide = (text: string) => maskIn(text, masked)
  const say = (text: string) => void stderr.write(`${hide(text)}\n`)
  return {
    kind: 'terminal',
    temporaryDirectory: tmpdir(),
    mask: secrets => void masked.push(...secrets),
    hide,
    info: say,
    debug: message => {
      if (verbose) say(message)
    },
    // The report on stdout says the same at more length.
    annotate: () => {},
    output: () => {},
    saveState: onState,
    summary: async () => {},
  }
}
