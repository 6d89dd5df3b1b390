import type { Kind } from '../errors/kinds.ts'
import { classify, pushLimitIn } from '../errors/table.ts'
import { Failure } from '../failure.ts'
import { type PushedRef, parsePush, remoteLines, wordsAbout } from '../git/porcelain.ts'
import { failureOf, type GitRemote, readAdvertisement } from '../git/remote.ts'
import { type GitResult, runGit } from '../git/run.ts'
import type { PlannedRef } from '../plan/plan.ts'
import type { RefName } from '../refs/ref.ts'
import type { Outcome } from '../report/outcome.ts'
import { cutIntoRequests, halve, orderChanges } from './requests.ts'
import type { ChangeOutcome } from './transfer.ts'

export interface PushOptions {
  readonly destination: GitRemote
  /** The bare repository that holds the objects. */
  readonly repository: string
  readonly defaultBranch: RefName | null
  readonly atomic: boolean
  readonly pushOptions: readonly string[]
  readonly say: (message: string) => void
}

/** git takes the refs on its command line, which Windows limits to 32,767 characters and Linux to about 2 MB. */
const LIMITS = { refs: 1000, characters: process.platform === 'win32' ? 24_000 : 400_000 }

/** A whole-request refusal is halved until the culprits stand alone; this bounds how long that may go on when everything is refused. */
const MOST_REQUESTS = 300

/** A hook may print a novel; its beginning will do. */
const REASON_LENGTH = 1000

type Outcomes = Map<RefName, ChangeOutcome>

/**
 * Pushes the changes in as few requests as the server allows.
 * @throws Failure when the first request already broke and changed nothing; once something was answered, the rest is `failed` instead
 */
export async function pushChanges(changes: readonly PlannedRef[], options: PushOptions): Promise<Outcomes> {
  const ordered = orderChanges(changes, options.defaultBranch)
  const outcomes: Outcomes = new Map()
  const queue = options.atomic ? [ordered] : cutIntoRequests(ordered, LIMITS)
  for (let sent = 0, request = queue.shift(); request; request = queue.shift(), sent++) {
    options.say(`pushing ${request.length} ${request.length === 1 ? 'ref' : 'refs'}`)
    const answer = await pushRequest(request, options).catch((error: unknown) => Failure.from(error))
    if (answer instanceof Failure) {
      if (outcomes.size === 0) throw answer
      for (const { ref } of [request, ...queue].flat()) outcomes.set(ref, { outcome: 'failed', reason: answer.message, code: answer.kind })
      break
    }
    for (const [ref, outcome] of answer.outcomes) outcomes.set(ref, outcome)
    const limit = answer.limit ?? LIMITS.refs
    if (options.atomic || answer.refusedTogether.length < 2) continue
    if (sent >= MOST_REQUESTS) {
      const reason = `refused together with others; after ${MOST_REQUESTS} requests not tried alone any more`
      for (const { ref } of answer.refusedTogether) outcomes.set(ref, { outcome: 'rejected', reason, code: 'hook-declined' })
      continue
    }
    const again =
      limit < answer.refusedTogether.length
        ? cutIntoRequests(answer.refusedTogether, { ...LIMITS, refs: limit })
        : halve(answer.refusedTogether)
    queue.unshift(...again)
  }
  return outcomes
}

interface Answer {
  readonly outcomes: Outcomes
  /** Refs that were refused only because they travelled with another; worth another try apart from it. */
  readonly refusedTogether: PlannedRef[]
  /** Refs in one push, where the server names a limit. */
  readonly limit: number | null
}

async function pushRequest(request: readonly PlannedRef[], options: PushOptions): Promise<Answer> {
  const { destination, repository } = options
  const result = await runGit(
    [
      'push',
      '--porcelain',
      '--no-progress',
      ...(options.atomic ? ['--atomic'] : []),
      ...options.pushOptions.map(option => `--push-option=${option}`),
      ...request.map(({ ref, before }) => `--force-with-lease=${ref}:${before ?? ''}`),
      destination.url,
      ...request.map(({ ref, after }) => `${after ?? ''}:${ref}`),
    ],
    { env: destination.env, cwd: repository },
  )
  const lines = new Map(parsePush(result.stdout.toString('utf8')).map(line => [line.ref, line]))
  const unsaid = request.filter(({ ref }) => (lines.get(ref)?.result ?? 'unknown') === 'unknown')
  const settled = unsaid.length > 0 ? await settle(unsaid, result, options) : new Map<RefName, ChangeOutcome>()

  const remote = remoteLines(result.stderr)
  const rejected = [...lines.values()].filter(line => line.result === 'rejected').length
  const outcomes: Outcomes = new Map()
  const refusedTogether: PlannedRef[] = []
  for (const change of request) {
    const line = lines.get(change.ref)
    const known = settled.get(change.ref)
    if (known) outcomes.set(change.ref, known)
    else if (line) {
      const outcome = outcomeOf(change, line, wordsAbout(change.ref, remote, { alone: rejected === 1 }))
      outcomes.set(change.ref, outcome)
      if (line.result === 'rejected' && isWholeRequest(line, remote)) refusedTogether.push(change)
    }
  }
  return { outcomes, refusedTogether, limit: pushLimitIn(result.stderr) }
}

/** A refusal that a server gives to all refs of a request because of one of them. */
function isWholeRequest({ reason }: PushedRef, remote: readonly string[]): boolean {
  return classify(reason)?.scope === 'request' || pushLimitIn(remote.join('\n')) !== null
}

const LANDED: Readonly<Record<string, Outcome>> = { create: 'created', 'fast-forward': 'updated', force: 'forced', delete: 'deleted' }

/** What a change that was made is called. */
export const landed = (change: PlannedRef): ChangeOutcome => ({ outcome: LANDED[change.action] ?? 'updated', reason: null, code: null })

/** @param words the server's own about this ref */
function outcomeOf(change: PlannedRef, line: PushedRef, words: readonly string[]): ChangeOutcome {
  if (line.result === 'ok') return landed(change)
  // Somebody else made the very same change first.
  if (line.result === 'up-to-date') return { outcome: 'up-to-date', reason: null, code: null }
  const said = [line.reason, ...words]
  const kind = classify(said.join('\n'))?.kind ?? 'ref-rejected'
  if (kind === 'raced')
    return { outcome: 'raced', reason: 'somebody else changed the ref at the destination after it was read', code: 'raced' }
  return { outcome: 'rejected', reason: said.join('; ').slice(0, REASON_LENGTH), code: kind }
}

/**
 * A connection that broke may have broken before or after the server did its work. Its refs tell.
 * @throws Failure when not one of the refs moved: then nothing was sent
 */
async function settle(changes: readonly PlannedRef[], result: GitResult, options: PushOptions): Promise<Outcomes> {
  const failure = await failureOf(options.destination, result)
  const now = await readAdvertisement(options.destination).catch((error: unknown) => Failure.from(error))
  const outcomes: Outcomes = new Map()
  for (const change of changes) {
    const tip = now instanceof Failure ? undefined : (now.refs.get(change.ref) ?? null)
    outcomes.set(change.ref, tip === change.after ? landed(change) : unsettled(change, tip, failure))
  }
  const nothingLanded = [...outcomes.values()].every(({ outcome }) => outcome === 'failed')
  if (nothingLanded && changes.length > 0 && result.exitCode !== 0) throw failure
  return outcomes
}

function unsettled(change: PlannedRef, tip: string | null | undefined, failure: Failure): ChangeOutcome {
  const code: Kind = failure.kind
  if (tip === undefined) return { outcome: 'failed', reason: `${failure.message}; whether the ref was changed could not be read`, code }
  if (tip === change.before) return { outcome: 'failed', reason: failure.message, code }
  return { outcome: 'raced', reason: 'somebody else changed the ref at the destination after it was read', code: 'raced' }
}
