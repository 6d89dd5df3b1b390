import { createHash } from 'node:crypto'
import { baseName, parseBaseName } from '../refs/mirroring-ref.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import type { RemoteUrl } from '../remote/url.ts'
import type { Comparison, RefChange } from './plan.ts'

/**
 * The name under which a mirror stores its base: 16 hexadecimal digits of its location, so that one repository can have several mirrors. The user name
 * only counts for an ssh path in the user's home. Another spelling of the same URL may get another name: then there is no base, and nothing is deleted.
 */
export function baseId({ url: { protocol, host, port, path }, username }: { readonly url: RemoteUrl; readonly username: string }): string {
  const home = protocol === 'ssh' && !path.startsWith('/') ? [username] : []
  const place = JSON.stringify([protocol, host, port, path, ...home])
  return createHash('sha256').update(place).digest('hex').slice(0, 16)
}

/** The base of a mirror, from the refs below refs/mirroring/. */
export function readBase(mirroringRefs: ReadonlyMap<RefName, Oid>, id: string): Map<RefName, Oid> {
  const base = new Map<RefName, Oid>()
  for (const [name, tip] of mirroringRefs) {
    const ref = parseBaseName(name, id)
    if (ref !== null) base.set(ref, tip)
  }
  return base
}

/**
 * The changes that store the refs on which both sides agree now; none in one direction. Each is made only if the base has not changed since it was read,
 * so that concurrent runs do not overwrite each other's base.
 * @param landed refs that were changed on one side, with the tip that both have now; null = absent on both
 */
export function planBase(comparison: Comparison, landed: ReadonlyMap<RefName, Oid | null>, id: string): RefChange[] {
  const { here, there, base, refs } = comparison
  if (base === null) return []
  const agreed = new Map<RefName, Oid | null>()
  for (const entry of refs) if (entry.here === entry.there) agreed.set(entry.ref, entry.here)
  for (const ref of base.keys()) if ([here, there].every(side => !side.refs.has(ref) && !side.symbolic.has(ref))) agreed.set(ref, null)
  for (const [ref, tip] of landed) agreed.set(ref, tip)
  return [...agreed].flatMap(([ref, after]): RefChange[] => {
    const before = base.get(ref) ?? null
    if (before === after) return []
    const action = before === null ? 'create' : after === null ? 'delete' : 'force'
    return [{ ref: baseName(ref, id), action, before, after }]
  })
}
