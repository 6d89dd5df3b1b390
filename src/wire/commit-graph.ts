import { isOid, type ObjectFormat, type Oid } from '../refs/ref.ts'
import {
  applyDelta,
  type EntryHeader,
  inflateAt,
  type ObjectType,
  oidOf,
  PACK_HEADER_LENGTH,
  parseEntryHeader,
  parsePackHeader,
} from './pack-entry.ts'
import { protocolFailure } from './pkt-line.ts'

export interface GraphLimits {
  /** Commits and tags of more bytes than this are not read. */
  readonly object: number
  /** Bytes of all objects that are kept, because a later one may be a delta of them. */
  readonly kept: number
  readonly commits: number
}

const LIMITS: GraphLimits = { object: 2 ** 20, kept: 2 ** 25, commits: 2 ** 20 }

/**
 * Reads commits and tags from the beginning of a pack while it streams by. git writes them before trees and blobs ("write order" in its
 * pack-objects.c), so a small part of a pack tells how all of its commits hang together. At the first object that is neither, or that
 * cannot be read without others, reading ends: what was read until then is certain.
 */
export class CommitGraph {
  readonly #objectFormat: ObjectFormat
  readonly #limits: GraphLimits
  readonly #parents = new Map<Oid, readonly Oid[]>()
  readonly #byOffset = new Map<number, Known>()
  readonly #byOid = new Map<Oid, Known>()
  #bytes: Buffer = Buffer.alloc(0)
  /** Of `#bytes`, in the pack. */
  #start = 0
  #objects: number | null = null
  #seen = 0
  #kept = 0
  /** Parents of all commits together: a few bytes can name thousands. */
  #links = 0
  #ended = false

  constructor(objectFormat: ObjectFormat, limits: GraphLimits = LIMITS) {
    this.#objectFormat = objectFormat
    this.#limits = limits
  }

  /** The commits read so far, each with its parents. */
  get parents(): ReadonlyMap<Oid, readonly Oid[]> {
    return this.#parents
  }

  /** Nothing more will be read. */
  get ended(): boolean {
    return this.#ended
  }

  /** Every object of the pack was read. */
  get whole(): boolean {
    return this.#objects !== null && this.#seen === this.#objects
  }

  /** Takes the next bytes of the pack. @throws Failure `protocol-error` for what is no pack */
  push(bytes: Buffer): void {
    if (this.#ended) return
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes])
    if (this.#objects === null) {
      if (this.#bytes.length < PACK_HEADER_LENGTH) return
      this.#objects = parsePackHeader(this.#bytes)
      this.#advance(PACK_HEADER_LENGTH)
    }
    while (!this.#ended && this.#readEntry());
    if (this.whole) this.#end()
  }

  #end(): void {
    this.#ended = true
    this.#bytes = Buffer.alloc(0)
    this.#byOffset.clear()
    this.#byOid.clear()
  }

  #advance(length: number): void {
    this.#bytes = this.#bytes.subarray(length)
    this.#start += length
  }

  /** Reads one object; false where it is not all there yet. */
  #readEntry(): boolean {
    if (this.whole) return false
    const header = parseEntryHeader(this.#bytes, 0, this.#objectFormat)
    if (header === null) return false
    const base = this.#baseOf(header)
    if (
      base === 'unreadable' ||
      header.size > this.#limits.object ||
      Math.max(this.#parents.size, this.#links / 2) >= this.#limits.commits
    ) {
      this.#end()
      return false
    }
    const inflated = inflateAt(this.#bytes, header.length, header.size)
    if (inflated === null) {
      // Deflated bytes that come to nothing could go on for ever.
      if (this.#bytes.length > 2 * this.#limits.object) this.#end()
      return false
    }
    const known =
      base === null
        ? { type: header.type as ObjectType, data: inflated.data }
        : { type: base.type, data: applyDelta(base.data, inflated.data, this.#limits.object) }
    this.#keep(known)
    this.#advance(header.length + inflated.length)
    this.#seen++
    return true
  }

  /** The base of a delta; null for a whole commit or tag. */
  #baseOf({ type, distance, base }: EntryHeader): Known | null | 'unreadable' {
    if (type === 'commit' || type === 'tag') return null
    if (type === 'ofs-delta') return this.#byOffset.get(this.#start - distance) ?? 'unreadable'
    return (base !== null && this.#byOid.get(base)) || 'unreadable'
  }

  #keep(known: Known): void {
    const oid = oidOf(known.type, known.data, this.#objectFormat)
    if (known.type === 'commit') {
      const parents = parentsOf(known.data)
      this.#links += parents.length
      this.#parents.set(oid, parents)
    }
    this.#kept += known.data.length + OVERHEAD
    if (this.#kept > this.#limits.kept) return
    this.#byOffset.set(this.#start, known)
    this.#byOid.set(oid, known)
  }
}

/** What an object takes besides its bytes. */
const OVERHEAD = 256

interface Known {
  readonly type: ObjectType
  readonly data: Buffer
}

/** The parents that a commit names: `tree <oid>`, then `parent <oid>` lines, before everything else. @throws Failure `protocol-error` */
function parentsOf(commit: Buffer): Oid[] {
  const parents: Oid[] = []
  let at = commit.indexOf(10) + 1
  if (commit.toString('latin1', 0, 5) !== 'tree ' || at === 0) throw protocolFailure('a commit of the pack has no tree')
  for (; commit.toString('latin1', at, at + 7) === 'parent '; at = commit.indexOf(10, at) + 1) {
    const end = commit.indexOf(10, at)
    const oid = commit.toString('latin1', at + 7, Math.max(end, 0))
    if (!isOid(oid)) throw protocolFailure('a commit of the pack has a parent that is no object name')
    parents.push(oid)
  }
  return parents
}
