import type { RefChange } from '../../src/plan/plan.ts'
import { baseName, parseBaseName } from '../../src/refs/mirroring-ref.ts'
import type { Oid, RefName } from '../../src/refs/ref.ts'
import type { PerSide } from '../../src/remote/side.ts'
import type { MemoryRepository } from './memory-repository.ts'

type Pick = <T>(items: readonly T[]) => T

/** A person who can write the bases here forges, copies and restores them. Knows what runs themselves may believe. */
export class Forger {
  forgeries = 0
  readonly #sides: PerSide<MemoryRepository>
  readonly #names: readonly RefName[]
  readonly #id: string
  /** The tips that a ref may have had at both sides when a run last stored its base; null = absent. */
  readonly #agreed = new Map<RefName, Set<Oid | null>>()
  /** The bases as runs left them, to be restored. */
  readonly #old: (readonly (readonly [RefName, Oid])[])[] = []
  /** `refs/mirroring/base/… 00…`: bases that no run wrote. */
  readonly #forged = new Set<string>()

  /** @param names of the refs of which bases are forged @param id of the mirror */
  constructor(sides: PerSide<MemoryRepository>, names: readonly RefName[], id: string) {
    this.#sides = sides
    this.#names = names
    this.#id = id
  }

  /** Writes bases that no run would: of any tip, of another ref, or all those of an earlier time. */
  forge(pick: Pick): void {
    this.forgeries++
    const { here } = this.#sides
    const act = pick(['there', 'here', 'copy', 'replay', 'replay'] as const)
    const ref = pick(this.#names)
    const old = act === 'replay' && this.#old.length > 0 ? pick(this.#old) : null
    const present = this.#bases()
    const copied = act === 'copy' && present.length > 0 ? pick(present)[1] : undefined
    const tip = copied ?? this.#sides[act === 'here' ? 'here' : 'there'].refs.get(ref)
    if (old !== null) for (const [name] of present) here.refs.delete(name)
    for (const [name, oid] of old ?? (tip === undefined ? [] : [[baseName(ref, this.#id), tip] as const])) {
      here.refs.set(name, oid)
      this.#forged.add(`${name} ${oid}`)
    }
  }

  remember(): void {
    this.#old.push(this.#bases())
  }

  /** A run that may end at any time finds, or brings about, that both sides have this tip. */
  mayAgree(ref: RefName, tip: Oid | null): void {
    const tips = this.#agreed.get(ref)
    if (tips === undefined) this.#agreed.set(ref, new Set([tip]))
    else tips.add(tip)
  }

  /** A run stored the tip of a ref without a failure, and beside no other run. */
  agree(ref: RefName, tip: Oid | null): void {
    this.#agreed.set(ref, new Set([tip]))
  }

  /** A run writes bases. */
  written(changes: readonly RefChange[]): void {
    for (const { ref, after } of changes) {
      const of = parseBaseName(ref, this.#id)
      if (of !== null) this.mayAgree(of, after)
      this.#forged.delete(`${ref} ${after}`)
    }
  }

  /** Whether a run may believe that both sides had this tip last. */
  mayBelieve(ref: RefName, tip: Oid | null): boolean {
    return this.#agreed.get(ref)?.has(tip) ?? false
  }

  isForged(name: string, oid: Oid): boolean {
    return this.#forged.has(`${name} ${oid}`)
  }

  #bases(): (readonly [RefName, Oid])[] {
    return [...this.#sides.here.refs].filter(([ref]) => parseBaseName(ref, this.#id) !== null)
  }
}
