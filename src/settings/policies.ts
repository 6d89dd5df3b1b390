import type { Policy } from '../plan/plan.ts'
import type { Direction } from './direction.ts'

/**
 * What a direction does where the inputs `keep-divergent` and `prune` are empty: the mirror of a push is a copy, while a pull comes into a repository
 * where people work (GitLab's defaults). In a push `keep-divergent` also deletes nothing (GitLab); elsewhere `prune`, which has to be asked for, counts.
 * Both ways, only what one side proves to have deleted goes at the other.
 */
export const POLICIES: Readonly<Record<Direction, Required<Policy>>> = {
  push: { keepDivergent: false, prune: 'merged', pruneRegardless: false },
  pull: { keepDivergent: true, prune: 'none', pruneRegardless: true },
  bidirectional: { keepDivergent: true, prune: 'all', pruneRegardless: true },
}
