import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import fc from 'fast-check'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { type Place, withoutLfs } from './behaviour.ts'
import { fsck, installHook, refsOf } from './git-repository.ts'
import { type BuiltObject, buildCommit, buildObject, buildTree, writeObjects } from './loose-objects.ts'
import { type Mirrored, runMirror } from './mirror.ts'

/*
 * Random histories, random refs on both sides, random rules. The expected result is worked out here a second time, from the parents of the
 * made-up commits alone, and compared with what the destination really has afterwards.
 */

interface Case {
  /** Parents of each commit, by index: always smaller ones. */
  readonly parents: readonly (readonly number[])[]
  /** Ref name → index of its commit. */
  readonly source: Readonly<Record<string, number>>
  readonly destination: Readonly<Record<string, number>>
  readonly prune: 'merged' | 'all' | 'none'
  readonly keepDivergent: boolean
  readonly branches: string
  /** The destination refuses every change of the branch `b`. */
  readonly refusesB: boolean
}

const COMMITS = 7
const NAMES = ['heads/main', 'heads/a', 'heads/b', 'heads/c/d', 'heads/wip/x', 'tags/v1', 'tags/v2']

const index = fc.nat({ max: COMMITS - 1 })
const refs = fc.dictionary(fc.constantFrom(...NAMES), index, { noNullPrototype: true })
const cases: fc.Arbitrary<Case> = fc.record({
  parents: fc.tuple(
    ...Array.from({ length: COMMITS }, (_, position) =>
      position === 0
        ? fc.constant([])
        : fc.uniqueArray(fc.nat({ max: position - 1 }), { minLength: position % 4 === 3 ? 0 : 1, maxLength: 2 }),
    ),
  ),
  source: refs.chain(others => index.map(main => ({ ...others, 'heads/main': main }))),
  destination: refs,
  prune: fc.constantFrom('merged', 'all', 'none'),
  keepDivergent: fc.boolean(),
  branches: fc.constantFrom('', '', '!wip/*'),
  refusesB: fc.boolean(),
})

/** The indices of a commit's history, itself included. */
function historyOf(parents: Case['parents'], commit: number): Set<number> {
  return new Set([commit, ...(parents[commit] ?? []).flatMap(parent => [...historyOf(parents, parent)])])
}

/** The refs that the destination must have afterwards, ref name → index. The destination's HEAD names `main`. */
function expected({ parents, source, destination, prune, keepDivergent, branches, refusesB }: Case): Record<string, number> {
  const result: Record<string, number> = { ...destination }
  const merged = historyOf(parents, source['heads/main'] ?? -1)
  for (const name of NAMES) {
    if (branches !== '' && name.startsWith('heads/wip/')) continue
    if (refusesB && name === 'heads/b') continue
    const from = source[name]
    const to = destination[name]
    if (from !== undefined && to !== undefined && from !== to) {
      const contained = name.startsWith('heads/') && historyOf(parents, from).has(to)
      if (contained || !keepDivergent) result[name] = from
    } else if (from !== undefined) result[name] = from
    else if (to !== undefined && !keepDivergent && name !== 'heads/main') {
      if (prune === 'all' || (prune === 'merged' && merged.has(to))) delete result[name]
    }
  }
  return result
}

/** Each commit, with what it needs. It has one file more than its first parent. */
function buildCommits(parents: Case['parents']): readonly BuiltObject[] {
  const commits: BuiltObject[] = []
  const files: (readonly [name: string, blob: string])[][] = []
  for (const [position, list] of parents.entries()) {
    const blob = buildObject('blob', String(position))
    const entries = [...(files[list[0] ?? -1] ?? []), [`file${position}`, blob.oid] as const].sort()
    commits.push(
      buildCommit({
        tree: buildTree(entries, blob),
        parents: list.flatMap(parent => commits[parent] ?? []),
        author: `A <a@example.org> ${1_700_000_000 + position} +0000`,
        message: String(position),
      }),
    )
    files.push(entries)
  }
  return commits
}

/** Makes a repository with the objects that its refs need, and no others: what the other side has must not be there by accident. */
async function createSide(commits: readonly BuiltObject[], refs: Readonly<Record<string, number>>, place: Place): Promise<string> {
  const directory = await place.create()
  const tips = Object.entries(refs).flatMap(([name, position]) => {
    const tip = commits[position]
    return tip === undefined ? [] : [[name, tip] as const]
  })
  for (const [, { objects }] of tips) writeObjects(directory, objects)
  writeFileSync(join(directory, 'packed-refs'), tips.map(([name, { oid }]) => `${oid} refs/${name}\n`).join(''))
  return directory
}

export interface Property {
  readonly place: Place
  /** The version of git's protocol. */
  readonly version: 0 | 1 | 2
  /** Left out: a few. */
  readonly runs?: number
  /** Left out: both, which must report the same. */
  readonly transfers?: readonly ('relay' | 'git')[]
}

/** Few of the histories, as the test without servers takes many. The older versions only read differently. */
const runsOf = (version: Property['version']): number => (version === 2 ? 6 : 2)

/** With random histories the destination becomes what the table says, by each transfer alike, and stays whole. */
export async function checkMirroring({ place, version, runs = runsOf(version), transfers = ['relay', 'git'] }: Property): Promise<void> {
  let turn = 0
  const property = fc.asyncProperty(cases, async one => {
    const commits = buildCommits(one.parents)
    const source = await createSide(commits, one.source, place)
    const reports: Mirrored[] = []
    // Each transfer in its turn shows that a second run finds nothing to do.
    const last = transfers[turn++ % transfers.length]
    for (const transfer of transfers) {
      const destination = await createSide(commits, one.destination, place)
      const inputs = inputsOf(one, { ...place.inputs(source, destination), transfer, ...withoutLfs(version) })
      reports.push(await checkCase(one, inputs, commits, destination))
      if (transfer === last) await checkAgain(one, inputs)
      rmSync(destination, { recursive: true })
    }
    const [first, ...others] = reports.map(({ refs }) => refs.map(({ reason: _, resolve: __, ...ref }) => ref))
    for (const other of others) expect(other).toEqual(first)
    rmSync(source, { recursive: true })
  })
  await fc.assert(property, { numRuns: runs, seed: 20_240_101 })
}

const inputsOf = (one: Case, way: RawInputs): RawInputs => ({
  ...way,
  prune: one.prune === 'all' && one.keepDivergent ? 'none' : one.prune,
  'keep-divergent': String(one.keepDivergent),
  'allow-unrelated': 'true',
  branches: one.branches,
  // The table is about every tag.
  'tag-scope': 'all',
})

async function checkCase(one: Case, inputs: RawInputs, commits: readonly BuiltObject[], destination: string): Promise<Mirrored> {
  if (one.refusesB) installHook(destination, 'update', 'case $1 in refs/heads/b) exit 1;; esac')
  const report = await runMirror(inputs)
  expect(report.failure).toBeNull()
  const wanted = Object.entries(expected(one)).map(([name, position]) => [`refs/${name}`, commits[position]?.oid ?? ''])
  const now = await refsOf(destination)
  expect(new Map([...now].sort())).toEqual(new Map(wanted.sort() as [string, string][]))
  await fsck(destination)
  const unchanged = report.refs.filter(({ outcome }) => outcome === 'kept' || outcome === 'up-to-date' || outcome === 'rejected')
  for (const { ref, before } of unchanged) expect(now.get(ref)).toBe(before ?? undefined)
  return report
}

/** A second run finds nothing to do but what is refused again. */
async function checkAgain(one: Case, inputs: RawInputs): Promise<void> {
  const again = await runMirror(inputs)
  expect(again.failure).toBeNull()
  const done = again.refs.filter(({ outcome }) => outcome !== 'kept' && outcome !== 'up-to-date')
  expect(done.filter(({ ref, outcome }) => !(one.refusesB && ref === 'refs/heads/b' && outcome === 'rejected'))).toEqual([])
  if (!one.refusesB) expect(again.transfer).toBeNull()
}
