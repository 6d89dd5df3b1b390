import type { RefChange, Relation } from '../../src/plan/plan.ts'
import type { Advertisement } from '../../src/refs/advertisement.ts'
import { isMirroringRef } from '../../src/refs/mirroring-ref.ts'
import type { Oid, RefName } from '../../src/refs/ref.ts'
import type { ChangeOutcome, Transfer } from '../../src/transfer/transfer.ts'

/** Made-up commits: each with its parents. */
export class History {
  readonly #parents = new Map<Oid, readonly Oid[]>()

  commit(parents: readonly Oid[]): Oid {
    const oid = (this.#parents.size + 1).toString(16).padStart(40, '0') as Oid
    this.#parents.set(oid, parents)
    return oid
  }

  parentsOf(oid: Oid): readonly Oid[] {
    return this.#parents.get(oid) ?? []
  }

  /** All that these lead to, they themselves included. */
  reachable(tips: Iterable<Oid>): ReadonlySet<Oid> {
    const met = new Set(tips)
    for (const oid of met) for (const parent of this.parentsOf(oid)) met.add(parent)
    return met
  }

  contains(tip: Oid, into: Oid): boolean {
    return this.reachable([into]).has(tip)
  }
}

/** A repository that is nothing but its refs. */
export class MemoryRepository {
  readonly refs = new Map<RefName, Oid>()
  head: RefName = 'refs/heads/main' as RefName

  advertise(): Advertisement {
    const mirroringRefs = new Map([...this.refs].filter(([ref]) => isMirroringRef(ref)))
    const refs = new Map([...this.refs].filter(([ref]) => !mirroringRefs.has(ref)))
    const head = refs.has(this.head) ? this.head : null
    return { refs, mirroringRefs, head, peeled: new Map(), symbolic: new Set(), symbolicIsWhole: true, objectFormat: 'sha1', unusable: [] }
  }
}

/** The surroundings of a run: other writers, and servers that refuse. */
export interface World {
  readonly history: History
  /** Called before each request and after it: the place for others to write, and for the run to be killed, which is a promise that never comes. */
  pause(): Promise<void>
  /** The server refuses this change, for reasons of its own. */
  refuses(change: RefChange): boolean
  /** The server does its work, and its answer is lost. */
  losesAnswer(): boolean
  /** An answer that could not be found out. */
  isUnknown(): boolean
}

/** The way to a repository in memory. As a git server it makes each change only while the ref is at its old tip. */
export function memoryTransfer(destination: MemoryRepository, world: World): Transfer {
  const apply = async (changes: readonly RefChange[]): Promise<Map<RefName, ChangeOutcome>> => {
    await world.pause()
    const outcomes = new Map<RefName, ChangeOutcome>()
    for (const change of changes) outcomes.set(change.ref, applyOne(change, destination, world))
    await world.pause()
    return outcomes
  }
  return {
    name: 'relay',
    relate: async pairs => {
      await world.pause()
      const answer = ({ tip, into }: (typeof pairs)[number]): Relation =>
        world.isUnknown() ? 'unknown' : world.history.contains(tip, into) ? 'ancestor' : 'diverged'
      return new Map(pairs.map(pair => [pair.ref, answer(pair)]))
    },
    haveUnrelatedHistories: async (ours, theirs) => {
      const known = world.history.reachable(ours)
      return ![...world.history.reachable(theirs)].some(oid => known.has(oid))
    },
    apply,
    applyMirroringRefs: apply,
    readAgain: async () => new Map(destination.refs),
    holdsFile: async () => true,
    lfsUsage: async () => ({ isUsed: false, config: null }),
    lfsPointers: async () => new Map(),
    bytes: async () => 0,
  }
}

const LANDED = { create: 'created', 'fast-forward': 'updated', force: 'forced', delete: 'deleted', keep: 'kept', none: 'kept' } as const

function applyOne(change: RefChange, { refs, head }: MemoryRepository, world: World): ChangeOutcome {
  const { ref, before, after, action } = change
  const now = refs.get(ref) ?? null
  if (now === after) return { outcome: 'up-to-date', reason: null, code: null }
  if (now !== before) return { outcome: 'raced', reason: 'somebody else changed the ref', code: 'raced' }
  const clash = [...refs.keys()].some(other => other.startsWith(`${ref}/`) || ref.startsWith(`${other}/`))
  if (world.refuses(change) || (before === null && clash) || (after === null && ref === head))
    return { outcome: 'rejected', reason: 'refused', code: 'ref-rejected' }
  if (after === null) refs.delete(ref)
  else refs.set(ref, after)
  if (world.losesAnswer()) return { outcome: 'failed', reason: 'the connection broke', code: 'connection-lost' }
  return { outcome: LANDED[action], reason: null, code: null }
}
