import { docsOf, KINDS, type Kind } from '../errors/kinds.ts'
import { interestingFirst, isDivergent, isTrouble } from './interest.ts'
import type { RefReport } from './outcome.ts'

/** What to do about one kind of trouble. */
export interface Advice {
  readonly title: string
  readonly hint: string
  readonly docs: string
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

/** Each piece of advice once, for all refs that need attention, the most urgent first. */
export function adviseOnAll(refs: readonly RefReport[]): Advice[] {
  const all = interestingFirst(refs.filter(ref => isTrouble(ref) || isDivergent(ref))).map(adviseOn)
  return [...new Map(all.map(advice => [`${advice.docs} ${advice.hint}`, advice])).values()]
}
