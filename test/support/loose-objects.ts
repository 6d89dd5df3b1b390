import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'

/** Objects by their oid, each in the form in which git stores it. */
export type LooseObjects = ReadonlyMap<string, Buffer>

/** An oid, and each object that it needs. */
export interface BuiltObject {
  readonly oid: string
  readonly objects: LooseObjects
}

/** Makes an object without git, which costs more to start. @param needs what it leads to */
export function buildObject(
  type: 'blob' | 'tree' | 'commit' | 'tag',
  content: string | Buffer,
  ...needs: readonly BuiltObject[]
): BuiltObject {
  const bytes = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), Buffer.from(content)])
  const oid = createHash('sha1').update(bytes).digest('hex')
  return { oid, objects: new Map([...needs.flatMap(({ objects }) => [...objects]), [oid, deflateSync(bytes)]]) }
}

/** A tree of files, in the order of their names. */
export function buildTree(files: readonly (readonly [name: string, blob: string])[], ...needs: readonly BuiltObject[]): BuiltObject {
  const entries = files.map(([file, oid]) => Buffer.from(`100644 ${file}\0${Buffer.from(oid, 'hex').toString('latin1')}`, 'latin1'))
  return buildObject('tree', Buffer.concat(entries), ...needs)
}

interface CommitParts {
  readonly tree: BuiltObject
  readonly parents: readonly BuiltObject[]
  /** With its date: `A <a@example.org> 1700000000 +0000`. */
  readonly author: string
  readonly message: string
}

export function buildCommit({ tree, parents, author, message }: CommitParts): BuiltObject {
  const lines = [`tree ${tree.oid}`, ...parents.map(({ oid }) => `parent ${oid}`), `author ${author}`, `committer ${author}`]
  return buildObject('commit', `${lines.join('\n')}\n\n${message}`, tree, ...parents)
}

/** Adds just these objects to a repository. */
export function writeObjects(directory: string, objects: LooseObjects): void {
  for (const [oid, bytes] of objects) {
    mkdirSync(join(directory, 'objects', oid.slice(0, 2)), { recursive: true })
    writeFileSync(join(directory, 'objects', oid.slice(0, 2), oid.slice(2)), bytes)
  }
}
