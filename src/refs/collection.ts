import { isUtf8 } from 'node:buffer'
import { Failure } from '../errors/failure.ts'
import type { Advertisement, UnusableRef } from './advertisement.ts'
import { isMirroringRef } from './mirroring-ref.ts'
import { isBranch, isRefName, isTag, type ObjectFormat, type Oid, objectFormatOf, type RefName } from './ref.ts'

/** Each ref that is kept takes some 250 bytes of memory; the largest repositories known have some hundred thousand. */
const MAX_REFS = 1_000_000

/** Gathers what a side says of its refs, in whatever order and protocol. Everything outside branches, tags, refs of ours and HEAD is passed over. */
export class RefCollection {
  readonly #refs = new Map<RefName, Oid>()
  readonly #peeled = new Map<RefName, Oid>()
  readonly #symbolic = new Set<RefName>()
  readonly #mirroringRefs = new Map<RefName, Oid>()
  readonly #unusable: UnusableRef[] = []
  #head: RefName | null = null

  /** @param name as bytes; with `^{}` at its end, the oid is what the annotated tag leads to. @throws Failure `answer-too-large` */
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

  /** A ref that only leads to another one. @throws Failure `answer-too-large` */
  addSymbolic(name: Buffer, target: string): void {
    const text = name.toString('utf8')
    if (text === 'HEAD') {
      if (isRefName(target) && isBranch(target)) this.#head = target
    } else if (problemOf(text, name) === null) this.#symbolic.add(text as RefName)
    this.#limit()
  }

  #limit(): void {
    if (Math.max(this.#refs.size + this.#unusable.length + this.#mirroringRefs.size, this.#peeled.size, this.#symbolic.size) > MAX_REFS)
      throw new Failure('answer-too-large', `there are more than ${MAX_REFS} branches and tags`)
  }

  /** @param objectFormat as the server says it; where it does not, the refs tell */
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

/** Why a name cannot be mirrored; null where it can. Names that are not UTF-8 could only be passed on mangled. */
function problemOf(name: string, bytes: Buffer): string | null {
  if (!isUtf8(bytes)) return 'its name is not valid UTF-8'
  return isRefName(name) ? null : 'its name is not one that git accepts'
}
