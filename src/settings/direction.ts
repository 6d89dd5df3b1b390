import type { Side } from '../remote/side.ts'

export const DIRECTIONS = ['push', 'pull', 'bidirectional'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** What an input says before anything is checked: what is no direction counts as the default, and is told later. */
export const directionIn = (text: string | undefined): Direction => DIRECTIONS.find(direction => direction === text?.trim()) ?? 'push'

/** Which side is read and which is changed; of both ways, which of them is told first. */
export interface Roles {
  readonly source: Side
  readonly destination: Side
}

/** Whether a run may change a side. */
export const isChanged = (side: Side, direction: Direction): boolean =>
  direction === 'bidirectional' || side === rolesOf(direction).destination

export const rolesOf = (direction: Direction): Roles =>
  direction === 'pull' ? { source: 'there', destination: 'here' } : { source: 'here', destination: 'there' }
