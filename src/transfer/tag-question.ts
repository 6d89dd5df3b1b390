import { Failure } from '../errors/failure.ts'
import { debugTo } from '../host/server-text.ts'
import type { ObjectFormat, RefName } from '../refs/ref.ts'
import type { TagQuestion } from '../refs/tag-scope.ts'
import type { Side } from '../remote/side.ts'
import { openTransport } from '../transport/open.ts'
import type { SidesContext } from './sides.ts'

/**
 * The relay's answer to the question about tags, for the git transfer. It needs only commits, and git would fetch the whole history in each run that finds a
 * tag of a private branch.
 * @returns null if there is no answer: git then finds it out, or why there is none
 */
export async function askAboutTags(
  side: Side,
  question: TagQuestion,
  objectFormat: ObjectFormat,
  context: SidesContext,
): Promise<readonly RefName[] | null> {
  const { settings, session, runtime, host } = context
  const debug = debugTo(host, `${side}: `)
  try {
    const [{ openUploadPack }, { tagsBeyond }] = await Promise.all([import('./relay/upload-pack.ts'), import('./relay/relay-tags.ts')])
    const wayTo = context.openTransport ?? openTransport
    const transport = await wayTo(side, { settings, runtime, gitRemote: session.remote, hide: host.hide, debug })
    try {
      const source = await openUploadPack({ transport, side, onWords: () => {}, onBytes: () => {} })
      return await tagsBeyond(source, question, objectFormat)
    } finally {
      transport.close()
    }
  } catch (error) {
    debug(`git fetches the history to judge tags: ${Failure.from(error).message}`)
    return null
  }
}
