import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../errors/failure.ts'
import { type LfsCommand, type LfsResult, runLfs } from '../git/lfs.ts'
import { createRepository } from '../git/repository.ts'
import { type LocalGit, runLocalGit } from '../git/run.ts'
import { LFS_EXCESS_BYTES } from '../limits/limits.ts'
import type { LfsRemote } from '../session/lfs.ts'
import { inParallel } from '../tasks/pool.ts'
import type { Pointer } from './pointer.ts'
import { type LfsWords, readLfsWords } from './words.ts'

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

/** The LFS objects on their way: a bare repository. Its commits are lists of pointers for git-lfs, without a `.lfsconfig`. */
export class LfsStore {
  readonly #options: StoreOptions
  readonly #repository: string
  #lists = 0

  private constructor(options: StoreOptions, repository: string) {
    this.#options = options
    this.#repository = repository
  }

  /** @throws Failure `internal` */
  static async open(options: StoreOptions): Promise<LfsStore> {
    const repository = join(options.local.cwd, `lfs-from-${options.source.side}.git`)
    return new LfsStore(options, await createRepository(repository, 'sha1', options.local))
  }

  /** The file into which git-lfs writes the progress of the running command. */
  get progressFile(): string {
    return join(this.#repository, 'progress')
  }

  /** Makes a list of objects. @returns its name, for the other methods @throws Failure `internal` */
  async list(pointers: readonly Pointer[]): Promise<string> {
    const name = `refs/heads/list-${++this.#lists}`
    const files = pointers.map(pointer => {
      // As in git-lfs' spec.md.
      const text = `version https://git-lfs.github.com/spec/v1\noid sha256:${pointer.oid}\nsize ${pointer.size}\n`
      return `M 100644 inline ${pointer.oid}\ndata ${text.length}\n${text}\n`
    })
    const input = `commit ${name}\ncommitter mirror <mirror> 0 +0000\ndata 0\n${files.join('')}\n`
    const local = { ...this.#options.local, cwd: this.#repository }
    const { exitCode, stderr } = await runLocalGit(['fast-import', '--quiet', '--date-format=raw'], local, input)
    if (exitCode !== 0) throw new Failure('internal', 'the LFS objects could not be listed', { detail: stderr })
    return name
  }

  /**
   * Downloads the objects of a list from the source, until one has more bytes than its pointer says: git-lfs would write whatever comes.
   * @returns also the bytes that were on the disk of each such object; they are removed
   */
  async download(list: string, pointers: readonly Pointer[]): Promise<Ended & { readonly tooLarge: ReadonlyMap<string, number> }> {
    const incomplete = join(this.#repository, 'lfs', 'incomplete')
    let tooLarge: ReadonlyMap<string, number> = new Map()
    const isTooMuch = async () => {
      if (tooLarge.size === 0) tooLarge = await tooLargeIn(incomplete, pointers)
      return tooLarge.size > 0
    }
    const ended = await this.#run(['fetch', this.#options.source.side, list], this.#options.source, { isTooMuch })
    if (tooLarge.size > 0) await rm(incomplete, { recursive: true, force: true, maxRetries: 3 })
    return { ...ended, tooLarge }
  }

  /** Asks the destination which objects it lacks, while none is here: git-lfs names what it would send. Reliable only if it ends well. */
  ask(list: string): Promise<Ended> {
    const settings = ['-c', 'lfs.allowincompletepush=true']
    return this.#run(['push', this.#options.destination.side, list], this.#options.destination, { settings })
  }

  /** Uploads those objects of a list that the destination lacks; all must be here. */
  upload(list: string): Promise<Ended> {
    return this.#run(['push', this.#options.destination.side, list], this.#options.destination)
  }

  /** Those of the objects that are here, whole. */
  async present(pointers: readonly Pointer[]): Promise<ReadonlySet<string>> {
    return await presentIn(join(this.#repository, 'lfs'), pointers)
  }

  /** Objects that the destination has, where that is a repository of this machine: git-lfs does not ask there. */
  async presentThere(pointers: readonly Pointer[]): Promise<ReadonlySet<string>> {
    const { repository } = this.#options.destination
    if (repository === null) return new Set()
    const [bare, other] = await Promise.all(['lfs', join('.git', 'lfs')].map(path => presentIn(join(repository, path), pointers)))
    return new Set([...(bare ?? []), ...(other ?? [])])
  }

  /** Makes room for other objects. */
  async clear(): Promise<void> {
    await rm(join(this.#repository, 'lfs'), { recursive: true, force: true, maxRetries: 3 })
  }

  async #run(
    args: readonly string[],
    remote: LfsRemote,
    { settings = [], isTooMuch = async () => false }: RunOptions = {},
  ): Promise<Ended> {
    await mkdir(this.#repository, { recursive: true })
    await rm(this.progressFile, { force: true })
    const { stallMs } = this.#options
    const command = { ...remote, cwd: this.#repository, progressFile: this.progressFile, stallMs, isTooMuch }
    const result = await runLfs(args, { ...command, settings })
    return { result, words: readLfsWords(result.output) }
  }
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
