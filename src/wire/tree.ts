import { INFLATED_BYTES } from '../limits/limits.ts'
import { isOid, type ObjectFormat, type Oid } from '../refs/ref.ts'
import { inflateAt, oidOf, PACK_HEADER_LENGTH, parseEntryHeader, parsePackHeader } from './pack-entry.ts'
import type { PackObject } from './pack-objects.ts'
import { protocolFailure } from './pkt-line.ts'

/** An object of a pack, or of its beginning, that is no delta; null if not found. @throws Failure `protocol-error` */
export function findObject(bytes: Buffer, { type, oid }: Pick<PackObject, 'type' | 'oid'>, format: ObjectFormat): Buffer | null {
  if (bytes.length < PACK_HEADER_LENGTH) return null
  const objects = parsePackHeader(bytes)
  let rest = INFLATED_BYTES
  for (let at = PACK_HEADER_LENGTH, seen = 0; seen < objects; seen++) {
    const header = parseEntryHeader(bytes, at, format)
    rest -= header?.size ?? 0
    if (header === null || rest < 0) return null
    const inflated = inflateAt(bytes, at + header.length, header.size)
    if (inflated === null) return null
    if (header.type === type && oidOf(type, inflated.data, format) === oid) return inflated.data
    at += header.length + inflated.length
  }
  return null
}

/** The tree of a commit: its first line. @throws Failure `protocol-error` */
export function treeOf(commit: Buffer): Oid {
  const oid = /^tree ([0-9a-f]+)\n/.exec(commit.toString('latin1', 0, 80))?.[1] ?? ''
  if (!isOid(oid)) throw protocolFailure('a commit of the pack has no tree')
  return oid
}

export interface TreeEntry {
  readonly oid: Oid
  /** `commit` is a submodule. */
  readonly type: 'blob' | 'tree' | 'commit'
}

/** An entry of a tree: mode, space, name, NUL, and the object's name in bytes. null where there is none of this name. @throws Failure `protocol-error` */
export function entryOf(tree: Buffer, name: string, format: ObjectFormat): TreeEntry | null {
  const width = format === 'sha1' ? 20 : 32
  const wanted = Buffer.from(name)
  for (let at = 0; at < tree.length; ) {
    const [space, end] = [tree.indexOf(32, at), tree.indexOf(0, at)]
    if (space < at || end < space || end + 1 + width > tree.length) throw protocolFailure('a tree of the pack is damaged')
    if (tree.subarray(space + 1, end).equals(wanted)) {
      const oid = tree.toString('hex', end + 1, end + 1 + width) as Oid
      const mode = tree.toString('latin1', at, space)
      return { oid, type: mode === '40000' ? 'tree' : mode === '160000' ? 'commit' : 'blob' }
    }
    at = end + 1 + width
  }
  return null
}
