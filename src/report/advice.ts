import { docsOf, KINDS, type Kind } from '../errors/kinds.ts'
import { isTag } from '../refs/ref.ts'
import type { Direction } from '../settings/direction.ts'
import { interestingFirst, isDivergent, isTrouble } from './interest.ts'
import type { FailureReport, RefReport } from './report.ts'

/** Advice on one kind of problem. */
export type Advice = Pick<FailureReport, 'title' | 'hint' | 'docs'>

/** One piece of advice and the refs that it is for. */
export interface SharedAdvice extends Advice {
  readonly refs: readonly RefReport[]
}

/** The hints that depend on the ref: a tag cannot be merged, and with `bidirectional` neither side is the destination. */
const HINTS: Partial<Record<Kind, (ref: { readonly isTag: boolean; readonly isBoth: boolean }) => string>> = {
  diverged: ({ isTag, isBoth }) => {
    const settle = isTag
      ? 'decide which of the two tags is right, and move the other one'
      : `merge ${isBoth ? 'the two branches, and push the result to both sides' : "the destination's commits into the source"}`
    const overwrite = isBoth ? 'so that here overwrites there' : 'so that the source overwrites the destination'
    return `${settle}, or set \`keep-divergent: false\` ${overwrite}`
  },
  'not-merged': ({ isTag, isBoth }) => {
    const merge = `merge it into the default branch ${isBoth ? 'of the other side' : 'of the source'}, `
    return `${isTag ? '' : merge}delete it ${isBoth ? 'on the side that has it' : 'at the destination'}, or set \`prune: all\``
  },
  'not-pruned': ({ isBoth }) =>
    `nothing, if this is wanted; to delete such refs set \`prune: merged\` or \`prune: all\`${isBoth ? '' : ', and `keep-divergent: false`'}`,
  extra: ({ isBoth }) =>
    isBoth ? 'let the mirror run: it deletes such refs if `prune` allows it; to keep it, push it to the other side, too' : KINDS.extra.hint,
}

/** Advice on a ref that differs between the sides; null without a code. */
export function hintOn(code: Kind | null, ref: string, direction: Direction): string | null {
  if (code === null) return null
  return HINTS[code]?.({ isTag: isTag(ref), isBoth: direction === 'bidirectional' }) ?? KINDS[code].hint
}

/** The kind of a ref that needs attention; if the transfer gave none, it follows from the outcome. */
function kindOf({ outcome, code }: RefReport): Kind {
  if (code !== null) return code
  return outcome === 'raced' ? 'raced' : outcome === 'rejected' ? 'ref-rejected' : 'remote-error'
}

/** Advice on a ref that needs attention. */
export function adviseOn(ref: RefReport): Advice {
  const kind = kindOf(ref)
  return { title: KINDS[kind].title, hint: ref.hint ?? KINDS[kind].hint, docs: docsOf(kind) }
}

/** Advice on the refs that the run could not change, the most urgent first. */
export const adviseOnFailed = (refs: readonly RefReport[]): SharedAdvice[] => share(refs.filter(isTrouble))

/** Advice on the refs that were kept on purpose, the divergent first. */
export const adviseOnKept = (refs: readonly RefReport[]): SharedAdvice[] =>
  share(refs.filter(ref => !isTrouble(ref) && (isDivergent(ref) || (ref.outcome === 'kept' && ref.code !== null))))

/** Each piece of advice once, with its refs. */
function share(refs: readonly RefReport[]): SharedAdvice[] {
  const shared = new Map<string, Advice & { readonly refs: RefReport[] }>()
  for (const ref of interestingFirst(refs)) {
    const advice = adviseOn(ref)
    const key = `${advice.docs} ${advice.hint}`
    const known = shared.get(key)
    if (known) known.refs.push(ref)
    else shared.set(key, { ...advice, refs: [ref] })
  }
  return [...shared.values()]
}
