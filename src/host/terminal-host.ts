import { tmpdir } from 'node:os'
import { maskIn } from '../text/mask.ts'
import type { Host } from './host.ts'
import { atMostEvery } from './pace.ts'

/**
 * Whether somebody wants a terminal without colours and moving lines: NO_COLOR (https://no-color.org, where an empty value does not count), or one that knows
 * no sequences at all (terminfo's `dumb`, as in editors).
 */
export const wantsPlain = (env: NodeJS.ProcessEnv): boolean => Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb'

interface TerminalOptions {
  readonly verbose: boolean
  /** Nothing moves, although it is a terminal. */
  readonly plain?: boolean
  /** Told each value that a post step would be told, of which there is none here. */
  readonly onState: (name: string, value: string) => void
}

/** Where a terminal writes; one that is no terminal keeps every line. */
interface Screen {
  write(text: string): unknown
  readonly isTTY?: boolean
}

const FRAME_MS = 100
const LINE_MS = 10_000
// CR, then "erase in line" (ECMA-48, 8.3.41).
const CLEAR = '\r\u001b[K'

/** A person at a terminal, or a script: what happens goes to stderr, so that stdout holds the report alone. */
export function terminalHost(stderr: Screen, { verbose, plain = false, onState }: TerminalOptions): Host {
  const masked: string[] = []
  const hide = (text: string) => maskIn(text, masked)
  const moves = stderr.isTTY === true && !plain
  const pace = atMostEvery(moves ? FRAME_MS : LINE_MS)
  let frames = 0
  const clear = () => {
    if (frames > 0) stderr.write(CLEAR)
    frames = 0
  }
  const say = (text: string) => {
    clear()
    stderr.write(`${hide(text)}\n`)
  }
  return {
    kind: 'terminal',
    verbose,
    temporaryDirectory: tmpdir(),
    mask: secrets => void masked.push(...secrets),
    hide,
    info: say,
    debug: message => {
      if (verbose) say(message)
    },
    progress: describe => {
      if (describe === null) clear()
      else if (!pace()) return
      else if (moves) stderr.write(`${CLEAR}${barAt(frames++)} ${hide(describe())}`)
      else say(describe())
    },
    // The report on stdout says the same at more length.
    annotate: async () => {},
    output: async () => {},
    saveState: onState,
    summary: async () => {},
  }
}

const WIDTH = 20
const BLOCK = 4

/** A block that goes to and fro: how much is still to come is not known. */
function barAt(frame: number): string {
  const turn = frame % (2 * (WIDTH - BLOCK))
  const left = Math.min(turn, 2 * (WIDTH - BLOCK) - turn)
  return `[${' '.repeat(left)}${'='.repeat(BLOCK)}${' '.repeat(WIDTH - BLOCK - left)}]`
}
