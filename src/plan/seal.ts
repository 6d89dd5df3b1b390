import { createHmac } from 'node:crypto'
import { looksLikePrivateKey, mendPrivateKey } from '../keys/private-key.ts'
import { isSealName, sealName } from '../refs/mirroring-ref.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import { isLastingToken } from '../remote/token.ts'
import { changeOf, type RefChange } from './plan.ts'

/** Makes the seals of one mirror. */
export interface Sealer {
  /** In the names of seals. */
  readonly id: string
  /** Empty if the mirror has no secret that is fit for it. */
  readonly key: string
}

/**
 * The key is the secret of the other side if it lasts and cannot be guessed: a private key or a token. Everyone who can read the other side can read
 * seals, so they would let a reader try out passwords. The token of one job would make every base unknown in the next job.
 */
export function sealKey(secret: string | null): string {
  const text = secret?.trim() ?? ''
  if (looksLikePrivateKey(text)) return mendPrivateKey(text)
  return isLastingToken(text) ? text : ''
}

/** The name of the ref that seals a base: a code over the mirror, the ref and the tip, so that it fits no other base. */
export const sealOf = (ref: RefName, tip: Oid, sealer: Sealer): RefName => sealName(codeOf(['base', ref, tip], sealer), sealer.id)

/** A code that only this mirror can make. @param statement its subject, and what is stated */
export function codeOf([subject, ...facts]: readonly [string, ...(string | null)[]], { id, key }: Sealer): string {
  const statement = JSON.stringify([`repository-mirroring ${subject}`, id, ...facts])
  return createHmac('sha256', key).update(statement).digest('hex').slice(0, CODE_LENGTH)
}

/** Hexadecimal digits. */
const CODE_LENGTH = 40

/** The bases that this mirror wrote last, and no others. @param seals the refs below refs/mirroring/ there */
export function sealedBase(stored: ReadonlyMap<RefName, Oid>, seals: ReadonlyMap<RefName, Oid>, sealer: Sealer): Map<RefName, Oid> {
  return new Map([...stored].filter(([ref, tip]) => seals.get(sealOf(ref, tip, sealer)) === tip))
}

/** The changes there that leave exactly the seals of a base: one that remained would make an older base believed again. */
export function planSeals(base: ReadonlyMap<RefName, Oid>, present: ReadonlyMap<RefName, Oid>, sealer: Sealer): RefChange[] {
  const wanted = new Map([...base].map(([ref, tip]) => [sealOf(ref, tip, sealer), tip]))
  const old = [...present.keys()].filter(name => isSealName(name, sealer.id) && !wanted.has(name)).map(name => [name, null] as const)
  return [...old, ...wanted].flatMap(([ref, after]) => changeOf(ref, present.get(ref) ?? null, after))
}
