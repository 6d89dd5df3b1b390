import { Failure } from '../errors/failure.ts'
import { debugTo } from '../host/server-text.ts'
import { type DefaultBranches, defaultBranchesAfter } from '../plan/default-branch.ts'
import type { Comparison, PlannedRef } from '../plan/plan.ts'
import { hasBranches, tipOf } from '../refs/advertisement.ts'
import { isBranch, type RefName, shortName } from '../refs/ref.ts'
import { otherSide, type Side } from '../remote/side.ts'
import type { RemoteUrl } from '../remote/url.ts'
import { rolesOf } from '../settings/direction.ts'
import type { Settings } from '../settings/settings.ts'
import { shellWord } from '../text/quote.ts'
import type { Sides, SidesContext } from '../transfer/sides.ts'

/**
 * Keeps the destination's default branch that of the source, if the settings ask for it. Never throws: the refs are mirrored.
 * @param done the changes that were made; in a dry run, those that would be
 * @returns notices for the report
 */
export async function followDefaultBranch(
  sides: Pick<Sides, 'readAgain'>,
  comparison: Comparison,
  done: readonly PlannedRef[],
  context: SidesContext,
): Promise<string[]> {
  const { settings } = context
  const { source, destination } = rolesOf(settings.direction)
  const after = (side: Side) => branchesAfter(side, sides, comparison, done, settings)
  const notices = await follow(await after(destination), context)
  if (settings.direction !== 'bidirectional') return notices
  return [...notices, ...danglingNotice(await after(source), settings[source].url, 'this repository', false)]
}

/** The default branches when the run is done. */
async function branchesAfter(
  side: Side,
  sides: Pick<Sides, 'readAgain'>,
  comparison: Comparison,
  done: readonly PlannedRef[],
  { dryRun }: Settings,
): Promise<DefaultBranches> {
  const before = comparison[side]
  const changed = new Map(done.flatMap(change => (change.side === side ? [[change.ref, change.after]] : [])))
  const tipAfter = (ref: RefName) => (changed.has(ref) ? (changed.get(ref) ?? null) : tipOf(before, ref))
  // The HEAD of a side without a branch is not reported before protocol v2, and by git. It is once there is a branch, if it leads to one.
  const isNew = before.head === null && before.hasHead === false && !hasBranches(before) && [...changed.keys()].some(isBranch) && !dryRun
  const now = isNew ? await sides.readAgain(side).catch(() => null) : null
  return defaultBranchesAfter(comparison[otherSide(side)], now ?? before, changed.keys(), tipAfter)
}

async function follow(branches: DefaultBranches, context: SidesContext): Promise<string[]> {
  const { settings, host } = context
  const { source, destination, isMirrored } = branches
  const { destination: side } = rolesOf(settings.direction)
  const dangling = danglingNotice(
    branches,
    settings[side].url,
    'the destination',
    settings.defaultBranch === 'no' && source !== null && isMirrored,
  )
  if (settings.defaultBranch === 'no' || (source === destination && isMirrored)) return dangling
  const stays = 'so the default branch of the destination stays as it is'
  if (source === null) return [`the source reports no default branch, ${stays}`, ...dangling]
  const name = shortName(source)
  if (!isMirrored) return [`the default branch of the source, \`${name}\`, is not at the destination, ${stays}`, ...dangling]
  if (side === 'here' && destination !== null && destination === settings.reserved?.ref)
    return [`the default branch of the destination holds the running workflow, which the forge starts only from there, ${stays}`]
  const shown = (branch: string | null) => (branch === null ? '' : ` (before: \`${branch}\`)`)
  const known = destination && shortName(destination)
  if (settings.dryRun) return [`the default branch of the destination would become \`${name}\`${shown(known)}`]
  try {
    const before = await change(source, known, context)
    return before === name ? [] : [`the default branch of the destination is \`${name}\` now${shown(before)}`]
  } catch (error) {
    const failure = Failure.from(error)
    host.debug(`${failure.message}: ${failure.detail ?? ''}`)
    return [`${failure.message}: ${failure.hint}`, ...dangling]
  }
}

/** @param known the default branch before; null = not reported @returns the default branch before, as far as it is known */
async function change(branch: RefName, known: string | null, { settings, host, runtime, session }: SidesContext): Promise<string | null> {
  const { destination: side } = rolesOf(settings.direction)
  const { url } = settings[side]
  // Most runs change no default branch.
  if (url.protocol === 'file') {
    const { setHead } = await import('../git/head.ts')
    await setHead(url.path, branch, await session.remote(side))
    return known
  }
  const { setDefaultBranch } = await import('../forge/default-branch.ts')
  const { env: environment, signal } = runtime
  return await setDefaultBranch(side, branch, known, settings, { environment, hide: host.hide, debug: debugTo(host, `${side}: `), signal })
}

/** Tells that clones of a side would be empty, and how to mend it. @param canSync whether `default-branch: sync` would mend it */
function danglingNotice(
  { destination, isDangling, best }: DefaultBranches,
  url: RemoteUrl,
  side: 'the destination' | 'this repository',
  canSync: boolean,
): string[] {
  if (!isDangling || best === null) return []
  const what = destination === null ? 'leads to no branch' : `names \`${shortName(destination)}\`, which does not exist there`
  const command = `\`git ${url.protocol === 'file' ? `-C ${shellWord(url.path)} ` : ''}symbolic-ref HEAD ${shellWord(best)}\``
  const byHand =
    url.protocol === 'file' ? command : `make \`${shortName(best)}\` the default branch at the forge, or run ${command} on the server`
  const mended = canSync ? `set \`default-branch: sync\`, or ${byHand}` : byHand
  return [`HEAD of ${side} ${what}, so a clone of it would be empty: ${mended}`]
}
