/** The name of an object: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits. */
export type Oid = string & { readonly __brand: 'oid' }

/** A full ref name below `refs/heads/`, `refs/tags/` or `refs/mirroring/` that git would accept. */
export type RefName = string & { readonly __brand: 'ref' }

export type ObjectFormat = 'sha1' | 'sha256'

export const isOid = (text: string): text is Oid => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)

export const objectFormatOf = (oid: Oid): ObjectFormat => (oid.length === 40 ? 'sha1' : 'sha256')

export const isBranch = (name: string): boolean => name.startsWith('refs/heads/')

export const isTag = (name: string): boolean => name.startsWith('refs/tags/')

/** Bytes of a part of a name that fits on a disk: `.lock` is added to it while the ref is written, and a file's name has 255. */
const MAX_PART_BYTES = 250

/** Whether a part of the name is too long for the file of a ref on most disks. */
export const hasLongPart = (name: string): boolean => name.split('/').some(part => Buffer.byteLength(part) > MAX_PART_BYTES)

/** `main` of `refs/heads/main`, `v1` of `refs/tags/v1`. */
export const shortName = (name: string): string => name.replace(/^refs\/(?:heads|tags)\//, '')

// biome-ignore lint/suspicious/noControlCharactersInRegex: a ref name must not contain control characters
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/[/.]|\.lock(?:\/|$)|[/.]$/

/** Whether git would accept a full name below `refs/` (git-check-ref-format(1)). */
export const hasRefSyntax = (name: string): boolean => !FORBIDDEN.test(name)

/** Whether git would accept the name and it is a branch or a tag. */
export const isRefName = (name: string): name is RefName => (isBranch(name) || isTag(name)) && hasRefSyntax(name)
