import { Failure } from '../../errors/failure.ts'
import { isTransient, KINDS } from '../../errors/kinds.ts'
import { checkLfs } from '../../git/lfs.ts'
import { followLfsConfig, readLfsConfig } from '../../lfs/lfs-config.ts'
import type { ObjectFailure } from '../../lfs/move.ts'
import type { Pointer } from '../../lfs/pointer.ts'
import type { LfsUsage } from '../../lfs/usage.ts'
import { IDLE_MS } from '../../limits/limits.ts'
import type { PlannedRef } from '../../plan/plan.ts'
import type { RefName } from '../../refs/ref.ts'
import { endpointOf } from '../../remote/lfs-endpoint.ts'
import { otherSide, type Side } from '../../remote/side.ts'
import { parseRemoteUrl, RemoteUrl } from '../../remote/url.ts'
import { amountOf, type LfsReport } from '../../report/lfs.ts'
import { oneLine } from '../../text/escape.ts'
import { showBytes, showCount } from '../../text/quantity.ts'
import { redactUrls } from '../../text/redact.ts'
import { kept } from '../../transfer/push-outcome.ts'
import type { SidesContext } from '../../transfer/sides.ts'
import type { ChangeOutcome } from '../../transfer/transfer.ts'
import type { ChangeableSide } from '../compare.ts'
import { chooseLfsObjects, refsThatLack } from './lfs-choice.ts'

/** The results for the LFS objects of one side's changes so far. */
export interface LfsProgress {
  /** The changes were searched for pointers. */
  isDone: boolean
  report: LfsReport | null
  /** The objects that each ref brings; null if they were only searched together. Refs that bring none are left out. */
  needs: ReadonlyMap<RefName, ReadonlyMap<string, Pointer>> | null
  readonly notices: string[]
}

export const emptyProgress = (): LfsProgress => ({ isDone: false, report: null, needs: null, notices: [] })

interface LfsUpdate extends Pick<ChangeableSide, 'side' | 'transfer'> {
  readonly lfs: LfsProgress
  /** Gets the outcomes of refs that cannot be pushed. */
  readonly outcomes: Map<RefName, ChangeOutcome>
}

/**
 * Moves the LFS objects that the changes need, before their refs are pushed. A ref whose objects cannot be moved gets its outcome here.
 * @param sure look for pointers even if the source seems not to use LFS
 * @throws Failure `git-lfs-missing`; `relay-impossible` if git may do what the relay cannot; of the source
 */
export async function sendLfsObjects(update: LfsUpdate, changes: readonly PlannedRef[], context: SidesContext, sure = false) {
  const { transfer, lfs, outcomes } = update
  const { settings, session, host, runtime } = context
  const bringing = changes.filter(({ after }) => after !== null)
  if (settings.lfs === 'false' || bringing.length === 0) return
  if (settings.lfs === 'true' && !settings.dryRun) await checkLfs(await session.local())
  const usage = await transfer.lfsUsage()
  if (!sure && settings.lfs === 'auto' && usage.isUsed === false) return
  if (settings.dryRun && settings.lfs === 'auto' && usage.isUsed === null) {
    lfs.notices.push(
      'it is not known whether LFS objects would be moved: this source shows it only in a fetch of everything that a mirror would fetch',
    )
    return
  }
  lfs.isDone = true
  const chosen = await chooseLfsObjects(bringing, transfer, runtime.now).catch((error: unknown) => {
    if (settings.lfs === 'true' || usage.isUsed === true || Failure.from(error).kind !== 'git-missing') throw error
    lfs.notices.push(
      'it is not known whether LFS is in use: this source shows it only in its objects, and git, which would search them, is missing',
    )
    return { all: new Map<string, Pointer>(), byRef: null }
  })
  const pointers = chosen.all
  lfs.needs = chosen.byRef
  host.debug(`${showCount(pointers.size, 'LFS object')} in what ${showCount(bringing.length, 'ref')} bring`)
  if (pointers.size === 0) return
  if (settings.dryRun) {
    const { objects, bytes } = amountOf(pointers.values())
    lfs.notices.push(`of ${showCount(objects, 'LFS object')} (${showBytes(bytes)}), those that the destination lacks would be moved`)
    return
  }
  if (settings.lfs === 'auto') await checkLfs(await session.local())
  const result = await move(update.side, [...pointers.values()], usage, context, lfs)
  const isAllowed = ({ isLost }: ObjectFailure) => isLost && settings.lfsMissing === 'allow'
  const failed = new Map([...result.failed].filter(([, failure]) => !isAllowed(failure)))
  const lost = [...result.failed].flatMap(([oid, failure]) => (isAllowed(failure) ? [oid] : []))
  lfs.report = {
    moved: amountOf(result.moved),
    present: amountOf(result.present),
    failed: amountOf([...failed.keys()].flatMap(oid => pointers.get(oid) ?? [])),
    lost: lost.length === 0 ? undefined : lost,
  }
  for (const [ref, its] of await refsThatLack(bringing, failed, transfer, chosen.byRef)) outcomes.set(ref, outcomeOf(its))
  if (!settings.atomic || failed.size === 0) return
  const heldBack = kept(outcomeOf(failed).code, '`atomic` is set, and LFS objects of another ref could not be moved')
  for (const { ref } of changes) if (!outcomes.has(ref)) outcomes.set(ref, heldBack)
}

/** @param side that the objects go to */
async function move(side: Side, pointers: readonly Pointer[], usage: LfsUsage, context: SidesContext, lfs: LfsProgress) {
  const { session, settings, host } = context
  // Most runs move no LFS objects.
  const { moveObjects } = await import('../../lfs/move.ts')
  const from = otherSide(side)
  const [source, destination, local] = await Promise.all([
    session.lfs(from, endpointIn(usage, from, context, lfs)),
    session.lfs(side),
    session.local(),
  ])
  const { info: say, progress } = host
  const [stallMs, batchSize] = [IDLE_MS, settings.lfsBatchSize]
  return await moveObjects(pointers, { source, destination, local, stallMs, batchSize, say, progress })
}

/** The LFS server that the source's `.lfsconfig` names, if it may be used: a file that anyone with push access can write must not redirect our credentials. */
function endpointIn({ config }: LfsUsage, from: Side, { settings }: SidesContext, { notices }: LfsProgress): string | undefined {
  if (settings.lfsUrl[from] !== null) return undefined
  const remote = settings[from].url
  const input = from === 'here' ? 'lfs-url' : 'remote-lfs-url'
  const text = config === null ? null : readLfsConfig(config)
  if (text === null) {
    if (remote.protocol === 'git')
      notices.push(
        `a \`git://\` server has no LFS objects: they are read from ${endpointOf(remote, null)}; if they are elsewhere, set \`${input}\``,
      )
    return undefined
  }
  const target = parseRemoteUrl(text, { allowInsecureHttp: true })
  const named = `the \`.lfsconfig\` of the source names the LFS server "${oneLine(redactUrls(text))}"`
  const use = followLfsConfig(text, remote)
  if (target instanceof RemoteUrl && use === 'same-host') {
    notices.push(`${named}: LFS objects are read from it, because it is the source's server`)
    return endpointOf(remote, target)
  }
  const elsewhere = `it is not the source's server; to read LFS objects from it, set \`${input}\``
  const why = use === 'unsafe-path' ? "the path has characters that the server's shell could run as a command" : elsewhere
  notices.push(`${named}, which is not used, because ${why}`)
  return undefined
}

function outcomeOf(failed: ReadonlyMap<string, ObjectFailure>): ChangeOutcome {
  const [[, worst] = []] = [...failed].sort(
    ([, a], [, b]) => Number(isTransient(KINDS[a.kind].fault)) - Number(isTransient(KINDS[b.kind].fault)),
  )
  const kind = worst?.kind ?? 'lfs-incomplete'
  const named = [...failed].filter(([, failure]) => failure.kind === kind).map(([oid]) => oid)
  const oids = `${named.slice(0, 10).join(', ')}${named.length > 10 ? ', …' : ''}`
  const reason = `${showCount(failed.size, 'LFS object')} that it needs could not be moved: ${oneLine(worst?.reason ?? '')} (${oids})`
  return { outcome: isTransient(KINDS[kind].fault) ? 'failed' : 'rejected', reason, code: kind, hint: worst?.hint }
}
