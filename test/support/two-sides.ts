import { baseId } from '../../src/plan/base.ts'
import { parseRemoteUrl } from '../../src/remote/url.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { createBare, fsck, git } from './git-repository.ts'
import { type Mirrored, type MirrorOptions, runMirror } from './mirror.ts'

/**
 * The commits that two sides are made of, by name, each with its parents: `3` comes after `2`, which comes after `1`; `x` comes after `1`, too;
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
const markOf = (name: string): number => names.indexOf(name as CommitName) + 1

/** The language of git-fast-import(1). Dates are fixed, so that both sides have the same oids. */
const STREAM = names
  .map(name => {
    const [first, ...others] = COMMITS[name]
    return [
      `commit refs/build/${name}\nmark :${markOf(name)}\ncommitter A <a@example.org> ${1_700_000_000 + markOf(name)} +0000\ndata 1\n${name}\n`,
      first === undefined ? '' : `from :${markOf(first)}\n`,
      ...others.map(parent => `merge :${markOf(parent)}\n`),
      `M 100644 inline ${name}\ndata 1\n${name}\n\n`,
      `tag build-${name}\nfrom :${markOf(name)}\ntagger A <a@example.org> 1700000000 +0000\ndata 1\n${name}\n`,
    ].join('')
  })
  .join('')

/** Makes a repository with just the objects that its refs need: what the other side has must not be in it by accident. */
async function createSide(refs: SideRefs, head: string): Promise<string> {
  const directory = await createBare(undefined, { defaultBranch: head })
  await setRefs(directory, refs)
  return directory
}

/** Sets refs of a repository, adding the objects that they need. null deletes. */
export async function setRefs(directory: string, refs: Readonly<Record<string, SideRefs[string] | null>>): Promise<void> {
  await git(directory, ['-c', 'fastimport.unpackLimit=0', 'fast-import', '--quiet', '--force', '--date-format=raw'], { input: STREAM })
  const update = Object.entries(refs).map(([ref, name]) => (name === null ? `delete refs/${ref}\n` : `update refs/${ref} ${built(name)}\n`))
  const clean = names.flatMap(name => [`delete refs/build/${name}\n`, `delete refs/tags/build-${name}\n`])
  await git(directory, ['update-ref', '--stdin'], { input: [...update, ...clean].join('') })
  await git(directory, ['repack', '-adq'])
}

const built = (name: string): string => (name.endsWith('^') ? `refs/tags/build-${name.slice(0, -1)}` : `refs/build/${name}`)

interface Heads {
  readonly hereHead?: string
  readonly thereHead?: string
}

/** Makes both sides. The base is stored *here*, as a run before would have done. */
export async function createTwoSides(here: SideRefs, there: SideRefs, base: SideRefs = {}, heads: Heads = {}): Promise<TwoSides> {
  const other = await createSide(there, heads.thereHead ?? 'main')
  const based = Object.entries(base).map(([ref, name]) => [`${basePrefix(other)}${ref}`, name] as const)
  return { here: await createSide({ ...here, ...Object.fromEntries(based) }, heads.hereHead ?? 'main'), there: other }
}

function basePrefix(there: string): string {
  const url = parseRemoteUrl(there, { allowInsecureHttp: false })
  if ('problem' in url) throw new Error(url.problem)
  return `mirroring/base/${baseId({ url, username: '' })}/`
}

/** Runs both ways. */
export const runBothWays = ({ here, there }: TwoSides, inputs: RawInputs = {}, options: MirrorOptions = {}): Promise<Mirrored> =>
  runMirror({ direction: 'bidirectional', 'repository-url': here, 'remote-url': there, ...inputs }, options)

export interface SeenSides {
  /** Ref without `refs/` → name of its commit, for branches and tags. */
  readonly here: Readonly<Record<string, string>>
  readonly there: Readonly<Record<string, string>>
  readonly base: Readonly<Record<string, string>>
  /** Where the base lies here, without `refs/`. */
  readonly prefix: string
  /** Backups at each side, `heads/main` → name of its commit. */
  readonly backups: Readonly<Record<'here' | 'there', Readonly<Record<string, string>>>>
}

/** What both sides hold now, both of them whole. */
export async function seeSides({ here, there }: TwoSides): Promise<SeenSides> {
  await Promise.all([fsck(here), fsck(there)])
  const [ours, theirs] = await Promise.all([allRefs(here), allRefs(there)])
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
    prefix: basePrefix(there),
    backups: { here: backups(ours), there: backups(theirs) },
  }
}

/** A commit is named by its message, an annotated tag by that and `^`. */
async function allRefs(directory: string): Promise<Map<string, string>> {
  const { stdout } = await git(directory, ['for-each-ref', '--format=%(refname) %(objecttype) %(contents:subject)'])
  const lines = stdout.split('\n').filter(line => line !== '')
  return new Map(
    lines.map(line => {
      const [ref = '', type, name = ''] = line.split(' ')
      return [ref.slice('refs/'.length), type === 'tag' ? `${name}^` : name]
    }),
  )
}
