import { type Pointer, parsePointer } from './pointer.ts'

/** Those of the contents that are pointers, by oid: of what is stored once, one will do. */
export async function collectPointers(contents: AsyncIterable<Buffer>): Promise<ReadonlyMap<string, Pointer>> {
  const pointers = new Map<string, Pointer>()
  for await (const blob of contents) {
    const pointer = parsePointer(blob)
    // An empty file is no object: git-lfs neither asks for one nor gives it.
    if (pointer !== null && pointer.size > 0) pointers.set(pointer.oid, pointer)
  }
  return pointers
}
