import type { Side } from '../failure.ts'
import type { Policy } from '../plan/plan.ts'

export const DIRECTIONS = ['push', 'pull'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** What an input says before anything is checked: what is no direction counts as the default, and is told later. */
export const directionIn = (text: string | undefined): Direction => DIRECTIONS.find(direction => direction === text?.trim()) ?? 'push'

/** Which side is read and which is changed. */
export interface Roles {
  readonly source: Side
  readonly destination: Side
}

export const rolesOf = (direction: Direction): Roles =>
  direction === 'push' ? { source: 'here', destination: 'there' } : { source: 'there', destination: 'here' }

/**
 * What a direction does where the inputs `keep-divergent` and `prune` are empty: the mirror of a push is a copy, while a pull comes into a repository
 * where people work (GitLab's defaults). In a push `keep-divergent` also deletes nothing (GitLab); elsewhere `prune`, which has to be asked for, counts.
 */
export const POLICIES: Readonly<Record<Direction, Required<Policy>>> = {
  push: { keepDivergent: false, prune: 'merged', pruneRegardless: false },
  pull: { keepDivergent: true, prune: 'none', pruneRegardless: true },
}
