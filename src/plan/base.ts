import { createHash } from 'node:crypto'
import { type Advertisement, allNamesOf } from '../refs/advertisement.ts'
import { baseName, isLongBase, parseBaseName } from '../refs/mirroring-ref.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import type { PerSide } from '../remote/side.ts'
import type { RemoteUrl } from '../remote/url.ts'
import { showCount } from '../text/quantity.ts'
import { type Comparison, changeOf, type RefChange } from './plan.ts'
import { type Sealer, sealKey } from './seal.ts'

interface Place {
  readonly url: RemoteUrl
  readonly username: string
}

/**
 * The name under which a mirror stores its base: 16 hexadecimal digits of its location, so that one repository can have several mirrors. The user name
 * only counts for an ssh path in the user's home. Another spelling of the same URL may get another name: then there is no base, and nothing is deleted.
 */
export function baseId({ url: { protocol, host, port, path }, username }: Place): string {
  const home = protocol === 'ssh' && !path.startsWith('/') ? [username] : []
  const place = JSON.stringify([protocol, host, port, path, ...home])
  return createHash('sha256').update(place).digest('hex').slice(0, 16)
}

/** The id names both sides, because several repositories can be mirrored to the same one, where their seals are. */
export const sealerOf = ({ here, there }: PerSide<Place & { readonly secret: string | null }>): Sealer => ({
  id: `${baseId(here)}-${baseId(there)}`,
  key: sealKey(there.secret),
})

/**
 * The base of a mirror as it is stored, from the refs below refs/mirroring/. Everyone who can push here may have written it.
 * @param sides both sides, which know the refs: a shortened name does not tell whose base it is
 */
export function readBase(mirroringRefs: ReadonlyMap<RefName, Oid>, id: string, sides: readonly Advertisement[]): Map<RefName, Oid> {
  const base = new Map<RefName, Oid>()
  if ([...mirroringRefs.keys()].some(name => isLongBase(name, id)))
    for (const ref of sides.flatMap(side => allNamesOf(side))) {
      const tip = mirroringRefs.get(baseName(ref, id))
      if (tip !== undefined) base.set(ref, tip)
    }
  for (const [name, tip] of mirroringRefs) {
    const ref = parseBaseName(name, id)
    if (ref !== null) base.set(ref, tip)
  }
  return base
}

/** Notice about bases that are not believed. */
export function unsealedNotices(stored: ReadonlyMap<RefName, Oid> | null, base: ReadonlyMap<RefName, Oid> | null): string[] {
  const count = (stored?.size ?? 0) - (base?.size ?? 0)
  if (count === 0) return []
  return [
    `${showCount(count, 'base')} here without a seal there: they count as unknown, so nothing is deleted or overwritten because of them`,
  ]
}

/**
 * The refs on which both sides agree now, each with its tip; null = absent on both. None in one direction.
 * @param landed refs that were changed on one side, with the tip that both have now
 */
export function agreedRefs({ here, there, base, refs }: Comparison, landed: ReadonlyMap<RefName, Oid | null>): Map<RefName, Oid | null> {
  const agreed = new Map<RefName, Oid | null>()
  if (base === null) return agreed
  for (const entry of refs) if (entry.here === entry.there) agreed.set(entry.ref, entry.here)
  for (const ref of base.keys())
    if ([here, there].every(side => ![side.refs, side.symbolic, side.damaged].some(names => names.has(ref)))) agreed.set(ref, null)
  for (const [ref, tip] of landed) agreed.set(ref, tip)
  return agreed
}

/**
 * The changes here that store the agreed refs, and remove bases that are not believed. Each is made only if the base has not changed since it was read,
 * so that concurrent runs do not overwrite each other's base.
 */
export function planBase({ here, there, base }: Comparison, agreed: ReadonlyMap<RefName, Oid | null>, id: string): RefChange[] {
  if (base === null) return []
  const stored = readBase(here.mirroringRefs, id, [here, there])
  const unbelieved = [...stored.keys()].filter(ref => !base.has(ref)).map(ref => [ref, null] as const)
  const tips = new Map([...unbelieved, ...agreed])
  const changes = [...tips].flatMap(([ref, after]) => changeOf(baseName(ref, id), stored.get(ref) ?? null, after))
  // Neither side has the ref any more.
  const kept = new Set([...stored.keys()].map(ref => baseName(ref, id)))
  const orphans = [...here.mirroringRefs].filter(([name]) => isLongBase(name, id) && !kept.has(name))
  return [...changes, ...orphans.flatMap(([name, tip]) => changeOf(name, tip, null))]
}
