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
  const reason = /\((.*)\)\s*$/.exec(summary)?.[1] ?? summary
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

/**
 * The server's lines that are about one refused ref. git runs a hook for one ref after the other and ends its output with a line of its own that names
 * the ref. Other servers name it in their lines. If only one ref was refused, all lines are about it.
 */
export function linesAbout(ref: string, lines: readonly string[], { alone }: { readonly alone: boolean }): string[] {
  const withoutEnd = (from: readonly string[]) => from.filter(line => !DECLINED.test(line))
  if (alone) return withoutEnd(lines)
  const end = lines.findIndex(line => DECLINED.exec(line)?.[1] === ref)
  if (end < 0) return withoutEnd(lines.filter(line => line.includes(ref)))
  return withoutEnd(lines.slice(lines.findLastIndex((line, index) => index < end && DECLINED.test(line)) + 1, end))
}
