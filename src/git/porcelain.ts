/** One ref line of `git push --porcelain`. */
export interface PushedRef {
  /** Name at the destination. */
  readonly ref: string
  /** `ok`: done as asked. `up-to-date`: was so already. `refused`: by git here, before sending. `rejected`: by the server. `unknown`: the server never said. */
  readonly result: 'ok' | 'up-to-date' | 'refused' | 'rejected' | 'unknown'
  /** What stands in the brackets after it, without them: `stale info`, `pre-receive hook declined`. */
  readonly reason: string
}

/**
 * Reads `git push --porcelain`: `<flag> TAB <from>:<to> TAB <summary> (<reason>)` (git-push(1), OUTPUT).
 * Only these lines count: a failed push may still print `Done` or `Everything up-to-date`.
 */
export function parsePush(output: string): PushedRef[] {
  return output.split('\n').flatMap(line => {
    const [, flag, spec, summary] = /^([ +\-*!=])\t([^\t]*)\t(.*)$/.exec(line) ?? []
    if (flag === undefined || spec === undefined || summary === undefined) return []
    const reason = /\((.*)\)\s*$/.exec(summary)?.[1] ?? summary
    return [{ ref: spec.slice(spec.lastIndexOf(':') + 1), result: resultOf(flag, summary), reason }]
  })
}

function resultOf(flag: string, summary: string): PushedRef['result'] {
  if (flag === '=') return 'up-to-date'
  if (flag !== '!') return 'ok'
  if (summary.startsWith('[remote rejected]')) return 'rejected'
  return summary.startsWith('[remote failure]') ? 'unknown' : 'refused'
}

/** The server's own lines of a push, without git's `remote: ` before each. */
export function remoteLines(stderr: string): string[] {
  return stderr
    .split(/[\r\n]+/)
    .filter(line => line.startsWith('remote: '))
    .map(line => line.slice('remote: '.length).trimEnd())
    .filter(line => line !== '')
}

const DECLINED = /^error: hook declined to update (\S+)$/

/**
 * The lines of a server that are about one rejected ref. git runs a hook for one ref after the other and ends its words with a line of its own that names
 * the ref; other servers name it in their lines. Where only one ref was rejected, all lines are about it.
 */
export function wordsAbout(ref: string, lines: readonly string[], { alone }: { readonly alone: boolean }): string[] {
  const words = (from: readonly string[]) => from.filter(line => !DECLINED.test(line))
  if (alone) return words(lines)
  const end = lines.findIndex(line => DECLINED.exec(line)?.[1] === ref)
  if (end < 0) return words(lines.filter(line => line.includes(ref)))
  return words(lines.slice(lines.findLastIndex((line, index) => index < end && DECLINED.test(line)) + 1, end))
}
