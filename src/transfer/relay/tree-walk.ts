import { Failure } from '../../errors/failure.ts'
import { TREE_PACK_BYTES } from '../../limits/limits.ts'
import type { ObjectFormat, Oid } from '../../refs/ref.ts'
import { beginningOf } from '../../wire/byte-queue.ts'
import { entryOf, findObject, treeOf } from '../../wire/tree.ts'
import type { UploadPack } from './upload-pack.ts'

export interface FileQuestion {
  readonly tip: Oid
  /** A commit that the tip contains, and the asker has; null = none. It keeps the answer short. */
  readonly known: Oid | null
  /** Path of a file, below the root. */
  readonly path: string
}

/** Whether a commit of a server has a file; fetches only trees on the way. @throws Failure `relay-impossible` if that is refused */
export async function holdsFile(server: UploadPack, { tip, known, path }: FileQuestion, format: ObjectFormat): Promise<boolean> {
  const impossible = (detail: string) =>
    new Failure('relay-impossible', 'whether a commit has a file can only be found out with single trees, which the source does not send', {
      side: server.side,
      detail,
    })
  if (server.version !== 2 || !server.offersFilter) throw impossible('')
  const read = async (type: 'commit' | 'tree', oid: Oid, haves: readonly Oid[]): Promise<Buffer> => {
    const object = findObject(await fetchBeginning(server, oid, haves), { type, oid }, format)
    if (object === null) throw impossible(`${type} ${oid} is not in the answer`)
    return object
  }
  let oid = treeOf(await read('commit', tip, known === null ? [] : [known]))
  const names = path.split('/')
  for (const [index, name] of names.entries()) {
    const tree = await read('tree', oid, []).catch((error: unknown) => {
      throw impossible(Failure.from(error).message)
    })
    const entry = entryOf(tree, name, format)
    const isLast = index === names.length - 1
    if (entry?.type !== (isLast ? 'blob' : 'tree')) return false
    oid = entry.oid
  }
  return true
}

/** The beginning of the pack with an object, and with nothing that it leads to except commits. */
async function fetchBeginning(server: UploadPack, oid: Oid, haves: readonly Oid[]): Promise<Buffer> {
  const fetched = await server.fetch({ wants: [oid], haves, thin: false, ofsDelta: true, filter: 'tree:0', done: true })
  const bytes = await beginningOf(fetched.pack, TREE_PACK_BYTES)
  if (bytes.length >= TREE_PACK_BYTES) fetched.abort()
  return bytes
}
