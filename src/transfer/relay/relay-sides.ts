import { Failure } from '../../errors/failure.ts'
import { debugTo } from '../../host/server-text.ts'
import { LOGGED_AT_ONCE, LOGGED_CHARACTERS } from '../../limits/limits.ts'
import { sealerOf } from '../../plan/base.ts'
import { packLimitOf } from '../../remote/forge.ts'
import { otherSide, type Side } from '../../remote/side.ts'
import { rolesOf } from '../../settings/direction.ts'
import { pushOptionsFor } from '../../settings/settings.ts'
import { describeProgress } from '../../text/quantity.ts'
import { openTransport } from '../../transport/open.ts'
import type { Transport } from '../../transport/transport.ts'
import { readForPushAfter } from '../push-only.ts'
import { readSides, type Sides, type SidesContext, stepRefsOf } from '../sides.ts'
import { onlyForPush, openUploadPack, type UploadPack } from './upload-pack.ts'

/**
 * Opens both sides in git's own protocol, at the same time. One function, because its parts share the connections, which are closed together.
 * @throws Failure, `relay-impossible` where one of them cannot be read like that
 */
export async function openForRelay(context: SidesContext): Promise<Sides> {
  const { settings, session, runtime, host } = context
  const roles = rolesOf(settings.direction)
  const opened = new Set<Transport>()
  const close = () => {
    host.progress(null)
    for (const transport of opened) transport.close()
  }
  const wayTo = context.openTransport ?? openTransport
  const debugOf = (side: Side) => debugTo(host, `${side}: `)
  const reach = async (side: Side): Promise<Transport> => {
    const transport = await wayTo(side, { settings, runtime, gitRemote: session.remote, hide: host.hide, debug: debugOf(side) })
    opened.add(transport)
    return transport
  }
  const bytes = { here: 0, there: 0 }
  const startedAt = runtime.now().getTime()
  const describe = () => describeProgress(bytes.here + bytes.there, runtime.now().getTime() - startedAt)
  const onBytes = (side: Side) => (length: number) => {
    bytes[side] += length
    host.progress(describe)
  }
  const open = async (transport: Transport, side: Side): Promise<UploadPack> => {
    try {
      return await openUploadPack({ transport, side, onWords: wordsTo(debugOf(side)), onBytes: onBytes(side) })
    } catch (error) {
      return onlyForPush(side, await readForPushAfter(error, side, context), error)
    }
  }
  try {
    const ways = { here: reach('here'), there: reach('there') }
    const reading = readSides(settings, async side => await open(await ways[side], side))
    // While the answers travel.
    const [[source, destination], { relayTransfer }] = await Promise.all([reading, import('./relay.ts')])
    const [ours, theirs] = [source.advertisement, destination.advertisement]
    if (ours.objectFormat !== null && theirs.objectFormat !== null && ours.objectFormat !== theirs.objectFormat)
      throw new Failure('relay-impossible', `the source uses ${ours.objectFormat}, the destination ${theirs.objectFormat}`)
    const packs = { [roles.source]: source, [roles.destination]: destination } as Record<Side, UploadPack>
    const receivers = { here: await ways.here, there: await ways.there }
    const readAgain = async (side: Side) => {
      const transport = await reach(side)
      try {
        return (await open(transport, side)).advertisement
      } finally {
        opened.delete(transport)
        transport.close()
      }
    }
    const objectFormat = ours.objectFormat ?? theirs.objectFormat ?? 'sha1'
    return {
      here: packs.here.advertisement,
      there: packs.there.advertisement,
      transfer: (side, wants, certain) =>
        relayTransfer({
          source: packs[side],
          destination: packs[otherSide(side)],
          receiver: receivers[otherSide(side)],
          readAgain: async () => {
            const { refs, mirroringRefs } = await readAgain(otherSide(side))
            return new Map([...refs, ...mirroringRefs])
          },
          wants,
          certain,
          objectFormat,
          atomic: settings.atomic,
          pushOptions: pushOptionsFor(otherSide(side), settings),
          refsPerPush: settings.refsPerPush,
          packLimit: packLimitOf(settings[otherSide(side)].url),
          dryRun: settings.dryRun,
          lfs: settings.lfs !== 'false',
          local: session.local,
          hide: host.hide,
          stepRefs: stepRefsOf(packs[otherSide(side)].advertisement, sealerOf(settings).id),
          say: host.info,
          debug: debugOf(otherSide(side)),
          bytes: () => bytes[side],
        }),
      readAgain,
      tagsBeyond: async (side, question) => (await import('./relay-tags.ts')).tagsBeyond(packs[side], question, objectFormat),
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

/** Makes lines of what a server says in pieces, of which only the first ones go to the log. */
function wordsTo(say: (line: string) => void): (text: string) => void {
  let rest = ''
  let left = LOGGED_CHARACTERS
  return text => {
    if (left <= 0) return
    left -= text.length
    const lines = (rest + text).split(/[\r\n]/)
    rest = (lines.pop() ?? '').slice(-LOGGED_AT_ONCE)
    for (const line of lines) if (line.trim() !== '') say(line.trimEnd())
    if (left <= 0) say('(more of what the server says is left out)')
  }
}
