import type { HistorySize } from './history.ts'

/** The history that the refs point into. */
export const HISTORY_OF_REFS: HistorySize = { commits: 1_000, files: 40, branches: 0 }

/** The branch that changes in `refs-…`. */
export const MOVED = 'team-00/work-000000'

/** Refs, half of them branches, half tags, in the language of git-fast-import(1). Their marks are those of the history before them. */
export function* manyRefs(count: number): Generator<string> {
  for (let i = 0; i < count; i++) {
    const [number, team] = [String(i).padStart(6, '0'), String(i % 50).padStart(2, '0')]
    const name = i % 2 === 0 ? `heads/team-${team}/work-${number}` : `tags/build-${team}/${number}`
    yield `reset refs/${name}\nfrom :${1 + ((i * 7) % HISTORY_OF_REFS.commits)}\n\n`
  }
}
