import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../errors/failure.ts'
import { readTypes } from '../../git/objects.ts'
import type { GitRemote } from '../../git/remote.ts'
import { createRepository } from '../../git/repository.ts'
import { type GitResult, type LocalGit, runLocalGit } from '../../git/run.ts'
import type { Host } from '../../host/host.ts'
import { whileShowing } from '../../host/progress.ts'
import type { Pair, RefChange, Relation } from '../../plan/plan.ts'
import { isOid, type Oid } from '../../refs/ref.ts'
import { once } from '../../tasks/later.ts'
import { inParallel } from '../../tasks/pool.ts'
import { describeProgress, showCount, showDuration } from '../../text/quantity.ts'
import { damageIn } from '../damage.ts'
import { removeSteps } from '../history-steps.ts'
import type { StepRefs } from '../step-source.ts'
import { PLAIN, type Transfer } from '../transfer.ts'
import { fetchInto, REPOSITORY } from './git-fetch.ts'
import { readPointers, readUsage } from './git-lfs.ts'
import { type GitPushOptions, pushWithGit } from './git-push.ts'
import { gitSteps } from './git-steps.ts'

export interface GitTransferOptions extends Omit<GitPushOptions, 'repository' | 'steps'>, Pick<Host, 'progress'> {
  readonly stepRefs: StepRefs
  /** The objects that annotated tags of the source lead to. */
  readonly targets: ReadonlyMap<Oid, Oid>
  readonly source: GitRemote
  /** Tips that both sides have, each once. */
  readonly common: readonly Oid[]
  /** Runs in the directory of the bare repository's parent. */
  readonly local: LocalGit
  /** Tips of the source that the run may need. All are fetched at once, when the first one is needed. */
  readonly wants: readonly Oid[]
  /** Tip of the source's default branch; null = none. */
  readonly head: Oid | null
  readonly objectFormat: string
  /** The destination reports its symbolic refs. */
  readonly symbolicIsWhole: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Runs one task after the other, because both directions fetch into the same repository. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
}

/** Ancestry checks that run at the same time: they are short, and their start is most of their cost. */
const RELATE_AT_ONCE = 8

/**
 * The transfer by git: a bare repository in the session's directory, `git fetch` into it, `git push` from it.
 * One function, because its parts share the repository and the fetched tips.
 */
export function gitTransfer(options: GitTransferOptions): Transfer {
  const repository = join(options.local.cwd, REPOSITORY)
  const local = { ...options.local, cwd: repository }
  const steps = gitSteps(local, options.stepRefs, options.targets, options.present.values())
  let received = 0
  const counting = (fetch: () => Promise<unknown>) =>
    options.inTurn(async () => {
      const before = await packBytes(repository)
      const startedAt = options.now()
      const measure = async () => describeProgress((await packBytes(repository, UNFINISHED)) - before, options.now() - startedAt)
      await whileShowing(options.progress, measure, fetch)
      received += (await packBytes(repository)) - before
    })
  const create = () => options.inTurn(() => createRepository(repository, options.objectFormat, options.local))
  const fetchOnce = once(() => counting(() => fetchTips(options, repository)))
  /** Tips that both sides have: their history need not be searched for LFS pointers. */
  const fetchCommon = once(async () => {
    const types = await readTypes(options.common, local)
    const missing = options.common.filter(tip => types.get(tip) === null)
    // If they cannot be fetched, more history is searched.
    if (missing.length > 0) await counting(() => fetchInto(repository, options.source, missing)).catch(passOverDamage)
  })

  const applyMirroringRefs = async (changes: readonly RefChange[]) => {
    // git pushes only commits that it has, so tips of the destination are fetched first.
    const tips = [...new Set(changes.flatMap(({ after }) => after ?? []))]
    await (tips.length > 0 && options.wants.length > 0 ? fetchOnce() : create())
    const types = tips.length > 0 ? await readTypes(tips, local) : new Map<Oid, string | null>()
    const missing = tips.filter(tip => types.get(tip) === null)
    if (missing.length > 0) await options.inTurn(() => fetchInto(repository, options.destination, missing))
    return pushWithGit(changes, { ...options, ...PLAIN, refsPerPush: null, packLimit: null, repository, steps: null })
  }

  return {
    name: 'git',
    relate: async pairs => {
      if (pairs.length === 0) return new Map()
      await fetchOnce()
      const tips = pairs.map(({ tip }) => tip)
      const types = await readTypes(tips, local)
      // Refs with the same tips share an answer.
      const questions = new Map(pairs.map(pair => [questionOf(pair), pair]))
      const answers = new Map<string, Relation>()
      await inParallel([...questions], RELATE_AT_ONCE, async ([question, pair]) => {
        answers.set(question, await relatePair(pair, types.get(pair.tip) ?? null, local))
      })
      return new Map(pairs.map(pair => [pair.ref, answers.get(questionOf(pair)) ?? 'unknown']))
    },
    haveUnrelatedHistories: async (ours, theirs) => {
      await fetchOnce()
      await counting(() => fetchInto(repository, options.source, ours))
      await options.inTurn(() => fetchInto(repository, options.destination, theirs))
      const [here, there] = await Promise.all([rootsOf(ours, local), rootsOf(theirs, local)])
      return ![...there].some(root => here.has(root))
    },
    holdsFile: async ({ after }, path) => {
      if (after === null) return false
      await fetchOnce()
      // An exact name, because a pathspec could match other files.
      const name = `${after}:${path}`
      return (await readTypes([name], local)).get(name) === 'blob'
    },
    lfsUsage: async () => {
      if (options.wants.length === 0) return { isUsed: false, config: null }
      await fetchOnce()
      const { wants, head, source } = options
      // If it cannot be fetched, the default branch's use of LFS stays unknown.
      if (head !== null && !wants.includes(head)) await counting(() => fetchInto(repository, source, [head])).catch(() => {})
      return await readUsage([...new Set([...wants, ...(head === null ? [] : [head])])], head, local)
    },
    lfsPointers: async changes => {
      const tips = [...new Set(changes.flatMap(({ after }) => after ?? []))]
      if (tips.length === 0) return new Map()
      await fetchOnce()
      await fetchCommon()
      return await readPointers(tips, options.present.values(), local)
    },
    apply: async changes => {
      await (changes.some(({ after }) => after !== null) ? fetchOnce() : create())
      const startedAt = options.now()
      const measure = async () => `git push has taken ${showDuration(options.now() - startedAt)} so far`
      return whileShowing(options.progress, measure, () =>
        pushWithGit(changes, {
          ...options,
          packLimit: received > (options.packLimit ?? received) ? options.packLimit : null,
          repository,
          steps,
        }),
      )
    },
    applyMirroringRefs,
    removeSteps: () => removeSteps(options.stepRefs, applyMirroringRefs, options.say),
    tellsSymbolicRefs: async () => options.symbolicIsWhole,
    readAgain: options.readAgain,
    bytes: async () => received,
  }
}

function passOverDamage(error: unknown): void {
  if (damageIn(Failure.from(error)) === null) throw error
}

const questionOf = ({ tip, into }: Pair): string => `${tip} ${into}`

/** Fetches all tips that the run may need. With a shallow source git omits refs with a warning and exit code 0, so each tip is checked afterwards. */
async function fetchTips(options: GitTransferOptions, repository: string): Promise<void> {
  const { source } = options
  await createRepository(repository, options.objectFormat, options.local)
  const tips = [...new Set(options.wants)]
  if (tips.length === 0) return
  options.say(`fetching ${showCount(tips.length, 'tip')} from the source`)
  const { stderr: detail } = await fetchInto(repository, source, tips)
  const types = await readTypes(tips, { ...options.local, cwd: repository })
  const missing = tips.find(tip => types.get(tip) === null)
  if (missing !== undefined) throw new Failure('source-damaged', `the source did not send ${missing}`, { side: source.side, detail })
}

/**
 * The whole history of `into` was fetched, so it does not contain a tip that is missing here. Only commits can be ancestors.
 * `merge-base --is-ancestor` exits with 0 for yes and 1 for no; any other code is no answer.
 */
async function relatePair({ tip, into }: Pair, type: string | null, local: LocalGit): Promise<Relation> {
  if (type !== 'commit') return 'diverged'
  const { exitCode } = await runLocalGit(['merge-base', '--is-ancestor', tip, into], local)
  if (exitCode === 0) return 'ancestor'
  return exitCode === 1 ? 'diverged' : 'unknown'
}

/** index-pack names a pack so until it is complete. */
const UNFINISHED = /\.pack$|^tmp_pack_/

async function packBytes(repository: string, names = /\.pack$/): Promise<number> {
  const folder = join(repository, 'objects', 'pack')
  const files = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(files.filter(file => names.test(file)).map(async file => (await stat(join(folder, file))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** The first commits of the histories of these tips. Histories with a common commit also share its first commit. */
async function rootsOf(tips: readonly Oid[], local: LocalGit): Promise<ReadonlySet<string>> {
  const peeled = await runLocalGit(['cat-file', '--batch-check=%(objectname)'], local, tips.map(tip => `${tip}^{commit}\n`).join(''))
  const commits = linesOf(peeled).filter(line => isOid(line))
  if (commits.length === 0) return new Set()
  const roots = await runLocalGit(['rev-list', '--max-parents=0', '--stdin'], local, commits.map(commit => `${commit}\n`).join(''))
  if (peeled.exitCode !== 0 || roots.exitCode !== 0)
    throw new Failure('internal', 'the first commits could not be listed', { detail: `${peeled.stderr}${roots.stderr}` })
  return new Set(linesOf(roots).filter(line => line !== ''))
}

const linesOf = ({ stdout }: GitResult): string[] => stdout.toString('utf8').split('\n')
