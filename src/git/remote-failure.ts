import { classify } from '../errors/error-table.ts'
import { Failure } from '../errors/failure.ts'
import { UNKNOWN_HINT } from '../errors/kinds.ts'
import { warningIn } from '../errors/warnings.ts'
import { MESSAGE_CHARACTERS } from '../limits/limits.ts'
import type { Side } from '../remote/side.ts'
import { excerptLines } from '../text/excerpt.ts'
import { redactUrls } from '../text/redact.ts'
import { linesIn } from './porcelain.ts'

/**
 * Makes a Failure of git's stderr about a remote. The server's own lines come first, then git's `fatal:` and `error:` lines.
 * A text that is in no table is shown as it is, and called unknown.
 */
export function remoteFailure(stderr: string, side: Side): Failure {
  const text = redactUrls(stderr)
  const lines = linesIn(excerptLines(text).join('\n'))
  const row = classify(text)
  const kind = row?.kind ?? 'remote-error'
  const hint = row === null ? UNKNOWN_HINT : row.hint
  return new Failure(kind, mostTelling(lines, kind), { side, detail: lines.slice(-30).join('\n'), hint })
}

/** The line that shows the kind; otherwise the first that looks like an error, or the last. */
function mostTelling(all: readonly string[], kind: Failure['kind']): string {
  const lines = all.filter(line => warningIn(line) === null)
  const line =
    lines.find(line => classify(line)?.kind === kind) ?? lines.find(line => /^(?:fatal|error|ERROR|remote): /.test(line)) ?? lines.at(-1)
  return (line ?? 'git ended without a word').replace(/^(?:(?:fatal|error|ERROR|remote|warning): )+/, '').slice(0, MESSAGE_CHARACTERS)
}
