import { GRAPH_LIMITS, type GraphLimits } from '../limits/limits.ts'
import { isOid, type ObjectFormat, type Oid } from '../refs/ref.ts'
import { ByteQueue } from './byte-queue.ts'
import { applyDelta, type EntryHeader, inflateAt, oidOf, PACK_HEADER_LENGTH, parseEntryHeader, parsePackHeader } from './pack-entry.ts'
import { OVERHEAD, type PackObject } from './pack-objects.ts'
import { protocolFailure } from './pkt-line.ts'

/**
 * Reads commits and tags from the beginning of a pack while it streams by. git writes them before trees and blobs ("write order" in its
 * pack-objects.c), so a small part of a pack tells how all of its commits hang together. But what tags lead to comes first of all, and where that
 * is a tree or a blob, so does all that it is a delta of. And in a thin pack any object may be a delta of one that only the receiver has. A megabyte of
 * all these is passed over; then reading ends. Each commit that was read is certain, even if commits between them are missing.
 */
export class CommitGraph {
  readonly #objectFormat: ObjectFormat
  readonly #limits: GraphLimits
  readonly #unseen: Set<Oid>
  readonly #parents = new Map<Oid, readonly Oid[]>()
  /** The commits read so far, each with its parents. */
  readonly parents: ReadonlyMap<Oid, readonly Oid[]> = this.#parents
  readonly #byOffset = new Map<number, Known>()
  readonly #byOid = new Map<Oid, Known>()
  /** Not read yet. */
  #held = new ByteQueue()
  /** Their position in the pack. */
  #start = 0
  /** With fewer of them there is no use in trying. */
  #enough = PACK_HEADER_LENGTH
  #objects: number | null = null
  #seen = 0
  #read = 0
  #kept = 0
  #others = 0
  /** Something could not be read. */
  #hasGaps = false
  /** Parents of all commits together: a few bytes can name thousands. */
  #links = 0
  #ended = false

  /** @param wanted objects of which `unseen` gives account */
  constructor(objectFormat: ObjectFormat, limits: GraphLimits = GRAPH_LIMITS, wanted: Iterable<Oid> = []) {
    this.#objectFormat = objectFormat
    this.#limits = limits
    this.#unseen = new Set(wanted)
  }

  /** The wanted objects, of any type, that were not read so far. */
  get unseen(): ReadonlySet<Oid> {
    return this.#unseen
  }

  /** Nothing more will be read. */
  get ended(): boolean {
    return this.#ended
  }

  /** Every object of the pack was read, so that it holds no other commits than these. */
  get whole(): boolean {
    return this.#isThrough && !this.#hasGaps
  }

  get #isThrough(): boolean {
    return this.#objects !== null && this.#seen === this.#objects
  }

  /** Takes the next bytes of the pack, and reads what they complete, sooner or later. @throws Failure `protocol-error` for what is no pack */
  push(bytes: Buffer): void {
    if (this.#ended) return
    this.#held.push(bytes)
    if (this.#held.length >= this.#enough) this.#readEntries()
  }

  /** No more bytes will come: reads what was left for later. @throws Failure `protocol-error` for what is no pack */
  finish(): void {
    if (!this.#ended && (this.#objects !== null || this.#held.length >= PACK_HEADER_LENGTH)) this.#readEntries()
    this.#end()
  }

  #readEntries(): void {
    if (this.#objects === null) {
      this.#objects = parsePackHeader(this.#held.bytes)
      this.#advance(PACK_HEADER_LENGTH)
    }
    while (!this.#ended && this.#readEntry());
    if (this.#isThrough) this.#end()
    // Each try inflates from the beginning of the object. Were each new byte a try, that would take the square of the object's bytes.
    this.#enough = Math.min(Math.max(2 * this.#held.length, 1), this.#mostDeflated + 1)
  }

  /** Deflated bytes of one object. More than these inflate to nothing, and could go on without an end. */
  get #mostDeflated(): number {
    return 2 * this.#limits.object
  }

  #end(): void {
    this.#ended = true
    this.#held = new ByteQueue()
    this.#byOffset.clear()
    this.#byOid.clear()
  }

  #advance(length: number): void {
    this.#held.drop(length)
    this.#start += length
  }

  /** Reads one object; false where it is not all there yet. */
  #readEntry(): boolean {
    if (this.#isThrough) return false
    const { bytes } = this.#held
    const header = parseEntryHeader(bytes, 0, this.#objectFormat)
    if (header === null) return false
    if (
      header.size > this.#limits.object ||
      this.#read > this.#limits.read ||
      this.#others > this.#limits.others ||
      Math.max(this.#seen, this.#links / 2) >= this.#limits.objects
    ) {
      this.#end()
      return false
    }
    const inflated = inflateAt(bytes, header.length, header.size)
    if (inflated === null) {
      if (bytes.length > this.#mostDeflated) this.#end()
      return false
    }
    const known = this.#knownAs(header, inflated.data)
    if (known === null) {
      this.#hasGaps = true
      this.#others += inflated.data.length + OVERHEAD
    } else this.#keep(known)
    this.#advance(header.length + inflated.length)
    this.#seen++
    return true
  }

  /** The object; null for a delta of what is not there, and for one that makes more of it than is read. */
  #knownAs({ type, distance, base: oid }: EntryHeader, data: Buffer): Known | null {
    if (type !== 'ofs-delta' && type !== 'ref-delta') return { type, data }
    const base = (oid === null ? this.#byOffset.get(this.#start - distance) : this.#byOid.get(oid)) ?? null
    const result = base && applyDelta(base.data, data, this.#limits.object)
    return base && result && { type: base.type, data: result }
  }

  #keep(known: Known): void {
    const oid = oidOf(known.type, known.data, this.#objectFormat)
    this.#unseen.delete(oid)
    if (known.type === 'commit') {
      const parents = parentsOf(known.data)
      this.#links += parents.length
      this.#parents.set(oid, parents)
    } else if (known.type !== 'tag') this.#others += known.data.length + OVERHEAD
    this.#read += known.data.length
    this.#kept += known.data.length + OVERHEAD
    if (this.#kept > this.#limits.kept) return
    this.#byOffset.set(this.#start, known)
    this.#byOid.set(oid, known)
  }
}

type Known = Pick<PackObject, 'type' | 'data'>

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
