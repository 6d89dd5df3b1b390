import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseTree } from './loose-commits.ts'
import { type ReadObject, readObject } from './loose-objects.ts'
import { readRefs } from './refs-of-files.ts'

/** More of them git reads faster. */
const MOST = 150
const PERSON = String.raw`[^<>\n\0]+ <[^<>\n\0]+> (?:0|[1-9]\d{0,11}) [+-]\d{4}`
const OID = '(?:[0-9a-f]{40}|[0-9a-f]{64})'
const COMMIT = new RegExp(`^tree (${OID})\n((?:parent ${OID}\n)*)author ${PERSON}\ncommitter ${PERSON}\n\n[^\0]*$`)
const TAG = new RegExp(`^object (${OID})\ntype (commit|tree|blob|tag)\ntag [\\w/-]+\ntagger ${PERSON}\n\n[^\0]*$`)
const TYPES: Readonly<Record<string, string>> = { '40000': 'tree', '100644': 'blob', '100755': 'blob', '120000': 'blob' }

type Link = readonly [oid: string, type: string]

/**
 * Says whether a bare repository is surely whole, by the rules of git-fsck(1), without its start. Each object is what its name says, is of the
 * right form, and has all that it leads to. Each ref leads to an object. False where git has to look, as for packs.
 */
export function isSurelyWhole(root: string): boolean {
  if (['index', 'logs', 'shallow', 'worktrees', 'objects/info/alternates'].some(name => existsSync(join(root, name)))) return false
  const folders = readdirSync(join(root, 'objects'))
  if (existsSync(join(root, 'objects/pack')) && readdirSync(join(root, 'objects/pack')).length > 0) return false
  const oids = folders.flatMap(two =>
    /^[0-9a-f]{2}$/.test(two) ? readdirSync(join(root, 'objects', two)).map(rest => `${two}${rest}`) : [],
  )
  if (oids.length > MOST) return false
  const types = new Map<string, string>()
  const links: Link[] = []
  for (const oid of oids) {
    const object = readSafely(root, oid)
    const found = object === null ? null : linksOf(object, oid.length / 2)
    if (object === null || found === null) return false
    types.set(oid, object.type)
    links.push(...found)
  }
  const refs = [...readRefs(root)].map(([name, oid]) => [oid, name.startsWith('refs/heads/') ? 'commit' : types.get(oid)] as const)
  return [...links, ...refs].every(([oid, type]) => type !== undefined && types.get(oid) === type)
}

/** null where a file is no object, or not that of its name. */
function readSafely(root: string, oid: string): ReadObject | null {
  try {
    return readObject(root, oid)
  } catch {
    return null
  }
}

/** The links of an object; null where it is not of the form that git writes. */
function linksOf({ type, content }: ReadObject, size: number): Link[] | null {
  if (type === 'blob') return []
  if (type === 'tree') return linksOfTree(content, size)
  const text = content.toString('latin1')
  if (type === 'tag') {
    const [, oid, of] = TAG.exec(text) ?? []
    return oid === undefined || of === undefined ? null : [[oid, of]]
  }
  const [, tree, parents = ''] = COMMIT.exec(text) ?? []
  if (type !== 'commit' || tree === undefined) return null
  return [[tree, 'tree'], ...parents.split('\n').flatMap((line): Link[] => (line === '' ? [] : [[line.slice('parent '.length), 'commit']]))]
}

function linksOfTree(content: Buffer, size: number): Link[] | null {
  const entries = [...parseTree(content, size)]
  const keys = entries.map(([name, { mode }]) => (mode === '40000' ? `${name}/` : name))
  const isSorted = keys.every((key, position) => position === 0 || (keys[position - 1] ?? '') < key)
  // Names that could be git's own are left to git, on any system.
  const isPlain = entries.every(([name, { mode }]) => /^(?!\.+$|\.git)[^/~:\\]+$/i.test(name) && TYPES[mode] !== undefined)
  return isSorted && isPlain ? entries.map(([, { mode, oid }]) => [oid, TYPES[mode] ?? '']) : null
}
