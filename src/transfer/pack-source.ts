import type { Oid } from '../refs/ref.ts'
import { MOST_HAVES } from './haves.ts'
import { PackStream, refuseShallow } from './pack-stream.ts'
import type { UploadPack } from './upload-pack.ts'

/** What the receiver of a pack can read. */
export interface PackForm {
  readonly thin: boolean
  readonly ofsDelta: boolean
}

/** What nearly every receiver can read, and what is asked for before the receiver has said anything. */
const USUAL: PackForm = { thin: true, ofsDelta: true }

/** Packs from the source for what the destination lacks. Knows what the destination has: its tips, and what this run has put there. */
export class PackSource {
  readonly #source: UploadPack
  readonly #present: Set<Oid>
  readonly #say: (message: string) => void
  #haves: readonly Oid[]
  #first: Promise<PackStream> | null = null

  /** @param haves most telling first */
  constructor(source: UploadPack, present: Iterable<Oid>, haves: readonly Oid[], say: (message: string) => void) {
    this.#source = source
    this.#say = say
    this.#present = new Set(present)
    this.#haves = haves
  }

  /** Those of the objects that the destination lacks, each once. */
  lacking(oids: Iterable<Oid>): Oid[] {
    return [...new Set(oids)].filter(oid => !this.#present.has(oid))
  }

  /** From now on the destination has these, too. */
  landed(oids: readonly Oid[]): void {
    for (const oid of oids) this.#present.add(oid)
    this.#haves = [...new Set([...oids, ...this.#haves])].slice(0, MOST_HAVES)
  }

  /** Asks for the first pack, once: whoever needs a pack gets this one, so that it is on its way while other things are found out. */
  start(wants: readonly Oid[]): Promise<PackStream> {
    this.#first ??= this.#fetch(wants, USUAL)
    // Who takes it hears of its failure; until then nobody listens.
    this.#first.catch(() => {})
    return this.#first
  }

  /** A pack with these objects, as the receiver can read it: the first one if that is still to be had, with all else that was asked for. @throws Failure */
  async take(wants: readonly Oid[], form: PackForm): Promise<PackStream> {
    const first = this.#first
    this.#first = null
    if (first === null) return await this.#fetch(wants, form)
    const stream = await first
    if (form.thin && form.ofsDelta) return stream
    stream.abort()
    return await this.#fetch(wants, form)
  }

  /** No pack is needed after all. */
  drop(): void {
    this.#first?.then(
      stream => stream.abort(),
      () => {},
    )
    this.#first = null
  }

  async #fetch(wants: readonly Oid[], form: PackForm): Promise<PackStream> {
    this.#say(`fetching ${wants.length} ${wants.length === 1 ? 'tip' : 'tips'} from the source`)
    const fetched = await this.#source.fetch({ wants, haves: this.#haves, ...form, filter: null, done: true })
    refuseShallow(fetched)
    return new PackStream(fetched)
  }
}
