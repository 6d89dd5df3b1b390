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
