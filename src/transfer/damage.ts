import { damagedObjectIn, damageKindIn, objectsIn } from '../errors/damage-texts.ts'
import type { Failure } from '../errors/failure.ts'
import { MAX_FAILED_REQUESTS } from '../limits/limits.ts'
import type { Damage } from '../refs/advertisement.ts'
import type { Oid } from '../refs/ref.ts'
import { oneLine } from '../text/escape.ts'
import { halve } from './push-order.ts'

/** A failure of a source that cannot give objects. */
export interface DamageFound {
  readonly damage: Damage
  /** Objects that the source names. */
  readonly named: ReadonlySet<string>
  /** The failure says nothing about tips that it does not name. */
  readonly isOfNamed: boolean
}

/** The damage that a failure reports; null if it has another cause. The source reports a tip that it lacks as if the ref had moved. */
export function damageIn({ kind, message, detail }: Pick<Failure, 'kind' | 'message' | 'detail'>): DamageFound | null {
  if (kind !== 'source-damaged' && kind !== 'source-partial' && kind !== 'source-moved') return null
  const text = `${detail ?? ''}\n${message}`
  const reason = `the source cannot give its objects: ${oneLine(damagedObjectIn(text) ?? message)}`
  const damage = { kind: kind === 'source-partial' ? kind : 'source-damaged', reason } as const
  return { damage, named: objectsIn(text), isOfNamed: kind === 'source-moved' }
}

/** A failure to read from a source, whose cause may be in what the source said before: an object that it cannot read. */
export function asDamage(failure: Failure, output = ''): Failure {
  const text = `${output}\n${failure.detail ?? failure.message}`
  const kind = failure.fault === 'remote' || failure.kind === 'connection-lost' ? damageKindIn(text) : null
  return kind === null ? failure : failure.with({ kind, message: damagedObjectIn(text) ?? failure.message, detail: text })
}

/** Failures in a row that name a tip, after which the tips are halved as well: one after the other would take as many requests. */
const NAMED_IN_A_ROW = 3

/** Tips to request together. */
interface Group {
  readonly tips: readonly Oid[]
  /** The damage of the next group if this one is sound, as both failed together. */
  readonly otherwise: Damage | null
}

/**
 * The search for the tips that a source cannot give: fewer of them are requested at a time, first those that it names. Objects that were sent are not sent again,
 * because the destination has them then. Pure apart from its own state.
 */
export class DamageSearch {
  readonly #damaged = new Map<Oid, Damage>()
  readonly #sound = new Set<Oid>()
  /** Still to be requested, after the current group. */
  #waiting: Group[] = []
  #current: Group | null = null
  #wants: readonly Oid[] = []
  #failuresInARow = 0
  /** The connection was lost in the current request before. */
  #isLost = false
  /** Failures in a row after which the rest is given up: with few damaged tips, a sound group comes sooner. */
  #limit = 0

  /** The tips that the next attempt must not request; null = not known to be damaged. */
  get leftOut(): ReadonlyMap<Oid, Damage | null> {
    const waiting = this.#waiting.flatMap(({ tips }) => tips.map(tip => [tip, null] as const))
    return new Map<Oid, Damage | null>([...waiting, ...this.#damaged])
  }

  /** Notes the tips that an attempt may request. */
  requests(wants: readonly Oid[]): void {
    this.#wants = wants
  }

  /** Notes that the attempt failed. @param first the tip to try first, as most others build on it @returns whether another attempt can help */
  failed({ damage, named, isOfNamed }: DamageFound, first: Oid | null): boolean {
    const suspects = this.#wants.filter(tip => !this.#sound.has(tip) && !this.#damaged.has(tip))
    const known = suspects.length === 1 && !isOfNamed ? suspects : suspects.filter(tip => named.has(tip))
    if (suspects.length === 0 || (isOfNamed && known.length === 0)) return false
    this.#isLost = false
    if (this.#limit === 0) this.#limit = MAX_FAILED_REQUESTS + 2 * Math.ceil(Math.log2(suspects.length))
    this.#failuresInARow += 1
    for (const tip of known) this.#damaged.set(tip, damage)
    const rest = suspects.filter(tip => !this.#damaged.has(tip))
    if (this.#failuresInARow > this.#limit) this.#giveUp(rest, damage)
    else if (known.length === 0) this.#split(rest, damage, first)
    else if (this.#failuresInARow > NAMED_IN_A_ROW && rest.length > 1) this.#split(rest, null, first)
    else if (rest.length > 0) this.#waiting.unshift({ tips: rest, otherwise: null })
    this.#current = this.#waiting.shift() ?? null
    return true
  }

  /**
   * Notes that the source ended the connection without a word, as it may do when it meets a damaged object. It counts only if the same request ends so twice,
   * because connections are also lost for other reasons. @returns whether another attempt can help: not before the search
   */
  lost(damage: Damage): boolean {
    if (this.#current === null) return false
    if (this.#isLost) return this.failed({ damage, named: new Set(), isOfNamed: false }, null)
    this.#isLost = true
    return true
  }

  /** Notes that the attempt succeeded. @returns whether another one has to follow, because tips were left out that are not known to be damaged */
  passed(): boolean {
    if (this.#waiting.length === 0) return false
    const damage = this.#current?.otherwise ?? null
    this.#isLost = false
    for (const tip of this.#wants) this.#sound.add(tip)
    this.#failuresInARow = 0
    if (damage !== null) this.#divide(this.#waiting.shift()?.tips ?? [], damage)
    this.#current = this.#waiting.shift() ?? null
    return true
  }

  /** Tips of which at least one is damaged. */
  #divide(tips: readonly Oid[], damage: Damage): void {
    if (tips.length > 1) this.#split(tips, damage, null)
    else for (const tip of tips) this.#damaged.set(tip, damage)
  }

  #split(tips: readonly Oid[], damage: Damage | null, first: Oid | null): void {
    const others = tips.filter(tip => tip !== first)
    const [left = [], right = []] = first !== null && others.length < tips.length ? [[first], others] : halve(others)
    this.#waiting.unshift({ tips: left, otherwise: damage }, { tips: right, otherwise: null })
  }

  #giveUp(rest: readonly Oid[], { kind, reason }: Damage): void {
    const damage = {
      kind,
      reason: `${reason}; it was requested together with other refs, and not alone after ${this.#failuresInARow} failures`,
    }
    for (const tip of [...rest, ...this.#waiting.flatMap(({ tips }) => tips)]) this.#damaged.set(tip, damage)
    this.#waiting = []
  }
}
