import { isUtf8 } from 'node:buffer'
import { Failure } from '../errors/failure.ts'
import type { Advertisement, UnusableRef } from './advertisement.ts'
import { isMirroringRef } from './mirroring-ref.ts'
import { isBranch, isRefName, isTag, type ObjectFormat, type Oid, objectFormatOf, type RefName } from './ref.ts'

/** Each ref takes about 250 bytes of memory; the largest known repositories have some hundred thousand. */
export const MAX_REFS = 1_000_000

/** Collects the refs that a side reports, in any order and protocol. Ignores everything but branches, tags, `refs/mirroring/` and HEAD. */
export class RefCollection {
  readonly #refs = new Map<RefName, Oid>()
  readonly #peeled = new Map<RefName, Oid>()
  readonly #symbolic = new Set<RefName>()
  readonly #mirroringRefs = new Map<RefName, Oid>()
  readonly #unusable: UnusableRef[] = []
  readonly #most: number
  #head: RefName | null = null

  /** @param most refs of each kind */
  constructor(most = MAX_REFS) {
    this.#most = most
  }

  /** @param name as bytes; if it ends with `^{}`, the oid is the object that the annotated tag leads to. @throws Failure `answer-too-large` */
  add(name: Buffer, oid: Oid): void {
    const text = name.toString('utf8')
    const bare = text.endsWith('^{}') ? text.slice(0, -3) : text
    if (isBranch(text) || isTag(text)) {
      const problem = problemOf(bare, name)
      if (problem === null) (bare === text ? this.#refs : this.#peeled).set(bare as RefName, oid)
      else if (bare === text) this.#unusable.push({ name: text, reason: problem })
    } else if (bare === text && isUtf8(name) && isMirroringRef(text)) this.#mirroringRefs.set(text, oid)
    this.#limit()
  }

  /** Adds a ref that only points to another ref. @throws Failure `answer-too-large` */
  addSymbolic(name: Buffer, target: string): void {
    const text = name.toString('utf8')
    if (text === 'HEAD') {
      if (isRefName(target) && isBranch(target)) this.#head = target
    } else if (problemOf(text, name) === null) this.#symbolic.add(text as RefName)
    this.#limit()
  }

  #limit(): void {
    if (Math.max(this.#refs.size + this.#unusable.length + this.#mirroringRefs.size, this.#peeled.size, this.#symbolic.size) > this.#most)
      throw new Failure('answer-too-large', `there are more than ${this.#most} branches and tags`)
  }

  /** @param objectFormat as the server reports it; the refs themselves take precedence */
  finish({ symbolicIsWhole, objectFormat }: Pick<Advertisement, 'symbolicIsWhole' | 'objectFormat'>): Advertisement {
    for (const name of this.#symbolic) {
      this.#refs.delete(name)
      this.#peeled.delete(name)
    }
    const first = this.#refs.values().next().value
    return {
      refs: this.#refs,
      peeled: this.#peeled,
      symbolic: this.#symbolic,
      mirroringRefs: this.#mirroringRefs,
      symbolicIsWhole,
      head: this.#head,
      objectFormat: first === undefined ? objectFormat : objectFormatOf(first),
      unusable: this.#unusable,
    }
  }
}

export const isObjectFormat = (text: string | null): text is ObjectFormat => text === 'sha1' || text === 'sha256'

/** Why a name cannot be mirrored; null if it can. A name that is not UTF-8 would be changed on the way. */
function problemOf(name: string, bytes: Buffer): string | null {
  if (!isUtf8(bytes)) return 'its name is not valid UTF-8'
  return isRefName(name) ? null : 'its name is not one that git accepts'
}
