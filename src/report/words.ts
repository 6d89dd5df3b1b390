import type { Kind } from '../errors/kinds.ts'
import type { Direction } from '../settings/direction.ts'
import { showCount } from '../text/quantity.ts'
import type { RefReport, Status } from './report.ts'

/** The findings of a verification, in the order in which it counts them. */
const WORDS = {
  diverged: 'diverged',
  'relation-unknown': 'unknown',
  'symbolic-ref': 'symbolic',
  behind: 'behind',
  missing: 'missing',
  extra: 'extra',
  'source-damaged': 'damaged',
  'source-partial': 'incomplete',
  'name-unusable': 'not comparable',
  'reserved-branch': 'kept',
} as const satisfies Partial<Record<Kind, string>>

/** The finding of a verification for a ref. */
export const verdictWord = ({ code }: RefReport): string => Object.entries(WORDS).find(([kind]) => kind === code)?.[1] ?? 'the same'

/** The headline of a verification that found a difference: `Not in sync: 1 behind, 38 refs are the same`. */
export function verifiedHeadline(status: Status, refs: readonly RefReport[]): string {
  const counts = Object.entries(WORDS).map(([kind, word]) => ({ word, count: refs.filter(({ code }) => code === kind).length }))
  const same = refs.filter(({ code }) => code === null).length
  const parts = counts.filter(({ count }) => count > 0).map(({ word, count }) => `${count} ${word}`)
  const word = status === 'up-to-date' ? 'In sync' : 'Not in sync'
  return `${word}: ${[...parts, `${showCount(same, 'ref')} ${same === 1 ? 'is' : 'are'} the same`].join(', ')}`
}

/** The names of the sides in texts. */
export type SideWords = Readonly<Record<'source' | 'destination', string>>

/** With `bidirectional`, each side is source and destination; the source of the report is here. */
export const sideWords = (direction: Direction): SideWords =>
  direction === 'bidirectional' ? { source: 'here', destination: 'there' } : { source: 'source', destination: 'destination' }
