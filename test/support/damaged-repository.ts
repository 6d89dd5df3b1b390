import { chmodSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { commitAll, git, type NewCommit } from './git-repository.ts'

/** Each kind of damage with the object that suffers; `~1` is the parent of the tip. Names of branches, and of one tag. */
export const DAMAGES = {
  'blob-missing': 'blob-missing:d/file',
  'blob-broken': 'blob-broken:d/file',
  'blob-empty': 'blob-empty:d/file',
  'tree-missing': 'tree-missing:d',
  'tree-broken': 'tree-broken:d',
  'root-missing': 'root-missing:',
  'parent-missing': 'parent-missing~1',
  'parent-broken': 'parent-broken~1',
  'old-blob-missing': 'old-blob-missing~1:old',
  'tip-missing': 'tip-missing',
  'tip-broken': 'tip-broken',
} as const

export type DamagedBranch = keyof typeof DAMAGES

/** Branches whose ref itself is damaged: an empty file, and the null oid. */
export const DAMAGED_REFS = ['empty', 'null'] as const

/** Two commits on a branch, of which only the first has the file `old`. */
export const twoCommits = (branch: string, parent: string | null): NewCommit[] => {
  const files = { 'd/file': `${branch}\n${Array.from({ length: 40 }, (_, line) => `${branch} ${line}`).join('\n')}`, old: branch }
  return [
    { branch, files, parents: parent === null ? [] : [parent] },
    { branch, files: { old: null, new: branch } },
  ]
}

/** Adds a branch of each kind of damage, whole as yet. */
export async function addBranches(directory: string, names: readonly string[], parent: string): Promise<void> {
  await commitAll(
    directory,
    names.flatMap(name => {
      const [first, second] = twoCommits(name, parent)
      return first && second ? [first, second] : []
    }),
  )
}

/** Damages the objects of these branches. @returns the object of each that is damaged */
export async function damage(directory: string, branches: readonly DamagedBranch[]): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await git(directory, ['rev-parse', ...branches.map(branch => DAMAGES[branch])])
  const oids = stdout.split('\n')
  for (const [index, branch] of branches.entries()) {
    const oid = oids[index] ?? ''
    const file = join(directory, 'objects', oid.slice(0, 2), oid.slice(2))
    if (branch.endsWith('-missing')) rmSync(file)
    else {
      chmodSync(file, 0o644)
      if (branch === 'blob-empty') truncateSync(file, 0)
      else truncateSync(file, 30)
    }
  }
  return new Map(branches.map((branch, index) => [branch, oids[index] ?? '']))
}

/** Writes a branch as a file, whatever it names. */
export function writeRef(directory: string, name: string, content: string): void {
  const file = join(directory, 'refs/heads', name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}
