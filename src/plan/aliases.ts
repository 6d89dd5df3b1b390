import type { Advertisement } from '../refs/advertisement.ts'
import { isLongTwin, movingName, parseMovingName, parseTwinName, twinName } from '../refs/mirroring-ref.ts'
import { isBranch, isTag, type Oid, type RefName } from '../refs/ref.ts'
import { changeOf, type PlannedRef, type RefChange } from './plan.ts'
import { codeOf, type Sealer } from './seal.ts'

/**
 * Branches, or tags, of one destination with the same tip, of which a run changes some. If the server does not report its symbolic refs, one of them may
 * only point to another one, and a change of it changes the other one as well.
 */
export interface TwinGroup {
  readonly tip: Oid
  readonly members: readonly RefName[]
  /** The changes of members; not all of them lead to the same result. */
  readonly changes: readonly PlannedRef[]
}

/** @param tips of the destination @param aliases refs that are known to be symbolic, which no longer count */
export function twinGroups(changes: readonly PlannedRef[], tips: ReadonlyMap<RefName, Oid>, aliases: ReadonlySet<RefName>): TwinGroup[] {
  const groups = new Map<string, { readonly tip: Oid; readonly members: RefName[]; readonly changes: PlannedRef[] }>()
  const keyOf = (ref: RefName, tip: Oid) => `${isTag(ref)} ${tip}`
  for (const change of changes) {
    const { ref, before: tip } = change
    if (tip === null) continue
    const group = groups.get(keyOf(ref, tip)) ?? { tip, members: [], changes: [] }
    group.changes.push(change)
    groups.set(keyOf(ref, tip), group)
  }
  if (groups.size === 0) return []
  for (const [ref, tip] of tips) if ((isBranch(ref) || isTag(ref)) && !aliases.has(ref)) groups.get(keyOf(ref, tip))?.members.push(ref)
  return [...groups.values()].filter(
    ({ members, changes: [first, ...others] }) =>
      members.length > 1 && (members.length !== others.length + 1 || others.some(({ after }) => after !== first?.after)),
  )
}

/** The changes of a group that may change another ref. The branch that HEAD names is never symbolic itself. */
const movers = ({ changes }: TwinGroup, head: RefName | null): readonly PlannedRef[] => changes.filter(({ ref }) => ref !== head)

/** Members that the run does not change. */
function unchanged({ members, changes }: TwinGroup): RefName[] {
  const changed = new Set(changes.map(({ ref }) => ref))
  return members.filter(ref => !changed.has(ref))
}

/** The refs to store before the changes, from which the next run sees what a run that was killed has moved by accident. They also keep the old tip. */
export function planMarks(
  groups: readonly TwinGroup[],
  head: RefName | null,
  present: ReadonlyMap<RefName, Oid>,
  sealer: Sealer,
): RefChange[] {
  return groups.flatMap(group => {
    const { tip } = group
    const still = unchanged(group)
    const targets = new Set(movers(group, head).map(({ after }) => after))
    if (still.length === 0 || targets.size === 0) return []
    const names = [...still.map(ref => twinMark(ref, tip, sealer)), ...[...targets].map(after => movingMark(tip, after, sealer))]
    return names.flatMap(name => changeOf(name, present.get(name) ?? null, tip))
  })
}

const twinMark = (ref: RefName, tip: Oid, sealer: Sealer): RefName => twinName(codeOf(['twin', ref, tip], sealer), ref)

const movingMark = (tip: Oid, after: Oid | null, sealer: Sealer): RefName => movingName(codeOf(['moving', tip, after], sealer), after)

/**
 * The changes that undo what a run that was killed has moved by accident, and those that remove its marks. Marks of others are ignored.
 * @param known names of both sides, among which are those that a shortened mark does not tell
 * @param base in both directions: only a tip on which both sides agreed is put back, because it is then carried to the other side
 */
export function planHealing(
  { refs, mirroringRefs }: Pick<Advertisement, 'refs' | 'mirroringRefs'>,
  known: Iterable<RefName>,
  sealer: Sealer,
  base: ReadonlyMap<RefName, Oid> | null,
) {
  const [, anyTip] = [...mirroringRefs].find(([name]) => isLongTwin(name)) ?? []
  const names =
    anyTip === undefined ? [] : [...known, ...(base?.keys() ?? [])].map(ref => [afterCode(twinMark(ref, anyTip, sealer)), ref] as const)
  const owners = new Map(names)
  const marks: RefChange[] = []
  const twins: (readonly [ref: RefName, tip: Oid])[] = []
  const moving = new Set<string>()
  for (const [name, tip] of mirroringRefs) {
    const ref = parseTwinName(name) ?? owners.get(afterCode(name)) ?? null
    const after = parseMovingName(name)
    if (ref !== null && name === twinMark(ref, tip, sealer)) twins.push([ref, tip])
    else if (after !== undefined && name === movingMark(tip, after, sealer)) moving.add(`${tip} ${after}`)
    else continue
    marks.push(...changeOf(name, tip, null))
  }
  const putBack = twins.flatMap(([ref, tip]) => {
    const now = refs.get(ref) ?? null
    const isAgreed = base === null || base.get(ref) === tip
    return isAgreed && moving.has(`${tip} ${now}`) ? changeOf(ref, now, tip) : []
  })
  return { putBack, marks }
}

/** The rest of `refs/mirroring/twin/<code>/<rest>`: in a shortened name it has a hash of the ref. */
const afterCode = (mark: RefName): string => mark.split('/').slice(4).join('/')

/** The result of a look at the refs after changes were made. */
export interface Findings {
  /** Refs that are certainly symbolic, or take part in a symbolic ref that is not changed further. */
  readonly aliases: readonly RefName[]
  /** Twins that moved along, each back to its tip. */
  readonly putBack: readonly RefChange[]
  /** Changes to make again, because only the other ref of a pair was at fault. */
  readonly again: readonly PlannedRef[]
}

export interface Result {
  readonly isLanded: boolean
  /** The server refused it because it would change two refs that are one in different ways. */
  readonly isInconsistent: boolean
}

/** @param now the tips after the changes @param head the branch that HEAD names */
export function findAliases(
  groups: readonly TwinGroup[],
  now: ReadonlyMap<RefName, Oid>,
  head: RefName | null,
  resultOf: (ref: RefName) => Result,
): Findings {
  const aliases: RefName[] = []
  const putBack: RefChange[] = []
  const again: PlannedRef[] = []
  for (const { tip, members, changes } of groups) {
    const landed = changes.filter(({ ref }) => resultOf(ref).isLanded)
    const refused = changes.filter(({ ref }) => resultOf(ref).isInconsistent)
    const kept = refused.length < 2 ? undefined : (refused.find(({ ref }) => ref === head) ?? refused[0])
    if (kept !== undefined) again.push(kept)
    aliases.push(...refused.flatMap(({ ref }) => (ref === kept?.ref ? [] : [ref])))
    const changed = new Set([...landed, ...refused].map(({ ref }) => ref))
    for (const ref of members) {
      const at = now.get(ref) ?? null
      const by = changed.has(ref) || at === tip ? [] : landed.filter(({ after }) => after === at)
      if (by.length === 0) continue
      if (by.some(change => change.ref === head)) aliases.push(ref)
      else {
        putBack.push(...changeOf(ref, at, tip))
        again.push(...changes.filter(change => change.ref === ref))
      }
    }
  }
  return { aliases, putBack, again }
}

/** Refs that came back with their twins, so that they are symbolic. */
export const returned = (groups: readonly TwinGroup[], now: ReadonlyMap<RefName, Oid>, resultOf: (ref: RefName) => Result): RefName[] =>
  groups.flatMap(({ tip, changes }) => changes.filter(({ ref }) => resultOf(ref).isLanded && now.get(ref) === tip).map(({ ref }) => ref))
