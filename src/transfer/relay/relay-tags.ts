import { Failure } from '../../errors/failure.ts'
import type { ObjectFormat, Oid, RefName } from '../../refs/ref.ts'
import type { TagQuestion, TagTarget } from '../../refs/tag-scope.ts'
import type { CommitGraph } from '../../wire/commit-graph.ts'
import type { FetchRequest } from '../../wire/fetch.ts'
import { readCommits, refuseShallow } from './pack-stream.ts'
import { fetchCommits, type UploadPack } from './upload-pack.ts'

/**
 * The tags whose object is no commit that the branches contain. The source sends what someone who has the branches lacks: a commit that does not come is
 * contained. A tree or a file may not come for other reasons, so what did not come is asked for by itself, to see which of it are commits.
 * @throws Failure `relay-impossible` where that cannot be found out; `source-shallow`; Failure of the source
 */
export async function tagsBeyond(source: UploadPack, { tags, branches }: TagQuestion, format: ObjectFormat): Promise<RefName[]> {
  const { namesAllCommon, offersDepth, side } = source
  if (!namesAllCommon) throw new Failure('relay-impossible', 'the server does not tell which commits its branches contain', { side })
  const { unseen } = await ask(source, tags, { haves: branches }, format)
  const hidden = tags.filter(({ target }) => unseen.has(target))
  const { parents } = hidden.length === 0 ? NOTHING : await ask(source, hidden, { haves: [], depth: offersDepth ? 1 : undefined }, format)
  return tags.flatMap(({ ref, target }) => (unseen.has(target) && parents.has(target) ? [] : [ref]))
}

const NOTHING: Pick<CommitGraph, 'parents'> = { parents: new Map() }

/** Asks for the objects of tags, and reads until it has seen all of them. */
async function ask(
  source: UploadPack,
  tags: readonly TagTarget[],
  how: Pick<FetchRequest, 'haves'> & { readonly depth?: number | undefined },
  format: ObjectFormat,
): Promise<CommitGraph> {
  const wants = [...new Set(tags.map(({ tip }) => tip))]
  const fetched = await fetchCommits(source, { wants, thin: false, ofsDelta: true, done: true, ...how })
  if (how.depth === undefined) refuseShallow(fetched, source.side)
  const graph = await readCommits(fetched, format, new Set<Oid>(tags.map(({ target }) => target)))
  if (graph.unseen.size === 0 || graph.whole) return graph
  throw new Failure('relay-impossible', 'the commits that only tags lead to are more than can be looked through on the way', {
    side: source.side,
  })
}
