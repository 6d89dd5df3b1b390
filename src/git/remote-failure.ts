import { classify } from '../errors/table.ts'
import { Failure, type Side } from '../failure.ts'
import { redactUrls } from '../remote/redact.ts'

const MESSAGE_LENGTH = 500

/**
 * What git's stderr says about a remote, as a Failure. The server's own lines come first, then git's `fatal:` and `error:` lines;
 * a text that nobody knows is shown as it is.
 */
export function remoteFailure(stderr: string, side: Side): Failure {
  const text = redactUrls(stderr)
  const lines = text
    .split(/[\r\n]+/)
    .map(line => line.trimEnd())
    .filter(line => line !== '')
  const kind = classify(text)?.kind ?? 'remote-error'
  return new Failure(kind, mostTelling(lines, kind), { side, detail: lines.slice(-30).join('\n') })
}

/** The line that shows the kind, else the first that looks like an error, else the last. */
function mostTelling(lines: readonly string[], kind: Failure['kind']): string {
  const line =
    lines.find(line => classify(line)?.kind === kind) ?? lines.find(line => /^(?:fatal|error|ERROR|remote): /.test(line)) ?? lines.at(-1)
  return (line ?? 'git ended without a word').replace(/^(?:(?:fatal|error|ERROR|remote|warning): )+/, '').slice(0, MESSAGE_LENGTH)
}
