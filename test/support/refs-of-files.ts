import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * All refs below `refs/` of a repository whose refs are files (gitrepository-layout(5)), full name → oid, sorted by name.
 * Tests look at refs more often than at all else, and to start git for each look costs more than what is tested.
 */
export function readRefs(directory: string): Map<string, string> {
  const root = existsSync(join(directory, 'HEAD')) ? directory : join(directory, '.git')
  // In this order, as git: a ref that is packed in between is found then.
  const loose = looseRefs(root, 'refs')
  const refs = new Map([...packedRefs(root), ...loose])
  const resolved = [...refs.keys()].sort().flatMap(name => {
    const oid = resolve(refs, name)
    return oid === null ? [] : [[name, oid] as const]
  })
  return new Map(resolved)
}

function looseRefs(root: string, below: string): [string, string][] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap(entry => {
    const name = `${below}/${entry.name}`
    if (entry.isDirectory()) return looseRefs(root, name)
    return entry.name.endsWith('.lock') ? [] : [[name, readFileSync(join(root, name), 'utf8').trim()] as [string, string]]
  })
}

function packedRefs(root: string): [string, string][] {
  const file = join(root, 'packed-refs')
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap(line => (/^[0-9a-f]/.test(line) ? [[line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]] : []))
}

/** The commit of a ref, through symbolic refs; null if it is missing. */
function resolve(refs: ReadonlyMap<string, string>, name: string): string | null {
  const value = refs.get(name)
  if (value === undefined) return null
  return value.startsWith('ref: ') ? resolve(refs, value.slice('ref: '.length)) : value
}
