import { openSession, type Session, type Surroundings } from './credentials/session.ts'
import { docsOf, KINDS } from './errors/kinds.ts'
import { Failure } from './failure.ts'
import { readAdvertisement } from './git/remote.ts'
import { runGit } from './git/run.ts'
import { checkGitVersion } from './git/version.ts'
import type { Host } from './host/host.ts'
import { type Comparison, changesOf, type PlannedRef, pairsToRelate, planChanges, tipsToFetch } from './plan/plan.ts'
import { checkDeletions, checkSides, needsKinship, refuseUnrelated } from './plan/safeguards.ts'
import type { Advertisement } from './refs/advertisement.ts'
import type { RefName } from './refs/ref.ts'
import { unmatchedPatterns } from './refs/select.ts'
import { commitsUrl } from './remote/forge.ts'
import { oneLine } from './report/escape.ts'
import type { FailureReport, RefReport, Report } from './report/outcome.ts'
import { countOutcomes, isInSync, statusOf } from './report/tally.ts'
import { backoff, isTransient } from './retry.ts'
import type { Settings } from './settings/settings.ts'
import { gitTransfer } from './transfer/git-transfer.ts'
import type { ChangeOutcome, Transfer } from './transfer/transfer.ts'

/** What a run needs of the process it lives in. */
export interface MirrorSurroundings extends Surroundings {
  readonly now: () => Date
  /** From 0 to 1. */
  readonly random: () => number
  readonly pause: (milliseconds: number) => Promise<void>
}

const RACED: ChangeOutcome = {
  outcome: 'raced',
  reason: 'somebody else changed the ref at the destination during the run; what they put there diverges from the source',
  code: 'raced',
}

/** What one attempt came to. */
interface Attempt {
  readonly refs: readonly RefReport[]
  readonly transfer: Transfer['name'] | null
  readonly bytes: number
  readonly notices: readonly string[]
  readonly failure: Failure | null
}

/**
 * Mirrors one direction: reads both sides, plans, changes the destination, reports.
 * Never throws for what can go wrong on the way: that is the report's `failure`.
 */
export async function mirror(settings: Settings, host: Host, surroundings: MirrorSurroundings): Promise<Report> {
  const startedAt = surroundings.now()
  let bytes = 0
  let attempts = 1
  const raced = new Set<string>()
  let last = await attemptSafely(settings, host, surroundings, raced)
  for (; attempts <= settings.retries && isWorthAnother(last, raced); attempts++) {
    const wait = backoff(attempts, surroundings.random())
    host.info(`attempt ${attempts} did not succeed (${whyNot(last)}); trying again in ${(wait / 1000).toFixed(1)} s`)
    await surroundings.pause(wait)
    bytes += last.bytes
    for (const { ref, outcome } of last.refs) if (outcome === 'raced') raced.add(ref)
    last = withEarlier(last, await attemptSafely(settings, host, surroundings, raced))
  }
  const failure = last.failure === null ? null : failureReport(last.failure)
  const { refs } = last
  return {
    status: statusOf({ refs, failure, dryRun: settings.dryRun }),
    inSync: failure === null && isInSync(refs),
    dryRun: settings.dryRun,
    direction: 'push',
    source: { url: settings.here.url.toString(), commits: commitsUrl(settings.here.url, { serverUrl: settings.serverUrl }) },
    destination: { url: settings.there.url.toString(), commits: commitsUrl(settings.there.url, { serverUrl: settings.serverUrl }) },
    transfer: last.transfer,
    refs,
    counts: countOutcomes(refs),
    notices: [...settings.warnings, ...last.notices],
    failure,
    bytes: bytes + last.bytes,
    attempts,
    startedAt: startedAt.toISOString(),
    durationMs: surroundings.now().getTime() - startedAt.getTime(),
  }
}

/** The report of a run that could not begin, e.g. for its settings. */
export function failedReport(failure: Failure, startedAt: Date): Report {
  return {
    status: 'failed',
    inSync: false,
    dryRun: false,
    direction: 'push',
    source: { url: '', commits: null },
    destination: { url: '', commits: null },
    transfer: null,
    refs: [],
    counts: countOutcomes([]),
    notices: [],
    failure: failureReport(failure),
    bytes: 0,
    attempts: 1,
    startedAt: startedAt.toISOString(),
    durationMs: 0,
  }
}

function failureReport(failure: Failure): FailureReport {
  const { kind, fault, message, hint, side, detail } = failure
  return { kind, fault, title: KINDS[kind].title, message, hint, docs: docsOf(kind), side, detail }
}

const codeIsTransient = ({ outcome, code }: RefReport): boolean =>
  outcome === 'raced' || (outcome === 'failed' && code !== null && isTransient(KINDS[code].fault))

/** @param raced refs that were raced in an earlier attempt: they had their second chance */
const isWorthAnother = ({ failure, refs }: Attempt, raced: ReadonlySet<string>): boolean =>
  failure === null ? refs.some(ref => codeIsTransient(ref) && !raced.has(ref.ref)) : isTransient(failure.fault)

const whyNot = ({ failure, refs }: Attempt): string => oneLine(failure?.message ?? refs.find(codeIsTransient)?.reason ?? '')

/** What an earlier attempt changed is not forgotten because a later one finds it done. */
function withEarlier(earlier: Attempt, later: Attempt): Attempt {
  const done = new Map(earlier.refs.filter(({ outcome }) => CHANGED.has(outcome)).map(ref => [ref.ref, ref]))
  if (later.refs.length === 0) return { ...later, refs: earlier.refs, transfer: later.transfer ?? earlier.transfer }
  const refs = later.refs.map(ref => (ref.outcome === 'up-to-date' ? (done.get(ref.ref) ?? ref) : ref))
  const names = new Set(refs.map(({ ref }) => ref))
  const deleted = [...done.values()].filter(({ ref }) => !names.has(ref))
  return { ...later, refs: [...refs, ...deleted].sort((a, b) => (a.ref < b.ref ? -1 : 1)), transfer: later.transfer ?? earlier.transfer }
}

const CHANGED: ReadonlySet<string> = new Set(['created', 'updated', 'forced', 'deleted'])

async function attemptSafely(settings: Settings, host: Host, surroundings: Surroundings, raced: ReadonlySet<string>): Promise<Attempt> {
  let session: Session | null = null
  try {
    session = await openSession(settings, host, surroundings)
    return await attempt(settings, session, host, raced)
  } catch (error) {
    return { refs: [], transfer: null, bytes: 0, notices: [], failure: Failure.from(error) }
  } finally {
    await session?.dispose()
  }
}

async function attempt(settings: Settings, session: Session, host: Host, raced: ReadonlySet<string>): Promise<Attempt> {
  const [source, destination] = await readBothSides(session)
  checkSides(source, destination)
  const { keepDivergent, prune, selection } = settings
  const comparison: Comparison = { source, destination, selection, policy: { keepDivergent, prune } }
  const pairs = pairsToRelate(comparison)
  const transfer = gitTransfer({
    source: session.here,
    destination: session.there,
    directory: session.directory,
    environment: session.localEnvironment,
    wants: tipsToFetch(comparison, pairs),
    defaultBranch: source.head,
    objectFormat: source.objectFormat ?? destination.objectFormat ?? 'sha1',
    atomic: settings.atomic,
    pushOptions: settings.pushOptions,
    say: host.info,
  })
  const plan = planChanges(comparison, await transfer.relate(pairs))
  checkDeletions(plan, settings.maxDeletions)
  if (!settings.allowUnrelated && needsKinship(comparison, plan)) {
    const related = await transfer.sharesHistory([...source.refs.values()], [...destination.refs.values()])
    if (!related) refuseUnrelated(destination)
  }

  // What somebody else has put there while this run was under way is not taken away again by the same run.
  const spared = changesOf(plan).filter(({ ref, action }) => raced.has(ref) && (action === 'force' || action === 'delete'))
  const changes = changesOf(plan).filter(change => !spared.includes(change))
  const applied = settings.dryRun || changes.length === 0 ? new Map<RefName, ChangeOutcome>() : await transfer.apply(changes)
  const outcomes = new Map([...applied, ...spared.map(({ ref }) => [ref, RACED] as const)])
  return {
    refs: [...plan.map(planned => reportRef(planned, outcomes.get(planned.ref) ?? null)), ...unusableRefs(source)],
    transfer: applied.size > 0 ? transfer.name : null,
    bytes: await transfer.bytes(),
    notices: unmatchedPatterns(selection, [source, destination]),
    failure: null,
  }
}

/**
 * Reads both sides at the same time, and asks git for its version meanwhile: a git that is too old fails in ways that explain nothing.
 * @throws Failure of the source first; the other side's is told in its detail
 */
async function readBothSides(session: Session): Promise<readonly [Advertisement, Advertisement]> {
  const [version, here, there] = await Promise.allSettled([
    runGit(['version'], { env: session.localEnvironment, cwd: session.directory }),
    readAdvertisement(session.here),
    readAdvertisement(session.there),
  ])
  if (version.status === 'rejected') throw version.reason
  checkGitVersion(version.value.stdout.toString('utf8'))
  if (here.status === 'fulfilled' && there.status === 'fulfilled') return [here.value, there.value]
  const failures = [here, there].flatMap(result => (result.status === 'rejected' ? [Failure.from(result.reason)] : []))
  const [first, second] = failures
  if (first && second) {
    const detail = [first.detail, `the other side failed too: ${second.message}`, second.detail].filter(Boolean).join('\n')
    throw new Failure(first.kind, first.message, { side: first.side ?? 'here', hint: first.hint, detail })
  }
  throw first
}

function reportRef({ ref, action, before, after, reason, code }: PlannedRef, outcome: ChangeOutcome | null): RefReport {
  const became = outcome?.outcome ?? (action === 'none' ? 'up-to-date' : action === 'keep' ? 'kept' : 'skipped')
  const why = outcome?.code ?? code
  return {
    ref,
    action,
    outcome: became,
    before,
    after,
    reason: outcome?.reason ?? reason,
    code: why,
    hint: why === null ? null : KINDS[why].hint,
  }
}

const unusableRefs = ({ unusable }: Advertisement): RefReport[] =>
  unusable.map(({ name, reason }) => ({
    ref: name,
    action: 'none',
    outcome: 'skipped',
    before: null,
    after: null,
    reason,
    code: 'name-unusable',
    hint: KINDS['name-unusable'].hint,
  }))
