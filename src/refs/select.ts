import { Failure } from '../errors/failure.ts'
import { type Advertisement, allNamesOf } from './advertisement.ts'
import { isBranch, type RefName, shortName } from './ref.ts'

/** One pattern of `branches` or `tags`: `release/*`, `!wip/*`. */
export interface RefPattern {
  readonly exclude: boolean
  /** Without the `!`. `*` matches any number of any characters, `/` included; every other character matches itself. */
  readonly glob: string
}

/** A condition for branches besides the patterns. */
export interface BranchCondition {
  /** For messages, e.g. "the protected branches (main)". */
  readonly name: string
  /** @param name without refs/heads/ */
  matches(name: string): boolean
}

/** The refs that a run may change. An empty list of patterns selects every ref of its kind. */
export interface Selection {
  readonly branches: readonly RefPattern[]
  readonly tags: readonly RefPattern[]
  /** A branch must meet each of them. */
  readonly conditions?: readonly BranchCondition[]
  /** Tags that are not selected because of their commits (tag-scope.ts). */
  readonly leftOut?: ReadonlySet<string>
}

/** Whether the whole name matches, case-sensitively, like GitLab's wildcards. Goes from star to star once, so no pattern can make it slow. */
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

/** Whether the run may change the ref. @param ref also a name that cannot be mirrored */
export function selects(selection: Selection, ref: string): boolean {
  const name = shortName(ref)
  if (!isBranch(ref)) return matchesList(selection.tags, name) && !selection.leftOut?.has(ref)
  return matchesList(selection.branches, name) && (selection.conditions ?? []).every(condition => condition.matches(name))
}

/** Whether every branch, or every tag, is selected, whatever its name. */
export const selectsEach = ({ branches, tags, conditions = [] }: Selection, areBranches: boolean): boolean =>
  (areBranches ? branches : tags).every(({ exclude, glob }) => !exclude && glob === '*') && !(areBranches && conditions.length > 0)

const includes = (patterns: readonly RefPattern[]): boolean => patterns.some(({ exclude }) => !exclude)

/**
 * Refuses a selection that selects no branch of either side, or nothing: mirroring only the tags would send the history of branches that were not selected.
 * Two empty sides are not refused.
 * @throws Failure `selection-empty`
 */
export function checkSelection(selection: Selection, sides: readonly Advertisement[]): void {
  const refs = sides.flatMap(allNamesOf)
  const selected = refs.filter(ref => selects(selection, ref))
  const conditions = selection.conditions ?? []
  const narrowed = conditions.length > 0 || includes(selection.branches)
  if (narrowed && refs.some(isBranch) && !selected.some(isBranch)) {
    const patterns = selection.branches.map(({ exclude, glob }) => `${exclude ? '!' : ''}${glob}`).join(', ')
    const names = [...(patterns === '' ? [] : [`the patterns of \`branches\` (${patterns})`]), ...conditions.map(({ name }) => name)]
    throw new Failure('selection-empty', `no branch of either side is selected by ${names.join(' and ')}`)
  }
  if (includes(selection.tags) && refs.length > 0 && selected.length === 0)
    throw new Failure('selection-empty', 'no branch and no tag of either side is selected')
}

/** The refs that patterns name in full. */
export function exactNames({ branches, tags }: Selection): RefName[] {
  const named = (patterns: readonly RefPattern[], prefix: string) =>
    patterns.flatMap(({ exclude, glob }) => (exclude || glob.includes('*') ? [] : [`${prefix}${glob}` as RefName]))
  return [...named(branches, 'refs/heads/'), ...named(tags, 'refs/tags/')]
}

/** Notices about patterns that match none of these refs, because they may be typing errors. `*` is none. */
export function unmatchedPatterns(selection: Selection, names: readonly RefName[]): string[] {
  const unmatched = (patterns: readonly RefPattern[], input: 'branches' | 'tags') => {
    const candidates = names.filter(name => isBranch(name) === (input === 'branches')).map(shortName)
    return patterns
      .filter(({ glob }) => glob !== '*' && !candidates.some(name => matchesGlob(glob, name)))
      .map(({ exclude, glob }) => `the pattern "${exclude ? '!' : ''}${glob}" of \`${input}\` matches nothing`)
  }
  return [...unmatched(selection.branches, 'branches'), ...unmatched(selection.tags, 'tags')]
}
