import type { Advertisement } from '../refs/advertisement.ts'
import { RefCollection } from '../refs/collection.ts'
import { isOid } from '../refs/ref.ts'

/**
 * Reads what `git ls-remote --symref <url>` prints: `<oid> TAB <name>`, `<oid> TAB <name>^{}` for what a tag points to,
 * and `ref: <target> TAB <name>` for symbolic refs (git-ls-remote(1)). Everything outside branches, tags and HEAD is passed over.
 * @param symbolicIsWhole whether the server told all symbolic refs
 * @throws Error when a line is none of these: half an answer must not pass for a whole one
 */
export function parseLsRemote(output: Buffer, { symbolicIsWhole }: Pick<Advertisement, 'symbolicIsWhole'>): Advertisement {
  const collection = new RefCollection()
  for (const line of linesOf(output)) {
    const tab = line.indexOf(9)
    const value = line.toString('utf8', 0, Math.max(tab, 0))
    const name = line.subarray(tab + 1)
    const target = value.startsWith('ref: ') ? value.slice(5) : null
    if (target !== null) collection.addSymbolic(name, target)
    else if (tab >= 0 && isOid(value)) collection.add(name, value)
    else throw new Error(`unexpected line "${line.toString('utf8', 0, 200)}"`)
  }
  return collection.finish({ symbolicIsWhole, objectFormat: null })
}

function* linesOf(output: Buffer): Generator<Buffer> {
  let start = 0
  while (start < output.length) {
    const newline = output.indexOf(10, start)
    if (newline < 0) throw new Error('the answer ends in the middle of a line')
    yield output.subarray(start, newline)
    start = newline + 1
  }
}
