import { createHash } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import type { ObjectFormat, Oid } from '../refs/ref.ts'
import { protocolFailure } from './pkt-line.ts'

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag'

/** The beginning of one object in a pack (gitformat-pack(5)). */
export interface EntryHeader {
  readonly type: ObjectType | 'ofs-delta' | 'ref-delta'
  /** Size of the deflated data: the object, or the delta. */
  readonly size: number
  /** For `ofs-delta`: how far before this entry its base begins. */
  readonly distance: number
  /** For `ref-delta`. */
  readonly base: Oid | null
  /** Bytes of the header itself. */
  readonly length: number
}

const TYPES: Readonly<Record<number, EntryHeader['type']>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag', 6: 'ofs-delta', 7: 'ref-delta' }

/** Magic, version, number of objects. */
export const PACK_HEADER_LENGTH = 12

/** Number of objects in a pack. @throws Failure `protocol-error` */
export function parsePackHeader(bytes: Buffer): number {
  const version = bytes.readUInt32BE(4)
  if (bytes.toString('latin1', 0, 4) !== 'PACK' || (version !== 2 && version !== 3)) throw protocolFailure('what should be a pack is none')
  return bytes.readUInt32BE(8)
}

/** Reads the header at an offset; null where it is not all there yet. @throws Failure `protocol-error` */
export function parseEntryHeader(bytes: Buffer, offset: number, objectFormat: ObjectFormat): EntryHeader | null {
  let at = offset
  let byte = bytes[at++]
  if (byte === undefined) return null
  const type = TYPES[(byte >> 4) & 7]
  if (type === undefined) throw protocolFailure('an object of the pack has no type that git knows')
  let size = byte & 15
  for (let factor = 16; byte & 128; factor *= 128) {
    byte = bytes[at++]
    if (byte === undefined) return null
    size += (byte & 127) * factor
    // The factor, too: a number may be written with zeros in front without end.
    if (Math.max(size, factor) > Number.MAX_SAFE_INTEGER) throw protocolFailure('an object of the pack claims an impossible size')
  }
  if (type === 'ref-delta') {
    const width = objectFormat === 'sha1' ? 20 : 32
    if (bytes.length < at + width) return null
    return { type, size, distance: 0, base: bytes.toString('hex', at, at + width) as Oid, length: at + width - offset }
  }
  if (type !== 'ofs-delta') return { type, size, distance: 0, base: null, length: at - offset }
  byte = bytes[at++]
  if (byte === undefined) return null
  let distance = byte & 127
  while (byte & 128) {
    byte = bytes[at++]
    if (byte === undefined) return null
    distance = (distance + 1) * 128 + (byte & 127)
    if (distance > Number.MAX_SAFE_INTEGER) throw protocolFailure('a delta of the pack has an impossible base')
  }
  return { type, size, distance, base: null, length: at - offset }
}

// With `info` node also gives the engine, which knows how much of the input it took; the types do not say so.
type InflateWithInfo = (bytes: Buffer, options: object) => { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } }

/**
 * Inflates what begins at an offset and is `size` bytes long.
 * @returns the data, and how many deflated bytes it took; null where it is not all there yet
 * @throws Failure `protocol-error`
 */
export function inflateAt(bytes: Buffer, offset: number, size: number): { readonly data: Buffer; readonly length: number } | null {
  if (offset >= bytes.length) return null
  try {
    const input = bytes.subarray(offset)
    const options = { info: true, maxOutputLength: Math.max(size, 1), chunkSize: Math.max(size, 64) }
    const { buffer, engine } = (inflateSync as unknown as InflateWithInfo)(input, options)
    if (buffer.length === size) return { data: buffer, length: engine.bytesWritten }
  } catch (error) {
    // More input is needed; all else is damage.
    if ((error as { code?: unknown }).code === 'Z_BUF_ERROR') return null
    throw protocolFailure('an object of the pack cannot be inflated')
  }
  throw protocolFailure('an object of the pack is not as long as it says')
}

/** Applies a delta to its base (gitformat-pack(5), "Deltified representation"); null for a result of more than `most` bytes. @throws Failure `protocol-error` */
export function applyDelta(base: Buffer, delta: Buffer, most: number): Buffer | null {
  const damaged = () => protocolFailure('a delta of the pack is damaged')
  let at = 0
  const next = (): number => {
    const byte = delta[at++]
    if (byte === undefined) throw damaged()
    return byte
  }
  const readSize = (): number => {
    let size = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = next()
      size += (byte & 127) * factor
      if (Math.max(size, factor) > Number.MAX_SAFE_INTEGER) throw damaged()
      if (!(byte & 128)) return size
    }
  }
  if (readSize() !== base.length) throw damaged()
  const size = readSize()
  if (size > most) return null
  const result = Buffer.alloc(size)
  let filled = 0
  while (at < delta.length) {
    const instruction = next()
    let piece: Buffer
    if (instruction & 128) {
      let [offset, length] = [0, 0]
      for (let bit = 0; bit < 4; bit++) if (instruction & (1 << bit)) offset += next() * 2 ** (8 * bit)
      for (let bit = 0; bit < 3; bit++) if (instruction & (16 << bit)) length += next() * 2 ** (8 * bit)
      if (length === 0) length = 0x1_0000
      if (offset + length > base.length) throw damaged()
      piece = base.subarray(offset, offset + length)
    } else {
      if (instruction === 0 || at + instruction > delta.length) throw damaged()
      piece = delta.subarray(at, at + instruction)
      at += instruction
    }
    if (filled + piece.length > size) throw damaged()
    filled += piece.copy(result, filled)
  }
  if (filled !== size) throw damaged()
  return result
}

/** The name of an object: the hash over its type, its length and itself. */
export function oidOf(type: ObjectType, data: Buffer, objectFormat: ObjectFormat): Oid {
  return createHash(objectFormat).update(`${type} ${data.length}\0`).update(data).digest('hex') as Oid
}

/** A pack without objects: what receive-pack expects where refs need nothing that it has not. */
export function emptyPack(objectFormat: ObjectFormat): Buffer {
  const header = Buffer.from([0x50, 0x41, 0x43, 0x4b, 0, 0, 0, 2, 0, 0, 0, 0])
  return Buffer.concat([header, createHash(objectFormat).update(header).digest()])
}
