import type { Direction } from '../settings/direction.ts'

/** The names of the sides in texts. */
export interface SideWords {
  readonly source: string
  readonly destination: string
}

/** With `bidirectional`, each side is source and destination; the source of the report is here. */
export const sideWords = (direction: Direction): SideWords =>
  direction === 'bidirectional' ? { source: 'here', destination: 'there' } : { source: 'source', destination: 'destination' }
