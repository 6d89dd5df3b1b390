import { tmpdir } from 'node:os'
import { maskIn } from '../text/redact.ts'
import type { Host } from './host.ts'
import { atMostEvery } from './pace.ts'

/** Whether a terminal shall have no colours and moving lines: NO_COLOR (https://no-color.org; empty does not count), or `dumb` (terminfo), as in editors. */
export const wantsPlain = (env: NodeJS.ProcessEnv): boolean => Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb'

interface TerminalOptions {
  readonly verbose: boolean
  /** No moving lines. */
  readonly plain?: boolean
  /** Called with each value that is meant for a post step, which a terminal does not have. */
  readonly onState: (name: string, value: string) => void
}

interface Screen {
  write(text: string): unknown
  readonly isTTY?: boolean
}

const FRAME_MS = 100
const LINE_MS = 10_000
// CR, then "erase in line" (ECMA-48, 8.3.41).
const CLEAR = '\r\u001b[K'

/** A terminal, or a script. Messages go to stderr, because stdout is only for the report. */
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

/** A block that moves to and fro, because the total is not known. */
function barAt(frame: number): string {
  const turn = frame % (2 * (WIDTH - BLOCK))
  const left = Math.min(turn, 2 * (WIDTH - BLOCK) - turn)
  return `[${' '.repeat(left)}${'='.repeat(BLOCK)}${' '.repeat(WIDTH - BLOCK - left)}]`
}
