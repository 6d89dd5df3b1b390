import type { ObjectFormat, Oid } from '../refs/ref.ts'
import { applyDelta, inflateAt, type ObjectType, oidOf, PACK_HEADER_LENGTH, parseEntryHeader, parsePackHeader } from './pack-entry.ts'
import { protocolFailure } from './pkt-line.ts'

export interface PackObject {
  readonly oid: Oid
  readonly type: ObjectType
  readonly data: Buffer
}

/** Every object of a small pack that is not thin; null for more bytes than `most`. @throws Failure `protocol-error` */
export function readPackObjects(bytes: Buffer, format: ObjectFormat, most: number): PackObject[] | null {
  if (bytes.length < PACK_HEADER_LENGTH) throw protocolFailure('the pack is not whole')
  const byOffset = new Map<number, PackObject>()
  const byOid = new Map<Oid, PackObject>()
  const count = parsePackHeader(bytes)
  let rest = most
  for (let at = PACK_HEADER_LENGTH, seen = 0; seen < count; seen++) {
    const header = parseEntryHeader(bytes, at, format)
    if (header === null) throw protocolFailure('the pack is not whole')
    rest -= header.size + OVERHEAD
    if (rest < 0) return null
    const inflated = inflateAt(bytes, at + header.length, header.size)
    if (inflated === null) throw protocolFailure('the pack is not whole')
    const isDelta = header.type === 'ofs-delta' || header.type === 'ref-delta'
    const base = header.base === null ? byOffset.get(at - header.distance) : byOid.get(header.base)
    if (isDelta && base === undefined) throw protocolFailure('a delta of the pack has no base before it')
    const type = header.type === 'ofs-delta' || header.type === 'ref-delta' ? base?.type : header.type
    const data = isDelta && base !== undefined ? applyDelta(base.data, inflated.data, rest) : inflated.data
    if (data === null || type === undefined) return null
    if (isDelta) rest -= data.length
    const object = { oid: oidOf(type, data, format), type, data }
    byOffset.set(at, object)
    byOid.set(object.oid, object)
    at += header.length + inflated.length
  }
  return [...byOffset.values()]
}

/** Memory for an object besides its bytes. */
export const OVERHEAD = 256
