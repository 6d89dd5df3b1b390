import { Failure } from '../../errors/failure.ts'
import { HELD_BYTES } from '../../limits/limits.ts'
import type { ObjectFormat, Oid } from '../../refs/ref.ts'
import type { Side } from '../../remote/side.ts'
import { ofSide } from '../../transport/of-side.ts'
import { EMPTY } from '../../wire/byte-queue.ts'
import { CommitGraph } from '../../wire/commit-graph.ts'
import { PACK_HEADER_LENGTH, parsePackHeader } from '../../wire/pack-entry.ts'
import type { Fetched } from './upload-pack.ts'

/** Memory for a piece besides its bytes: a server may send them one by one, and Dulwich sends each object in two or three. */
const OVERHEAD = 128

export type PackStream = ReturnType<typeof packStream>

/**
 * A pack on its way from the source: its head can be looked at, then all of it is passed on.
 * @param side that it comes from @param wants that it was asked for @param length in bytes, if it is known
 */
export function packStream(fetched: Fetched, side: Side, wants: Iterable<Oid> = [], length: number | null = null) {
  const pieces = checked(fetched.pack, side)
  const held: Buffer[] = []
  let heldBytes = 0
  let graph: CommitGraph | null = null
  let isAwaited = false
  const next = async (): Promise<Buffer | null> => {
    isAwaited = true
    const { done, value } = await pieces.next()
    isAwaited = false
    return done === true ? null : value
  }
  const readUntil = async (isEnough: (graph: CommitGraph) => boolean, objectFormat: ObjectFormat): Promise<CommitGraph> => {
    graph ??= new CommitGraph(objectFormat, undefined, wants)
    const head = graph
    while (!head.ended && !isEnough(head) && heldBytes < HELD_BYTES) {
      const piece = await next()
      if (piece === null) {
        head.finish()
        break
      }
      held.push(piece)
      heldBytes += piece.length + OVERHEAD
      head.push(piece)
    }
    return head
  }
  return {
    length,
    /** Whether the source has been asked for more that is not here yet. */
    isAwaited: () => isAwaited,
    /** Reads as much as is needed to know the pack's commits, and holds it. @throws Failure of the source */
    readHead: (objectFormat: ObjectFormat) => readUntil(() => false, objectFormat),

    /** Those of the wanted objects that are not in its head, of which no more is read and held than is needed. @throws Failure of the source */
    unseen: async (oids: readonly Oid[], objectFormat: ObjectFormat): Promise<Oid[]> => {
      const isUnseen = ({ unseen }: CommitGraph) => oids.filter(oid => unseen.has(oid))
      return isUnseen(await readUntil(head => isUnseen(head).length === 0, objectFormat))
    },

    /** All of the pack, once, in the order in which it came. @throws Failure of the source */
    passOn: async function* (): AsyncGenerator<Buffer> {
      for (let piece = held.shift(); piece; piece = held.shift()) yield piece
      for (let piece = await next(); piece !== null; piece = await next()) yield piece
    },

    /** It is not wanted any more. */
    abort: () => fetched.abort(),
  }
}

/** The pieces of a pack, the first one with its whole header. Bytes that are no pack never reach the destination. */
async function* checked(pack: AsyncIterable<Buffer>, side: Side): AsyncGenerator<Buffer> {
  let header: Buffer = EMPTY
  for await (const piece of pack) {
    if (header.length >= PACK_HEADER_LENGTH) yield piece
    else {
      header = Buffer.concat([header, piece])
      if (header.length < PACK_HEADER_LENGTH) continue
      await ofSide(side, () => parsePackHeader(header))
      yield header
    }
  }
  if (header.length < PACK_HEADER_LENGTH) throw new Failure('protocol-error', 'the source ended its pack before it began', { side })
}

/**
 * Reads a pack of commits and holds none of it.
 * @param sought objects after which nothing more is read; none = to its end
 * @throws Failure of the source
 */
export async function readCommits(
  fetched: Fetched,
  objectFormat: ObjectFormat,
  sought: ReadonlySet<Oid> = new Set(),
): Promise<CommitGraph> {
  const graph = new CommitGraph(objectFormat, undefined, sought)
  for await (const piece of fetched.pack) {
    graph.push(piece)
    const isFound = sought.size > 0 && graph.unseen.size === 0
    if (!isFound && (!graph.ended || graph.whole)) continue
    fetched.abort()
    break
  }
  graph.finish()
  return graph
}

/** @throws Failure `source-shallow`, as the destination could not distinguish a shallow history from a whole one */
export function refuseShallow({ shallow }: Pick<Fetched, 'shallow'>, side: Side): void {
  if (shallow) throw new Failure('source-shallow', 'a shallow clone: its history ends before the first commit', { side })
}
