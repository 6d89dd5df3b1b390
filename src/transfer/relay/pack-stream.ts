import { Failure } from '../../errors/failure.ts'
import type { ObjectFormat, Oid } from '../../refs/ref.ts'
import type { Side } from '../../remote/side.ts'
import { ofSide } from '../../transport/of-side.ts'
import { EMPTY } from '../../wire/byte-queue.ts'
import { CommitGraph } from '../../wire/commit-graph.ts'
import { PACK_HEADER_LENGTH, parsePackHeader } from '../../wire/pack-entry.ts'
import type { Fetched } from './upload-pack.ts'

/** How much of a pack is held at the most while its head is read; what is not settled by then is asked for by itself. */
const MAX_HELD = 2 ** 24

/** Memory for a piece besides its bytes: a server may send them one by one, and Dulwich sends each object in two or three. */
const OVERHEAD = 128

/** A pack on its way from the source: its head can be looked at, then all of it is passed on. */
export class PackStream {
  readonly #fetched: Fetched
  readonly #rest: AsyncIterator<Buffer>
  readonly #wants: Iterable<Oid>
  readonly #held: Buffer[] = []
  #heldBytes = 0
  #graph: CommitGraph | null = null

  /** @param side that it comes from @param wants that it was asked for */
  constructor(fetched: Fetched, side: Side, wants: Iterable<Oid> = []) {
    this.#fetched = fetched
    this.#wants = wants
    this.#rest = checked(fetched.pack, side)
  }

  /** Reads as much as is needed to know the pack's commits, and holds it. @throws Failure of the source */
  async readHead(objectFormat: ObjectFormat): Promise<CommitGraph> {
    return await this.#readUntil(() => false, objectFormat)
  }

  /** Those of the wanted objects that are not in its head, of which no more is read and held than is needed. @throws Failure of the source */
  async unseen(oids: readonly Oid[], objectFormat: ObjectFormat): Promise<Oid[]> {
    const isUnseen = ({ unseen }: CommitGraph) => oids.filter(oid => unseen.has(oid))
    return isUnseen(await this.#readUntil(graph => isUnseen(graph).length === 0, objectFormat))
  }

  async #readUntil(isEnough: (graph: CommitGraph) => boolean, objectFormat: ObjectFormat): Promise<CommitGraph> {
    this.#graph ??= new CommitGraph(objectFormat, undefined, this.#wants)
    const graph = this.#graph
    while (!graph.ended && !isEnough(graph) && this.#heldBytes < MAX_HELD) {
      const piece = await this.#next()
      if (piece === null) {
        graph.finish()
        break
      }
      this.#held.push(piece)
      this.#heldBytes += piece.length + OVERHEAD
      graph.push(piece)
    }
    return graph
  }

  /** All of the pack, once, in the order in which it came. @throws Failure of the source */
  async *passOn(): AsyncGenerator<Buffer> {
    for (let piece = this.#held.shift(); piece; piece = this.#held.shift()) yield piece
    for (let piece = await this.#next(); piece !== null; piece = await this.#next()) yield piece
  }

  /** It is not wanted any more. */
  abort(): void {
    this.#fetched.abort()
  }

  async #next(): Promise<Buffer | null> {
    const { done, value } = await this.#rest.next()
    return done === true ? null : value
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

/** Reads a pack of commits to its end and holds none of it. @throws Failure of the source */
export async function readCommits(fetched: Fetched, objectFormat: ObjectFormat): Promise<CommitGraph> {
  const graph = new CommitGraph(objectFormat)
  for await (const piece of fetched.pack) {
    graph.push(piece)
    if (!graph.ended || graph.whole) continue
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
