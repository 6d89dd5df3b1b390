import { rmSync } from 'node:fs'
import { expect } from '@jest/globals'
import fc from 'fast-check'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { type Place, withoutLfs } from './behaviour.ts'
import { fsck, git, installHook, refsOf } from './git-repository.ts'
import { type Mirrored, runMirror } from './mirror.ts'

/*
 * Random histories, random refs on both sides, random rules. What must come out is worked out here a second time, from the parents of the
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

/**
 * What the destination must hold afterwards, ref name → index. The destination's HEAD names `main`.
 * @param version of the protocol: before v2 nobody tells whether two refs with one tip are one, so neither is taken back or deleted
 */
function expected(
  { parents, source, destination, prune, keepDivergent, branches, refusesB }: Case,
  version: 0 | 1 | 2,
): Record<string, number> {
  const result: Record<string, number> = { ...destination }
  const mayBeAlias = (name: string) =>
    version < 2 && Object.entries(destination).some(([other, tip]) => other !== name && tip === destination[name])
  const merged = historyOf(parents, source['heads/main'] ?? -1)
  for (const name of NAMES) {
    if (branches !== '' && name.startsWith('heads/wip/')) continue
    if (refusesB && name === 'heads/b') continue
    const from = source[name]
    const to = destination[name]
    if (from !== undefined && to !== undefined && from !== to) {
      const contained = name.startsWith('heads/') && historyOf(parents, from).has(to)
      if (contained || (!keepDivergent && !mayBeAlias(name))) result[name] = from
    } else if (from !== undefined) result[name] = from
    else if (to !== undefined && !keepDivergent && name !== 'heads/main' && !mayBeAlias(name)) {
      if (prune === 'all' || (prune === 'merged' && merged.has(to))) delete result[name]
    }
  }
  return result
}

interface Built {
  readonly directory: string
  readonly oids: readonly string[]
}

/** Makes a repository with the commits that its refs need, and no others. */
async function build({ parents }: Case, repositoryRefs: Readonly<Record<string, number>>, place: Place): Promise<Built> {
  const directory = await place.create()
  const stream = parents
    .map((list, position) => {
      const [first, ...others] = list.map(parent => `:${parent + 1}`)
      return [
        `commit refs/build/${position}\nmark :${position + 1}\ncommitter A <a@example.org> ${1_700_000_000 + position} +0000\ndata 1\n${position}\n`,
        first === undefined ? '' : `from ${first}\n`,
        ...others.map(parent => `merge ${parent}\n`),
        `M 100644 inline file${position}\ndata 1\n${position}\n\n`,
      ].join('')
    })
    .join('')
  const marks = parents.map((_, position) => `get-mark :${position + 1}\n`).join('')
  const { stdout } = await git(directory, ['-c', 'fastimport.unpackLimit=0', 'fast-import', '--quiet', '--date-format=raw'], {
    input: stream + marks,
  })
  const oids = stdout.split('\n')
  const updates = [
    ...parents.map((_, position) => `delete refs/build/${position}\n`),
    ...Object.entries(repositoryRefs).map(([name, position]) => `create refs/${name} ${oids[position]}\n`),
  ]
  await git(directory, ['update-ref', '--stdin'], { input: updates.join('') })
  // Fresh from a pack of just what is reachable: what the other side has must not be here by accident.
  await git(directory, ['repack', '-adq'])
  return { directory, oids }
}

export interface Property {
  readonly place: Place
  /** Of git's protocol. */
  readonly version: 0 | 1 | 2
  readonly runs: number
}

/** Whatever the histories, the destination becomes what the table says, by both transfers alike, and stays whole. */
export async function checkMirroring({ place, version, runs }: Property): Promise<void> {
  const property = fc.asyncProperty(cases, async one => {
    const source = await build(one, one.source, place)
    const reports: Mirrored[] = []
    for (const transfer of ['relay', 'git']) {
      const destination = await build(one, one.destination, place)
      reports.push(
        await checkCase(
          one,
          { ...place.inputs(source.directory, destination.directory), transfer, ...withoutLfs(version) },
          version,
          source,
          destination,
        ),
      )
      rmSync(destination.directory, { recursive: true })
    }
    const [relay, git] = reports.map(({ refs }) => refs.map(({ reason: _, resolve: __, ...ref }) => ref))
    expect(relay).toEqual(git)
    rmSync(source.directory, { recursive: true })
  })
  await fc.assert(property, { numRuns: runs, seed: 20_240_101 })
}

async function checkCase(
  one: Case,
  way: RawInputs,
  version: Property['version'],
  source: Built,
  { directory: destination }: Built,
): Promise<Mirrored> {
  if (one.refusesB) installHook(destination, 'update', 'case $1 in refs/heads/b) exit 1;; esac')
  const inputs = {
    ...way,
    prune: one.prune === 'all' && one.keepDivergent ? 'none' : one.prune,
    'keep-divergent': String(one.keepDivergent),
    'allow-unrelated': 'true',
    branches: one.branches,
  }
  const report = await runMirror(inputs)
  expect(report.failure).toBeNull()
  const wanted = Object.entries(expected(one, version)).map(([name, position]) => [`refs/${name}`, source.oids[position] ?? ''])
  expect(new Map([...(await refsOf(destination))].sort())).toEqual(new Map(wanted.sort() as [string, string][]))
  await fsck(destination)
  const unchanged = report.refs.filter(({ outcome }) => outcome === 'kept' || outcome === 'up-to-date' || outcome === 'rejected')
  const now = await refsOf(destination)
  for (const { ref, before } of unchanged) expect(now.get(ref)).toBe(before ?? undefined)

  const again = await runMirror(inputs)
  expect(again.failure).toBeNull()
  // What was left as a possible alias is none any more where the other one has moved.
  if (version < 2) return report
  const done = again.refs.filter(({ outcome }) => outcome !== 'kept' && outcome !== 'up-to-date')
  expect(done.filter(({ ref, outcome }) => !(one.refusesB && ref === 'refs/heads/b' && outcome === 'rejected'))).toEqual([])
  if (!one.refusesB) expect(again.transfer).toBeNull()
  return report
}
