import type { RefChange, Relation } from '../../src/plan/plan.ts'
import type { Advertisement } from '../../src/refs/advertisement.ts'
import { isMirroringRef } from '../../src/refs/mirroring-ref.ts'
import type { Oid, RefName } from '../../src/refs/ref.ts'
import type { ChangeOutcome, Transfer } from '../../src/transfer/transfer.ts'

/** Commits as bits, so that many of them are joined and compared at once. */
export type Commits = bigint

interface Commit {
  readonly parents: readonly Oid[]
  /** The commit alone. */
  readonly bit: Commits
  /** The commit and all that it leads to. */
  readonly reachable: Commits
}

/** Made-up commits: each with its parents. */
export class History {
  readonly #commits = new Map<Oid, Commit>()

  commit(parents: readonly Oid[]): Oid {
    const number = this.#commits.size
    const oid = (number + 1).toString(16).padStart(40, '0') as Oid
    const bit = 1n << BigInt(number)
    this.#commits.set(oid, { parents, bit, reachable: this.reachable(parents) | bit })
    return oid
  }

  parentsOf(oid: Oid): readonly Oid[] {
    return this.#commits.get(oid)?.parents ?? []
  }

  bitOf(oid: Oid): Commits {
    return this.#commits.get(oid)?.bit ?? 0n
  }

  oidsOf(commits: Commits): Oid[] {
    return commits === 0n ? [] : [...this.#commits].flatMap(([oid, { bit }]) => ((bit & commits) === 0n ? [] : [oid]))
  }

  /** All that these lead to, they themselves included. */
  reachable(tips: Iterable<Oid>): Commits {
    let met = 0n
    for (const oid of tips) met |= this.#commits.get(oid)?.reachable ?? 0n
    return met
  }

  contains(tip: Oid, into: Oid): boolean {
    return (this.reachable([into]) & this.bitOf(tip)) !== 0n
  }
}

class Refs extends Map<RefName, Oid> {
  /** How often a ref was set or deleted. */
  changes = 0

  override set(ref: RefName, oid: Oid): this {
    this.changes++
    return super.set(ref, oid)
  }

  override delete(ref: RefName): boolean {
    this.changes++
    return super.delete(ref)
  }

  /** Whether git would not make the ref, because another one is a directory to it or in it. */
  clashWith(ref: RefName): boolean {
    for (const other of this.keys()) if (other.startsWith(`${ref}/`) || ref.startsWith(`${other}/`)) return true
    return false
  }
}

/** A repository that is nothing but its refs. */
export class MemoryRepository {
  readonly refs = new Refs()
  head: RefName = 'refs/heads/main' as RefName

  advertise(): Advertisement {
    const [refs, mirroringRefs] = [new Map<RefName, Oid>(), new Map<RefName, Oid>()]
    for (const [ref, oid] of this.refs) (isMirroringRef(ref) ? mirroringRefs : refs).set(ref, oid)
    const head = refs.has(this.head) ? this.head : null
    return {
      refs,
      mirroringRefs,
      head,
      hasHead: true,
      peeled: new Map(),
      symbolic: new Map(),
      symbolicIsWhole: true,
      objectFormat: 'sha1',
      unusable: [],
      damaged: new Map(),
    }
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
    haveUnrelatedHistories: async (ours, theirs) => (world.history.reachable(ours) & world.history.reachable(theirs)) === 0n,
    apply,
    applyMirroringRefs: apply,
    removeSteps: async () => {},
    tellsSymbolicRefs: async () => true,
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
  if (world.refuses(change) || (before === null && refs.clashWith(ref)) || (after === null && ref === head))
    return { outcome: 'rejected', reason: 'refused', code: 'ref-rejected' }
  if (after === null) refs.delete(ref)
  else refs.set(ref, after)
  if (world.losesAnswer()) return { outcome: 'failed', reason: 'the connection broke', code: 'connection-lost' }
  return { outcome: LANDED[action], reason: null, code: null }
}
