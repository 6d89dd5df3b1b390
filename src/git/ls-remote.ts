import { isUtf8 } from 'node:buffer'
import type { Advertisement, UnusableRef } from '../refs/advertisement.ts'
import { isBranch, isOid, isRefName, isTag, type Oid, objectFormatOf, type RefName } from '../refs/ref.ts'

/**
 * Reads what `git ls-remote --symref <url>` prints: `<oid> TAB <name>`, `<oid> TAB <name>^{}` for what a tag points to,
 * and `ref: <target> TAB <name>` for symbolic refs (git-ls-remote(1)). Everything outside branches, tags and HEAD is passed over.
 * @param symbolicIsWhole whether the server told all symbolic refs
 * @throws Error when a line is none of these: half an answer must not pass for a whole one
 */
export function parseLsRemote(output: Buffer, { symbolicIsWhole }: Pick<Advertisement, 'symbolicIsWhole'>): Advertisement {
  const refs = new Map<RefName, Oid>()
  const peeled = new Map<RefName, Oid>()
  const symbolic = new Set<RefName>()
  const unusable: UnusableRef[] = []
  let head: RefName | null = null

  for (const line of linesOf(output)) {
    const tab = line.text.indexOf('\t')
    const value = line.text.slice(0, tab)
    const name = line.text.slice(tab + 1)
    const target = value.startsWith('ref: ') ? value.slice(5) : null
    if (tab < 0 || (target === null && !isOid(value))) throw new Error(`unexpected line "${line.text.slice(0, 200)}"`)

    if (name === 'HEAD') {
      if (target !== null && isRefName(target) && isBranch(target)) head = target
      continue
    }
    if (!isBranch(name) && !isTag(name)) continue
    const bare = name.endsWith('^{}') ? name.slice(0, -3) : name
    const problem = problemOf(bare, line.utf8)
    if (problem !== null) {
      if (bare === name && target === null) unusable.push({ name, reason: problem })
    } else if (target !== null) symbolic.add(bare as RefName)
    else (bare === name ? refs : peeled).set(bare as RefName, value as Oid)
  }

  for (const name of symbolic) {
    refs.delete(name)
    peeled.delete(name)
  }
  const first = refs.values().next().value
  return { refs, peeled, symbolic, symbolicIsWhole, head, objectFormat: first === undefined ? null : objectFormatOf(first), unusable }
}

/** Why a name cannot be mirrored; null where it can. Names that are not UTF-8 could only be passed on mangled. */
function problemOf(name: string, utf8: boolean): string | null {
  if (!utf8) return 'its name is not valid UTF-8'
  return isRefName(name) ? null : 'its name is not one that git accepts'
}

function* linesOf(output: Buffer): Generator<{ text: string; utf8: boolean }> {
  const utf8 = isUtf8(output)
  let start = 0
  while (start < output.length) {
    const newline = output.indexOf(10, start)
    if (newline < 0) throw new Error('the answer ends in the middle of a line')
    const line = output.subarray(start, newline)
    yield { text: line.toString('utf8'), utf8: utf8 || isUtf8(line) }
    start = newline + 1
  }
}
