import { Failure } from '../errors/failure.ts'
import { isOid, type Oid } from '../refs/ref.ts'
import { type PacketReader, protocolFailure, textOf } from './pkt-line.ts'

/** The part of the answer before the pack. */
export interface FetchAnswer {
  /** Haves that the server has, too. With protocol v2 only reported if the request did not have `done`. */
  readonly common: ReadonlySet<Oid>
  /** The server's own history ends at some commits. */
  readonly shallow: boolean
  /** The pack follows. */
  readonly hasPack: boolean
}

/** Reads the sections of a v2 answer up to the pack (gitprotocol-v2(5), "fetch"). @throws Failure `protocol-error`, `connection-lost` */
export async function readFetchV2(packets: PacketReader): Promise<FetchAnswer> {
  const start = packets.bytes.taken
  const common = new Set<Oid>()
  let shallow = false
  for (;;) {
    const section = textOf(await packets.expect('the pack'))
    if (section === 'packfile') return { common, shallow, hasPack: true }
    if (section !== 'acknowledgments' && section !== 'shallow-info')
      throw protocolFailure(`"${section.slice(0, 80)}" is no section we asked for`)
    for (;;) {
      const packet = await packets.expect('the end of a section')
      limit(packets, start)
      if (packet === 'flush') return { common, shallow, hasPack: false }
      if (packet === 'delimiter') break
      const line = textOf(packet)
      if (section === 'shallow-info') shallow = true
      else if (line !== 'NAK' && line !== 'ready') common.add(acknowledged(line))
    }
  }
}

/**
 * Reads the lines before the pack in protocols v0 and v1, after a request that said `done` at once (gitprotocol-pack(5)). `NAK`, or an ACK
 * without a word behind its oid, is the last one. A server also says `ready` (and `continue`) for commits that it does not have.
 * @throws Failure `protocol-error`, `connection-lost`
 */
export async function readFetchV0(packets: PacketReader): Promise<FetchAnswer> {
  const start = packets.bytes.taken
  const common = new Set<Oid>()
  let shallow = false
  for (;;) {
    const packet = await packets.expect('the pack')
    limit(packets, start)
    // Ends the list of shallow commits, which a shallow server may send first.
    if (packet === 'flush') continue
    const line = textOf(packet)
    if (/^(?:un)?shallow /.test(line)) {
      shallow = true
      continue
    }
    if (line === 'NAK') return { common, shallow, hasPack: true }
    const oid = acknowledged(line)
    const word = / (common|continue|ready)$/.exec(line)?.[1]
    if (word === undefined || word === 'common') common.add(oid)
    if (word === undefined) return { common, shallow, hasPack: true }
  }
}

function acknowledged(line: string): Oid {
  const oid = /^ACK ([0-9a-f]+)(?: (?:common|continue|ready))?$/.exec(line)?.[1] ?? ''
  if (!isOid(oid)) throw protocolFailure(`"${line.slice(0, 80)}" is no acknowledgment`)
  return oid
}

function limit(packets: PacketReader, start: number): void {
  if (packets.bytes.taken - start > packets.limits.bytesBeforePack)
    throw new Failure('answer-too-large', 'the pack does not come: what stands before it does not end')
}
