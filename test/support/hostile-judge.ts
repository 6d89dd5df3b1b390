import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Kind } from '../../src/errors/kinds.ts'
import { commit, createBare } from './git-repository.ts'
import { issueCertificates } from './hostile-sides.ts'
import type { HostileMirror, HostileStep } from './hostile-step.ts'
import { differences } from './mirror.ts'

/** Memory of a program of the step. */
export const MAX_BYTES = 300_000_000
/** Bytes after which a server cuts the connection: far above the near limits, and few enough for many servers. */
export const MOST_SENT = 2 ** 27

/** The setup that the steps of a file share. */
interface Shared {
  readonly certificates: Awaited<ReturnType<typeof issueCertificates>>
  /** A good repository of one commit. */
  readonly here: string
  /** Stops the server after the last test. */
  stopAtEnd<T extends { stop(): void }>(server: T): T
}

/** To be called once, at the top of a file. */
export function shareSetup(): Shared {
  const servers: { stop(): void }[] = []
  const stopAtEnd: Shared['stopAtEnd'] = server => {
    servers.push(server)
    return server
  }
  const shared = { stopAtEnd } as Shared
  beforeAll(async () => {
    const here = await createBare()
    Object.assign(shared, { certificates: await issueCertificates(), here })
    await commit(here, 'main', { files: { a: '1' } })
  })
  afterAll(() => {
    for (const server of servers) server.stop()
  })
  return shared
}

/** The failure that must follow. */
export interface Expected {
  readonly name: string
  readonly kind: Kind
}

export interface Judged {
  readonly step: HostileStep
  readonly mirrors: readonly HostileMirror[]
  /** The side that must have failed. */
  readonly side: 'here' | 'there'
  /** The good mirror. */
  readonly good: { readonly from: string; readonly to: string }
}

/** The step as a whole: the good mirror, the summary, no secret, memory. */
export async function expectWhole({ step, good }: Judged, failed: number): Promise<void> {
  expect(step).toMatchObject({ code: 1, leaks: [], left: [], outputs: { status: 'partial' } })
  expect(step.reports).toHaveLength(failed + 1)
  expect(step.reports.at(-1)).toMatchObject({ status: 'updated' })
  expect(step.summary).toContain(`### ⚠️ ${failed + 1} mirrors: ${failed} failed, 1 updated`)
  expect(step.log).not.toMatch(/\ba bug in/i)
  expect(await differences(good.from, good.to)).toEqual([])
  expect(step.peak).toBeGreaterThan(0)
  expect(step.peak).toBeLessThan(MAX_BYTES)
}

let ofThisFile = 0

/** The rows of a file of tests so far. */
export const countRows = (): number => ofThisFile

/** Each row is a test of its own, and so is the step. */
export function testRows(rows: readonly Expected[], run: () => Promise<Judged>): void {
  let judged: Judged
  ofThisFile += rows.length
  beforeAll(async () => {
    judged = await run()
  })
  test.each(rows.map((row, index) => [row.name, row.kind, index] as const))('%s: %s', (_, kind, index) => {
    const { failure, status } = judged.step.reports[index] ?? {}
    expect({ status, failure }).toMatchObject({ status: 'failed', failure: { side: judged.side } })
    expect(failure?.kind).toBe(kind)
    expect((failure?.message.length ?? 0) + (failure?.detail?.length ?? 0)).toBeLessThan(2 ** 17 + 1000)
    // Otherwise it was the server that ended it.
    const { server, isTime } = judged.mirrors[index] as HostileMirror
    if (!isTime) expect(server.noted.taken).toBeLessThan(server.noted.most ?? 0)
  })
  test('the next mirror runs, all of it is reported, and memory is small', async () => await expectWhole(judged, rows.length))
}
