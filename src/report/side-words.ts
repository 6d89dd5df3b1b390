import type { Direction } from '../settings/direction.ts'

/** What the sides of a run are called. */
export interface SideWords {
  readonly source: string
  readonly destination: string
}

/** Both ways, each side is source and destination; the one that is told as the source is here. */
export const sideWords = (direction: Direction): SideWords =>
  direction === 'bidirectional' ? { source: 'here', destination: 'there' } : { source: 'source', destination: 'destination' }
