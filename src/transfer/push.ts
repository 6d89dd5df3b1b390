import { classifier, pushLimitIn } from '../errors/error-table.ts'
import { Failure } from '../errors/failure.ts'
import { warningIn } from '../errors/warnings.ts'
import { linesByRef, withoutEnds } from '../git/porcelain.ts'
import { MAX_PUSHES, REASON_CHARACTERS } from '../limits/limits.ts'
import type { RefChange } from '../plan/plan.ts'
import { neighboursAmong } from '../refs/neighbour-names.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import type { Side } from '../remote/side.ts'
import { oneLine } from '../text/escape.ts'
import { excerptLines } from '../text/excerpt.ts'
import { showCount } from '../text/quantity.ts'
import { cutIntoPushes, halve, orderChanges, type PushLimits } from './push-order.ts'
import { causeOf, failed, lacksCause, landed, outcomeOf, RACED, type RefAnswer } from './push-outcome.ts'
import type { ChangeOutcome } from './transfer.ts'

/** The result of one push. */
export interface Pushed {
  /** The refs that the server or git has reported. */
  readonly refs: readonly RefAnswer[]
  /** The server's own lines. */
  readonly output: readonly string[]
  /** Why the others were not reported. */
  readonly failure: () => Promise<Failure>
}

export interface PushOptions {
  readonly side: Side
  readonly defaultBranch: RefName | null
  readonly atomic: boolean
  readonly limits: PushLimits
  readonly say: (message: string) => void
  /** Makes one push. Each ref is changed only if it still points to `before`. @throws Failure when nothing was sent */
  readonly send: (changes: readonly RefChange[]) => Promise<Pushed>
  /** Reads the destination's refs again. @throws Failure */
  readonly readAgain: () => Promise<ReadonlyMap<RefName, Oid>>
}

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
  for (const push of pushes) {
    const answered = outcomes.size
    const failure = await pushUntilSettled(push, options, outcomes)
    if (failure === null) continue
    if (push === pushes[0] && outcomes.size === answered) throw failure
    for (const { ref } of changes) if (!outcomes.has(ref)) outcomes.set(ref, failed(failure))
    break
  }
  return outcomes
}

/** Makes one push, then smaller ones with the refs that were refused together. @returns the Failure that ended it; null = all refs are answered */
async function pushUntilSettled(push: readonly RefChange[], options: PushOptions, outcomes: Outcomes): Promise<Failure | null> {
  const queue: (readonly RefChange[])[] = [push]
  for (let sent = 0, next = queue.shift(); next; next = queue.shift(), sent++) {
    options.say(`pushing ${showCount(next.length, 'ref')}`)
    const answer = await pushOnce(next, options).catch((error: unknown) => Failure.from(error))
    if (answer instanceof Failure) {
      // The refs that were refused together cannot be pushed again, so their outcome is this failure and no refusal of their own.
      if (sent > 0) for (const { ref } of [next, ...queue].flat()) outcomes.set(ref, failed(answer))
      return answer
    }
    for (const [ref, outcome] of answer.outcomes) outcomes.set(ref, outcome)
    const together = answer.refusedTogether
    if (options.atomic || together.length < 2) continue
    if (sent < MAX_PUSHES) {
      const limit = answer.limit ?? options.limits.refs
      queue.unshift(...(limit < together.length ? cutIntoPushes(together, { ...options.limits, refs: limit }) : halve(together)))
    } else {
      const known = answer.outcomes
      for (const { ref } of together) {
        const reason = `${known.get(ref)?.reason ?? 'refused'}; refused together with other refs, and not tried alone after ${MAX_PUSHES} pushes`
        outcomes.set(ref, { outcome: 'rejected', reason, code: known.get(ref)?.code ?? 'hook-declined' })
      }
    }
  }
  return null
}

interface Answer {
  readonly outcomes: Outcomes
  /** Refs that were refused as a whole push, so that smaller pushes may succeed. */
  readonly refusedTogether: RefChange[]
  /** Refs in one push, if the server names a limit. */
  readonly limit: number | null
}

async function pushOnce(changes: readonly RefChange[], options: PushOptions): Promise<Answer> {
  const { refs, output, failure } = await options.send(changes)
  const excerpt = excerptLines(output.join('\n'))
  for (const line of excerpt) {
    const warning = warningIn(line)
    if (warning !== null) options.say(`the server warns: ${oneLine(line).slice(0, REASON_CHARACTERS)} (${warning.hint})`)
  }
  const answers = new Map(refs.map(answer => [answer.ref, answer]))
  const unreported = changes.filter(({ ref }) => (answers.get(ref)?.result ?? 'unreported') === 'unreported')
  const noneReported = unreported.length === changes.length
  const outcomes: Outcomes = unreported.length > 0 ? await settle(unreported, await failure(), options, noneReported) : new Map()

  const refsNow = refs.some(lacksCause) ? await options.readAgain().catch(() => null) : null
  const now = refsNow === null ? null : { refs: refsNow, neighbourOf: neighboursAmong(refsNow.keys()) }
  const onlyOne = refs.filter(({ result }) => result === 'refused').length === 1
  const limit = pushLimitIn(excerpt.join('\n'))
  const read = classifier()
  const about = linesByRef(new Set(answers.keys()), output)
  const all = withoutEnds(excerpt)
  const refusedTogether: RefChange[] = []
  for (const change of changes) {
    const answer = answers.get(change.ref)
    if (answer === undefined || outcomes.has(change.ref)) continue
    const row = answer.result === 'refused' ? read([answer.reason]) : null
    const isWhole = answer.result === 'refused' && (row?.scope === 'request' || limit !== null)
    // An atomic push is made once, so the server's lines apply to each ref, except one that another ref held back.
    const alone = onlyOne || (options.atomic && isWhole && row?.kind !== 'atomic-refused')
    const known = now !== null && lacksCause(answer) ? causeOf(answer, change, now) : answer
    outcomes.set(change.ref, outcomeOf(change, known, alone ? all : about(change.ref), read))
    if (isWhole) refusedTogether.push(change)
  }
  return { outcomes, refusedTogether, limit }
}

/**
 * Reads the destination's refs after a failure, because the connection may have ended before or after the server changed them.
 * @param noneReported no ref of the push was reported
 * @throws Failure when no ref of the push was reported, and none has moved or the refs cannot be read
 */
async function settle(changes: readonly RefChange[], failure: Failure, options: PushOptions, noneReported: boolean): Promise<Outcomes> {
  const now = await options.readAgain().catch((error: unknown) => Failure.from(error))
  const tipOf = ({ ref }: RefChange) => (now instanceof Failure ? undefined : (now.get(ref) ?? null))
  if (noneReported && now instanceof Failure) throw withMore(failure, 'it is unknown whether anything was changed')
  if (noneReported && changes.every(change => tipOf(change) === change.before))
    throw withMore(failure, 'the refs at the destination are as they were')
  return new Map(changes.map(change => [change.ref, settledOutcome(change, tipOf(change), failure)]))
}

const withMore = (failure: Failure, more: string): Failure => failure.with({ message: `${failure.message}; ${more}` })

function settledOutcome(change: RefChange, tip: Oid | null | undefined, failure: Failure): ChangeOutcome {
  if (tip === undefined) return failed(withMore(failure, 'it is unknown whether the ref was changed'))
  if (tip === change.after) return landed(change)
  if (tip === change.before) return failed(failure)
  return RACED
}
