import { type GitRemote, readAdvertisement } from '../../git/remote.ts'
import { runLocalGit } from '../../git/run.ts'
import { checkGitVersion } from '../../git/version.ts'
import { sealerOf } from '../../plan/base.ts'
import { defaultTip } from '../../plan/plan.ts'
import type { Advertisement } from '../../refs/advertisement.ts'
import { packLimitOf } from '../../remote/forge.ts'
import { otherSide, type Side } from '../../remote/side.ts'
import { rolesOf } from '../../settings/direction.ts'
import { pushOptionsFor } from '../../settings/settings.ts'
import { awaitedLater } from '../../tasks/later.ts'
import { readForPushAfter } from '../push-only.ts'
import { readSides, type Sides, type SidesContext, stepRefsOf, targetsOf } from '../sides.ts'
import { askAboutTags } from '../tag-question.ts'
import { tagsBeyond } from './git-tags.ts'
import { gitTransfer } from './git-transfer.ts'

/** Opens both sides with `git ls-remote`, and meanwhile checks git's version, because the errors of an old git do not name the cause. */
export async function openWithGit(context: SidesContext): Promise<Sides> {
  const { settings, session, host, runtime } = context
  const { source, destination } = rolesOf(settings.direction)
  const [from, to, local] = await Promise.all([session.remote(source), session.remote(destination), session.local()])
  const remotes = { [source]: from, [destination]: to } as Record<Side, GitRemote>
  const read = (side: Side) => readAdvertisement(remotes[side]).catch((error: unknown) => readForPushAfter(error, side, context))
  // If git is too old, that failure comes first.
  const reading = awaitedLater(readSides(settings, read))
  checkGitVersion((await runLocalGit(['version'], local)).stdout.toString('utf8'))
  const [ours, theirs] = await reading
  const sides = { [source]: ours, [destination]: theirs } as Record<Side, Advertisement>
  const inTurn = oneAfterTheOther()
  return {
    ...sides,
    transfer: (side, wants) => {
      const [giving, taking] = [sides[side], sides[otherSide(side)]]
      const taken = new Set(taking.refs.values())
      return gitTransfer({
        source: remotes[side],
        destination: remotes[otherSide(side)],
        present: taking.refs,
        symbolicIsWhole: taking.symbolicIsWhole,
        stepRefs: stepRefsOf(taking, sealerOf(settings).id),
        targets: targetsOf(giving),
        common: [...new Set(giving.refs.values())].filter(tip => taken.has(tip)),
        local,
        wants,
        defaultBranch: giving.head,
        head: defaultTip(giving),
        objectFormat: giving.objectFormat ?? taking.objectFormat ?? 'sha1',
        atomic: settings.atomic,
        refsPerPush: settings.refsPerPush,
        packLimit: packLimitOf(settings[otherSide(side)].url),
        pushOptions: pushOptionsFor(otherSide(side), settings),
        say: host.info,
        readAgain: async () => {
          const { refs, mirroringRefs } = await read(otherSide(side))
          return new Map([...refs, ...mirroringRefs])
        },
        progress: host.progress,
        now: () => runtime.now().getTime(),
        inTurn,
      })
    },
    readAgain: read,
    tagsBeyond: async (side, question) => {
      const objectFormat = sides[side].objectFormat ?? 'sha1'
      const answer = await askAboutTags(side, question, objectFormat, context)
      return answer ?? (await inTurn(() => tagsBeyond(question, remotes[side], objectFormat, local)))
    },
    close: () => {},
  }
}

function oneAfterTheOther(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return work => {
    const next = last.then(work, work)
    last = next
    return next
  }
}
