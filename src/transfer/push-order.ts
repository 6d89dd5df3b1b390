import type { RefChange } from '../plan/plan.ts'
import type { RefName } from '../refs/ref.ts'
import { cutIntoBatches } from '../tasks/batches.ts'

/** Upper limits for one push. */
export interface PushLimits {
  readonly refs: number
  /** Characters of all ref names and oids on one command line. */
  readonly characters: number
}

/** The limits of a transfer, and that of the user if it is lower. */
export const limitsOf = (limits: PushLimits, { refsPerPush }: { readonly refsPerPush: number | null }): PushLimits => ({
  ...limits,
  refs: Math.min(limits.refs, refsPerPush ?? limits.refs),
})

/**
 * Deletions come first, because `a/b` cannot exist next to `a`; then the source's default branch, because an empty forge makes the first branch its
 * default; then the rest by name.
 */
export function orderChanges(changes: readonly RefChange[], defaultBranch: RefName | null): RefChange[] {
  const rank = ({ action, ref }: RefChange) => (action === 'delete' ? 0 : ref === defaultBranch ? 1 : 2)
  return [...changes].sort((a, b) => rank(a) - rank(b) || (a.ref < b.ref ? -1 : 1))
}

/** Cuts the changes into pushes, in order. A push holds at least one change. */
export function cutIntoPushes(changes: readonly RefChange[], { refs, characters }: PushLimits): RefChange[][] {
  const lengthOf = ({ ref, before, after }: RefChange) => 2 * ref.length + (before?.length ?? 0) + (after?.length ?? 0) + 40
  return cutIntoBatches(changes, lengthOf, { items: refs, size: characters })
}

/** Both halves of a push, in order. */
export function halve<T>(items: readonly T[]): T[][] {
  const middle = Math.ceil(items.length / 2)
  return [items.slice(0, middle), items.slice(middle)].filter(half => half.length > 0)
}

/** Another ref at the destination that git confuses with this one: git reads `refs/heads/a` also as `refs/heads/refs/heads/a` (gitrevisions(7)). */
export function confusedWith(ref: RefName, present: { has(name: RefName): boolean }): RefName | null {
  const longer = ['refs/', 'refs/heads/', 'refs/tags/'].map(prefix => `${prefix}${ref}` as RefName)
  return longer.find(name => present.has(name)) ?? null
}
