import { isTag } from '../refs/ref.ts'
import type { Direction } from '../settings/direction.ts'
import { shellWord } from '../text/quote.ts'
import type { RefReport, Resolution } from './report.ts'

/** Both repositories as people see them; whose refs go where. Of both ways, the source is here. */
export interface Route {
  readonly direction: Direction
  readonly source: string
  readonly destination: string
}

/** Kept because both sides have what the other lacks, so that somebody has to say what is right. */
const CODES: ReadonlySet<string> = new Set(['diverged', 'relation-unknown', 'backup-refused'])

/**
 * The ways to settle a ref that was kept although both sides have it: for a branch to bring both histories together, for a tag, which cannot be merged,
 * to choose one; both ways, where either side may have been rewritten, also for a branch. The next run then finds nothing to settle. Each is one command for a POSIX shell, for any clone that both sides can be reached from; it
 * overwrites nothing that was not seen.
 * @returns none for a ref that needs no settling
 */
export function resolutionsOf(
  { ref, outcome, before, after, code }: Pick<RefReport, 'ref' | 'outcome' | 'before' | 'after' | 'code'>,
  route: Route,
): Resolution[] {
  if (outcome !== 'kept' || code === null || !CODES.has(code) || before === null || after === null) return []
  const [source, destination, name] = [shellWord(plainUrl(route.source)), shellWord(plainUrl(route.destination)), shellWord(ref)]
  const both = route.direction === 'bidirectional'
  const choose = (from: string, to: string, tip: string, instead: string) =>
    `git fetch --no-tags ${from} ${name} && git push ${shellWord(`--force-with-lease=${ref}:${instead}`)} ${to} ${shellWord(`${tip}:${ref}`)}`
  if (isTag(ref)) {
    return [
      { what: both ? 'take the tag that is here' : "take the source's tag", command: choose(source, destination, after, before) },
      { what: both ? 'take the tag that is there' : "take the destination's tag", command: choose(destination, source, before, after) },
    ]
  }
  const merge = [
    `git fetch --no-tags ${source} ${name}`,
    'git checkout --detach FETCH_HEAD',
    `git fetch --no-tags ${destination} ${name}`,
    'git merge --no-edit FETCH_HEAD',
    `git push ${source} ${shellWord(`HEAD:${ref}`)}`,
  ]
  if (!both) return [{ what: "merge the destination's commits into the source", command: merge.join(' && ') }]
  // Where one side was taken back, the merge has nothing to merge: so it goes to both, and each side can be chosen instead.
  return [
    { what: 'bring both together', command: [...merge, `git push ${destination} ${shellWord(`HEAD:${ref}`)}`].join(' && ') },
    { what: 'take what is here', command: choose(source, destination, after, before) },
    { what: 'take what is there', command: choose(destination, source, before, after) },
  ]
}

/** A URL as it can be used: a user or password that is shown as `***` is left to whoever runs the command. */
const plainUrl = (url: string): string => url.replace(/:\*\*\*@/, '@').replace(/\*\*\*@/, '')
