import { Failure } from '../errors/failure.ts'
import { isOid, type Oid } from '../refs/ref.ts'
import { AGENT, type Capabilities, encodeCommand } from './capabilities.ts'
import { encodePacket, FLUSH, type PacketReader, protocolFailure, quoted, textOf } from './pkt-line.ts'

/** A request to upload-pack. */
export interface FetchRequest {
  /** At least one, each once. */
  readonly wants: readonly Oid[]
  /** Objects that the receiver has, with all that they lead to. */
  readonly haves: readonly Oid[]
  /** The pack may hold deltas against objects that only the haves lead to. */
  readonly thin: boolean
  /** The pack may name the base of a delta by its distance. */
  readonly ofsDelta: boolean
  /** `tree:0` omits trees and blobs, `tree:1` all but root trees, `blob:limit=N` blobs of N bytes or more, but no wants. Must be offered. */
  readonly filter: 'tree:0' | 'tree:1' | `blob:limit=${number}` | null
  /** Commits of each want; left out: all of them. Only in protocol v2, where the server offers it. */
  readonly depth?: number | undefined
  /** No more haves will come: the pack is sent at once. */
  readonly done: boolean
}

/** The command `fetch` of protocol v2 (gitprotocol-v2(5)). */
export function encodeFetchV2(request: FetchRequest, capabilities: Capabilities): Buffer {
  const { wants, haves, thin, ofsDelta, filter, depth, done } = request
  return encodeCommand('fetch', capabilities, [
    ...(thin ? ['thin-pack'] : []),
    ...(ofsDelta ? ['ofs-delta'] : []),
    ...(filter === null ? [] : [`filter ${filter}`]),
    ...(depth === undefined ? [] : [`deepen ${depth}`]),
    ...wants.map(oid => `want ${oid}`),
    ...haves.map(oid => `have ${oid}`),
    ...(done ? ['done'] : []),
  ])
}

/** The same for protocols v0 and v1 (gitprotocol-pack(5), "Packfile Negotiation"), where `done` always comes at once. */
export function encodeFetchV0(request: FetchRequest, capabilities: Capabilities): Buffer {
  const { wants, haves, thin, ofsDelta, filter } = request
  const objectFormat = capabilities.value('object-format')
  const chosen = [
    ...['multi_ack_detailed', 'side-band-64k'].filter(name => capabilities.has(name)),
    ...(!capabilities.has('side-band-64k') && capabilities.has('side-band') ? ['side-band'] : []),
    // Dulwich, which names no agent, requires it, though it makes no such packs.
    ...((thin || capabilities.agent === null) && capabilities.has('thin-pack') ? ['thin-pack'] : []),
    ...(ofsDelta && capabilities.has('ofs-delta') ? ['ofs-delta'] : []),
    ...(filter === null ? [] : ['filter']),
    ...(objectFormat === null ? [] : [`object-format=${objectFormat}`]),
    ...(capabilities.has('agent') ? [AGENT] : []),
  ]
  return Buffer.concat([
    ...wants.map((oid, index) => encodePacket(index === 0 ? `want ${oid} ${chosen.join(' ')}\n` : `want ${oid}\n`)),
    ...(filter === null ? [] : [encodePacket(`filter ${filter}\n`)]),
    FLUSH,
    ...haves.map(oid => encodePacket(`have ${oid}\n`)),
    encodePacket('done\n'),
  ])
}

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
    if (section !== 'acknowledgments' && section !== 'shallow-info') throw protocolFailure(`${quoted(section)} is no section we asked for`)
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
  if (!isOid(oid)) throw protocolFailure(`${quoted(line)} is no acknowledgment`)
  return oid
}

function limit(packets: PacketReader, start: number): void {
  if (packets.bytes.taken - start > packets.limits.bytesBeforePack)
    throw new Failure('answer-too-large', 'the pack does not come: what stands before it does not end')
}
