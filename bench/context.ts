import { compareRefs, git, refsOf } from '../test/support/git-repository.ts'
import { cloneAndPush, type Journey, lsRemote, mirrorCommand, nodeStart } from './commands.ts'
import { alternate, type Contender, measure, type Result } from './measure.ts'
import type { Repositories } from './repositories/cache.ts'
import type { Row } from './row.ts'
import type { Servers } from './servers.ts'

/** Shared by all groups of rows. */
export interface Context {
  readonly servers: Servers
  readonly repositories: Repositories
  /** Smaller repositories, one run each. */
  readonly quick: boolean
  /** Number of runs of a short command; odd. */
  readonly runs: number
  /** The transfer that `mirror` uses. */
  readonly flags: readonly string[]
  readonly say: (text: string) => void
}

/** One group of rows, with its name on the command line. */
export type Group = (context: Context) => Promise<readonly Row[]>

/** Long commands need fewer runs for the same precision. */
export const fewRuns = ({ runs }: Context): number => Math.min(runs, 3)

/** The part of our report that the benchmark reads. */
export interface ReportSummary {
  readonly status: string
  readonly transfer: string | null
  readonly bytes: number
}

/** Mirrors once, untimed, and returns the report; throws unless it has the expected status. */
export async function mirrorForReport(context: Context, journey: Journey, status: 'updated' | 'up-to-date'): Promise<ReportSummary> {
  const { stdout } = await measure(mirrorCommand('mirror', journey, [...context.flags, '--json']))
  const report = JSON.parse(stdout) as ReportSummary
  if (report.status !== status) throw new Error(`the mirror's status is ${report.status}, not ${status}\n${stdout.slice(0, 2_000)}`)
  if (context.flags.includes('relay') && report.transfer === 'git') throw new Error('relay was asked for, and git did it')
  return report
}

/** Our run from one repository to a fresh copy of another. */
export const mirrorContender = (context: Context, journey: Journey, before: string): Contender => ({
  prepare: () => void context.servers.put(journey.to, before),
  run: () => measure(mirrorCommand('mirror', journey, context.flags)),
})

/** Times ours against git's clone and push, each to a fresh copy of `before`, and verifies both results. */
export async function compareWithGit(context: Context, journey: Journey, before: string, runs: number): Promise<Comparison> {
  const git = { ...journey, to: `${journey.to}-git` }
  const cloning = { prepare: () => void context.servers.put(git.to, before), run: () => cloneAndPush(git) }
  const [ours, theirs] = await alternate([mirrorContender(context, journey, before), cloning], runs)
  if (ours === undefined || theirs === undefined) throw new Error('nothing was measured')
  for (const made of [journey, git]) {
    await verify(context, made)
    context.servers.remove(made.to)
  }
  return { ours, theirs: { value: theirs.ms, what: 'clone + push' } }
}

export interface Comparison {
  readonly ours: Result
  readonly theirs: { readonly value: number; readonly what: string }
}

/** `git ls-remote` of each side, and a start of node, in the order that `askingTime` needs. */
export const askingContenders = (journey: Journey): Contender[] =>
  [lsRemote(journey, 'source'), lsRemote(journey, 'destination'), nodeStart()].map(command => ({ run: () => measure(command) }))

/** The shortest possible time of a run that reads both sides at the same time: the slower side plus the start of node. */
export const askingTime = ([source, destination, node]: readonly Result[]): Comparison['theirs'] => ({
  value: Math.max(source?.ms ?? 0, destination?.ms ?? 0) + (node?.ms ?? 0),
  what: 'ls-remote + node -e 0',
})

/** Checks the result, because a fast wrong answer is worthless: the same refs on both sides, and all objects that they reach. */
export async function verify({ servers }: Context, { from, to }: Journey): Promise<void> {
  const differences = compareRefs(await refsOf(servers.directory(from)), await refsOf(servers.directory(to)))
  if (differences.length > 0) {
    throw new Error(`${differences.length} refs differ after the mirror from ${from} to ${to}\n${differences.slice(0, 5).join('\n')}`)
  }
  await git(servers.directory(to), ['fsck', '--connectivity-only', '--no-dangling', '--no-progress'])
}
