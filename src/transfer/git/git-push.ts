import { packTooLarge } from '../../errors/request-limit.ts'
import { parsePush, remoteLines } from '../../git/porcelain.ts'
import { failureOf, type GitRemote } from '../../git/remote.ts'
import { runGit } from '../../git/run.ts'
import type { RefChange } from '../../plan/plan.ts'
import type { Oid, RefName } from '../../refs/ref.ts'
import { NO_PACK_VARIABLE } from '../../session/ssh-session.ts'
import { pushChanges } from '../push.ts'
import type { Pushed, PushOptions } from '../push-options.ts'
import { confusedWith, limitsOf } from '../push-order.ts'
import type { ChangeOutcome, PushManner } from '../transfer.ts'
import type { GitSteps } from './git-steps.ts'

export interface GitPushOptions extends PushManner, Pick<PushOptions, 'defaultBranch' | 'say' | 'readAgain'> {
  /** Branches and tags in one push; null = as many as the server takes. */
  readonly refsPerPush: number | null
  /** Bytes of the largest pack that the destination is known to take; null = the push has less, or it is not known. */
  readonly packLimit: number | null
  /** The history in steps, if the changes bring some. */
  readonly steps: GitSteps | null
  readonly destination: GitRemote
  /** The bare repository that holds the objects. */
  readonly repository: string
  /** The destination's refs as they were read. */
  readonly present: ReadonlyMap<RefName, Oid>
}

/** The refs are arguments of git. Windows limits a command line to 32,767 characters, Linux to about 2 MB. */
const LIMITS = { refs: 1000, characters: process.platform === 'win32' ? 24_000 : 400_000 }

/** Pushes the changes with `git push`. @throws Failure as pushChanges does */
export async function pushWithGit(changes: readonly RefChange[], options: GitPushOptions): Promise<Map<RefName, ChangeOutcome>> {
  const confused = new Map<RefName, ChangeOutcome>()
  const pushable = changes.filter(({ ref }) => {
    const other = confusedWith(ref, options.present)
    if (other !== null)
      confused.set(ref, { outcome: 'rejected', reason: `git confuses it with "${other}" at the destination`, code: 'name-ambiguous' })
    return other === null
  })
  const outcomes = await pushChanges(pushable, {
    ...options,
    side: options.destination.side,
    limits: limitsOf(LIMITS, options),
    send: (request, manner) => push(request, { ...options, ...manner }),
  })
  return new Map([...confused, ...outcomes])
}

async function push(request: readonly RefChange[], options: GitPushOptions): Promise<Pushed> {
  const { destination, repository, atomic, pushOptions, packLimit, steps } = options
  const brought = request.flatMap(({ after }) => after ?? [])
  const measure = async () => (await steps?.measure(brought)) ?? 0
  if (packLimit !== null && (await steps?.prepare(brought, packLimit)) === null) {
    const failure = packTooLarge(packLimit).on(destination.side)
    return { refs: [], output: [], failure: async () => failure, bytes: measure, isStalled: false }
  }
  const onlyDeletes = request.every(({ after }) => after === null)
  const result = await runGit(
    [
      ...(steps?.bufferOptions() ?? []),
      'push',
      '--porcelain',
      '--no-progress',
      ...(atomic ? ['--atomic'] : []),
      ...pushOptions.map(option => `--push-option=${option}`),
      ...request.map(({ ref, before }) => `--force-with-lease=${ref}:${before ?? ''}`),
      destination.url,
      ...request.map(({ ref, after }) => `${after ?? ''}:${ref}`),
    ],
    { ...destination, cwd: repository, env: { ...destination.env, [NO_PACK_VARIABLE]: onlyDeletes ? '1' : '' } },
  )
  const refs = parsePush(result.stdout.toString('utf8'))
  const tips = new Map<string, Oid | null>(request.map(({ ref, after }) => [ref, after]))
  steps?.landed(refs.flatMap(({ ref, result: what }) => (what === 'landed' ? (tips.get(ref) ?? []) : [])))
  return {
    refs,
    output: remoteLines(result.stderr),
    failure: () => failureOf(destination, result),
    bytes: measure,
    isStalled: false,
  }
}
