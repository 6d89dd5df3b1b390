import { isTag } from '../refs/ref.ts'
import { shellWord } from '../text/quote.ts'
import type { RefReport, Report, Resolution } from './report.ts'

export type Route = Pick<Report, 'direction' | 'source' | 'destination'>

/** Reasons to keep a ref that only the user can settle, because each side may have commits that the other lacks. */
const CODES: ReadonlySet<string> = new Set(['diverged', 'relation-unknown', 'backup-refused'])

/**
 * The ways to settle a ref that was kept although both sides have it: merge a branch, or choose one side of a tag, which cannot be merged. With
 * `bidirectional`, either side may have been rewritten, so a branch offers that choice, too. Each way is one command for a POSIX shell in any clone
 * that reaches both sides, and overwrites only the tips of the report.
 * @returns none for a ref that needs no decision
 */
export function resolutionsOf({ ref, outcome, before, after, code }: RefReport, route: Route): Resolution[] {
  if (outcome !== 'kept' || code === null || !CODES.has(code) || before === null || after === null) return []
  const [source, destination, name] = [shellWord(plainUrl(route.source.url)), shellWord(plainUrl(route.destination.url)), shellWord(ref)]
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
  // If one side was rewound, the merge changes nothing on the other, so the result goes to both, and each side can be chosen instead.
  return [
    { what: 'bring both together', command: [...merge, `git push ${destination} ${shellWord(`HEAD:${ref}`)}`].join(' && ') },
    { what: 'take what is here', command: choose(source, destination, after, before) },
    { what: 'take what is there', command: choose(destination, source, before, after) },
  ]
}

/** A URL that git accepts: a user or password that is shown as `***` is left out, so that git asks for it. */
const plainUrl = (url: string): string => url.replace(/:\*\*\*@/, '@').replace(/\*\*\*@/, '')
