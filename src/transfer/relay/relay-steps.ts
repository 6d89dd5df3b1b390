import { join } from 'node:path'
import { Failure } from '../../errors/failure.ts'
import { largestFiles } from '../../git/largest-files.ts'
import { createRepository, indexPack } from '../../git/repository.ts'
import type { LocalGit } from '../../git/run.ts'
import type { ObjectFormat } from '../../refs/ref.ts'
import { targetsOf } from '../sides.ts'
import type { StepRefs, StepSource } from '../step-source.ts'
import type { PackSource } from './pack-source.ts'
import type { UploadPack } from './upload-pack.ts'

export interface RelayStepsOptions {
  readonly source: UploadPack
  readonly packs: PackSource
  readonly objectFormat: ObjectFormat
  /** git in the run's own directory, which is made when it is first asked for. */
  readonly local: () => Promise<LocalGit>
  readonly refs: StepRefs
}

/** The history of the source in steps, each of which is put on the disk, so that its bytes are known before it is sent. */
export function relaySteps({ source, packs, objectFormat, local, refs }: RelayStepsOptions): StepSource {
  const { side } = source
  const targets = targetsOf(source.advertisement)
  return {
    ...refs,
    read: async tips => {
      const lacking = packs.lacking(tips)
      if (lacking.length === 0) return new Map()
      if (source.version < 2)
        throw new Failure('relay-impossible', 'the source may give only the tips of its refs, and no steps between', { side })
      const { parents, whole } = await packs.readCommits(lacking, objectFormat)
      if (!whole)
        throw new Failure('relay-impossible', 'the source does not send its commits alone, by which a long history is divided', { side })
      return parents
    },
    peel: oid => targets.get(oid) ?? oid,
    prepare: async (wants, most) => {
      const { cwd } = await local()
      return await packs.prepare(packs.lacking(wants), most, join(cwd, `step-${side}.pack`))
    },
    largestFiles: async (commit, parents, count) => {
      const git = await local()
      const repository = { ...git, cwd: join(git.cwd, `commit-${side}.git`) }
      await createRepository(repository.cwd, objectFormat, git)
      const fetched = await source.fetch({ wants: [commit], haves: parents, thin: false, ofsDelta: true, filter: null, done: true })
      await indexPack(fetched.pack, repository)
      return await largestFiles(commit, { parents, alone: true, count }, repository)
    },
  }
}
