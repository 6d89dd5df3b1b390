import { excerptLines, excerptOf } from '../text/excerpt.ts'
import type { Kind } from './kinds.ts'
import { type ErrorRow, row } from './row.ts'

export type DamageKind = Extract<Kind, 'source-damaged' | 'source-partial'>

/** Texts of a server that cannot give the objects of a ref. They come first: git adds its own comments to them, and ends the connection. */
export const DAMAGE_TEXTS: readonly ErrorRow[] = [
  row('source-partial', 'connection', /could not fetch [0-9a-f]{40,64} from promisor remote/),
  row('source-damaged', 'connection', /aborting due to possible repository corruption on the remote side/),
]

/** Other texts of a source about an object that it cannot read; JGit names none. A destination prints the same about its own objects, so the table does not have them. */
const UNREADABLE =
  /pack-objects died|(?:unable to read|[Cc]ould not read|bad (?:\w+ )?object|unable to unpack) [0-9a-f]{40,64}|(?:loose|packed) object [0-9a-f]{40,64} .{1,300} is corrupt|[Mm]issing (?:blob|tree|commit|tag|unknown) [0-9a-f]{40,64}|^internal server error$/m

/** The kind of damage that a source reports; null = none. */
export function damageKindIn(text: string): DamageKind | null {
  const excerpt = excerptOf(text)
  const known = DAMAGE_TEXTS.find(({ match }) => match.test(excerpt))?.kind
  return known === 'source-partial' || known === 'source-damaged' ? known : UNREADABLE.test(excerpt) ? 'source-damaged' : null
}

/** A line about one object: its name and the problem. */
const NAMES_OBJECT = /\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/

const PROBLEM = /unable to|bad|could not|corrupt|failed|missing|not our ref|did not send/i

/** The first line that says which object is missing or damaged; null = none does. */
export function damagedObjectIn(text: string): string | null {
  const lines = excerptLines(text).map(line =>
    line
      .replaceAll('\0', '')
      .replace(/^(?:(?:fatal|error|remote|ERR)[: ]+)+/, '')
      .trim(),
  )
  return lines.find(line => NAMES_OBJECT.test(line) && PROBLEM.test(line)) ?? null
}

/** Every object that a text names. */
export const objectsIn = (text: string): ReadonlySet<string> => new Set(text.match(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g))
