import { join } from 'node:path'
import { Failure } from '../../errors/failure.ts'
import { readParents, readSmallBlobs, readTypes } from '../../git/objects.ts'
import { createRepository, indexPack } from '../../git/repository.ts'
import type { LocalGit } from '../../git/run.ts'
import { collectPointers, type Pointer } from '../../lfs/pointer.ts'
import { ATTRIBUTES_FILE, CONFIG_FILE, type LfsUsage, usesLfs } from '../../lfs/usage.ts'
import { POINTER_BYTES, ROOTS_BYTES } from '../../limits/limits.ts'
import { reachFrom } from '../../plan/history.ts'
import { defaultTip, type RefChange } from '../../plan/plan.ts'
import type { ObjectFormat, Oid } from '../../refs/ref.ts'
import { awaitedLater, once } from '../../tasks/later.ts'
import { beginningOf } from '../../wire/byte-queue.ts'
import { type PackObject, readPackObjects } from '../../wire/pack-objects.ts'
import { entryOf, treeOf } from '../../wire/tree.ts'
import type { PackSource } from './pack-source.ts'
import { refuseShallow } from './pack-stream.ts'
import { fetchFiltered, type UploadPack } from './upload-pack.ts'

export interface RelayLfsOptions {
  readonly source: UploadPack
  readonly packs: PackSource
  /** Tips of the source that the run may need. */
  readonly wants: readonly Oid[]
  readonly objectFormat: ObjectFormat
  /** git in the run's own directory, which is made when it is first asked for. */
  readonly local: () => Promise<LocalGit>
  readonly say: (message: string) => void
}

const UNKNOWN: LfsUsage = { isUsed: null, config: null }

/** Reads the roots of the tips and their two files about LFS, in at most three requests. Never throws: if one is refused, it is unknown. */
export async function readUsage(options: RelayLfsOptions): Promise<LfsUsage> {
  const { source, wants } = options
  const head = defaultTip(source.advertisement)
  if (!source.offersFilter || !source.offersDepth) return UNKNOWN
  try {
    const tips = [...new Set([...wants, ...(head === null ? [] : [head])])]
    if (tips.length === 0) return { isUsed: false, config: null }
    const roots = await fetchRoots(options, tips)
    if (roots === null) return UNKNOWN
    const { attributes, config } = filesAt(roots, head, options.objectFormat)
    const files = [...attributes, ...(config === null ? [] : [config])]
    const blobs = files.length === 0 ? [] : await fetchObjects(options, [...new Set(files)], { filter: 'tree:0' })
    if (blobs === null) return UNKNOWN
    const contents = new Map(blobs.map(({ oid, data }) => [oid, data.toString('utf8')]))
    if (files.some(oid => !contents.has(oid))) return UNKNOWN
    return {
      isUsed: [...attributes].some(oid => usesLfs(contents.get(oid) ?? '')),
      config: config === null ? null : (contents.get(config) ?? null),
    }
  } catch {
    return UNKNOWN
  }
}

/** The tips and their roots, and nothing else; null where they are too many bytes. */
async function fetchRoots(options: RelayLfsOptions, tips: readonly Oid[]): Promise<PackObject[] | null> {
  try {
    return await fetchObjects(options, tips, { filter: 'tree:1', depth: 1 })
  } catch (error) {
    if (Failure.from(error).kind !== 'relay-impossible') throw error
  }
  // A server may send only those trees that are wanted by name (`uploadpackfilter.tree.maxDepth`).
  const objects = await fetchObjects(options, tips, { filter: 'tree:0', depth: 1 })
  const wants = [...new Set(objects?.flatMap(object => rootOf(object) ?? []))]
  const trees = wants.length === 0 ? [] : await fetchObjects(options, wants, { filter: 'tree:0' })
  return objects && trees && [...objects, ...trees]
}

/** The tree of a commit, or of a tag (git-mktag(1)). */
function rootOf({ type, data }: PackObject): Oid | null {
  if (type === 'commit') return treeOf(data)
  const [, tree] = (type === 'tag' && /^object ([0-9a-f]+)\ntype tree\n/.exec(data.toString('latin1', 0, 100))) || []
  return (tree as Oid | undefined) ?? null
}

/** The files that tell of LFS, at some roots. @param head the commit whose `.lfsconfig` counts */
function filesAt(objects: readonly PackObject[], head: Oid | null, format: ObjectFormat): { attributes: Set<Oid>; config: Oid | null } {
  const attributes = new Set<Oid>()
  const newest = objects.find(({ oid }) => oid === head)
  const newestRoot = newest === undefined ? null : rootOf(newest)
  let config: Oid | null = null
  for (const { oid, type, data } of objects) {
    if (type !== 'tree') continue
    const file = (name: string) => {
      const entry = entryOf(data, name, format)
      return entry?.type === 'blob' ? entry.oid : null
    }
    const its = file(ATTRIBUTES_FILE)
    if (its !== null) attributes.add(its)
    if (oid === newestRoot) config = file(CONFIG_FILE)
  }
  return { attributes, config }
}

/** Objects by their names; null where they are too many bytes. */
async function fetchObjects(
  { source, objectFormat }: RelayLfsOptions,
  wants: readonly Oid[],
  how: { readonly filter: 'tree:0' | 'tree:1'; readonly depth?: number },
): Promise<PackObject[] | null> {
  const fetched = await source.fetch({ wants, haves: [], thin: false, ofsDelta: true, done: true, ...how })
  const bytes = await beginningOf(fetched.pack, ROOTS_BYTES + 1)
  if (bytes.length <= ROOTS_BYTES) return readPackObjects(bytes, objectFormat, ROOTS_BYTES)
  fetched.abort()
  return null
}

/** The small files that the changes bring, in a repository on the disk; larger blobs than a pointer only if the source insists. */
export function smallFiles(options: RelayLfsOptions) {
  const { source, packs } = options
  const fetched = once(() => fetchSmallFiles(options))
  return {
    /** The pointers that the changes bring. @throws Failure */
    pointers: async (changes: readonly RefChange[]): Promise<ReadonlyMap<string, Pointer>> => {
      const bringing = changes.filter(({ after }) => after !== null && packs.lacking([after]).length > 0)
      if (bringing.length === 0) return new Map()
      const { parents, ...repository } = await fetched()
      const tips = bringing.flatMap(({ ref, after }) => source.advertisement.peeled.get(ref) ?? after ?? [])
      const query = { tips: await reached(tips, parents, repository), without: [], alone: true, most: POINTER_BYTES }
      return await collectPointers(readSmallBlobs(query, repository))
    },
    /** The commits that the destination lacks, each with its parents. @throws Failure */
    commits: async () => (await fetched()).parents,
  }
}

async function fetchSmallFiles({ source, packs, wants, local, objectFormat, say }: RelayLfsOptions): Promise<Fetched> {
  // It would have to wait for as long as the LFS objects take, and no server waits for that long.
  packs.drop()
  const git = await local()
  const repository = { ...git, cwd: join(git.cwd, `small-files-${source.side}.git`) }
  const tips = packs.lacking(wants)
  const request = { wants: tips, haves: packs.haves, ...FORM, done: true }
  // While the source makes its pack. It is waited for in any case, because its directory is taken away when the run ends.
  const made = awaitedLater(createRepository(repository.cwd, objectFormat, git))
  const ask = async () => {
    try {
      const filtered = await fetchFiltered(source, request, `blob:limit=${POINTER_BYTES + 1}`)
      if (filtered === null) say('the source leaves no large files out: its pack is put on the disk, and looked through for LFS there')
      return { fetched: filtered ?? (await source.fetch({ ...request, filter: null })), isWhole: filtered === null }
    } finally {
      await made
    }
  }
  const { fetched, isWhole } = await ask()
  refuseShallow(fetched, source.side)
  const [file, parents] = await store(fetched.pack, repository).catch((error: unknown) => {
    const failure = Failure.from(error)
    // The objects are those of the source, the disk is that of this machine.
    throw failure.kind === 'disk-full' ? failure : failure.on(source.side)
  })
  // Then it is all that the destination needs.
  if (isWhole) packs.keep(tips, FORM, file, parents)
  return { ...repository, parents }
}

async function store(pack: AsyncIterable<Buffer>, repository: LocalGit) {
  const file = await indexPack(pack, repository)
  return [file, await readParents(repository)] as const
}

/** git walks no thin pack. */
const FORM = { thin: false, ofsDelta: true } as const

/** The commits that tips lead to, and those tips that are trees or files; all as far as they were fetched. */
async function reached(tips: readonly Oid[], parents: Fetched['parents'], repository: LocalGit): Promise<Iterable<Oid>> {
  const others = tips.filter(tip => !parents.has(tip))
  const types = others.length === 0 ? new Map() : await readTypes(others, repository)
  return [...reachFrom(tips, parents), ...others.filter(tip => types.get(tip) !== null)]
}

/** The repository with the small files, and its commits. */
interface Fetched extends LocalGit {
  readonly parents: ReadonlyMap<Oid, readonly Oid[]>
}
