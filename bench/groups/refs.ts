import { type Journey, mirrorCommand } from '../commands.ts'
import { askingContenders, askingTime, type Context, fewRuns, type Group, mirrorContender, verify } from '../context.ts'
import { alternate, measure } from '../measure.ts'
import type { Row } from '../row.ts'
import { PROTOCOLS } from '../servers.ts'
import { quantity } from '../table.ts'

const MAX_BYTES = 256 << 20

/** One changed ref among many: the cost beyond reading both advertisements, and memory. */
export const manyRefs: Group = async context => {
  const rows: Row[] = []
  for (const count of context.quick ? [1_000] : [10_000, 100_000]) {
    for (const protocol of PROTOCOLS) rows.push(...(await oneChanged(context, count, protocol)))
  }
  return rows
}

async function oneChanged(context: Context, count: number, protocol: (typeof PROTOCOLS)[number]): Promise<Row[]> {
  const { servers } = context
  const { now, before } = await context.repositories.refs(count)
  const journey: Journey = { servers, route: servers.route(protocol, 'direct'), from: servers.put('refs', now), to: 'refs-mirror' }
  const same: Journey = { ...journey, to: servers.put('refs-same', now) }
  const reading = { run: () => measure(mirrorCommand('plan', same, context.flags)) }
  const contenders = [mirrorContender(context, journey, before), reading, ...askingContenders(same)]
  const [run, plan, ...asking] = await alternate(contenders, fewRuns(context))
  await verify(context, journey)
  for (const name of [journey.to, same.to]) servers.remove(name)
  if (run === undefined || plan === undefined) throw new Error('nothing was measured')
  const row = `one of ${count.toLocaleString('en')} refs ${protocol}`
  return [
    {
      row: `${row}: time`,
      unit: 'ms',
      ours: run.ms,
      theirs: { value: plan.ms, what: 'plan, nothing changed' },
      note: `${quantity(run.ms - plan.ms, 'ms')} more than reading both advertisements`,
    },
    {
      row: `none of ${count.toLocaleString('en')} refs ${protocol}: time of a plan`,
      unit: 'ms',
      ours: plan.ms,
      theirs: askingTime(asking),
    },
    { row: `${row}: peak memory`, unit: 'bytes', ours: run.peakBytes, target: { kind: 'ours', atMost: MAX_BYTES } },
  ]
}
