import { Failure } from '../errors/failure.ts'
import type { Kind } from '../errors/kinds.ts'
import { debugTo } from '../host/server-text.ts'
import type { Advertisement } from '../refs/advertisement.ts'
import type { Side } from '../remote/side.ts'
import { rolesOf } from '../settings/direction.ts'
import { oneLine } from '../text/escape.ts'
import { openTransport } from '../transport/open.ts'
import { readForPush } from './relay/receive-pack.ts'
import type { SidesContext } from './sides.ts'

/** Failures of a server that refuses to read, or does not know the repository yet. A refused login is not among them, because it would be refused again. */
const MAY_STILL_PUSH: readonly Kind[] = ['permission-denied', 'repository-not-found', 'remote-error']

/**
 * The refs of a destination that cannot be read like others, from receive-pack's own greeting (receive-pack.ts).
 * Only for a run in one direction that changes something: this question may create the repository, and an empty side would be a lot to conclude from.
 * @throws the failure itself if receive-pack does not answer either
 */
export async function readForPushAfter(error: unknown, side: Side, context: SidesContext): Promise<Advertisement> {
  const { settings, session, runtime, host } = context
  const { operation, dryRun, direction } = settings
  const failure = Failure.from(error)
  const isDestination = direction !== 'bidirectional' && side === rolesOf(direction).destination
  if (!isDestination || operation !== 'mirror' || dryRun || !MAY_STILL_PUSH.includes(failure.kind)) throw error
  const debug = debugTo(host, `${side}: `)
  const wayTo = context.openTransport ?? openTransport
  const transport = await wayTo(side, { settings, runtime, gitRemote: session.remote, hide: host.hide, debug })
  try {
    const advertisement = await readForPush(transport, side)
    host.info(`the destination cannot be read (${oneLine(failure.message)}), so its refs are those that it shows to a push`)
    return advertisement
  } catch (second) {
    debug(`a push is not possible either: ${Failure.from(second).message}`)
    throw error
  } finally {
    transport.close()
  }
}
