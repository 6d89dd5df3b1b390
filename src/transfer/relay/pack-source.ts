import { createReadStream } from 'node:fs'
import { Failure } from '../../errors/failure.ts'
import type { ObjectFormat, Oid } from '../../refs/ref.ts'
import { awaitedLater, onceThere } from '../../tasks/later.ts'
import { showCount } from '../../text/quantity.ts'
import type { CommitGraph } from '../../wire/commit-graph.ts'
import { MAX_HAVES } from './haves.ts'
import { storePack } from './pack-file.ts'
import { type PackStream, packStream, readCommits, refuseShallow } from './pack-stream.ts'
import { fetchCommits, type UploadPack } from './upload-pack.ts'

/** The features of a pack that its receiver can read. */
export interface PackForm {
  readonly thin: boolean
  readonly ofsDelta: boolean
}

/** The form that nearly every receiver can read; requested before the receiver has answered. */
const USUAL: PackForm = { thin: true, ofsDelta: true }

interface FirstPack {
  readonly wants: ReadonlySet<Oid>
  readonly form: PackForm
  readonly stream: Promise<PackStream>
}

/** Whether a pack of one form is readable for a receiver that can read another. */
const suits = (pack: PackForm, asked: PackForm): boolean => (asked.thin || !pack.thin) && (asked.ofsDelta || !pack.ofsDelta)

/** Packs from the source for what the destination lacks. Knows what the destination has: its tips, and what this run has put there. */
export class PackSource {
  readonly #source: UploadPack
  readonly #present: Set<Oid>
  readonly #say: (message: string) => void
  readonly #choose: () => readonly Oid[]
  #haves: readonly Oid[] | null = null
  /** Objects that git has found in a pack of the source. */
  #found: ReadonlyMap<Oid, unknown> = new Map()
  #first: FirstPack | null = null
  /** As the receiver can read it, since it was asked. */
  #form = USUAL

  /** @param choose gives what the destination has, most telling first; asked when a pack is */
  constructor(source: UploadPack, present: Iterable<Oid>, choose: () => readonly Oid[], say: (message: string) => void) {
    this.#source = source
    this.#say = say
    this.#present = new Set(present)
    this.#choose = choose
  }

  /** Those of the objects that the destination lacks, each once. */
  lacking(oids: Iterable<Oid>): Oid[] {
    return [...new Set(oids)].filter(oid => !this.#present.has(oid))
  }

  /** Objects that the destination has, with their history, as many as a source needs to know. */
  get haves(): readonly Oid[] {
    this.#haves ??= this.#choose()
    return this.#haves
  }

  /** From now on the destination has these, too. */
  landed(oids: readonly Oid[]): void {
    for (const oid of oids) this.#present.add(oid)
    this.#haves = [...new Set([...oids, ...this.haves])].slice(0, MAX_HAVES)
  }

  /** Requests the first pack, once. `take` returns it, so it is on its way while the run asks other questions. */
  start(wants: readonly Oid[]): Promise<PackStream> {
    this.#first ??= { wants: new Set(wants), form: USUAL, stream: awaitedLater(this.#fetch(wants, USUAL)) }
    return this.#first.stream
  }

  /** The first pack is in a file, which `take` returns. @param found objects of it */
  keep(wants: readonly Oid[], form: PackForm, file: string, found: ReadonlyMap<Oid, unknown>, length: number | null = null): void {
    this.drop()
    this.#found = found
    const pack = createReadStream(file)
    const fetched = { common: new Set<Oid>(), shallow: false, hasPack: true, pack, abort: () => pack.destroy() }
    this.#first = { wants: new Set(wants), form, stream: Promise.resolve(packStream(fetched, this.#source.side, wants, length)) }
  }

  /** Puts a pack on the disk, which `take` returns. @param most bytes @returns its bytes; null if there are more. @throws Failure */
  async prepare(wants: readonly Oid[], most: number, file: string): Promise<number | null> {
    this.drop()
    if (wants.length === 0) return 0
    const stream = await this.#fetch(wants, this.#form)
    const bytes = await storePack(stream.passOn(), file, most)
    if (bytes === null) stream.abort()
    else this.keep(wants, this.#form, file, this.#found, bytes)
    return bytes
  }

  /** A pack with these objects, as the receiver can read it: the first one if that is still to be had, with all else that was asked for. @throws Failure */
  async take(wants: readonly Oid[], form: PackForm): Promise<PackStream> {
    this.#form = form
    const first = this.#first
    if (first !== null && suits(first.form, form) && wants.every(oid => first.wants.has(oid))) {
      this.#first = null
      return await first.stream
    }
    this.drop()
    return await this.#fetch(wants, form)
  }

  /** The commits of what the destination lacks, and nothing else where the source can leave it out. @throws Failure of the source */
  async readCommits(wants: readonly Oid[], objectFormat: ObjectFormat): Promise<CommitGraph> {
    const fetched = await fetchCommits(this.#source, { wants, haves: this.haves, thin: false, ofsDelta: true, done: true })
    refuseShallow(fetched, this.#source.side)
    return await readCommits(fetched, objectFormat)
  }

  /**
   * Checks that the source has the objects itself. A server can advertise any name: that of an object which only the destination has, but hides, would be
   * published there. A pack leaves out what the destination has in its history, and may hold an object as a delta of such a one. An object that is not
   * seen in it is therefore asked for alone.
   * @throws Failure `relay-impossible`, as git would look for the objects, too
   */
  async prove(pack: PackStream, oids: readonly Oid[], objectFormat: ObjectFormat): Promise<void> {
    const sought = oids.filter(oid => !this.#found.has(oid))
    const unseen = await pack.unseen(sought, objectFormat)
    if (unseen.length === 0) return
    const { offersFilter, offersDepth } = this.#source
    const request = { wants: unseen, haves: [], thin: false, ofsDelta: true, done: true, filter: offersFilter ? ('tree:0' as const) : null }
    const alone = await this.#source.fetch(offersDepth ? { ...request, depth: 1 } : request)
    const [missing] = await packStream(alone, this.#source.side, unseen).unseen(unseen, objectFormat)
    alone.abort()
    if (missing === undefined) return
    pack.abort()
    throw new Failure('relay-impossible', `the source does not send the object ${missing}, which it has according to its refs`, {
      side: this.#source.side,
    })
  }

  /** No pack is needed after all. */
  drop(): void {
    onceThere(this.#first?.stream, stream => stream.abort())
    this.#first = null
  }

  async #fetch(wants: readonly Oid[], form: PackForm): Promise<PackStream> {
    this.#say(`fetching ${showCount(wants.length, 'tip')} from the source`)
    const fetched = await this.#source.fetch({ wants, haves: this.haves, ...form, filter: null, done: true })
    refuseShallow(fetched, this.#source.side)
    return packStream(fetched, this.#source.side, wants)
  }
}
