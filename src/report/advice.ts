import { docsOf, KINDS, type Kind } from '../errors/kinds.ts'
import { interestingFirst, isDivergent, isTrouble } from './interest.ts'
import type { RefReport } from './report.ts'

/** What to do about one kind of trouble. */
export interface Advice {
  readonly title: string
  readonly hint: string
  readonly docs: string
}

/** The same for all refs that it counts for. */
export interface SharedAdvice extends Advice {
  readonly refs: readonly RefReport[]
}

/** The kind of a ref that needs attention; one that a transfer could not name is told by its outcome. */
function kindOf({ outcome, code }: RefReport): Kind {
  if (code !== null) return code
  return outcome === 'raced' ? 'raced' : outcome === 'rejected' ? 'ref-rejected' : 'remote-error'
}

/** For a ref that needs attention. */
export function adviseOn(ref: RefReport): Advice {
  const kind = kindOf(ref)
  return { title: KINDS[kind].title, hint: ref.hint ?? KINDS[kind].hint, docs: docsOf(kind) }
}

/** For what the run tried in vain, the most urgent first. */
export const adviseOnFailed = (refs: readonly RefReport[]): SharedAdvice[] => share(refs.filter(isTrouble))

/** For what was left alone on purpose: the divergent first. */
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
