import { KINDS } from '../errors/kinds.ts'
import { defaultTip } from '../plan/plan.ts'
import { type Advertisement, type Damage, type DamagedRef, namesOf, tipOf } from '../refs/advertisement.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import { type Selection, selects } from '../refs/select.ts'
import type { PerSide, Side } from '../remote/side.ts'
import type { RefReport } from '../report/report.ts'
import { type Direction, rolesOf } from '../settings/direction.ts'
import { DamageSearch } from '../transfer/damage.ts'
import type { Sides } from '../transfer/sides.ts'

/** The search for damaged tips of each side, and the tip of its default branch. */
export type DamageMemory = PerSide<{ readonly search: DamageSearch; first: Oid | null }>

export const noDamage = (): DamageMemory => ({
  here: { search: new DamageSearch(), first: null },
  there: { search: new DamageSearch(), first: null },
})

/** The sides without the tips that are left out, and with notes of what is requested from them. */
export function withoutDamage(sides: Sides, memory: DamageMemory): Sides {
  memory.here.first = defaultTip(sides.here)
  memory.there.first = defaultTip(sides.there)
  return {
    ...sides,
    here: without(sides.here, memory.here.search.leftOut),
    there: without(sides.there, memory.there.search.leftOut),
    transfer: (source, wants, certain) => {
      memory[source].search.requests(wants)
      return sides.transfer(source, wants, certain)
    },
    tagsBeyond: (side, question) => {
      memory[side].search.requests([...new Set([...question.branches, ...question.tags.map(({ tip }) => tip)])])
      return sides.tagsBeyond(side, question)
    },
  }
}

function without(side: Advertisement, leftOut: ReadonlyMap<Oid, Damage | null>): Advertisement {
  if (leftOut.size === 0) return side
  const damaged = new Map<RefName, DamagedRef>(side.damaged)
  const [refs, symbolic] = [new Map(side.refs), new Map(side.symbolic)]
  for (const ref of namesOf(side)) {
    const tip = tipOf(side, ref)
    const damage = tip === null ? undefined : leftOut.get(tip)
    if (damage === undefined) continue
    damaged.set(ref, { tip, damage })
    refs.delete(ref)
    symbolic.delete(ref)
  }
  return { ...side, refs, symbolic, damaged }
}

/** The reports of selected refs that a side cannot give. */
export function reportDamaged(sides: PerSide<Advertisement>, selection: Selection, direction: Direction): RefReport[] {
  const { source, destination } = rolesOf(direction)
  const names = [...new Set([...sides[source].damaged.keys(), ...sides[destination].damaged.keys()])].filter(ref => selects(selection, ref))
  return names.sort().map(ref => {
    const tipAt = (side: Side) => tipOf(sides[side], ref) ?? sides[side].damaged.get(ref)?.tip ?? null
    const [before, after] = [tipAt(destination), tipAt(source)]
    const report = { ref, action: 'keep', before, after, side: null } as const
    if (before !== null && before === after)
      return { ...report, action: 'none', outcome: 'up-to-date', reason: 'same on both sides', code: null, hint: null }
    const damages = [source, destination].flatMap(side => {
      const of = sides[side].damaged.get(ref)
      return of === undefined ? [] : [{ side, damage: of.damage }]
    })
    const known = damages.find(({ damage }) => damage !== null)
    if (known?.damage == null)
      return { ...report, outcome: 'skipped', reason: 'not tried: the run ended in the search for damaged refs', code: null, hint: null }
    const { kind, reason } = known.damage
    const where = known.side === destination && direction !== 'bidirectional' ? `at the destination, ${reason}` : reason
    return { ...report, outcome: 'rejected', reason: where, code: kind, hint: KINDS[kind].hint }
  })
}
