import type { ObjectFailure } from '../../lfs/move.ts'
import type { Pointer } from '../../lfs/pointer.ts'
import { LFS_SEARCH_MS } from '../../limits/limits.ts'
import type { PlannedRef } from '../../plan/plan.ts'
import type { RefName } from '../../refs/ref.ts'
import type { Transfer } from '../../transfer/transfer.ts'

/** The LFS objects that changes bring, by oid. */
export interface LfsObjects {
  readonly all: ReadonlyMap<string, Pointer>
  /** By the ref that brings them; null if the changes were only searched together. Refs that bring none are left out. */
  readonly byRef: ReadonlyMap<RefName, ReadonlyMap<string, Pointer>> | null
}

/** Up to this many changes are also searched one by one, for at most this long, because many branches may share the same long history. */
const MAX_ALONE = 64

/** Chooses the LFS objects to move: those that the new history of the changed refs points to. @throws Failure */
export async function chooseLfsObjects(changes: readonly PlannedRef[], transfer: Transfer, now: () => Date): Promise<LfsObjects> {
  const all = await transfer.lfsPointers(changes)
  if (all.size === 0 || changes.length > MAX_ALONE) return { all, byRef: null }
  const byRef = new Map<RefName, ReadonlyMap<string, Pointer>>()
  const end = now().getTime() + LFS_SEARCH_MS
  for (const change of changes) {
    if (now().getTime() > end) return { all, byRef: null }
    const its = changes.length === 1 ? all : await transfer.lfsPointers([change])
    if (its.size > 0) byRef.set(change.ref, its)
  }
  return { all, byRef }
}

/** Refs that need objects that could not be moved, each with those objects. */
export async function refsThatLack(
  changes: readonly PlannedRef[],
  failed: ReadonlyMap<string, ObjectFailure>,
  transfer: Transfer,
  byRef: LfsObjects['byRef'],
): Promise<ReadonlyMap<RefName, ReadonlyMap<string, ObjectFailure>>> {
  if (failed.size === 0) return new Map()
  const among = (pointers: ReadonlyMap<string, Pointer>) =>
    new Map([...pointers.keys()].flatMap(oid => (failed.has(oid) ? [[oid, failed.get(oid) as ObjectFailure]] : [])))
  if (byRef !== null) return new Map([...byRef].map(([ref, its]) => [ref, among(its)] as const).filter(([, its]) => its.size > 0))
  const lacking = new Map<RefName, ReadonlyMap<string, ObjectFailure>>()
  // The changes are halved until each stands alone, like a request that a server refuses.
  const queue: (readonly PlannedRef[])[] = [changes]
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [first] = next
    const its = among(await transfer.lfsPointers(next))
    if (first === undefined || its.size === 0) continue
    if (next.length === 1) lacking.set(first.ref, its)
    else queue.unshift(next.slice(0, next.length >> 1), next.slice(next.length >> 1))
  }
  return lacking
}
