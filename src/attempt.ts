import { openSession, type Session, type Surroundings } from './credentials/session.ts'
import { KINDS } from './errors/kinds.ts'
import { Failure } from './failure.ts'
import { readAdvertisement } from './git/remote.ts'
import { runGit } from './git/run.ts'
import { checkGitVersion } from './git/version.ts'
import type { Host } from './host/host.ts'
import { type Comparison, changesOf, type PlannedRef, pairsToRelate, planChanges, tipsToFetch } from './plan/plan.ts'
import { checkDeletions, checkSides, needsKinship, refuseUnrelated } from './plan/safeguards.ts'
import { type Advertisement, leftAlone } from './refs/advertisement.ts'
import type { Oid, RefName } from './refs/ref.ts'
import { unmatchedPatterns } from './refs/select.ts'
import { escapeServerText } from './report/escape.ts'
import type { RefReport } from './report/outcome.ts'
import type { Settings } from './settings/settings.ts'
import { gitTransfer } from './transfer/git-transfer.ts'
import type { ChangeOutcome, Transfer } from './transfer/transfer.ts'

/** What one attempt came to. */
export interface Attempt {
  readonly refs: readonly RefReport[]
  /** Refs that this attempt left to whoever changed them since the run began; another attempt would leave them, too. */
  readonly spared: ReadonlySet<string>
  readonly transfer: Transfer['name'] | null
  readonly bytes: number
  readonly notices: readonly string[]
  readonly failure: Failure | null
}

/** What a run remembers from one attempt to the next. */
export interface Memory {
  /** The destination's tips when the run first read them; null before that. */
  first: ReadonlyMap<RefName, Oid> | null
}

/** Reads both sides, plans, changes the destination. Never throws: what went wrong is the attempt's `failure`. */
export async function attemptMirror(settings: Settings, host: Host, surroundings: Surroundings, memory: Memory): Promise<Attempt> {
  let session: Session | null = null
  try {
    session = await openSession(settings, host, surroundings)
    return await attempt(settings, session, host, memory)
  } catch (error) {
    return { ...NOTHING, failure: told(error, host) }
  } finally {
    // What is done is done: files that stay behind must not turn it into a failure. The post step tries again.
    await session?.dispose().catch((error: unknown) => host.info(`the private directory could not be removed: ${String(error)}`))
  }
}

/** What nobody foresaw also tells where it came from, to those who asked for debug logging. */
function told(error: unknown, host: Host): Failure {
  if (!(error instanceof Failure) && error instanceof Error) host.debug(escapeServerText(error.stack ?? ''))
  return Failure.from(error)
}

const NOTHING: Attempt = { refs: [], spared: new Set(), transfer: null, bytes: 0, notices: [], failure: null }

async function attempt(settings: Settings, session: Session, host: Host, memory: Memory): Promise<Attempt> {
  const [source, destination] = await readBothSides(session)
  memory.first ??= destination.refs
  checkSides(source, destination)
  const { keepDivergent, prune, selection } = settings
  const comparison: Comparison = { source, destination, selection, policy: { keepDivergent, prune } }
  const pairs = pairsToRelate(comparison)
  const transfer = gitTransfer({
    source: session.here,
    destination: session.there,
    present: destination.refs,
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
  const spared = sparedRefs(plan, memory.first)
  host.debug(`${pairs.length} relations asked, ${changesOf(plan).length} changes planned, ${spared.size} left to somebody else`)
  const notices = [...unmatchedPatterns(selection, [source, destination]), ...leftAlone(source, destination)]
  const report = (outcomes: ReadonlyMap<RefName, ChangeOutcome>) => [
    ...plan.map(planned => reportRef(planned, outcomes.get(planned.ref) ?? (spared.has(planned.ref) ? RACED : null))),
    ...unusableRefs(source),
  ]
  const result = { ...NOTHING, spared, notices }
  try {
    await checkPlan(settings, comparison, plan, transfer)
    const changes = changesOf(plan).filter(({ ref }) => !spared.has(ref))
    const outcomes = settings.dryRun || changes.length === 0 ? new Map<RefName, ChangeOutcome>() : await transfer.apply(changes)
    return { ...result, refs: report(outcomes), transfer: outcomes.size > 0 ? transfer.name : null, bytes: await transfer.bytes() }
  } catch (error) {
    // What was planned is worth seeing just when it was refused.
    return { ...result, refs: report(new Map()), bytes: await transfer.bytes(), failure: told(error, host) }
  }
}

/** @throws Failure when the plan as a whole must not be carried out */
async function checkPlan(settings: Settings, comparison: Comparison, plan: readonly PlannedRef[], transfer: Transfer): Promise<void> {
  checkDeletions(plan, settings.maxDeletions)
  if (settings.allowUnrelated || !needsKinship(comparison, plan)) return
  const { source, destination } = comparison
  const related = await transfer.sharesHistory([...source.refs.values()], [...destination.refs.values()])
  if (!related) refuseUnrelated(destination)
}

/** What somebody else has put there while this run was under way is not taken away again by the same run. */
function sparedRefs(plan: readonly PlannedRef[], first: ReadonlyMap<RefName, Oid>): Set<string> {
  const taken = plan.filter(({ ref, action, before }) => (action === 'force' || action === 'delete') && (first.get(ref) ?? null) !== before)
  return new Set(taken.map(({ ref }) => ref))
}

const RACED: ChangeOutcome = {
  outcome: 'raced',
  reason: 'somebody else changed the ref at the destination during the run; what they put there diverges from the source',
  code: 'raced',
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
