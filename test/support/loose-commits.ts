import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readObject, writeObject } from './loose-objects.ts'

export interface LooseCommit {
  readonly ref: string
  /** Oids, or numbers: positions in the list. */
  readonly parents: readonly (string | number)[]
  /** Path → content, or null to remove it. The rest comes from the first parent. */
  readonly files: Readonly<Record<string, string | null>>
  /** With its date: `A <a@example.org> 1700000000 +0000`. */
  readonly author: string
  readonly message: string
}

type Changes = readonly (readonly [path: string, content: string | null])[]

/**
 * Adds commits one by one as files, and moves their branches: to start git costs more. Gives the oids, or null where git has to do it,
 * before anything was written: a parent is in a pack, or a branch is not just a file.
 */
export function commitLoosely(root: string, commits: readonly LooseCommit[]): string[] | null {
  const given = commits.flatMap(({ parents }) => parents.filter(parent => typeof parent === 'string'))
  if (given.some(parent => readObject(root, parent) === null) || commits.some(({ ref }) => !isPlain(join(root, ref)))) return null
  const oids: string[] = []
  for (const { ref, parents: before, files, author, message } of commits) {
    const parents = before.map(parent => (typeof parent === 'number' ? (oids[parent] ?? '') : parent))
    const changes = Object.entries(files).map(([path, content]) => [Buffer.from(path).toString('latin1'), content] as const)
    const tree = changeTree(root, parents[0] === undefined ? null : treeOf(root, parents[0]), changes)
    const lines = [`tree ${tree}`, ...parents.map(parent => `parent ${parent}`), `author ${author}`, `committer ${author}`]
    const oid = writeObject(root, 'commit', Buffer.from(`${lines.join('\n')}\n\n${message}`))
    writeRef(root, ref, oid)
    oids.push(oid)
  }
  return oids
}

/** Neither a symbolic ref, nor a folder that git removes where it is empty. */
function isPlain(file: string): boolean {
  if (!existsSync(file)) return true
  return statSync(file).isFile() && !readFileSync(file, 'utf8').startsWith('ref: ')
}

/** Sets a ref as git does: one that has it open is not disturbed. */
function writeRef(root: string, ref: string, oid: string): void {
  const file = join(root, ref)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.lock`, `${oid}\n`, { flag: 'wx' })
  renameSync(`${file}.lock`, file)
}

const treeOf = (root: string, commit: string): string =>
  contentOf(root, commit).subarray('tree '.length).toString('latin1').split('\n', 1)[0] ?? ''

function contentOf(root: string, oid: string): Buffer {
  const object = readObject(root, oid)
  if (object === null) throw new Error(`${oid} is not a file of ${root}`)
  return object.content
}

/** Gives the oid of a tree with changes. Names are bytes, in latin1. */
function changeTree(root: string, tree: string | null, changes: Changes): string {
  const entries = tree === null ? new Map<string, Entry>() : parseTree(contentOf(root, tree), tree.length / 2)
  const below = new Map<string, (readonly [string, string | null])[]>()
  for (const [path, content] of changes) {
    const [name = '', ...rest] = path.split('/')
    if (rest.length > 0) below.set(name, [...(below.get(name) ?? []), [rest.join('/'), content]])
    else if (content === null) entries.delete(name)
    else entries.set(name, { mode: '100644', oid: writeObject(root, 'blob', Buffer.from(content)) })
  }
  for (const [name, inside] of below) {
    const old = entries.get(name)
    const oid = changeTree(root, old?.mode === '40000' ? old.oid : null, inside)
    if (contentOf(root, oid).length === 0) entries.delete(name)
    else entries.set(name, { mode: '40000', oid })
  }
  return writeObject(root, 'tree', formatTree(entries))
}

interface Entry {
  readonly mode: string
  readonly oid: string
}

/** Entries of a tree, name → mode and oid. @param size of an oid, in bytes */
export function parseTree(content: Buffer, size: number): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf(0, at)
    const [mode = '', ...name] = content.toString('latin1', at, end).split(' ')
    at = end + 1 + size
    entries.set(name.join(' '), { mode, oid: content.toString('hex', end + 1, at) })
  }
  return entries
}

/** Git sorts a folder as if its name ended with a slash. */
function formatTree(entries: ReadonlyMap<string, Entry>): Buffer {
  const keyed = [...entries].map(([name, entry]) => ({ key: entry.mode === '40000' ? `${name}/` : name, name, ...entry }))
  const sorted = keyed.sort((a, b) => (a.key < b.key ? -1 : 1))
  return Buffer.concat(sorted.flatMap(({ mode, name, oid }) => [Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(oid, 'hex')]))
}
