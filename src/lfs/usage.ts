import { ATTRIBUTES_LINE_BYTES } from '../limits/limits.ts'
/** The use of LFS, from files at the root of the source. */
export interface LfsUsage {
  /** Whether a `.gitattributes` there puts files into LFS; null = that could not be looked up. */
  readonly isUsed: boolean | null
  /** Contents of the default branch's `.lfsconfig`; null = there is none, or it could not be looked up. */
  readonly config: string | null
}

/** Files at the root that tell of LFS: which files are in it, and where its objects are (git-lfs-config(5)). */
export const ATTRIBUTES_FILE = '.gitattributes'
export const CONFIG_FILE = '.lfsconfig'

/** A C-style quoted pattern, or one up to the next blank, and what stands behind it. */
const LINE = /^(?:"(?:[^"\\]|\\.)*"(?=[ \t\r]|$)|[^ \t\r]+)(.*)$/s

const ATTRIBUTE = /^[-!]?[A-Za-z0-9_.][-A-Za-z0-9_.]*(?:=|$)/

/** Whether a `.gitattributes` gives the filter `lfs` to any pattern or macro (gitattributes(5)), even if a later line removes it. */
export function usesLfs(attributes: string): boolean {
  const lines = attributes.replace(/^\uFEFF/, '').split('\n')
  return lines.some(givesLfs)
}

function givesLfs(rawLine: string): boolean {
  const line = rawLine.replace(/^[ \t\r]+/, '')
  // A pattern with `!` in front is one that git ignores.
  if (/^[#!]/.test(line) || Buffer.byteLength(rawLine) >= ATTRIBUTES_LINE_BYTES) return false
  const words = (LINE.exec(line)?.[1] ?? '').split(/[ \t\r]+/).filter(word => word !== '')
  // git ignores the whole line if one name is invalid. The last of several filters counts.
  return words.every(word => ATTRIBUTE.test(word)) && words.findLast(word => /^[-!]?filter(?:=|$)/.test(word)) === 'filter=lfs'
}
