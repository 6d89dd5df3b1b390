import { Failure } from '../../errors/failure.ts'
import { MAX_QUESTIONS } from '../../limits/limits.ts'
import type { Pair, Relation } from '../../plan/plan.ts'
import type { ObjectFormat, Oid } from '../../refs/ref.ts'
import { inParallel } from '../../tasks/pool.ts'
import type { CommitGraph } from '../../wire/commit-graph.ts'
import { proveRelations } from './ancestry.ts'
import { MAX_HAVES } from './haves.ts'
import { readCommits, refuseShallow } from './pack-stream.ts'
import { fetchCommits, type UploadPack } from './upload-pack.ts'

/** Requests of single pairs at the same time: each is an answer to wait for, and seldom much work. */
const AT_ONCE = 4

/** The objects that a server has, and the commits that came with its answer. */
type Knowledge = Pick<CommitGraph, 'parents'> & { readonly known: ReadonlySet<Oid> }

/**
 * Settles pairs that nothing has proved yet, by questions of their own to the source. A tip that the source does not know is diverged for certain. For each
 * other one, the source is asked for the commits between, without trees and blobs. If the tip is contained in `into`, one of them has it for a parent.
 * @throws Failure `relay-impossible` where that cannot be found out; `source-shallow`; Failure of the source
 */
export async function settlePairs(pairs: readonly Pair[], source: UploadPack, objectFormat: ObjectFormat): Promise<Map<Pair, Relation>> {
  const relations = new Map<Pair, Relation>()
  const open: Pair[] = []
  const wants = [...new Set(pairs.map(({ into }) => into))]
  const { known, parents } = await askWhatIsKnown(source, wants, [...new Set(pairs.map(({ tip }) => tip))], objectFormat, 'source')
  const proofs = [...proveRelations(parents, pairs)]
  const unknown = proofs.filter(([{ tip }, proof]) => proof === 'open' && !known.has(tip))
  if (unknown.length > 0) await refuseShallowSource(source, wants.slice(0, 1))
  for (const [pair, proof] of proofs) {
    if (proof !== 'open') relations.set(pair, proof)
    else if (!known.has(pair.tip)) relations.set(pair, 'diverged')
    else open.push(pair)
  }
  // Each pair alone: the haves of others would hide its tip.
  await inParallel(open, AT_ONCE, async pair => void relations.set(pair, await settlePair(pair, source, objectFormat)))
  return relations
}

/**
 * An unknown tip proves something only if the source's history is whole. Over protocol v2 a server reports a shallow history only before a pack, so an empty
 * pack is requested: the haves are the wants. @throws Failure `source-shallow`
 */
async function refuseShallowSource(source: UploadPack, wants: readonly Oid[]): Promise<void> {
  if (source.version !== 2) return
  const fetched = await source.fetch({ wants, haves: wants, thin: false, ofsDelta: true, filter: null, done: true })
  fetched.abort()
  refuseShallow(fetched, source.side)
}

async function settlePair({ tip, into }: Pair, source: UploadPack, objectFormat: ObjectFormat): Promise<Relation> {
  if (!source.offersFilter)
    throw impossible(source, 'whether two branches diverged can only be found out with a filter, and the source offers none')
  const graph = await readHistory(source, [into], [tip], objectFormat)
  const [proof] = proveRelations(graph.parents, [{ tip, into }] as Pair[]).values()
  if (proof === 'ancestor') return 'ancestor'
  if (graph.whole) return 'diverged'
  throw impossible(source, 'the commits between two tips are more than can be looked through on the way')
}

const impossible = ({ side }: UploadPack, message: string): Failure => new Failure('relay-impossible', message, { side })

/** The commits that lead to the wants, without trees and blobs. @throws Failure of the source */
async function readHistory(source: UploadPack, wants: readonly Oid[], haves: readonly Oid[], format: ObjectFormat): Promise<CommitGraph> {
  const fetched = await source.fetch({ wants, haves, thin: false, ofsDelta: true, filter: 'tree:0', done: true })
  refuseShallow(fetched, source.side)
  return await readCommits(fetched, format)
}

/**
 * Which of these objects a server has. Protocol v2 reports it to a client that does not send `done`, and may send the pack at once: with a filter it has
 * commits alone, which are used. Earlier protocols report it before the pack, which is not awaited. @param role a source must not be shallow
 */
async function askWhatIsKnown(
  server: UploadPack,
  wants: readonly Oid[],
  oids: readonly Oid[],
  objectFormat: ObjectFormat,
  role: 'source' | 'destination',
): Promise<Knowledge> {
  const known = new Set<Oid>()
  const parents = new Map<Oid, readonly Oid[]>()
  const atOnce = server.namesAllCommon ? MAX_HAVES : 1
  if (oids.length > atOnce * MAX_QUESTIONS)
    throw impossible(server, `the server would have to be asked for each of ${oids.length} commits by itself`)
  for (let start = 0; start < oids.length; start += atOnce) {
    const haves = oids.slice(start, start + atOnce)
    const fetched = await fetchCommits(server, { wants, haves, thin: false, ofsDelta: true, done: false })
    if (role === 'source') refuseShallow(fetched, server.side)
    for (const oid of fetched.common) known.add(oid)
    if (fetched.hasPack && server.version === 2 && server.offersFilter) {
      for (const [oid, its] of (await readCommits(fetched, objectFormat)).parents) parents.set(oid, its)
    } else if (fetched.hasPack) fetched.abort()
  }
  return { known, parents }
}

export interface TwoHistories {
  readonly source: UploadPack
  readonly destination: UploadPack
  readonly ours: readonly Oid[]
  readonly theirs: readonly Oid[]
  readonly objectFormat: ObjectFormat
}

/**
 * Whether two histories have no commit in common. If they have one, one side has a first commit of the other. So the destination is asked for first
 * commits of the source, unless the source knows a tip of the destination anyway.
 * @throws Failure `relay-impossible` where the first commits cannot be found out
 */
export async function haveUnrelatedHistories({ source, destination, ours, theirs, objectFormat }: TwoHistories): Promise<boolean> {
  if (ours.length === 0 || theirs.length === 0) return true
  const wants = [...new Set(ours)]
  const { known } = await askWhatIsKnown(source, wants, [...new Set(theirs)], objectFormat, 'source')
  if (known.size > 0) return false
  if (!source.offersFilter) throw impossible(source, 'the first commits can only be found out with a filter, and the source offers none')
  const graph = await readHistory(source, wants, [], objectFormat)
  if (!graph.whole) throw impossible(source, 'the history is longer than can be looked through on the way')
  const roots = [...graph.parents].flatMap(([oid, its]) => (its.length === 0 ? [oid] : []))
  return (await askWhatIsKnown(destination, theirs.slice(0, 1), roots, objectFormat, 'destination')).known.size === 0
}
