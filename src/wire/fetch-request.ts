import type { Oid } from '../refs/ref.ts'
import { AGENT, type Capabilities, encodeCommand } from './capabilities.ts'
import { encodePacket, FLUSH } from './pkt-line.ts'

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
  readonly depth?: number
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
