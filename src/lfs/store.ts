import { mkdir, readdir, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../errors/failure.ts'
import { type LfsCommand, type LfsResult, runLfs } from '../git/lfs.ts'
import { createRepository } from '../git/repository.ts'
import { type LocalGit, runLocalGit } from '../git/run.ts'
import { readText } from '../host/file-text.ts'
import { LFS_EXCESS_BYTES, LFS_PROGRESS_CHARACTERS, LFS_STEP_BYTES } from '../limits/limits.ts'
import type { Amount } from '../report/lfs.ts'
import type { LfsRemote } from '../session/lfs.ts'
import { inParallel } from '../tasks/pool.ts'
import type { Pointer } from './pointer.ts'
import { type LfsWords, readLfsProgress, readLfsWords } from './words.ts'

export interface StoreOptions {
  /** Starts in the directory in which the repository is made. */
  readonly local: LocalGit
  readonly source: LfsRemote
  readonly destination: LfsRemote
  /** A server that moves nothing for so long is gone. */
  readonly stallMs: number
}

/** The end of a git-lfs command. */
export interface Ended {
  readonly result: LfsResult
  readonly words: LfsWords
}

export type LfsStore = Awaited<ReturnType<typeof openLfsStore>>

/** The LFS objects on their way: a bare repository. Its commits are lists of pointers for git-lfs, without a `.lfsconfig`. @throws Failure `internal` */
export async function openLfsStore({ local, source, destination, stallMs }: StoreOptions) {
  const cwd = await createRepository(join(local.cwd, `lfs-from-${source.side}.git`), 'sha1', local)
  const progressFile = join(cwd, 'progress')
  const storage = join(cwd, 'lfs')
  let lists = 0
  const moved = new Map<string, number>()
  const progress = () => readProgress(progressFile, moved)
  const bytesMoved = async () => bytesThatCount(await progress())
  const run = async (args: readonly string[], remote: LfsRemote, options: RunOptions = {}): Promise<Ended> => {
    await mkdir(cwd, { recursive: true })
    await rm(progressFile, { force: true })
    moved.clear()
    const watched = { progressFile, bytesMoved, stallMs, isTooMuch: async () => false }
    const result = await runLfs(args, { ...remote, cwd, settings: [], ...watched, ...options })
    return { result, words: readLfsWords(result.output) }
  }
  return {
    /** The amount that the running command has moved. */
    progress,
    /** Makes a list of objects. @returns its name, for the other methods @throws Failure `internal` */
    list: async (pointers: readonly Pointer[]): Promise<string> => {
      const name = `refs/heads/list-${++lists}`
      const input = `commit ${name}\ncommitter mirror <mirror> 0 +0000\ndata 0\n${pointers.map(fileOf).join('')}\n`
      const { exitCode, stderr } = await runLocalGit(['fast-import', '--quiet', '--date-format=raw'], { ...local, cwd }, input)
      if (exitCode !== 0) throw new Failure('internal', 'the LFS objects could not be listed', { detail: stderr })
      return name
    },

    /**
     * Downloads the objects of a list from the source, until one has more bytes than its pointer says: git-lfs would write whatever comes.
     * @returns also the bytes that were on the disk of each such object; they are removed
     */
    download: async (list: string, pointers: readonly Pointer[]) => {
      const incomplete = join(storage, 'incomplete')
      let tooLarge: ReadonlyMap<string, number> = new Map()
      const isTooMuch = async () => {
        if (tooLarge.size === 0) tooLarge = await tooLargeIn(incomplete, pointers)
        return tooLarge.size > 0
      }
      const ended = await run(['fetch', source.side, list], source, { isTooMuch })
      if (tooLarge.size > 0) await rm(incomplete, { recursive: true, force: true, maxRetries: 3 })
      return { ...ended, tooLarge }
    },

    /** Asks the destination which objects it lacks, while none is here: git-lfs names what it would send. Reliable only if it ends well. */
    ask: (list: string) => run(['push', destination.side, list], destination, { settings: ['-c', 'lfs.allowincompletepush=true'] }),

    /** Uploads those objects of a list that the destination lacks; all must be here. */
    upload: (list: string) => run(['push', destination.side, list], destination),

    /** Those of the objects that are here, whole. */
    present: (pointers: readonly Pointer[]) => presentIn(storage, pointers),

    /** Objects that the destination has, where that is a repository of this machine: git-lfs does not ask there. */
    presentThere: (pointers: readonly Pointer[]) => presentAt(destination.repository, pointers),

    /** Makes room for other objects. */
    clear: () => rm(storage, { recursive: true, force: true, maxRetries: 3 }),
  }
}

/** Progress in whole steps, as an object that is complete is one, however small: single bytes that drip are none. */
export const bytesThatCount = ({ objects, bytes }: Amount): number => (objects + Math.floor(bytes / LFS_STEP_BYTES)) * LFS_STEP_BYTES

/** A pointer as in git-lfs' spec.md, for git fast-import. */
function fileOf({ oid, size }: Pointer): string {
  const text = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`
  return `M 100644 inline ${oid}\ndata ${text.length}\n${text}\n`
}

/** Reads the file that git-lfs writes, and empties it when it is large. */
async function readProgress(file: string, moved: Map<string, number>): Promise<Amount> {
  const text = await readText(file).catch(() => null)
  if (text === null || text.length > LFS_PROGRESS_CHARACTERS) await truncate(file).catch(() => {})
  return readLfsProgress(text ?? '', moved)
}

type RunOptions = Partial<Pick<LfsCommand, 'settings' | 'isTooMuch'>>

/** The objects under way with too many bytes, and how many. The names of git-lfs' temporary files begin with the object's. */
async function tooLargeIn(directory: string, pointers: readonly Pointer[]): Promise<ReadonlyMap<string, number>> {
  const names = await readdir(directory).catch(() => [])
  const found = new Map<string, number>()
  for (const { oid, size } of names.length === 0 ? [] : pointers) {
    const name = names.find(one => one.startsWith(oid))
    const file = name === undefined ? null : await stat(join(directory, name)).catch(() => null)
    if (file !== null && file.size > size + LFS_EXCESS_BYTES) found.set(oid, file.size)
  }
  return found
}

/** The objects of a repository of this machine, which may be bare; none without one. */
async function presentAt(repository: string | null, pointers: readonly Pointer[]): Promise<ReadonlySet<string>> {
  if (repository === null) return new Set()
  const [bare, other] = await Promise.all(['lfs', join('.git', 'lfs')].map(path => presentIn(join(repository, path), pointers)))
  return new Set([...(bare ?? []), ...(other ?? [])])
}

/** git-lfs keeps an object below the first two bytes of its name. It puts one there only once it is whole. */
async function presentIn(storage: string, pointers: readonly Pointer[]): Promise<ReadonlySet<string>> {
  const present = new Set<string>()
  await inParallel(pointers, AT_ONCE, async ({ oid, size }) => {
    const file = await stat(join(storage, 'objects', oid.slice(0, 2), oid.slice(2, 4), oid)).catch(() => null)
    if (file?.size === size) present.add(oid)
  })
  return present
}

const AT_ONCE = 16
