import { Failure } from '../errors/failure.ts'
import { LARGEST_FILES } from '../limits/limits.ts'
import { type History, headsOf, orderHistory, reachFrom } from '../plan/history.ts'
import { isLanded } from '../plan/outcome.ts'
import { changeOf, type RefChange } from '../plan/plan.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import { oneLine } from '../text/escape.ts'
import { showBytes, showCount } from '../text/quantity.ts'
import { NEXT_PART, type PushResult, pushOnce } from './push-once.ts'
import type { PushOptions } from './push-options.ts'
import { HELD_BACK } from './push-outcome.ts'
import type { StepRefs, StepSource } from './step-source.ts'
import { type ChangeOutcome, PLAIN, type Transfer } from './transfer.ts'

export interface Stepped {
  readonly outcomes: ReadonlyMap<RefName, ChangeOutcome>
  /** Changes that the server refused as a whole push. */
  readonly refusedTogether: readonly (readonly RefChange[])[]
  /** Why the rest was not pushed. */
  readonly failure: Failure | null
}

/**
 * Pushes changes whose history is too much for one push, oldest commits first. A mirroring ref holds a commit to which no ref of
 * its own can lead yet. A run that breaks off leaves these refs for the next one, which goes on from there.
 * @param refused bytes of a pack that are too many, and of one that should not be
 */
export async function pushInSteps(
  changes: readonly RefChange[],
  refused: { readonly bytes: number; readonly less: number },
  source: StepSource,
  options: PushOptions,
): Promise<Stepped> {
  return await new StepPush(changes, refused, source, options).run()
}

/** A push of the first commits of an order. */
interface Step {
  readonly commits: readonly Oid[]
  /** Changes whose whole history is at the destination after it; none if the step holds it by mirroring refs. */
  readonly complete: readonly RefChange[]
  readonly wants: readonly Oid[]
}

class StepPush {
  readonly #source: StepSource
  readonly #options: PushOptions
  readonly #outcomes = new Map<RefName, ChangeOutcome>()
  readonly #refusedTogether: (readonly RefChange[])[] = []
  #rest: readonly RefChange[]
  /** Commits that the destination lacked at first. */
  #whole: History = new Map()
  /** Commits that it lacks now. */
  #history: History = new Map()
  /** Bytes of the smallest pack that the server refused. */
  #refused: number
  /** Bytes that a pack may have. */
  #most: number
  /** Commits that may fit into it. */
  #guess = 0

  constructor(
    changes: readonly RefChange[],
    { bytes, less }: { readonly bytes: number; readonly less: number },
    source: StepSource,
    options: PushOptions,
  ) {
    this.#rest = changes
    this.#source = source
    this.#options = options
    this.#refused = bytes
    this.#most = less
  }

  async run(): Promise<Stepped> {
    let failure: Failure | null = null
    try {
      this.#whole = await this.#source.read(this.#rest.flatMap(({ after }) => after ?? []))
      this.#history = this.#whole
      this.#guess = Math.ceil(this.#history.size / 2)
      for (let number = 1; this.#rest.length > 0 && failure === null; number += 1) failure = await this.#pushStep(number)
    } catch (error) {
      failure = Failure.from(error)
    }
    return { outcomes: this.#outcomes, refusedTogether: this.#refusedTogether, failure }
  }

  /** @returns the Failure that ends the push; null = the next step can follow */
  async #pushStep(number: number): Promise<Failure | null> {
    const order = orderHistory(
      this.#history,
      this.#rest.flatMap(change => this.#commitOf(change) ?? []),
    )
    const { step, bytes } = await this.#choose(order)
    if (bytes === null) return await this.#pushNothing(step, order, null)
    const left = order.length - step.commits.length
    const total = number + Math.ceil(left / Math.max(step.commits.length, 1))
    this.#options.say(`step ${number} of about ${total}: ${showCount(step.commits.length, 'commit')}, ${showBytes(bytes)}`)
    const result = step.complete.length > 0 ? await this.#pushComplete(step) : await this.#pushHeads(step)
    if (result.tooMuch === null) return result.failure
    this.#refused = Math.min(this.#refused, bytes)
    this.#most = Math.floor(Math.min(this.#most, bytes) * NEXT_PART)
    this.#guess = Math.max(1, Math.ceil(step.commits.length * NEXT_PART))
    return step.commits.length > 1 ? null : await this.#pushNothing(step, order, result)
  }

  /** A step without a history to divide: some refs may be taken one by one, and what is too large alone is refused. @param result null if it is known to be too large */
  async #pushNothing({ commits, complete }: Step, order: readonly Oid[], result: PushResult | null): Promise<Failure | null> {
    if (complete.length > 1 && !this.#options.atomic) return this.#setAside(complete)
    if (result === null || result.tooMuch?.of === 'size') return await this.#rejectLarge(commits[0] ?? null, complete, order)
    if (result.failure === null) this.#note(complete, result)
    return result.failure
  }

  /** As many of the first commits as fit into a push. Without `bytes`, not even the least of them does. */
  async #choose(order: readonly Oid[]): Promise<{ readonly step: Step; readonly bytes: number | null }> {
    for (let count = Math.min(order.length, this.#guess); ; count = Math.ceil(count / 2)) {
      const step = this.#stepOf(order, count)
      const { length } = step.commits
      // A single commit cannot be divided, so only what the server refused is too much.
      const bytes = await this.#source.prepare(step.wants, length > 1 ? this.#most : this.#refused - 1)
      // Without commits there is nothing to learn from it.
      if (bytes !== null && length > 0) {
        this.#guess = Math.max(1, Math.floor(Math.min(4 * length, (length * this.#most * 0.9) / Math.max(bytes, 1))))
      }
      if (bytes !== null || length <= 1) return { step, bytes }
    }
  }

  #stepOf(order: readonly Oid[], count: number): Step {
    const { atomic, limits, defaultBranch } = this.#options
    const first = new Set(order.slice(0, count))
    const isComplete = (change: RefChange): boolean => {
      const commit = this.#commitOf(change)
      return commit === null || first.has(commit) || !this.#history.has(commit)
    }
    const complete = this.#rest.filter(isComplete)
    // An empty forge makes the first branch its default.
    const isTooEarly = this.#rest.some(
      change => (atomic || (change.ref === defaultBranch && change.action === 'create')) && !isComplete(change),
    )
    if (complete.length === 0 || isTooEarly) {
      const commits = [...first]
      return { commits, complete: [], wants: headsOf(commits, this.#history) }
    }
    const pushed = complete.slice(0, limits.refs)
    const tips = new Set(pushed.map(this.#commitOf))
    return {
      commits: order.slice(0, order.findLastIndex(oid => tips.has(oid)) + 1),
      complete: pushed,
      wants: pushed.flatMap(({ after }) => after ?? []),
    }
  }

  async #pushComplete({ complete }: Step): Promise<PushResult> {
    const result = await pushOnce(complete, this.#options)
    if (result.failure === null && result.tooMuch === null) this.#note(complete, result)
    return result
  }

  #note(complete: readonly RefChange[], result: PushResult): void {
    for (const [ref, outcome] of result.outcomes) this.#outcomes.set(ref, outcome)
    // An atomic push is made once.
    if (result.refusedTogether.length > 1 && !this.#options.atomic) {
      for (const { ref } of result.refusedTogether) this.#outcomes.delete(ref)
      this.#setAside(result.refusedTogether)
    }
    const done = new Set(complete)
    this.#rest = this.#rest.filter(change => !done.has(change))
    this.#hasLanded(
      complete.filter(({ ref }) => isLanded(result.outcomes.get(ref)?.outcome)).flatMap(change => this.#commitOf(change) ?? []),
    )
  }

  /** The destination keeps commits only below refs. Those of the step before are among them now. */
  async #pushHeads({ wants }: Step): Promise<PushResult> {
    const { present, nameOf } = this.#source
    const heads = new Map(wants.map(commit => [nameOf(commit), commit]))
    const below = this.#parentsBelow(wants)
    const old = [...present].filter(([, commit]) => below.has(commit)).flatMap(([name, commit]) => changeOf(name, commit, null))
    const created = [...heads].flatMap(([name, commit]) => changeOf(name, null, commit))
    const result = await pushOnce([...old, ...created], { ...this.#options, ...PLAIN })
    if (result.failure !== null || result.tooMuch !== null) return result
    const refused = created.map(({ ref }) => result.outcomes.get(ref)).find(outcome => !isThere(outcome))
    if (refused !== undefined) {
      const reason = `its history is too large for one push, and a mirroring ref for a part of it was refused: ${refused.reason ?? ''}`
      for (const { ref } of this.#rest) this.#outcomes.set(ref, { ...refused, reason })
      this.#rest = []
      return result
    }
    for (const { ref } of old) if (isLanded(result.outcomes.get(ref)?.outcome)) present.delete(ref)
    for (const [name, commit] of heads) present.set(name, commit)
    this.#hasLanded(wants)
    return result
  }

  /** The parents of all commits that these lead to: refs for them are needed no more. */
  #parentsBelow(heads: readonly Oid[]): ReadonlySet<Oid> {
    return new Set([...reachFrom(heads, this.#whole)].flatMap(oid => this.#whole.get(oid) ?? []))
  }

  /**
   * Refs that lead to a commit, or to another object, that is too large for a push. With `atomic` the others are not changed either.
   * @param commit null = these changes bring other objects
   */
  async #rejectLarge(commit: Oid | null, complete: readonly RefChange[], order: readonly Oid[]): Promise<null> {
    const what = commit === null ? `the object ${complete[0]?.after}` : `the commit ${commit}`
    const files = commit === null ? [] : await this.#largestFilesOf(commit)
    const descendants = new Set(commit === null ? [] : [commit])
    for (const oid of order) if (this.#history.get(oid)?.some(parent => descendants.has(parent))) descendants.add(oid)
    const named = files.length === 0 ? '' : `; its largest files: ${files.join(', ')}`
    const reason = `${what} alone is more than the destination takes in one push (less than ${showBytes(this.#refused)})${named}`
    const without = new Set(commit === null ? complete : [])
    for (const change of this.#rest) {
      const tip = this.#commitOf(change)
      if (without.has(change) || (tip !== null && descendants.has(tip)))
        this.#outcomes.set(change.ref, { outcome: 'rejected', reason, code: 'large-file' })
      else if (this.#options.atomic) this.#outcomes.set(change.ref, HELD_BACK)
    }
    this.#rest = this.#rest.filter(({ ref }) => !this.#outcomes.has(ref))
    return null
  }

  /** A source may not give a commit alone; then its files are not named. */
  async #largestFilesOf(commit: Oid): Promise<readonly string[]> {
    return await this.#source.largestFiles(commit, this.#history.get(commit) ?? [], LARGEST_FILES).catch(() => [])
  }

  #setAside(changes: readonly RefChange[]): null {
    const aside = new Set(changes)
    this.#refusedTogether.push(changes)
    this.#rest = this.#rest.filter(change => !aside.has(change))
    return null
  }

  #hasLanded(commits: readonly Oid[]): void {
    const there = reachFrom(commits, this.#history)
    this.#history = new Map([...this.#history].filter(([oid]) => !there.has(oid)))
  }

  readonly #commitOf = ({ after }: RefChange): Oid | null => (after === null ? null : this.#source.peel(after))
}

/** Another run may have made the same change before. */
const isThere = (outcome: ChangeOutcome | undefined): boolean => isLanded(outcome?.outcome) || outcome?.outcome === 'up-to-date'

/** Removes the refs that the destination has. If one stays, the next run removes it. Never throws. */
export async function removeSteps(
  { present }: StepRefs,
  apply: Transfer['applyMirroringRefs'],
  say: (message: string) => void,
): Promise<void> {
  const changes = [...present].flatMap(([name, commit]) => changeOf(name, commit, null))
  if (changes.length === 0) return
  try {
    for (const [name, outcome] of await apply(changes)) if (isThere(outcome)) present.delete(name)
  } catch (error) {
    say(`refs for parts of the history could not be removed: ${oneLine(Failure.from(error).message)}`)
  }
}
