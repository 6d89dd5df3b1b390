import { classifier, pushLimitIn } from '../errors/error-table.ts'
import { Failure } from '../errors/failure.ts'
import { packLimitIn, type RequestLimit, requestLimitIn } from '../errors/request-limit.ts'
import { warningIn } from '../errors/warnings.ts'
import { linesByRef, withoutEnds } from '../git/porcelain.ts'
import { REASON_CHARACTERS } from '../limits/limits.ts'
import type { RefChange } from '../plan/plan.ts'
import { neighboursAmong } from '../refs/neighbour-names.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import { oneLine } from '../text/escape.ts'
import { excerptLines } from '../text/excerpt.ts'
import type { Pushed, PushOptions } from './push-options.ts'
import { causeOf, failed, lacksCause, landed, outcomeOf, RACED } from './push-outcome.ts'
import type { ChangeOutcome } from './transfer.ts'

/** The result of one push. */
export interface PushResult {
  readonly outcomes: ReadonlyMap<RefName, ChangeOutcome>
  /** Refs that were refused as a whole push, so that smaller pushes may succeed. */
  readonly refusedTogether: readonly RefChange[]
  /** Refs in one push, if the server names a limit. */
  readonly limit: number | null
  /** The limit that the push exceeded; then nothing was changed. */
  readonly tooMuch: TooMuch | null
  /** Why nothing was changed. */
  readonly failure: Failure | null
}

export interface TooMuch {
  readonly of: RequestLimit['of']
  /** Bytes of the pack that were too many: those that were sent, or more than what the server says. */
  readonly bytes: number
  /** Bytes that should not be. */
  readonly less: number
  /** The push ended while the source was being waited for. */
  readonly isStalled: boolean
  /** In the server's words. */
  readonly why: string
}

const NOTHING: PushResult = { outcomes: new Map(), refusedTogether: [], limit: null, tooMuch: null, failure: null }

/** Makes one push. Never throws. */
export async function pushOnce(changes: readonly RefChange[], options: PushOptions): Promise<PushResult> {
  try {
    const pushed = await options.send(changes, options)
    const answers = new Map(pushed.refs.map(answer => [answer.ref, answer]))
    const unreported = changes.filter(({ ref }) => (answers.get(ref)?.result ?? 'unreported') === 'unreported')
    if (unreported.length < changes.length) return await readAnswers(changes, pushed, unreported, options)
    return await settle(changes, pushed, options)
  } catch (error) {
    return { ...NOTHING, failure: Failure.from(error) }
  }
}

/** Makes outcomes of what the server reports, and looks up the rest. */
async function readAnswers(
  changes: readonly RefChange[],
  pushed: Pushed,
  unreported: readonly RefChange[],
  options: PushOptions,
): Promise<PushResult> {
  const { refs, output, failure } = pushed
  const excerpt = excerptLines(output.join('\n'))
  for (const line of excerpt) {
    const warning = warningIn(line)
    if (warning !== null) options.say(`the server warns: ${oneLine(line).slice(0, REASON_CHARACTERS)} (${warning.hint})`)
  }
  const outcomes =
    unreported.length > 0 ? outcomesBy(await readNow(options), unreported, await failure()) : new Map<RefName, ChangeOutcome>()
  const refsNow = refs.some(lacksCause) ? await readNow(options) : null
  const now = refsNow === null ? null : { refs: refsNow, neighbourOf: neighboursAmong(refsNow.keys()) }
  const onlyOne = refs.filter(({ result }) => result === 'refused').length === 1
  const limit = pushLimitIn(excerpt.join('\n'))
  const read = classifier()
  const answers = new Map(refs.map(answer => [answer.ref, answer]))
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
  const tooMuch = refusedTogether.length === changes.length ? await tooMuchIn(excerpt.join('\n'), pushed) : null
  return { outcomes, refusedTogether, limit, tooMuch, failure: null }
}

/** Part of a refused pack that is tried next. With a third all packs that are refused after the first one are together at most half of the history. */
export const NEXT_PART = 1 / 3

/** Part of a limit that a pack may reach: git and servers do not count alike. */
const MARGIN = 0.9

/** @param text of the server */
async function tooMuchIn(text: string, pushed: Pushed): Promise<TooMuch | null> {
  const limit = requestLimitIn(text)
  if (limit === null) return null
  const [named, bytes] = [packLimitIn(text), await pushed.bytes()]
  const sizes = named === null ? { bytes, less: Math.floor(bytes * NEXT_PART) } : { bytes: named + 1, less: Math.floor(named * MARGIN) }
  return { ...limit, ...sizes, isStalled: pushed.isStalled && limit.of === 'slowness' }
}

/** The connection may have ended before or after the server changed the refs, so they are read again. */
async function settle(changes: readonly RefChange[], pushed: Pushed, options: PushOptions): Promise<PushResult> {
  const why = await pushed.failure()
  const now = await readNow(options)
  if (now === null) return { ...NOTHING, failure: withMore(why, 'it is unknown whether anything was changed') }
  if (changes.some(({ ref, before }) => (now.get(ref) ?? null) !== before)) return { ...NOTHING, outcomes: outcomesBy(now, changes, why) }
  const tooMuch = await tooMuchIn(`${why.message}\n${why.detail ?? ''}`, pushed)
  return { ...NOTHING, tooMuch, failure: withMore(why, 'the refs at the destination are as they were') }
}

const readNow = ({ readAgain }: PushOptions): Promise<ReadonlyMap<RefName, Oid> | null> => readAgain().catch(() => null)

const outcomesBy = (now: ReadonlyMap<RefName, Oid> | null, changes: readonly RefChange[], failure: Failure): Map<RefName, ChangeOutcome> =>
  new Map(changes.map(change => [change.ref, settledOutcome(change, now === null ? undefined : (now.get(change.ref) ?? null), failure)]))

const withMore = (failure: Failure, more: string): Failure => failure.with({ message: `${failure.message}; ${more}` })

function settledOutcome(change: RefChange, tip: Oid | null | undefined, failure: Failure): ChangeOutcome {
  if (tip === undefined) return failed(withMore(failure, 'it is unknown whether the ref was changed'))
  if (tip === change.after) return landed(change)
  if (tip === change.before) return failed(failure)
  return RACED
}
