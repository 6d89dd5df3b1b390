import type { Side } from '../failure.ts'

export const DIRECTIONS = ['push', 'pull'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** Which side is read and which is changed. */
export interface Roles {
  readonly source: Side
  readonly destination: Side
}

export const rolesOf = (direction: Direction): Roles =>
  direction === 'push' ? { source: 'here', destination: 'there' } : { source: 'there', destination: 'here' }
