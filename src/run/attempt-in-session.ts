import type { Failure } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import type { Runtime } from '../host/runtime.ts'
import { debugTo } from '../host/server-text.ts'
import { otherSide, type Side } from '../remote/side.ts'
import { openSession } from '../session/session.ts'
import type { Settings } from '../settings/settings.ts'
import { awaitedLater } from '../tasks/later.ts'
import { oneLine } from '../text/escape.ts'
import { type DamageFound, damageIn } from '../transfer/damage.ts'
import { withTransfer } from '../transfer/transfer-choice.ts'
import { type Attempt, type AttemptContext, type AttemptOptions, attemptOver, failureFrom, NOTHING, type RunMemory } from './attempt.ts'
import type { DamageMemory } from './damage.ts'
import { withEarlier } from './merge-attempts.ts'
import { narrowSelection } from './selection.ts'

/** Opens both sides with the first transfer that can do it, and mirrors. Never throws: errors become the attempt's `failure`. */
export async function attemptInSession(
  settings: Settings,
  host: Host,
  runtime: Runtime,
  memory: RunMemory,
  options: AttemptOptions,
): Promise<Attempt> {
  const session = openSession(settings, host, runtime)
  const ending = new AbortController()
  const { env: environment, signal: limit } = runtime
  const signal = limit === undefined ? ending.signal : AbortSignal.any([ending.signal, limit])
  const narrowed = narrowSelection(settings, { environment, hide: host.hide, debug: debugTo(host, 'here: '), signal })
  const selection = awaitedLater(
    narrowed.catch((error: unknown) => {
      throw limit?.aborted ? limit.reason : error
    }),
  )
  const context = { settings, host, runtime, session, memory, selection, ...options }
  try {
    return await aroundDamage(() => attempt(context), memory.damage, settings, host.info)
  } finally {
    ending.abort()
    // Files that stay behind must not turn a successful run into a failure. The post step tries again.
    await session.dispose().catch((error: unknown) => host.info(`the private directory could not be removed: ${String(error)}`))
  }
}

async function attempt(context: AttemptContext): Promise<Attempt> {
  try {
    const over = (heals: boolean) => withTransfer(context, sides => attemptOver(sides, context, heals))
    const first = await over(true)
    const { result, fallback } = first.result === null ? await over(false) : first
    if (result === null) return NOTHING
    return fallback === null ? result : { ...result, notices: [`git moves the objects, because ${fallback}`, ...result.notices] }
  } catch (error) {
    const failure = failureFrom(error, context.host)
    return { ...NOTHING, failure, retryAfterMs: failure.retryAfterMs ?? 0 }
  }
}

/**
 * Attempts to mirror. If the source cannot give some objects, further attempts find out which refs need them, and mirror the others.
 * @param attemptOnce never throws
 */
async function aroundDamage(
  attemptOnce: () => Promise<Attempt>,
  memory: DamageMemory,
  { atomic }: Settings,
  say: (message: string) => void,
): Promise<Attempt> {
  let last = await attemptOnce()
  // With `atomic`, no ref is changed without the others.
  while (!atomic && isAnotherNeeded(last, memory)) {
    say('the source cannot give some objects: mirroring the refs that do not need them')
    const next = await attemptOnce()
    last = { ...withEarlier(last, next), bytes: last.bytes + next.bytes }
  }
  return last
}

function isAnotherNeeded(last: Attempt, memory: DamageMemory): boolean {
  const found = damageOf(last)
  if (found !== null) return memory[found.side].search.failed(found, memory[found.side].first)
  if (last.failure !== null) return isLostInSearch(last.failure, memory)
  return [memory.here, memory.there].map(({ search }) => search.passed()).includes(true)
}

/** The damage that an attempt met: as a whole, or in a later push. */
function damageOf({ failure, refs }: Attempt): (DamageFound & { readonly side: Side }) | null {
  const [whole, side] = [failure && damageIn(failure), failure?.side]
  if (whole && side) return { ...whole, side }
  for (const { outcome, code, reason, side: changed } of refs) {
    const found = outcome === 'failed' && code !== null ? damageIn({ kind: code, message: reason, detail: null }) : null
    if (found !== null && changed !== null) return { ...found, side: otherSide(changed) }
  }
  return null
}

/** In the middle of a search, a source can end the connection when it meets a damaged object. */
function isLostInSearch({ kind, side, message }: Failure, memory: DamageMemory): boolean {
  if (side === null || kind !== 'connection-lost') return false
  return memory[side].search.lost({ kind: 'source-damaged', reason: `the source cannot give its objects: ${oneLine(message)}` })
}
