import { Failure } from '../errors/failure.ts'
import { LFS_POINTERS, POINTER_BYTES } from '../limits/limits.ts'
import { showCount } from '../text/quantity.ts'

/** The stand-in for a file whose contents are in LFS. */
export interface Pointer {
  /** SHA-256 of what the LFS store holds, in lower-case hexadecimal. */
  readonly oid: string
  /** Bytes of it, as the pointer says. git-lfs moves nothing for 0. */
  readonly size: number
}

// Those of the time before the first release still count (git-lfs, lfs/pointer.go).
const VERSIONS = ['http://git-media.io/v/2', 'https://hawser.github.com/spec/v1', 'https://git-lfs.github.com/spec/v1']

/** In this order; others may stand only before the last, and only where they name an extension. */
const KEYS = ['version', 'oid', 'size']

const OID = /^sha256:([0-9a-f]{64})$/

/** Go's `strings.TrimSpace`. */
const OUTER_SPACE = /^\p{White_Space}+|\p{White_Space}+$/gu

const MAX_SIZE = 2n ** 63n - 1n

/**
 * Reads a blob as git-lfs does when it looks for objects to fetch or push (`DecodePointer`). It takes more than it writes, such as other line
 * ends, blank lines, old versions and extensions. These change a file before its `oid` is taken, so the `oid` names the object in the store.
 * @returns null for what is no pointer, and for an empty blob, which to git-lfs is a pointer to itself and needs nothing moved
 */
export function parsePointer(contents: Buffer): Pointer | null {
  if (contents.length >= POINTER_BYTES) return null
  const lines = contents.toString('utf8').replace(OUTER_SPACE, '').split(/\r?\n/)
  const values: string[] = []
  const extensions = new Map<string, string>()
  for (const line of lines) {
    if (line === '') continue
    const [, key, value] = /^([^ ]*) (.*)$/s.exec(line) ?? []
    const expected = KEYS[values.length]
    if (key === undefined || value === undefined || expected === undefined) return null
    if (key === expected) values.push(value)
    else if (/^ext-\d-\w/.test(key)) extensions.set(key, value)
    else return null
  }
  const [version = '', oidText = '', sizeText = ''] = values
  const oid = OID.exec(oidText)?.[1]
  const size = parseSize(sizeText)
  if (!VERSIONS.includes(version) || oid === undefined || size === null || !areValid(extensions)) return null
  return { oid, size }
}

/** Go's `strconv.ParseInt`: a sign may stand in front. */
function parseSize(text: string): number | null {
  const [, minus, digits] = /^(?:\+|(-))?(\d+)$/.exec(text) ?? []
  if (digits === undefined || BigInt(digits) > MAX_SIZE || (minus !== undefined && BigInt(digits) > 0n)) return null
  return Number(digits)
}

/** Each with an oid of its own, and no two with the same priority, the digit of `ext-0-name`. */
function areValid(extensions: ReadonlyMap<string, string>): boolean {
  const priorities = new Set([...extensions.keys()].map(key => key.charAt(4)))
  return priorities.size === extensions.size && [...extensions.values()].every(value => OID.test(value))
}

/** Those of the contents that are pointers, by oid: of what is stored once, one will do. @throws Failure `answer-too-large` if there are more than `most`; as the contents do */
export async function collectPointers(contents: AsyncIterable<Buffer>, most = LFS_POINTERS): Promise<ReadonlyMap<string, Pointer>> {
  const pointers = new Map<string, Pointer>()
  for await (const blob of contents) {
    const pointer = parsePointer(blob)
    // An empty file is no object: git-lfs neither asks for one nor gives it.
    if (pointer !== null && pointer.size > 0) pointers.set(pointer.oid, pointer)
    if (pointers.size > most)
      throw new Failure('answer-too-large', `the changes bring more than ${showCount(most, 'LFS object')}`, {
        hint: 'mirror only a few branches at first, with `branches`',
      })
  }
  return pointers
}
