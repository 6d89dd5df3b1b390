import { Failure } from '../errors/failure.ts'
import { debugTo } from '../host/server-text.ts'
import type { DefaultBranches } from '../plan/default-branch.ts'
import { type RefName, shortName } from '../refs/ref.ts'
import type { RemoteUrl } from '../remote/url.ts'
import { rolesOf } from '../settings/direction.ts'
import type { SidesContext } from '../transfer/sides.ts'

/** Keeps the destination's default branch that of the source, if the settings ask for it. Never throws: the refs are mirrored. @returns notices for the report */
export async function followDefaultBranch(branches: DefaultBranches, context: SidesContext): Promise<string[]> {
  const { settings, host } = context
  const { source, destination, isMirrored } = branches
  const { destination: side } = rolesOf(settings.direction)
  const dangling = danglingNotice(branches, settings[side].url)
  if (settings.defaultBranch === 'no' || (source === destination && isMirrored)) return dangling
  const stays = 'so the default branch of the destination stays as it is'
  if (source === null) return [`the source reports no default branch, ${stays}`, ...dangling]
  const name = shortName(source)
  if (!isMirrored) return [`the default branch of the source, \`${name}\`, is not at the destination, ${stays}`, ...dangling]
  if (side === 'here' && destination !== null && destination === settings.reserved?.ref)
    return [`the default branch of the destination holds the running workflow, which the forge starts only from there, ${stays}`]
  const before = destination === null ? '' : ` (before: \`${shortName(destination)}\`)`
  if (settings.dryRun) return [`the default branch of the destination would become \`${name}\`${before}`]
  try {
    await change(source, context)
    return [`the default branch of the destination is \`${name}\` now${before}`]
  } catch (error) {
    const failure = Failure.from(error)
    host.debug(`${failure.message}: ${failure.detail ?? ''}`)
    return [`${failure.message}: ${failure.hint}`, ...dangling]
  }
}

async function change(branch: RefName, { settings, host, runtime, session }: SidesContext): Promise<void> {
  const { destination: side } = rolesOf(settings.direction)
  const { url } = settings[side]
  // Most runs change no default branch.
  if (url.protocol === 'file') {
    const { setHead } = await import('../git/head.ts')
    return await setHead(url.path, branch, await session.remote(side))
  }
  const { setDefaultBranch } = await import('../forge/default-branch.ts')
  const { env: environment, signal } = runtime
  await setDefaultBranch(side, branch, settings, { environment, hide: host.hide, debug: debugTo(host, `${side}: `), signal })
}

/** Tells that clones of the destination would be empty, and how to mend it. */
function danglingNotice({ destination, isDangling, best }: DefaultBranches, url: RemoteUrl): string[] {
  if (!isDangling || best === null) return []
  const what = destination === null ? 'leads to no branch' : `names \`${shortName(destination)}\`, which does not exist there`
  const command = `\`git ${url.protocol === 'file' ? `-C ${url.path} ` : ''}symbolic-ref HEAD ${best}\``
  const where =
    url.protocol === 'file' ? command : `make \`${shortName(best)}\` the default branch at the forge, or run ${command} on the server`
  return [`HEAD of the destination ${what}, so a clone of it would be empty: set \`default-branch: sync\`, or ${where}`]
}
