import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { baseId, sealerOf } from '../../src/plan/base.ts'
import { sealOf } from '../../src/plan/seal.ts'
import type { Oid, RefName } from '../../src/refs/ref.ts'
import { parseRemoteUrl } from '../../src/remote/url.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { createBare, fsck, git } from './git-repository.ts'
import { type BuiltObject, buildCommit, buildObject, buildTree, writeObjects } from './loose-objects.ts'
import { type Mirrored, type MirrorOptions, runMirror } from './mirror.ts'
import { readRefs } from './refs-of-files.ts'

/**
 * The commits that two sides are made of, by name, each with its parents. `3` comes after `2`, which comes after `1`; `x` comes after `1`, too.
 * `m` merges `2` and `x`; `r` has nothing in common with the rest.
 */
const COMMITS = { '1': [], '2': ['1'], '3': ['2'], x: ['1'], m: ['2', 'x'], r: [] } as const satisfies Readonly<
  Record<string, readonly string[]>
>
type CommitName = keyof typeof COMMITS

/** Name of a ref without `refs/` → its commit; `2^` is an annotated tag of `2`. */
export type SideRefs = Readonly<Record<string, CommitName | `${CommitName}^`>>

export interface TwoSides {
  readonly here: string
  readonly there: string
}

const names = Object.keys(COMMITS) as CommitName[]
/** Dates are fixed, so that both sides have the same oids. */
const author = (name: string): string => `A <a@example.org> ${1_700_000_000 + names.indexOf(name as CommitName)} +0000`
const built = new Map<string, BuiltObject>()
const trees = new Map<CommitName, readonly (readonly [name: string, oid: string])[]>()

/** The commit of a name of `SideRefs`. */
function build(name: string): BuiltObject {
  const known = built.get(name) ?? (name.endsWith('^') ? buildTag(name.slice(0, -1)) : buildNamed(name as CommitName))
  built.set(name, known)
  return known
}

function buildTag(name: string): BuiltObject {
  const commit = build(name)
  return buildObject('tag', `object ${commit.oid}\ntype commit\ntag build-${name}\ntagger ${author(name)}\n\n${name}`, commit)
}

/** Each commit adds a file of its own to those of its first parent. */
function buildNamed(name: CommitName): BuiltObject {
  const names: readonly CommitName[] = COMMITS[name]
  const parents = names.map(parent => build(parent))
  const blob = buildObject('blob', name)
  const entries = [...(trees.get(names[0] ?? name) ?? []), [name, blob.oid] as const].sort()
  trees.set(name, entries)
  return buildCommit({ tree: buildTree(entries, blob), parents, author: author(name), message: name })
}

/** Adds just the objects that refs need: what the other side has must not be there by accident. */
const addObjects = (directory: string, refs: readonly string[]): void =>
  writeObjects(directory, new Map(refs.flatMap(name => [...build(name).objects])))

async function createSide(refs: SideRefs, head: string): Promise<string> {
  const directory = await createBare(undefined, { defaultBranch: head })
  addObjects(directory, Object.values(refs))
  const lines = Object.entries(refs).map(([ref, name]) => `${build(name).oid} refs/${ref}\n`)
  writeFileSync(join(directory, 'packed-refs'), lines.join(''))
  return directory
}

/** Sets refs of a repository, adding the objects that they need. null deletes. */
export async function setRefs(directory: string, refs: Readonly<Record<string, SideRefs[string] | null>>): Promise<void> {
  addObjects(
    directory,
    Object.values(refs).filter(name => name !== null),
  )
  const update = Object.entries(refs).map(([ref, name]) =>
    name === null ? `delete refs/${ref}\n` : `update refs/${ref} ${build(name).oid}\n`,
  )
  await git(directory, ['update-ref', '--stdin'], { input: update.join('') })
}

interface Heads {
  readonly hereHead?: string
  readonly thereHead?: string
}

/** Makes both sides. The base is stored *here* and sealed *there*, as a run before would have done. @param forged bases without a seal */
export async function createTwoSides(
  here: SideRefs,
  there: SideRefs,
  base: SideRefs = {},
  { hereHead = 'main', thereHead = 'main', forged = {} }: Heads & { readonly forged?: SideRefs } = {},
): Promise<TwoSides> {
  const other = await createSide(there, thereHead)
  const based = Object.entries({ ...base, ...forged }).map(([ref, name]) => [`${basePrefix(other)}${ref}`, name] as const)
  const sides = { here: await createSide({ ...here, ...Object.fromEntries(based) }, hereHead), there: other }
  addObjects(other, Object.values(base))
  const seals = Object.entries(base).map(([ref, name]) => `${build(name).oid} ${sealFor(sides, ref, name)}\n`)
  appendFileSync(join(other, 'packed-refs'), seals.join(''))
  return sides
}

function placeOf(path: string) {
  const url = parseRemoteUrl(path, { allowInsecureHttp: false })
  if ('problem' in url) throw new Error(url.problem)
  return { url, username: '', secret: null }
}

const basePrefix = (there: string): string => `mirroring/base/${baseId(placeOf(there))}/`

/** The ref there that seals a base here. */
export const sealFor = ({ here, there }: TwoSides, ref: string, name: SideRefs[string]): RefName =>
  sealOf(`refs/${ref}` as RefName, build(name).oid as Oid, sealerOf({ here: placeOf(here), there: placeOf(there) }))

/** Runs in both directions. */
export const runBothWays = ({ here, there }: TwoSides, inputs: RawInputs = {}, options: MirrorOptions = {}): Promise<Mirrored> =>
  runMirror({ direction: 'bidirectional', 'repository-url': here, 'remote-url': there, ...inputs }, options)

export interface SeenSides {
  /** Ref without `refs/` → name of its commit, for branches and tags. */
  readonly here: Readonly<Record<string, string>>
  readonly there: Readonly<Record<string, string>>
  readonly base: Readonly<Record<string, string>>
  /** The seals there, each with the name of its commit. */
  readonly seals: Readonly<Record<string, string>>
  /** The prefix of the base here, without `refs/`. */
  readonly prefix: string
  /** Backups at each side, `heads/main` → name of its commit. */
  readonly backups: Readonly<Record<'here' | 'there', Readonly<Record<string, string>>>>
}

/** The refs of both sides now; both must be whole. */
export async function seeSides({ here, there }: TwoSides): Promise<SeenSides> {
  await Promise.all([fsck(here), fsck(there)])
  const [ours, theirs] = [allRefs(here), allRefs(there)]
  const below = (refs: ReadonlyMap<string, string>, prefix: string) =>
    Object.fromEntries([...refs].flatMap(([ref, name]) => (ref.startsWith(prefix) ? [[ref.slice(prefix.length), name]] : [])))
  const branchesAndTags = (refs: ReadonlyMap<string, string>) =>
    Object.fromEntries([...refs].filter(([ref]) => ref.startsWith('heads/') || ref.startsWith('tags/')))
  const backups = (refs: ReadonlyMap<string, string>) =>
    Object.fromEntries(Object.entries(below(refs, 'mirroring/backup/')).map(([ref, name]) => [ref.slice(ref.indexOf('/') + 1), name]))
  return {
    here: branchesAndTags(ours),
    there: branchesAndTags(theirs),
    base: below(ours, basePrefix(there)),
    seals: Object.fromEntries([...theirs].flatMap(([ref, name]) => (ref.startsWith('mirroring/seal/') ? [[`refs/${ref}`, name]] : []))),
    prefix: basePrefix(there),
    backups: { here: backups(ours), there: backups(theirs) },
  }
}

/** Names without `refs/`. A run makes no commits: each is one of `COMMITS`, or a tag of one. */
function allRefs(directory: string): Map<string, string> {
  const known = new Map(names.flatMap(name => [name, `${name}^`].map(each => [build(each).oid, each] as const)))
  return new Map([...readRefs(directory)].map(([ref, oid]) => [ref.slice('refs/'.length), known.get(oid) ?? oid]))
}
