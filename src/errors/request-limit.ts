import { excerptLines, excerptOf } from '../text/excerpt.ts'
import { Failure } from './failure.ts'

/**
 * A limit of requests: their bytes, their length, which must be known before, the time in which a body must come (408), or the time that the work may take.
 * A proxy in front of a server answers with 500, 502 or 504 when the server took too long.
 */
export interface RequestLimit {
  readonly of: 'size' | 'length' | 'slowness' | 'time'
  /** The words that say so. */
  readonly why: string
}

const TEXTS: readonly (readonly [RequestLimit['of'], RegExp])[] = [
  ['size', /pack exceeds maximum allowed size|TF402462:|HTTP 413|returned error: 413/],
  ['length', /HTTP 411|returned error: 411/],
  ['slowness', /HTTP 408|returned error: 408/],
  ['time', /HTTP 50[024]|returned error: 50[024]/],
]

/** The limit of requests that a text of a server, of our HTTP or of git names; null = none. */
export function requestLimitIn(text: string): RequestLimit | null {
  const lines = excerptLines(text)
  for (const [of, match] of TEXTS) {
    const why = lines.find(line => match.test(line))
    if (why !== undefined) return { of, why }
  }
  return null
}

/** The failure of a push that is known to be too large, before the server says so. @param most bytes */
export const packTooLarge = (most: number): Failure =>
  new Failure('large-file', `the pack exceeds maximum allowed size (${(most / 2 ** 30).toFixed(2)} GiB)`)

const UNITS: Readonly<Record<string, number>> = { bytes: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }

/** Bytes of the largest pack that a server takes, as git names it since 2.41: `pack exceeds maximum allowed size (2.00 GiB)`. null = not named. */
export function packLimitIn(text: string): number | null {
  const [, number, unit = ''] = /maximum allowed size \((\d{1,9}(?:\.\d{1,3})?) (bytes|KiB|MiB|GiB)\)/.exec(excerptOf(text)) ?? []
  return number === undefined ? null : Math.floor(Number(number) * (UNITS[unit] ?? 1))
}
