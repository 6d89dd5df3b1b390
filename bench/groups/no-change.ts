import { type Journey, mirrorCommand } from '../commands.ts'
import { askingContenders, askingTime, type Context, type Group, mirrorForReport, verify } from '../context.ts'
import { handshakeRoundTrips } from '../handshake.ts'
import { alternate, measure } from '../measure.ts'
import { roundTrips } from '../round-trips.ts'
import type { Row } from '../row.ts'
import { FAR_MS, PROTOCOLS } from '../servers.ts'

const MAX_ROUND_TRIPS = 2
const MAX_RATIO = 1.1

/** A run without changes: as fast as `git ls-remote` of the slower side, in few round trips. */
export const noChange: Group = async context => {
  const { servers } = context
  const { now } = await context.repositories.history()
  const [from, to] = [servers.put('history', now), servers.put('history-mirror', now)]
  const rows: Row[] = []
  for (const protocol of PROTOCOLS) {
    const direct = { servers, route: servers.route(protocol, 'direct'), from, to }
    const far = { ...direct, route: servers.route(protocol, 'far') }
    const near = await timeOf(context, direct, `no change ${protocol}: time`)
    const distant = await timeOf(context, far, `no change ${protocol} at ${FAR_MS} ms: time`)
    rows.push(
      near,
      distant,
      ...(await roundTripsOf(context, { ...direct, route: servers.route(protocol, 'veryFar') }, (distant.ours ?? 0) - (near.ours ?? 0))),
    )
    await verify(context, direct)
  }
  return rows
}

async function timeOf(context: Context, journey: Journey, row: string): Promise<Row> {
  const mirror = { run: () => measure(mirrorCommand('mirror', journey, context.flags)) }
  const [mine, ...asking] = await alternate([mirror, ...askingContenders(journey)], context.runs)
  return { row, unit: 'ms', ours: mine?.ms ?? null, theirs: askingTime(asking), target: { kind: 'ratio', atMost: MAX_RATIO } }
}

async function roundTripsOf(context: Context, journey: Journey, longerMs: number): Promise<Row[]> {
  const { route } = journey
  const handshake = await handshakeRoundTrips(context.servers, route)
  route.take()
  await mirrorForReport(context, journey, 'up-to-date')
  const traffic = route.take()
  const clock = `by the clock at ${FAR_MS} ms ${(longerMs / FAR_MS).toFixed(1)} with connecting`
  return (['source', 'destination'] as const).map(side => ({
    row: `no change ${route.protocol}: round trips, ${side}`,
    unit: 'round trips',
    ours: roundTrips(traffic[side].traces, route.roundTripMs) - handshake,
    target: { kind: 'ours', atMost: MAX_ROUND_TRIPS },
    note: `${handshake} for connecting taken off; connections: ${traffic[side].traces.length}; ${clock}`,
  }))
}
