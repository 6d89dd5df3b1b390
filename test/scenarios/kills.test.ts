// A step that is asked to end, or is killed, at every kind of point: what is left of it, what it reports, and that the next run heals.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { compareRefs, fsck, refsOf } from '../support/git-repository.ts'
import { HEALING, type Killed, killRun } from '../support/kill.ts'
import { type KillMirror, type KillPlaces, startKillPlaces } from '../support/kill-places.ts'
import { ALL_KILLS, type Kill, nameOfKill, SOME_KILLS } from '../support/kill-table.ts'
import { compareObjects } from '../support/lfs-repository.ts'
import { runMirror } from '../support/mirror.ts'

/** `npm run kills` runs all. */
const isAll = process.env['KILLS'] === 'all'
const KILLS = isAll ? ALL_KILLS : SOME_KILLS

/** Much of a kill is waiting. */
const AT_A_TIME = 3
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGKILL: 'SIGKILL' } as const

let places: KillPlaces
beforeAll(async () => {
  places = await startKillPlaces()
})
afterAll(async () => await places?.stop())

const started = new Map<number, Promise<Killed>>()
/** The kill of a row, with the next ones at the same time. */
function killed(index: number): Promise<Killed> {
  const begin = (at: number): Promise<Killed> => {
    const kill = KILLS[at]
    if (kill === undefined) throw new Error('the table has no such row')
    const run = started.get(at) ?? killRun(kill, places)
    // A row that is not awaited yet fails when it is.
    run.catch(() => {})
    started.set(at, run)
    return run
  }
  for (let at = index; at < Math.min(index + AT_A_TIME, KILLS.length); at += 1) void begin(at)
  return begin(index)
}

/** What is wrong with the refs of a mirror: each is as before or as planned, and what was overwritten has a backup. */
function wrongRefs({ before, planned }: KillMirror, refs: ReadonlyMap<string, string>): string[] {
  const overwritten = before.get('refs/heads/rewritten')
  const isBackup = (name: string) => /^refs\/mirroring\/backup\/\d{8}T\d{6}Z\/heads\/rewritten$/.test(name)
  const names = [...new Set([...before.keys(), ...planned.keys(), ...refs.keys()])]
  const wrong = names.filter(name => {
    const oid = refs.get(name)
    return isBackup(name) ? oid !== overwritten : oid !== before.get(name) && oid !== planned.get(name)
  })
  const isForced = refs.get('refs/heads/rewritten') === planned.get('refs/heads/rewritten')
  return isForced && ![...refs.keys()].some(isBackup) ? [...wrong, 'no backup'] : wrong
}

interface ReportedRef {
  readonly ref: string
  readonly outcome: string
}

/** The refs that a report calls changed, and that are not as planned. */
function wronglyReported({ mirrors, report, refs }: Killed): string[] {
  const read = JSON.parse(report)
  const reports: readonly { refs: readonly ReportedRef[] }[] = read.mirrors?.map((one: { report: unknown }) => one.report) ?? [read]
  return reports.flatMap((one, index) =>
    one.refs
      .filter(({ outcome }) => /created|updated|forced/.test(outcome))
      .filter(({ ref }) => refs[index]?.get(ref) !== mirrors[index]?.planned.get(ref))
      .map(({ ref, outcome }) => `${ref}: ${outcome}`),
  )
}

/** From a signal to the end of the last process, by signal: the longest. */
const longest = new Map<string, number>()
/** Names of files that held a secret when a run had been killed. */
const held = new Set<string>()
afterAll(() => {
  const times = [...longest].map(([signal, milliseconds]) => `${signal} ${Math.round(milliseconds)} ms`)
  if (isAll) process.stderr.write(`from the signal until no process was left, at most: ${times.join(', ')}\n`)
})

test('the kills are 300, and each of the others is one of them: every signal with every transfer and protocol, LFS and two mirrors', () => {
  const kindsOf = (kills: readonly Kill[]) =>
    [
      ...new Set(kills.map(({ signal, transfer, protocol }) => [signal, transfer, protocol].join())),
      ...new Set(
        kills.flatMap(({ transfer, protocol, lfs, many }) => [lfs && 'LFS', many && 'many'].map(kind => [kind, transfer, protocol].join())),
      ),
    ].sort()
  expect(new Set(ALL_KILLS.map(nameOfKill)).size).toBe(300)
  expect(kindsOf(SOME_KILLS)).toEqual(kindsOf(ALL_KILLS))
})

describe('a step that is killed leaves no process and no secret, and the next run heals', () => {
  test.each(KILLS.map((kill, index) => [nameOfKill(kill), kill, index] as const))('%s', async (_, kill, index) => {
    const run = await killed(index)
    const { left, files, shown, showing, ended, mirrors, refs, sourceRefs, milliseconds, holding } = run
    expect({ ended, left, files, shown, showing }).toEqual({
      ended: EXIT_CODES[kill.signal],
      left: [],
      files: [],
      shown: [],
      showing: [],
    })
    // The relay alone writes no secret to a file.
    if (kill.transfer === 'relay' && !kill.lfs) expect(holding).toEqual([])
    for (const name of holding) held.add(name)
    longest.set(kill.signal, Math.max(longest.get(kill.signal) ?? 0, milliseconds))
    expect(mirrors.flatMap(({ planned }, at) => compareRefs(planned, sourceRefs[at] ?? new Map()))).toEqual([])
    expect(mirrors.map((mirror, at) => wrongRefs(mirror, refs[at] ?? new Map()))).toEqual(mirrors.map(() => []))
    if (kill.signal !== 'SIGKILL') expectReported(kill, run)
    await expectHealed(kill, mirrors)
  })

  test('the search finds keys where there are some', () => {
    expect([...held]).toEqual(expect.arrayContaining(['here-ssh.json', 'there-ssh.json', 'client.key']))
  })
})

/** The report says what was done until then, and no more. */
function expectReported({ point }: Kill, run: Killed): void {
  const { step, mirrors, refs } = run
  const isDone = step.outputs['in-sync'] === 'true'
  // A server reports a push before it runs this hook, so the run may be at its end.
  if (!('hook' in point && point.hook === 'post-receive')) expect(isDone).toBe('summary' in point)
  expect(step.summary.includes('Interrupted')).toBe(!isDone)
  expect(wronglyReported(run)).toEqual([])
  if (isDone) expect(mirrors.flatMap(({ planned }, at) => compareRefs(planned, branchesAndTags(refs[at])))).toEqual([])
}

const branchesAndTags = (refs: ReadonlyMap<string, string> = new Map()): Map<string, string> =>
  new Map([...refs].filter(([name]) => !name.startsWith('refs/mirroring/')))

async function expectHealed({ lfs }: Kill, mirrors: readonly KillMirror[]): Promise<void> {
  for (const { source, destination, inputs } of mirrors) {
    await fsck(destination)
    const healed = await runMirror(inputs, { environment: HEALING })
    expect({ failure: healed.failure, inSync: healed.inSync }).toEqual({ failure: null, inSync: true })
    expect(compareRefs(await refsOf(source), await refsOf(destination))).toEqual([])
    if (lfs) expect(await compareObjects(source, destination)).toEqual([])
  }
}
