import { cutLine } from '../text/excerpt.ts'

type PushResult =
  | {
      /**
       * `up-to-date`: it was so already. `lease-lost`: the ref no longer points to the commit that the lease names. `held-back`: the push is atomic, and
       * another ref was refused. `no-deletions`: the server does not support them. `unreported`: the server reported nothing.
       */
      readonly result: 'landed' | 'up-to-date' | 'lease-lost' | 'held-back' | 'no-deletions' | 'unreported'
    }
  /** In the words of the server, or of git: `pre-receive hook declined`. */
  | { readonly result: 'refused'; readonly reason: string }

/** The report of git about one ref of a push, by its name at the destination. */
export type PushedRef = { readonly ref: string } & PushResult

/** Reasons for which git itself sends nothing, in the brackets after `[rejected]` (transport.c, print_one_push_report). */
const NOT_SENT: Readonly<Record<string, 'lease-lost' | 'held-back' | 'no-deletions'>> = {
  'stale info': 'lease-lost',
  'atomic push failed': 'held-back',
  'remote does not support deleting refs': 'no-deletions',
}

/**
 * Reads `git push --porcelain`: `<flag> TAB <from>:<to> TAB <summary> (<reason>)` (git-push(1), OUTPUT).
 * Only these lines count: a failed push may still print `Done` or `Everything up-to-date`.
 */
export function parsePush(output: string): PushedRef[] {
  return output.split('\n').flatMap(line => {
    const [, flag, spec, summary] = /^([ +\-*!=])\t([^\t]*)\t(.*)$/.exec(line) ?? []
    if (flag === undefined || spec === undefined || summary === undefined) return []
    return [{ ref: spec.slice(spec.lastIndexOf(':') + 1), ...answerIn(flag, summary) }]
  })
}

function answerIn(flag: string, summary: string): PushResult {
  if (flag !== '!') return { result: flag === '=' ? 'up-to-date' : 'landed' }
  if (summary.startsWith('[remote failure]')) return { result: 'unreported' }
  const text = summary.trimEnd()
  const reason = text.endsWith(')') && text.includes('(') ? text.slice(text.indexOf('(') + 1, -1) : summary
  const result = summary.startsWith('[rejected]') ? NOT_SENT[reason] : undefined
  return result === undefined ? { result: 'refused', reason } : { result }
}

/** The lines of an output that are not blank, without blanks at their ends. */
export function linesIn(output: string): string[] {
  const lines = output.split(/[\r\n]+/).map(line => line.trimEnd())
  return lines.filter(line => line !== '')
}

/** The server's own lines of a push, without git's `remote: ` before each. */
export const remoteLines = (stderr: string): string[] =>
  linesIn(stderr).flatMap(line => (line.startsWith('remote: ') ? line.slice('remote: '.length) : []))

const DECLINED = /^error: hook declined to update (\S+)$/

/** The lines without those of git itself, which end the output of a hook for one ref. */
export const withoutEnds = (lines: readonly string[]): string[] => lines.filter(line => !DECLINED.test(line))

/** A name of a ref in a sentence or a list, with the text after it up to a character that no name contains. */
const NAMED = /refs\/(?:(?![^\w/-]refs\/)[^\s\p{Cc}~^:?*[\\])+/gu

/** Characters that may follow a name in a sentence, and also end one. */
const PUNCTUATION = new Set('.,;!)]>"\'`')
const MAX_PUNCTUATION = 4

function refIn(text: string, refs: ReadonlySet<string>): string | undefined {
  let name = text
  for (let left = MAX_PUNCTUATION; !refs.has(name); left--) {
    if (left === 0 || !PUNCTUATION.has(name.slice(-1))) return undefined
    name = name.slice(0, -1)
  }
  return name
}

/**
 * The server's lines that are about one refused ref. git runs a hook for one ref after the other and ends its output with a line of its own that names
 * the ref. Other servers name it in their lines. Each line is read once, however many refs there are.
 */
export function linesByRef(refs: ReadonlySet<string>, lines: readonly string[]): (ref: string) => readonly string[] {
  const before = new Map<string, string[]>()
  const naming = new Map<string, Set<string>>()
  let block: string[] = []
  for (const line of lines.map(cutLine)) {
    const declined = DECLINED.exec(line)?.[1]
    if (declined === undefined) {
      block.push(line)
      for (const [name] of line.matchAll(NAMED)) {
        const ref = refIn(name, refs)
        if (ref !== undefined) naming.set(ref, (naming.get(ref) ?? new Set()).add(line))
      }
    } else {
      if (!before.has(declined)) before.set(declined, block)
      block = []
    }
  }
  return ref => before.get(ref) ?? [...(naming.get(ref) ?? [])]
}
