import type { Amount } from '../report/lfs.ts'
import { cutLine } from '../text/excerpt.ts'

/** The output of git-lfs, by object. */
export interface LfsWords {
  /** By the oid of the object: the first that was said of it, one line. */
  readonly objects: ReadonlyMap<string, string>
  /** The lines that are about no object, as they came. */
  readonly rest: string
}

/** How git-lfs 3.0 to 3.7 names an object (tq/*.go, commands/uploader.go), most certain place first: a file may be named like one. */
const ABOUT_OBJECT: readonly RegExp[] = [
  /^\[([0-9a-f]{64})\] /,
  /^\s*(?:\((?:missing|corrupt)\)|(?:missing|corrupt) object:|Error uploading file) .*\(([0-9a-f]{64})\)/,
  /(?<!un)expect(?:ed OID|ing) "?([0-9a-f]{64})/,
  /(?:\b[Oo]bject:?|\bOID|error transferring) "?([0-9a-f]{64})/,
  // Its temporary file during a download.
  /\/incomplete\/([0-9a-f]{64})/,
  // The address of an object ends with its oid, on most servers. Linear, because only the first `://` of a word counts.
  /(?<!\S)(?:(?!:\/\/)\S)*:\/\/\S*\/([0-9a-f]{64})(?![0-9a-f])/,
]

/** The bar that git-lfs draws, and draws again. */
const PROGRESS = /^(?:(?:Down|Up)loading|Checking out|Filtering) (?:LFS objects|content): +\d+%/

/** Lines about the next step of git-lfs, and about its log. */
const ASIDE = /^(?:(?:fetch: )?Fetching reference |Errors logged to '|Use `git lfs logs last`)/

/** True of every fetch that failed. */
const CONSEQUENCE = /^(?:error: )?failed to fetch some objects from /

/** The beginning of a stack trace, which is the last output of a crash. */
const STACK = /^goroutine \d+ \[/

/** git-lfs 3.3 prints some addresses as Go keeps them: scheme, host and path among much else. */
const UNPRINTED =
  / &\{%!{1,9}\(string=(\w{1,20})\)[^}]{0,100}? %!{1,9}\(string=([^)]{1,100})\) %!{1,9}\(string=(\/[^)]{0,200})\)[^}]{0,100}\}s\(MISSING\)/

/** Reads the output of `git lfs fetch` and `push`. It names one object per file name: others may be missing, too. */
export function readLfsWords(text: string): LfsWords {
  const objects = new Map<string, string>()
  const rest: string[] = []
  const consequences: string[] = []
  for (const raw of text.split(/[\r\n]+/)) {
    if (STACK.test(raw)) break
    if (raw.trim() === '' || PROGRESS.test(raw) || ASIDE.test(raw)) continue
    const line = raw.replace(UNPRINTED, ': $1://$2$3')
    const oid = oidIn(cutLine(line))
    if (oid !== null) {
      if (!objects.has(oid)) objects.set(oid, line.trim())
    } else if (CONSEQUENCE.test(line)) consequences.push(line)
    else rest.push(line)
  }
  return { objects, rest: (rest.length > 0 ? rest : consequences).join('\n') }
}

/** Whether an upload reports only that an object would be sent and is not here. */
export const isMissingHere = (said: string): boolean => said.startsWith('(missing) ')

/** git speaks of its own objects, which may have oids as long. */
function oidIn(line: string): string | null {
  if (line.startsWith('fatal: ')) return null
  for (const pattern of ABOUT_OBJECT) {
    const oid = pattern.exec(line)?.[1]
    if (oid !== undefined) return oid
  }
  return null
}

/** `download 1/5 123/456 name`: its number, its bytes; `-1` or `?` for an unknown size (git-lfs-config(5), GIT_LFS_PROGRESS). */
const PROGRESS_LINE = /^(?:download|upload|checkout) \d+\/\d+ (\d+)\/(\d+|-1|\?+) (.*)$/

/**
 * Adds the lines of the file that git-lfs writes for GIT_LFS_PROGRESS; a line without its end is left out.
 * @param moved by size and name of an object, its bytes so far; each name stands for one object
 * @returns the objects that are complete, and the bytes of all
 */
export function readLfsProgress(text: string, moved: Map<string, number>): Amount {
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const [, bytes, size, name] = PROGRESS_LINE.exec(line) ?? []
    if (bytes !== undefined) moved.set(`${size} ${name}`, Number(bytes))
  }
  const complete = [...moved].filter(([object, bytes]) => object.startsWith(`${bytes} `))
  return { objects: complete.length, bytes: [...moved.values()].reduce((sum, each) => sum + each, 0) }
}
