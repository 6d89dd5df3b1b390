import { isUtf8 } from 'node:buffer'
import { Failure } from '../errors/failure.ts'
import { MAX_REFS, NAME_OF_ONE_REF } from '../limits/limits.ts'
import type { Advertisement, DamagedRef, SymbolicRef, UnusableRef } from './advertisement.ts'
import { isMirroringRef } from './mirroring-ref.ts'
import { isBranch, isRefName, isTag, type ObjectFormat, type Oid, objectFormatOf, type RefName } from './ref.ts'

export type RefCollection = ReturnType<typeof collectRefs>

/**
 * Collects the refs that a side reports, in any order and protocol. Ignores everything but branches, tags, `refs/mirroring/` and HEAD.
 * @param most how many are kept: the object of an annotated tag is one more, and so are 256 characters of a name
 */
export function collectRefs(most = MAX_REFS) {
  const [refs, peeled, mirroringRefs] = [new Map<RefName, Oid>(), new Map<RefName, Oid>(), new Map<RefName, Oid>()]
  const targets = new Map<RefName, string>()
  const unusable: UnusableRef[] = []
  const damaged = new Map<RefName, DamagedRef>()
  let head: RefName | null = null
  let hasHead = false
  let kept = 0
  const count = (name: string) => {
    kept += 1 + Math.floor(name.length / NAME_OF_ONE_REF)
    if (kept > most) throw new Failure('answer-too-large', `there are more than ${most} branches and tags (annotated tags count twice)`)
  }
  return {
    /** @param name as bytes; if it ends with `^{}`, the oid is the object that the annotated tag leads to. @throws Failure `answer-too-large` */
    add: (name: Buffer, oid: Oid): void => {
      const text = name.toString('utf8')
      // A slice would hold all of the text as well.
      const bare = text.endsWith('^{}') ? name.toString('utf8', 0, name.length - 3) : text
      if (isBranch(text) || isTag(text)) {
        const problem = problemOf(bare, name)
        if (problem === null && isNull(oid)) damaged.set(bare as RefName, NAMES_NOTHING)
        else if (problem === null) (bare === text ? refs : peeled).set(bare as RefName, oid)
        else if (bare === text) unusable.push({ name: text, bytes: name.toString('latin1'), tip: oid, reason: problem })
      } else if (bare === text && isUtf8(name) && isMirroringRef(text) && !isNull(oid)) mirroringRefs.set(text, oid)
      else {
        hasHead ||= text === 'HEAD' && !isNull(oid)
        return
      }
      count(text)
    },

    /** Says of a ref that it only points to another ref. @throws Failure `answer-too-large` */
    addSymbolic: (name: Buffer, target: string): void => {
      const text = name.toString('utf8')
      if (text === 'HEAD' && isRefName(target) && isBranch(target)) head = target
      if (text === 'HEAD' || !isUtf8(name) || !(isRefName(text) || isMirroringRef(text))) return
      targets.set(text, target)
      count(text)
    },

    /** @param objectFormat as the server reports it; the refs themselves take precedence */
    finish: ({ symbolicIsWhole, objectFormat: reported }: Pick<Advertisement, 'symbolicIsWhole' | 'objectFormat'>): Advertisement => {
      const symbolic = new Map<RefName, SymbolicRef>()
      for (const [name, target] of targets) {
        const tip = refs.get(name)
        if (tip !== undefined) symbolic.set(name, { target, tip })
        for (const map of [refs, peeled, mirroringRefs]) map.delete(name)
      }
      const first = refs.values().next().value
      const objectFormat = first === undefined ? reported : objectFormatOf(first)
      return { refs, peeled, symbolic, mirroringRefs, symbolicIsWhole, hasHead, head, objectFormat, unusable, damaged }
    },
  }
}

/** git reports a ref so whose file is empty or is no ref. */
const isNull = (oid: Oid): boolean => /^0+$/.test(oid)

const NAMES_NOTHING: DamagedRef = { tip: null, damage: { kind: 'source-damaged', reason: 'the ref is damaged: it names no object' } }

export const isObjectFormat = (text: string | null): text is ObjectFormat => text === 'sha1' || text === 'sha256'

/** Why a name cannot be mirrored; null if it can. A name that is not UTF-8 would be changed on the way. */
function problemOf(name: string, bytes: Buffer): string | null {
  if (!isUtf8(bytes)) return 'its name is not valid UTF-8'
  if (name === 'refs/heads/HEAD') return 'git confuses a branch called HEAD with the real HEAD'
  return isRefName(name) ? null : 'its name is not one that git accepts'
}
