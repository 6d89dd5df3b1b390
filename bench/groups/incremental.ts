import { spawnSync } from 'node:child_process'
import { gitEnvironment, refsOf } from '../../test/support/git-repository.ts'
import type { Journey } from '../commands.ts'
import { type Context, compareWithGit, fewRuns, type Group, mirrorContender, mirrorForReport, verify } from '../context.ts'
import { handshakeRoundTrips } from '../handshake.ts'
import { alternate } from '../measure.ts'
import type { Pair } from '../repositories/cache.ts'
import { roundTrips } from '../round-trips.ts'
import type { Row } from '../row.ts'
import { FAR_MS, PROTOCOLS, type Protocol, type Route } from '../servers.ts'

const TIMES_FASTER = 40
const MAX_ROUND_TRIPS = 4

/** 20 refs with new commits: time, and bytes against the smallest pack that git could send. */
export const incremental: Group = async context => {
  const pair = await context.repositories.history()
  const thin = await thinPackSize(pair)
  const rows: Row[] = []
  for (const protocol of PROTOCOLS) {
    const journey = journeyBy(context, pair, context.servers.route(protocol, 'direct'))
    const { ours, theirs } = await compareWithGit(context, journey, pair.before, context.runs)
    rows.push(
      {
        row: `incremental ${protocol}: time`,
        unit: 'ms',
        ours: ours.ms,
        theirs,
        target: { kind: 'times-faster', atLeast: TIMES_FASTER },
      },
      ...(await bytesMoved(context, protocol, pair, thin)),
    )
  }
  return rows
}

async function bytesMoved(context: Context, protocol: Protocol, pair: Pair, thin: number): Promise<Row[]> {
  const route = context.servers.route(protocol, 'counted')
  const journey = journeyBy(context, pair, route)
  context.servers.put(journey.to, pair.before)
  route.take()
  const report = await mirrorForReport(context, journey, 'updated')
  const { source, destination } = route.take()
  await verify(context, journey)
  const theirs = { value: thin, what: 'thin pack' }
  const wire = 'seen by a counting proxy in both directions, with the login and all else'
  return [
    { row: `incremental ${protocol}: pack bytes of the report`, unit: 'bytes', ours: report.bytes, theirs },
    { row: `incremental ${protocol}: bytes, source side`, unit: 'bytes', ours: source.bytes, theirs, note: wire },
    { row: `incremental ${protocol}: bytes, destination side`, unit: 'bytes', ours: destination.bytes, theirs },
  ]
}

/** The same at 50 ms: time, and round trips on the longest path. */
export const farIncremental: Group = async context => {
  const pair = await context.repositories.history()
  const rows: Row[] = []
  for (const protocol of PROTOCOLS) {
    const direct = journeyBy(context, pair, context.servers.route(protocol, 'direct'))
    const far = { ...direct, route: context.servers.route(protocol, 'far') }
    const [near] = await alternate([mirrorContender(context, direct, pair.before)], fewRuns(context))
    const { ours, theirs } = await compareWithGit(context, far, pair.before, fewRuns(context))
    rows.push(
      {
        row: `incremental ${protocol} at ${FAR_MS} ms: time`,
        unit: 'ms',
        ours: ours.ms,
        theirs,
      },
      await longestPath(
        context,
        { ...direct, route: context.servers.route(protocol, 'veryFar') },
        pair,
        ours.ms - (near?.ms ?? Number.NaN),
      ),
    )
  }
  return rows
}

async function longestPath(context: Context, journey: Journey, pair: Pair, longerMs: number): Promise<Row> {
  const { route } = journey
  const handshake = await handshakeRoundTrips(context.servers, route)
  context.servers.put(journey.to, pair.before)
  const requestsBefore = (await context.servers.http.requests()).length
  route.take()
  await mirrorForReport(context, journey, 'updated')
  const { source, destination } = route.take()
  await verify(context, journey)
  const all = [...source.traces, ...destination.traces]
  const requests = (await context.servers.http.requests()).length - requestsBefore
  const parts = [
    `${handshake} for connecting taken off`,
    `source ${roundTrips(source.traces, route.roundTripMs) - handshake} over ${source.traces.length} connections`,
    `destination ${roundTrips(destination.traces, route.roundTripMs) - handshake} over ${destination.traces.length}`,
    ...(route.protocol === 'https' ? [`${requests} requests`] : []),
    `by the clock at ${FAR_MS} ms ${(longerMs / FAR_MS).toFixed(1)} with connecting`,
  ]
  return {
    row: `incremental ${route.protocol}: round trips, longest path`,
    unit: 'round trips',
    ours: roundTrips(all, route.roundTripMs) - handshake,
    target: { kind: 'ours', atMost: MAX_ROUND_TRIPS },
    note: parts.join('; '),
  }
}

function journeyBy({ servers }: Context, { now }: Pair, route: Route): Journey {
  return { servers, route, from: servers.put('history', now), to: 'history-mirror' }
}

/** The objects that the destination lacks, in the form in which git sends them. */
async function thinPackSize({ now, before }: Pair): Promise<number> {
  const [wants, haves] = await Promise.all([now, before].map(async directory => [...(await refsOf(directory)).values()]))
  const revisions = [...(wants ?? []), ...(haves ?? []).map(oid => `^${oid}`)].map(line => `${line}\n`).join('')
  const args = ['pack-objects', '--thin', '--stdout', '--revs', '--delta-base-offset', '-q']
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: now, env: gitEnvironment(), input: revisions, maxBuffer: 1 << 30 })
  if (status !== 0) throw new Error(`git pack-objects ended with ${status}: ${stderr.toString()}`)
  return stdout.length
}
