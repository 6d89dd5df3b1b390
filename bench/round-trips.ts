/** One connection as its client sees it; all times in milliseconds of one clock, in order. */
export interface Trace {
  /** When the client asked for the connection. */
  readonly asked: number
  /** When the client sent something. */
  readonly sent: readonly number[]
  /** When something of the server reached the client. */
  readonly received: readonly number[]
}

// Timers have limited precision.
const SLACK_MS = 1

/**
 * Counts the round trips that follow one another, over all connections together. One round trip is a request, and the first data on the same
 * connection that can be its answer; the next request may be on any connection. The longest path cannot have more. Opening a connection counts as one.
 * A long stream counts as many round trips as fit into its time, because the client acknowledges while it reads.
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
