import { Failure } from '../../errors/failure.ts'
import type { Pair, Relation } from '../../plan/plan.ts'
import type { ObjectFormat, Oid } from '../../refs/ref.ts'
import { inParallel } from '../../tasks/pool.ts'
import { proveRelations } from './ancestry.ts'
import { MAX_HAVES } from './haves.ts'
import { readCommits, refuseShallow } from './pack-stream.ts'
import { fetchCommits, type UploadPack } from './upload-pack.ts'

/** Questions that are put one by one run a few at a time: each is an answer to wait for, and seldom much work. */
const AT_ONCE = 4

/** Where a server must be asked for each commit by itself, git comes to an answer sooner. */
const MAX_QUESTIONS = 100

/** What a server says of its knowledge; the answer may come with commits. */
interface Knowledge {
  readonly known: ReadonlySet<Oid>
  readonly parents: ReadonlyMap<Oid, readonly Oid[]>
}

/**
 * Settles pairs that nothing has proved yet, by questions of their own to the source. A tip that the source does not know is diverged for certain; for each
 * other one it is asked for the commits between, without trees and blobs: if the tip is contained in `into`, one of them has it for a parent.
 * @throws Failure `relay-impossible` where that cannot be found out; `source-shallow`; whatever reading from the source throws
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
  // A pair alone: the haves of others would hide its tip.
  await inParallel(open, AT_ONCE, async pair => void relations.set(pair, await settlePair(pair, source, objectFormat)))
  return relations
}

/**
 * That a tip is not known proves something only of a whole history. Over protocol v2 a server says that its own is not whole only before a pack:
 * so it is asked for one that is empty, as we say to have what we want.
 * @throws Failure `source-shallow`
 */
async function refuseShallowSource(source: UploadPack, wants: readonly Oid[]): Promise<void> {
  if (source.version !== 2) return
  const fetched = await source.fetch({ wants, haves: wants, thin: false, ofsDelta: true, filter: null, done: true })
  fetched.abort()
  refuseShallow(fetched, source.side)
}

async function settlePair({ tip, into }: Pair, source: UploadPack, objectFormat: ObjectFormat): Promise<Relation> {
  if (!source.offersFilter) {
    throw new Failure('relay-impossible', 'whether two branches diverged can only be found out with a filter, and the source offers none', {
      side: source.side,
    })
  }
  const fetched = await source.fetch({ wants: [into], haves: [tip], thin: false, ofsDelta: true, filter: 'tree:0', done: true })
  refuseShallow(fetched, source.side)
  const graph = await readCommits(fetched, objectFormat)
  const [proof] = proveRelations(graph.parents, [{ tip, into }] as Pair[]).values()
  if (proof === 'ancestor') return 'ancestor'
  if (graph.whole) return 'diverged'
  throw new Failure('relay-impossible', 'the commits between two tips are more than can be looked through on the way', {
    side: source.side,
  })
}

/**
 * Which of these objects a server has.
 * Protocol v2 tells where the client does not say that it is done, and sends its pack at once where it has seen enough: with a filter that is commits, to be
 * made use of. Earlier protocols always tell before the pack, which is not waited for.
 * @param role of the server: a source must not be shallow
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
    throw new Failure('relay-impossible', `the server would have to be asked for each of ${oids.length} commits by itself`, {
      side: server.side,
    })
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
 * Whether two histories have no commit in common. If they have one, one side has a first commit of the other; so first commits of the source are what the
 * destination is asked for, unless the source knows a tip of the destination anyway.
 * @throws Failure `relay-impossible` where the first commits cannot be found out
 */
export async function haveUnrelatedHistories({ source, destination, ours, theirs, objectFormat }: TwoHistories): Promise<boolean> {
  if (ours.length === 0 || theirs.length === 0) return true
  const wants = [...new Set(ours)]
  const { known } = await askWhatIsKnown(source, wants, [...new Set(theirs)], objectFormat, 'source')
  if (known.size > 0) return false
  if (!source.offersFilter)
    throw new Failure('relay-impossible', 'the first commits can only be found out with a filter, and the source offers none', {
      side: source.side,
    })
  const fetched = await source.fetch({ wants, haves: [], thin: false, ofsDelta: true, filter: 'tree:0', done: true })
  refuseShallow(fetched, source.side)
  const graph = await readCommits(fetched, objectFormat)
  if (!graph.whole)
    throw new Failure('relay-impossible', 'the history is longer than can be looked through on the way', { side: source.side })
  const roots = [...graph.parents].flatMap(([oid, its]) => (its.length === 0 ? [oid] : []))
  return (await askWhatIsKnown(destination, theirs.slice(0, 1), roots, objectFormat, 'destination')).known.size === 0
}
