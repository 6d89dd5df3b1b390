import type { Side } from '../failure.ts'

export const DIRECTIONS = ['push', 'pull', 'bidirectional'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** Which side is read and which is changed; of both ways, which of them is told first. */
export interface Roles {
  readonly source: Side
  readonly destination: Side
}

export const rolesOf = (direction: Direction): Roles =>
  direction === 'pull' ? { source: 'there', destination: 'here' } : { source: 'here', destination: 'there' }
