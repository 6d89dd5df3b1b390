import { Failure } from '../errors/failure.ts'
import { isTransient, KINDS } from '../errors/kinds.ts'
import { classify, pushLimitIn } from '../errors/table.ts'
import { warningIn } from '../errors/warnings.ts'
import { type PushedRef, wordsAbout } from '../git/porcelain.ts'
import type { Outcome } from '../plan/outcome.ts'
import type { RefChange } from '../plan/plan.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import type { Side } from '../remote/side.ts'
import { oneLine } from '../text/escape.ts'
import { showCount } from '../text/quantity.ts'
import { cutIntoRequests, halve, orderChanges, type RequestLimits } from './push-order.ts'
import type { ChangeOutcome } from './transfer.ts'

/** What came of one request to the destination. */
export interface Pushed {
  /** Those refs of the request that were answered. */
  readonly refs: readonly PushedRef[]
  /** The server's own lines. */
  readonly words: readonly string[]
  /** Why the others were not. */
  readonly failure: () => Promise<Failure>
}

export interface PushOptions {
  readonly side: Side
  readonly defaultBranch: RefName | null
  readonly atomic: boolean
  readonly limits: RequestLimits
  readonly say: (message: string) => void
  /** Sends one request, each change only while the destination's ref is still at `before`. @throws Failure when nothing was sent */
  readonly send: (request: readonly RefChange[]) => Promise<Pushed>
  /** Reads the destination's refs again. @throws Failure */
  readonly readAgain: () => Promise<ReadonlyMap<RefName, Oid>>
}

/** A whole-request refusal is halved until the culprits stand alone; this bounds how long that may go on when everything is refused. */
const MAX_REQUESTS = 300

/** A hook may print a novel; its beginning will do. */
const REASON_LENGTH = 1000

type Outcomes = Map<RefName, ChangeOutcome>

/**
 * Pushes the changes in as few requests as the server allows.
 * @throws Failure when the first request already broke and changed nothing; once something was answered, the rest is `failed` instead
 */
export async function pushChanges(changes: readonly RefChange[], options: PushOptions): Promise<Outcomes> {
  const outcomes: Outcomes = new Map()
  const requests = cutIntoRequests(orderChanges(changes, options.defaultBranch), options.limits)
  if (options.atomic && requests.length > 1) {
    throw new Failure('push-limit', `\`atomic\` takes one request, and ${changes.length} refs do not fit into one`, { side: options.side })
  }
  for (const request of requests) {
    const answered = outcomes.size
    const failure = await pushUntilSettled(request, options, outcomes)
    if (failure === null) continue
    if (request === requests[0] && outcomes.size === answered) throw failure
    const rest = changes.filter(({ ref }) => !outcomes.has(ref))
    for (const { ref } of rest) outcomes.set(ref, failed(failure))
    break
  }
  return outcomes
}

/** Pushes one request, and what was refused only together again in smaller ones. @returns the Failure that ended it; null where all is answered */
async function pushUntilSettled(request: readonly RefChange[], options: PushOptions, outcomes: Outcomes): Promise<Failure | null> {
  const queue: (readonly RefChange[])[] = [request]
  for (let sent = 0, next = queue.shift(); next; next = queue.shift(), sent++) {
    options.say(`pushing ${showCount(next.length, 'ref')}`)
    const answer = await pushRequest(next, options).catch((error: unknown) => Failure.from(error))
    if (answer instanceof Failure) {
      // What was refused together with others was to be tried again, and no longer can be: that is no refusal of its own.
      if (sent > 0) for (const { ref } of [next, ...queue].flat()) outcomes.set(ref, failed(answer))
      return answer
    }
    for (const [ref, outcome] of answer.outcomes) outcomes.set(ref, outcome)
    const together = answer.refusedTogether
    if (options.atomic || together.length < 2) continue
    if (sent < MAX_REQUESTS) {
      const limit = answer.limit ?? options.limits.refs
      queue.unshift(...(limit < together.length ? cutIntoRequests(together, { ...options.limits, refs: limit }) : halve(together)))
    } else {
      const known = answer.outcomes
      for (const { ref } of together) {
        const reason = `${known.get(ref)?.reason ?? 'refused'}; refused together with others, and after ${MAX_REQUESTS} requests not tried alone any more`
        outcomes.set(ref, { outcome: 'rejected', reason, code: known.get(ref)?.code ?? 'hook-declined' })
      }
    }
  }
  return null
}

interface Answer {
  readonly outcomes: Outcomes
  /** Refs that were refused only because they travelled with another; worth another try apart from it. */
  readonly refusedTogether: RefChange[]
  /** Refs in one push, where the server names a limit. */
  readonly limit: number | null
}

async function pushRequest(request: readonly RefChange[], options: PushOptions): Promise<Answer> {
  const pushed = await options.send(request)
  for (const line of pushed.words) {
    const warning = warningIn(line)
    if (warning !== null) options.say(`the server warns: ${oneLine(line).slice(0, REASON_LENGTH)} (${warning.hint})`)
  }
  const lines = new Map(pushed.refs.map(line => [line.ref, line]))
  const unsaid = request.filter(({ ref }) => (lines.get(ref)?.result ?? 'unknown') === 'unknown')
  const settled =
    unsaid.length > 0
      ? await settle(unsaid, await pushed.failure(), options, { alone: unsaid.length === request.length })
      : new Map<RefName, ChangeOutcome>()

  const rejected = [...lines.values()].filter(({ result }) => result === 'rejected')
  const now = rejected.some(({ reason }) => UNTOLD.test(reason)) ? await options.readAgain().catch(() => null) : null
  const outcomes: Outcomes = new Map()
  const refusedTogether: RefChange[] = []
  for (const change of request) {
    const line = lines.get(change.ref)
    const known = settled.get(change.ref)
    if (known) outcomes.set(change.ref, known)
    else if (line) {
      const seen = now !== null && UNTOLD.test(line.reason) ? seenIn(now, change) : []
      const alone = rejected.length === 1 || (options.atomic && isOwnRefusal(line) && isWholeRequest(line, pushed.words))
      const words = [...seen, ...wordsAbout(change.ref, pushed.words, { alone })]
      const outcome = outcomeOf(change, line, words)
      outcomes.set(change.ref, outcome)
      if (line.result === 'rejected' && isWholeRequest(line, pushed.words)) refusedTogether.push(change)
    }
  }
  return { outcomes, refusedTogether, limit: pushLimitIn(pushed.words.join('\n')) }
}

/** Says no more than that the ref could not be written: so JGit and Dulwich tell of a lost race, and of names in conflict. */
const UNTOLD = /^failed to (?:lock|write|delete)$/

/** What the destination's refs tell of such a refusal, in git's words; nothing where they are as they were planned for. */
function seenIn(now: ReadonlyMap<RefName, Oid>, { ref, before, after }: RefChange): string[] {
  if ((now.get(ref) ?? null) !== before) return ['stale info']
  const other = after === null ? undefined : [...now.keys()].find(name => name.startsWith(`${ref}/`) || ref.startsWith(`${name}/`))
  return other === undefined ? [] : [`refname conflict: "${other}" exists`]
}

/** A refusal that a server gives to all refs of a request because of one of them. */
function isWholeRequest({ reason }: PushedRef, words: readonly string[]): boolean {
  return classify(reason)?.scope === 'request' || pushLimitIn(words.join('\n')) !== null
}

/** Not that of another ref, for which `atomic` held this one back. Refused with `atomic` all refs are tried once, so what is said of one is said of all. */
const isOwnRefusal = ({ reason }: PushedRef): boolean => classify(reason)?.kind !== 'atomic-refused'

const LANDED: Readonly<Record<string, Outcome>> = { create: 'created', 'fast-forward': 'updated', force: 'forced', delete: 'deleted' }

/** What a change that was made is called. */
const landed = (change: RefChange): ChangeOutcome => ({ outcome: LANDED[change.action] ?? 'updated', reason: null, code: null })

const failed = ({ message, kind, hint, retryAfterMs }: Failure): ChangeOutcome => ({
  outcome: 'failed',
  reason: message,
  code: kind,
  hint,
  ...(retryAfterMs !== null && { retryAfterMs }),
})

/** @param words about this ref: the server's own, and what its refs tell */
function outcomeOf(change: RefChange, line: PushedRef, words: readonly string[]): ChangeOutcome {
  if (line.result === 'ok') return landed(change)
  // Somebody else made the very same change first.
  if (line.result === 'up-to-date') return { outcome: 'up-to-date', reason: null, code: null }
  const said = [line.reason, ...words]
  const row = classify(said.join('\n'))
  const kind = row?.kind ?? 'ref-rejected'
  if (kind === 'raced')
    return { outcome: 'raced', reason: 'somebody else changed the ref at the destination after it was read', code: 'raced' }
  // A server in trouble has refused nothing: that is worth another try.
  const outcome = isTransient(KINDS[kind].fault) ? 'failed' : 'rejected'
  const reason = said.join('; ').slice(0, REASON_LENGTH)
  return { outcome, reason, code: kind, ...(row?.hint !== undefined && { hint: row.hint }) }
}

/**
 * A connection that broke may have broken before or after the server did its work. Its refs tell.
 * @param alone no ref of the request was answered
 * @throws Failure when nothing of the request was answered, and no ref of it has moved or none can be read
 */
async function settle(
  changes: readonly RefChange[],
  failure: Failure,
  options: PushOptions,
  { alone }: { readonly alone: boolean },
): Promise<Outcomes> {
  const now = await options.readAgain().catch((error: unknown) => Failure.from(error))
  const tipOf = ({ ref }: RefChange) => (now instanceof Failure ? undefined : (now.get(ref) ?? null))
  if (alone && now instanceof Failure) throw withMore(failure, 'whether anything was changed could not be read')
  if (alone && changes.every(change => tipOf(change) === change.before))
    throw withMore(failure, 'the refs at the destination are as they were')
  return new Map(changes.map(change => [change.ref, settledOutcome(change, tipOf(change), failure)]))
}

const withMore = (failure: Failure, more: string): Failure => failure.with({ message: `${failure.message}; ${more}` })

function settledOutcome(change: RefChange, tip: Oid | null | undefined, failure: Failure): ChangeOutcome {
  if (tip === undefined) return failed(withMore(failure, 'whether the ref was changed could not be read'))
  if (tip === change.after) return landed(change)
  if (tip === change.before) return failed(failure)
  return { outcome: 'raced', reason: 'somebody else changed the ref at the destination after it was read', code: 'raced' }
}
