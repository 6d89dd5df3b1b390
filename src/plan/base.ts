import { createHash } from 'node:crypto'
import { baseName, parseBaseName } from '../refs/mirroring-ref.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import type { RemoteUrl } from '../remote/url.ts'
import type { Comparison, RefChange } from './plan.ts'

/**
 * The name under which a mirror stores its base: 16 hexadecimal digits made from its location, so that one repository can have several mirrors.
 * The user and the password play no part, except for an ssh path that begins in the user's home. Another spelling of the same place may count as another
 * mirror: then no base is known, and nothing is deleted.
 */
export function baseId({ url: { protocol, host, port, path }, username }: { readonly url: RemoteUrl; readonly username: string }): string {
  const home = protocol === 'ssh' && !path.startsWith('/') ? [username] : []
  const place = JSON.stringify([protocol, host, port, path, ...home])
  return createHash('sha256').update(place).digest('hex').slice(0, 16)
}

/** The base that a side holds for a mirror. @param mirroringRefs its refs below refs/mirroring/ */
export function readBase(mirroringRefs: ReadonlyMap<RefName, Oid>, id: string): Map<RefName, Oid> {
  const base = new Map<RefName, Oid>()
  for (const [name, tip] of mirroringRefs) {
    const ref = parseBaseName(name, id)
    if (ref !== null) base.set(ref, tip)
  }
  return base
}

/**
 * The changes that make the base say what both sides agree on now; none in one direction. Each is made only if the base still is as it was read, so that
 * of two concurrent runs neither overwrites what the other one found.
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
