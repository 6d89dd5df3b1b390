import { rmSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createBare, fsck, git, installHook, refsOf } from '../support/git-repository.ts'
import { type Mirrored, runMirror } from '../support/mirror.ts'

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

/** What the destination must hold afterwards, ref name → index. The destination's HEAD names `main`. */
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

/** Makes a repository with the commits that its refs need, and no others. */
async function build({ parents }: Case, repositoryRefs: Readonly<Record<string, number>>): Promise<{ directory: string; oids: string[] }> {
  const directory = await createBare()
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
  const { stdout } = await git(directory, ['fast-import', '--quiet', '--date-format=raw'], { input: stream + marks })
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

test('whatever the histories, the destination becomes what the table says, by both transfers alike, and stays whole', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async one => {
      const source = await build(one, one.source)
      const reports: Mirrored[] = []
      for (const transfer of ['relay', 'git']) {
        const destination = await build(one, one.destination)
        reports.push(await checkCase(one, transfer, source, destination.directory))
        rmSync(destination.directory, { recursive: true })
      }
      const [relay, git] = reports.map(({ refs }) => refs.map(({ reason: _, ...ref }) => ref))
      expect(relay).toEqual(git)
      rmSync(source.directory, { recursive: true })
    }),
    { numRuns: 150, seed: 20_240_101 },
  )
}, 600_000)

async function checkCase(one: Case, transfer: string, source: Awaited<ReturnType<typeof build>>, destination: string): Promise<Mirrored> {
  if (one.refusesB) installHook(destination, 'update', 'case $1 in refs/heads/b) exit 1;; esac')
  const inputs = {
    'repository-url': source.directory,
    'remote-url': destination,
    prune: one.prune === 'all' && one.keepDivergent ? 'none' : one.prune,
    'keep-divergent': String(one.keepDivergent),
    'allow-unrelated': 'true',
    branches: one.branches,
    transfer,
  }
  const report = await runMirror(inputs)
  expect(report.failure).toBeNull()
  const wanted = Object.entries(expected(one)).map(([name, position]) => [`refs/${name}`, source.oids[position] ?? ''])
  expect(new Map([...(await refsOf(destination))].sort())).toEqual(new Map(wanted.sort() as [string, string][]))
  await fsck(destination)
  const unchanged = report.refs.filter(({ outcome }) => outcome === 'kept' || outcome === 'up-to-date' || outcome === 'rejected')
  const now = await refsOf(destination)
  for (const { ref, before } of unchanged) expect(now.get(ref)).toBe(before ?? undefined)

  const again = await runMirror(inputs)
  const done = again.refs.filter(({ outcome }) => outcome !== 'kept' && outcome !== 'up-to-date')
  expect(done.filter(({ ref, outcome }) => !(one.refusesB && ref === 'refs/heads/b' && outcome === 'rejected'))).toEqual([])
  if (!one.refusesB) expect(again.transfer).toBeNull()
  return report
}
