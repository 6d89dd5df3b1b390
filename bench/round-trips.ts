/** One connection as its client sees it; all times in milliseconds of one clock, in order. */
export interface Trace {
  /** When the client asked for the connection. */
  readonly asked: number
  /** When the client sent something. */
  readonly sent: readonly number[]
  /** When something of the server reached the client. */
  readonly received: readonly number[]
}

// Timers are only so exact.
const SLACK_MS = 1

/**
 * How many round trips fit one after the other, over all connections together: something sent, and what came back on the same connection no
 * sooner than an answer can, then the next thing sent, on any connection. The longest path cannot have more. Opening a connection is one.
 * A stream that goes on for long counts as many as its time has room for, because the client acknowledges while it reads.
 */
export function roundTrips(traces: readonly Trace[], roundTripMs: number): number {
  const spans = traces.flatMap(trace => spansOf(trace, roundTripMs)).sort((a, b) => a.end - b.end)
  let count = 0
  let now = Number.NEGATIVE_INFINITY
  for (const { start, end } of spans) {
    if (start < now) continue
    count += 1
    now = end
  }
  return count
}

function spansOf({ asked, sent, received }: Trace, roundTripMs: number): { start: number; end: number }[] {
  const spans = [{ start: asked, end: asked + roundTripMs }]
  let next = 0
  for (const start of sent) {
    while ((received[next] ?? Number.POSITIVE_INFINITY) < start + roundTripMs - SLACK_MS) next += 1
    const end = received[next]
    if (end !== undefined) spans.push({ start, end })
  }
  return spans
}
