import type { Advertisement } from './advertisement.ts'
import { isBranch, type RefName, shortName } from './ref.ts'

/** One pattern of `branches` or `tags`: `release/*`, `!wip/*`. */
export interface RefPattern {
  readonly exclude: boolean
  /** Without the `!`. `*` stands for any run of characters, `/` and none included; everything else for itself. */
  readonly glob: string
}

/** Which refs a run may touch at all. An empty list of patterns selects every ref of its kind. */
export interface Selection {
  readonly branches: readonly RefPattern[]
  readonly tags: readonly RefPattern[]
}

/**
 * Whether the whole name matches the pattern, case-sensitively: GitLab's wildcard rule for protected branches.
 * Takes the pieces between the stars one after the other, so no pattern can make it slow.
 */
export function matchesGlob(glob: string, name: string): boolean {
  const [head = '', ...rest] = glob.split('*')
  const tail = rest.pop()
  if (tail === undefined) return glob === name
  if (!name.startsWith(head) || !name.endsWith(tail)) return false
  let at = head.length
  for (const piece of rest) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return at <= name.length - tail.length
}

function matchesList(patterns: readonly RefPattern[], name: string): boolean {
  const included = patterns.filter(pattern => !pattern.exclude)
  if (patterns.some(pattern => pattern.exclude && matchesGlob(pattern.glob, name))) return false
  return included.length === 0 || included.some(pattern => matchesGlob(pattern.glob, name))
}

/** Whether the run may touch the ref. A branch called `HEAD` is never mirrored: git itself confuses it with the real one. */
export function selects(selection: Selection, ref: RefName): boolean {
  if (ref === 'refs/heads/HEAD') return false
  return matchesList(isBranch(ref) ? selection.branches : selection.tags, shortName(ref))
}

/** Remarks about patterns that were given and match nothing on either side: a typing error looks just like that. */
export function unmatchedPatterns(selection: Selection, sides: readonly Advertisement[]): string[] {
  const names = sides.flatMap(side => [...side.refs.keys()])
  const unmatched = (patterns: readonly RefPattern[], input: 'branches' | 'tags') => {
    const candidates = names.filter(name => isBranch(name) === (input === 'branches')).map(shortName)
    return patterns
      .filter(pattern => !candidates.some(name => matchesGlob(pattern.glob, name)))
      .map(({ exclude, glob }) => `the pattern "${exclude ? '!' : ''}${glob}" of \`${input}\` matches nothing`)
  }
  return [...unmatched(selection.branches, 'branches'), ...unmatched(selection.tags, 'tags')]
}
