import { createBare } from '../../test/support/git-repository.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { compareWithGit, fewRuns, type Group } from '../context.ts'
import type { Result } from '../measure.ts'
import type { Row } from '../row.ts'
import { PROTOCOLS } from '../servers.ts'
import { quantity } from '../table.ts'

const MAX_RATIO = 0.6
const MAX_BYTES = 128 << 20

/** A whole history to a mirror that is empty. */
export const firstHistory: Group = async context => {
  const { servers } = context
  const { now } = await context.repositories.history()
  const empty = await createBare(`${temporaryDirectory()}/empty.git`, { config: { 'http.receivepack': 'true' } })
  const rows: Row[] = []
  for (const protocol of PROTOCOLS) {
    const journey = { servers, route: servers.route(protocol, 'direct'), from: servers.put('history', now), to: 'history-mirror' }
    const { ours, theirs } = await compareWithGit(context, journey, empty, fewRuns(context))
    rows.push({
      row: `first mirror ${protocol}: time`,
      unit: 'ms',
      ours: ours.ms,
      theirs,
      target: { kind: 'ratio', atMost: MAX_RATIO },
      note: memoryNote(ours),
    })
  }
  return rows
}

/** Large blobs that cannot be compressed: they must be streamed, not collected in memory. */
export const firstBlobs: Group = async context => {
  const { servers, repositories } = context
  const { now, before } = await repositories.blobs()
  const rows: Row[] = []
  for (const protocol of PROTOCOLS) {
    const journey = { servers, route: servers.route(protocol, 'direct'), from: servers.put('blobs', now), to: 'blobs-mirror' }
    const { ours, theirs } = await compareWithGit(context, journey, before, 1)
    rows.push(
      {
        row: `first mirror of blobs ${protocol}: peak memory`,
        unit: 'bytes',
        ours: ours.peakBytes,
        target: { kind: 'ours', atMost: MAX_BYTES },
        note: 'of our own process, without the processes that it starts (VmHWM)',
      },
      {
        row: `first mirror of blobs ${protocol}: time`,
        unit: 'ms',
        ours: ours.ms,
        theirs,
        note: `${quantity((repositories.blobBytes / ours.ms) * 1_000, 'bytes')}/s of ours, one run each`,
      },
    )
  }
  return rows
}

const memoryNote = ({ peakBytes }: Result): string =>
  peakBytes === null ? 'memory not measured' : `peak memory ${quantity(peakBytes, 'bytes')}`
