import { Failure } from '../errors/failure.ts'
import { DIVISIBLE_BYTES, MAX_PUSHES } from '../limits/limits.ts'
import type { RefChange } from '../plan/plan.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import { oneLine } from '../text/escape.ts'
import { showBytes, showCount } from '../text/quantity.ts'
import { pushInSteps } from './history-steps.ts'
import { type PushResult, pushOnce, type TooMuch } from './push-once.ts'
import type { PushOptions } from './push-options.ts'
import { cutIntoPushes, halve, orderChanges } from './push-order.ts'
import { failed } from './push-outcome.ts'
import type { StepSource } from './step-source.ts'
import type { ChangeOutcome } from './transfer.ts'

type Outcomes = Map<RefName, ChangeOutcome>

/**
 * Makes the changes in as few pushes as the server allows.
 * @throws Failure when the first push failed and changed nothing; after that, the remaining refs are `failed` instead
 */
export async function pushChanges(changes: readonly RefChange[], options: PushOptions): Promise<Outcomes> {
  const outcomes: Outcomes = new Map()
  const pushes = cutIntoPushes(orderChanges(changes, options.defaultBranch), options.limits)
  if (options.atomic && pushes.length > 1) {
    const message = `\`atomic\` needs a single push, and ${changes.length} refs do not fit into one`
    throw new Failure('push-limit', message, { side: options.side })
  }
  const queue = new PushQueue(pushes, options, outcomes)
  const failure = await queue.run()
  if (failure === null) return outcomes
  if (!queue.isAnswered) throw failure
  for (const { ref } of changes) if (!outcomes.has(ref)) outcomes.set(ref, failed(failure))
  return outcomes
}

/** Pushes, one after the other, and smaller ones in the place of those that were refused as a whole. */
class PushQueue {
  readonly #queue: (readonly RefChange[])[]
  readonly #options: PushOptions
  readonly #outcomes: Outcomes
  #sent = 0
  /** The server has reported the result of a push. */
  isAnswered = false
  /** Packs are made before they are sent, so that their length is known, and the source cannot hold up a push. */
  #isPrepared = false

  constructor(pushes: readonly (readonly RefChange[])[], options: PushOptions, outcomes: Outcomes) {
    this.#queue = [...pushes]
    this.#options = options
    this.#outcomes = outcomes
  }

  /** @returns the Failure that ended it; null = all refs are answered */
  async run(): Promise<Failure | null> {
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      this.#options.say(`pushing ${showCount(next.length, 'ref')}`)
      const failure = await this.#push(next)
      this.#sent += 1
      if (failure !== null) return failure
    }
    return null
  }

  async #push(push: readonly RefChange[]): Promise<Failure | null> {
    const { steps } = this.#options
    try {
      if (this.#isPrepared) await steps?.prepare(tipsOf(push), Number.POSITIVE_INFINITY)
    } catch (error) {
      return Failure.from(error)
    }
    const result = await pushOnce(push, this.#options)
    if (result.tooMuch !== null && steps !== null) {
      const smaller = await this.#pushLess(push, result.tooMuch, steps)
      if (smaller !== 'impossible') return smaller
    }
    if (result.failure !== null) return result.failure
    this.isAnswered = true
    for (const [ref, outcome] of result.outcomes) this.#outcomes.set(ref, outcome)
    this.#divide(result)
    return null
  }

  /** Goes on with less in one push, or with what the server needs to take it. @returns the Failure that ends everything */
  async #pushLess(
    push: readonly RefChange[],
    { of, bytes, less, isStalled, why }: TooMuch,
    steps: StepSource,
  ): Promise<Failure | null | 'impossible'> {
    const { say, atomic } = this.#options
    const goOn = (how: string): void => say(`the server did not take the push (${oneLine(why)}): ${how}`)
    if (of === 'length' && this.#isPrepared) return 'impossible'
    if (!this.#isPrepared && (of === 'length' || isStalled)) {
      this.#isPrepared = true
      goOn('the pack is put on the disk first')
      this.#queue.unshift(push)
      return null
    }
    if (bytes === 0 || (of !== 'size' && bytes < DIVISIBLE_BYTES)) {
      if (atomic || push.length < 2) return 'impossible'
      goOn(`with ${showCount(Math.ceil(push.length / 2), 'ref')} at a time`)
      this.#queue.unshift(...halve(push))
      return null
    }
    goOn(`the history goes in steps of at most ${showBytes(less)}`)
    const { outcomes, refusedTogether, failure } = await pushInSteps(push, { bytes, less }, steps, this.#options)
    for (const [ref, outcome] of outcomes) this.#outcomes.set(ref, outcome)
    if (outcomes.size > 0) this.isAnswered = true
    this.#queue.unshift(...refusedTogether.flatMap(halve))
    return failure
  }

  /** Refs that were refused together may be taken in smaller pushes. */
  #divide({ refusedTogether: together, limit, outcomes }: PushResult): void {
    const { atomic, limits } = this.#options
    if (atomic || together.length < 2) return
    if (this.#sent < MAX_PUSHES) {
      // If one of the smaller pushes fails, those that follow have that failure, and no refusal of their own.
      for (const { ref } of together) this.#outcomes.delete(ref)
      const refs = limit ?? limits.refs
      this.#queue.unshift(...(refs < together.length ? cutIntoPushes(together, { ...limits, refs }) : halve(together)))
      return
    }
    for (const { ref } of together) {
      const reason = `${outcomes.get(ref)?.reason ?? 'refused'}; refused together with other refs, and not tried alone after ${MAX_PUSHES} pushes`
      this.#outcomes.set(ref, { outcome: 'rejected', reason, code: outcomes.get(ref)?.code ?? 'hook-declined' })
    }
  }
}

const tipsOf = (changes: readonly RefChange[]): Oid[] => changes.flatMap(({ after }) => after ?? [])
