import type { Policy } from '../plan/plan.ts'
import type { Side } from '../remote/side.ts'

export const DIRECTIONS = ['push', 'pull', 'bidirectional'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** The direction before the settings are checked. An invalid value counts as the default here; it is reported later. */
export const directionIn = (text: string | undefined): Direction => DIRECTIONS.find(direction => direction === text?.trim()) ?? 'push'

/** Whether a run may change a side. */
export const isChanged = (side: Side, direction: Direction): boolean =>
  direction === 'bidirectional' || side === rolesOf(direction).destination

/** The side that is read and the side that is changed; with `bidirectional`, `here` is the source. */
export const rolesOf = (direction: Direction): { readonly source: Side; readonly destination: Side } =>
  direction === 'pull' ? { source: 'there', destination: 'here' } : { source: 'here', destination: 'there' }

/**
 * The defaults of `keep-divergent` and `prune` per direction. The mirror of a push is a copy. People work in the destination of a pull, so it keeps
 * everything (GitLab's defaults). In both directions a ref is deleted only if the base proves that one side deleted it.
 * In a push, `keep-divergent` also prevents deletions (GitLab); otherwise `prune` decides.
 */
export const POLICIES: Readonly<Record<Direction, Required<Policy>>> = {
  push: { keepDivergent: false, prune: 'merged', pruneRegardless: false },
  pull: { keepDivergent: true, prune: 'none', pruneRegardless: true },
  bidirectional: { keepDivergent: true, prune: 'all', pruneRegardless: true },
}
