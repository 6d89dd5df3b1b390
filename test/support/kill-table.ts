/** The mirror of a file with two at which the event happens; a run with one mirror has only the last. */
type Which = 'first' | 'last'

/** When a run is killed: by an event that the run or a server causes, never after a time. */
export type Point = { readonly name: string } & (
  | { readonly said: (log: string) => boolean }
  /** Its git is started for the nth time, by itself or by another git. */
  | { readonly call: number }
  /** The destination runs a hook. @property when tells by the hook's input or arguments @property answer what the server does with the push after the kill */
  | {
      readonly hook: 'pre-receive' | 'update' | 'post-receive'
      readonly when: string
      readonly answer: 'refuses' | 'accepts'
      readonly at: Which
    }
  /** The server is asked for an LFS object. */
  | { readonly lfs: 'download' | 'upload'; readonly at: Which }
  /** All but the summary is published. */
  | { readonly summary: true }
)

export interface Kill {
  readonly signal: (typeof SIGNALS)[number]
  readonly transfer: (typeof TRANSFERS)[number]
  readonly protocol: (typeof PROTOCOLS)[number]
  readonly lfs: boolean
  /** Two mirrors in a configuration file, one after the other. */
  readonly many: boolean
  readonly point: Point
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const
const TRANSFERS = ['relay', 'git'] as const
const PROTOCOLS = ['ssh', 'https'] as const

const masking: Point = { name: 'the first mask', said: log => log.includes('::add-mask::') }
const line = (count: number): Point => ({
  name: `line ${count} of the log`,
  said: log => log.split('\n').filter(text => text !== '' && !text.startsWith('::add-mask::')).length >= count,
})
const call = (count: number): Point => ({ name: `call ${count} of git`, call: count })
const ofMain = { when: 'grep -q refs/heads/main', at: 'last' } as const
const backup: Point = { ...ofMain, name: 'the backup arrives', hook: 'pre-receive', when: 'grep -q mirroring/backup', answer: 'refuses' }
const refused: Point = { ...ofMain, name: 'the refs arrive, and are refused', hook: 'pre-receive', answer: 'refuses' }
const accepted: Point = { ...ofMain, name: 'the refs arrive, and are accepted', hook: 'pre-receive', answer: 'accepts' }
const oneByOne: Point = { ...ofMain, name: 'a ref changes', hook: 'update', when: 'test "$1" = refs/heads/main', answer: 'accepts' }
const changed: Point = { ...ofMain, name: 'the refs have changed', hook: 'post-receive', answer: 'accepts' }
const download: Point = { name: 'an object is fetched', lfs: 'download', at: 'last' }
const upload: Point = { name: 'an object is sent', lfs: 'upload', at: 'last' }
const summary: Point = { name: 'the summary', summary: true }
const ofFirst = (point: Point): Point => ({ ...point, name: `${point.name}, first mirror`, at: 'first' }) as Point

/** 25 points for each signal over each protocol with each transfer. */
const POINTS: Readonly<Record<Kill['transfer'], readonly (readonly [Pick<Kill, 'lfs' | 'many'>, readonly Point[]])[]>> = {
  relay: [
    [{ lfs: false, many: false }, [masking, line(2), line(4), backup, accepted, summary]],
    [{ lfs: false, many: true }, [line(1), line(6), ofFirst(changed), refused, oneByOne, summary]],
    [{ lfs: true, many: false }, [line(3), download, upload, backup, oneByOne, changed, summary]],
    [{ lfs: true, many: true }, [ofFirst(upload), download, upload, refused, changed, summary]],
  ],
  git: [
    [{ lfs: false, many: false }, [call(1), call(3), call(5), call(8), refused, changed]],
    [{ lfs: false, many: true }, [call(2), call(12), ofFirst(oneByOne), backup, accepted, summary]],
    [{ lfs: true, many: false }, [call(4), call(7), call(10), download, upload, oneByOne, summary]],
    [{ lfs: true, many: true }, [call(6), call(18), download, upload, ofFirst(refused), changed]],
  ],
}

/** 300 kills. */
export const ALL_KILLS: readonly Kill[] = SIGNALS.flatMap(signal =>
  TRANSFERS.flatMap(transfer =>
    PROTOCOLS.flatMap(protocol =>
      POINTS[transfer].flatMap(([kind, points]) => points.map(point => ({ signal, transfer, protocol, ...kind, point }))),
    ),
  ),
)

/** Rows of each combination of signal, transfer and protocol. Those without LFS come first: of one mirror, then of two. */
const ROWS = 25
const ROWS_OF_ONE = 6
const ROWS_WITHOUT_LFS = 12

/** A part: for each combination a kill with one mirror, with two or with LFS, by turns; beside that with LFS one more with one mirror. */
export const SOME_KILLS: readonly Kill[] = ALL_KILLS.filter(({ signal, transfer, protocol }, index) => {
  const [combination, row] = [Math.floor(index / ROWS), index % ROWS]
  const turn = (SIGNALS.indexOf(signal) + TRANSFERS.indexOf(transfer) + PROTOCOLS.indexOf(protocol)) % SIGNALS.length
  // 5 and 3 are prime to the numbers of rows, so that other points come each time.
  const [one, two] = [(5 * combination) % ROWS_OF_ONE, ROWS_OF_ONE + ((5 * combination) % ROWS_OF_ONE)]
  const withLfs = ROWS_WITHOUT_LFS + ((3 * combination) % (ROWS - ROWS_WITHOUT_LFS))
  return [[one], [two], [one, withLfs]][turn]?.includes(row)
})

export const nameOfKill = ({ signal, transfer, protocol, lfs, many, point }: Kill): string =>
  [signal, transfer, protocol, ...(lfs ? ['LFS'] : []), ...(many ? ['two mirrors'] : []), point.name].join(' · ')
