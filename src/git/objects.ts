import { createInterface } from 'node:readline'
import { Failure } from '../errors/failure.ts'
import { COMMIT_LIST_BYTES, ROOTS_BYTES } from '../limits/limits.ts'
import type { Oid } from '../refs/ref.ts'
import { awaitedLater, onceThere } from '../tasks/later.ts'
import { showBytes } from '../text/quantity.ts'
import { collectText } from './output.ts'
import { type GitProcess, type ProcessOptions, startGit, throwIfEnded } from './process.ts'
import { type LocalGit, runLocalGit } from './run.ts'

/**
 * Contents of files at the roots of commits.
 * @param name of a file at the root
 * @returns by commit; null where the commit has no such file, undefined where the repository has no such commit, or the files are too large
 * @throws Failure `internal` if git cannot read them; the signal's reason
 */
export async function readRootFiles(commits: readonly string[], name: string, repository: LocalGit) {
  const input = commits.flatMap(commit => [`${commit}\n`, `${commit}:${name}\n`]).join('')
  const types = await runLocalGit(['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)'], repository, input)
  const lines = types.stdout.toString('utf8').split('\n')
  const files = new Map<string, string | null>()
  const seen = new Set<string>()
  let left = ROOTS_BYTES
  for (const [index, commit] of commits.entries()) {
    if (lines[2 * index]?.endsWith(' missing') !== false) continue
    const [oid = '', type, size] = lines[2 * index + 1]?.split(' ') ?? []
    if (type === 'blob' && !seen.has(oid)) left -= Number(size)
    seen.add(oid)
    if (left >= 0) files.set(commit, type === 'blob' ? oid : null)
  }
  const contents = await readBlobs([...new Set([...files.values()].flatMap(oid => oid ?? []))], repository)
  return new Map([...files].map(([commit, oid]) => [commit, oid === null ? null : (contents.get(oid) ?? null)]))
}

/** Blobs that are there, by oid. */
async function readBlobs(oids: readonly string[], repository: LocalGit): Promise<ReadonlyMap<string, Buffer | undefined>> {
  if (oids.length === 0) return new Map()
  const { exitCode, stdout, stderr } = await runLocalGit(['cat-file', '--batch'], repository, oids.map(oid => `${oid}\n`).join(''))
  const blobs = exitCode === 0 ? [...wholeBlobs(stdout)] : []
  if (blobs.length !== oids.length) throw new Failure('internal', 'files of the fetched commits could not be read', { detail: stderr })
  return new Map(oids.map((oid, index) => [oid, blobs[index]]))
}

/** Type of each object in a repository, by its name; null if it is missing. @throws Failure `internal` if git cannot list them; the signal's reason */
export async function readTypes<T extends string>(names: readonly T[], repository: ProcessOptions): Promise<ReadonlyMap<T, string | null>> {
  const input = names.map(name => `${name}\n`).join('')
  const result = await runLocalGit(['cat-file', '--batch-check=%(objecttype)'], repository, input)
  const lines = result.stdout.toString('utf8').split('\n')
  if (result.exitCode !== 0 || lines.length !== names.length + 1)
    throw new Failure('internal', 'the fetched objects could not be listed', { detail: result.stderr })
  return new Map(names.map((name, index) => [name, lines[index]?.endsWith(' missing') ? null : (lines[index] ?? null)]))
}

/**
 * Every commit of a repository with its parents, also those that are missing: git would not walk past a missing one.
 * @param most bytes of all names
 * @throws Failure `relay-impossible` if there are more; `source-damaged` if git cannot list them; the signal's reason
 */
export async function readParents(options: ProcessOptions, most = COMMIT_LIST_BYTES): Promise<ReadonlyMap<Oid, readonly Oid[]>> {
  const list = startGit(['cat-file', '--batch-all-objects', '--batch-check=%(objecttype) %(objectname)', '--unordered'], options)
  const read = startGit(['rev-list', '--parents', '--no-walk=unsorted', '--stdin'], options)
  const parents = new Map<Oid, readonly Oid[]>()
  for (const { stderr } of [list, read]) stderr.resume()
  try {
    const tooMany = () =>
      new Failure('relay-impossible', `the list of commits, in which LFS objects are looked for, has more than ${showBytes(most)}`)
    const [codes] = await Promise.all([
      Promise.all([list.exit, read.exit]),
      feed(read, commitsIn(list)),
      collect(read, parents, most, tooMany),
    ])
    options.signal?.throwIfAborted()
    throwIfEnded(list, read)
    if (codes.some(code => code !== 0)) throw new Failure('source-damaged', 'git cannot list its commits')
    return parents
  } finally {
    list.kill()
    read.kill()
  }
}

/**
 * The commits that tips have in their history and others lack, each with its parents.
 * @param without commits; those that the repository lacks are passed over
 * @throws Failure `answer-too-large`; `source-damaged` if git cannot walk the history; the signal's reason
 */
export async function readHistory(
  tips: Iterable<Oid>,
  without: Iterable<Oid>,
  options: ProcessOptions,
): Promise<ReadonlyMap<Oid, readonly Oid[]>> {
  const walk = startGit(['rev-list', '--parents', '--ignore-missing', '--stdin'], options)
  const parents = new Map<Oid, readonly Oid[]>()
  const stderr = collectText([walk.stderr])
  try {
    const tooMany = () => new Failure('answer-too-large', `the list of commits has more than ${showBytes(COMMIT_LIST_BYTES)}`)
    const [code] = await Promise.all([walk.exit, feed(walk, lines(tips, without)), collect(walk, parents, COMMIT_LIST_BYTES, tooMany)])
    options.signal?.throwIfAborted()
    throwIfEnded(walk)
    if (code !== 0) throw new Failure('source-damaged', 'git cannot list its history', { detail: stderr() })
    return parents
  } finally {
    walk.kill()
  }
}

/** Bytes on the disk of the objects that tips have and others lack. @param without commits; those that the repository lacks are passed over. @throws Failure `internal` */
export async function sizeOf(tips: Iterable<Oid>, without: Iterable<Oid>, repository: LocalGit): Promise<number> {
  const input = [...lines(tips, without)].map(line => `${line}\n`).join('')
  const result = await runLocalGit(['rev-list', '--objects', '--disk-usage', '--ignore-missing', '--stdin'], repository, input)
  const bytes = Number(result.stdout.toString('latin1').trim() || Number.NaN)
  if (result.exitCode !== 0 || Number.isNaN(bytes))
    throw new Failure('internal', 'git cannot measure a part of the history', { detail: result.stderr })
  return bytes
}

/** Bytes of the pack that a push of these tips sends to a repository that has the others; null if there are more than `most`. @throws Failure `internal`; the signal's reason */
export async function packSizeOf(tips: Iterable<Oid>, without: readonly Oid[], most: number, repository: LocalGit): Promise<number | null> {
  const types = await readTypes(without, repository)
  const known = without.filter(oid => types.get(oid) !== null)
  const pack = startGit(['pack-objects', '--quiet', '--revs', '--thin', '--delta-base-offset', '--stdout'], repository)
  const stderr = collectText([pack.stderr])
  try {
    void feed(pack, lines(tips, known))
    let bytes = 0
    for await (const piece of pack.stdout as AsyncIterable<Buffer>) {
      bytes += piece.length
      if (bytes > most) return null
    }
    const code = await pack.exit
    repository.signal?.throwIfAborted()
    throwIfEnded(pack)
    if (code !== 0) throw new Failure('internal', 'git cannot measure a part of the history', { detail: stderr() })
    return bytes
  } finally {
    pack.kill()
  }
}

/**
 * Those of the objects that no tip has in its history; every object that is no commit is among them. Git walks all of the history, as with tips to leave
 * out it trusts the dates of commits.
 * @throws Failure `source-damaged` if git cannot walk it; the signal's reason
 */
export async function commitsOutside(oids: Iterable<Oid>, tips: Iterable<Oid>, options: ProcessOptions): Promise<ReadonlySet<Oid>> {
  const walk = startGit(['rev-list', '--stdin'], options)
  const outside = new Set(oids)
  const stderr = collectText([walk.stderr])
  try {
    void feed(walk, tips)
    for await (const line of createInterface({ input: walk.stdout })) {
      outside.delete(line as Oid)
      if (outside.size === 0) return outside
    }
    const code = await walk.exit
    options.signal?.throwIfAborted()
    throwIfEnded(walk)
    if (code !== 0) throw new Failure('source-damaged', 'git cannot list its history', { detail: stderr() })
    return outside
  } finally {
    walk.kill()
  }
}

async function* commitsIn({ stdout }: GitProcess): AsyncGenerator<string> {
  for await (const line of createInterface({ input: stdout })) if (line.startsWith('commit ')) yield line.slice('commit '.length)
}

/** Writes lines to a git, and passes over the rest once it takes no more: its exit code says why. */
async function feed({ stdin }: GitProcess, lines: Iterable<string> | AsyncIterable<string>): Promise<void> {
  for await (const line of lines)
    if (!stdin.destroyed && !stdin.write(`${line}\n`))
      await new Promise(resolve => void stdin.once('drain', resolve).once('close', resolve))
  stdin.end()
}

/** One commit may have any number of parents, so the bytes are counted, not the lines. */
async function collect({ stdout }: GitProcess, parents: Map<Oid, readonly Oid[]>, most: number, tooMany: () => Failure): Promise<void> {
  let [bytes, rest] = [0, '']
  for await (const piece of stdout.setEncoding('latin1') as AsyncIterable<string>) {
    bytes += piece.length
    if (bytes > most) throw tooMany()
    const end = piece.lastIndexOf('\n') + 1
    if (end > 0)
      for (const line of (rest + piece.slice(0, end - 1)).split('\n')) {
        const [commit, ...its] = line.split(' ') as [Oid, ...Oid[]]
        parents.set(commit, its)
      }
    rest = end > 0 ? piece.slice(end) : rest + piece
  }
}

export interface BlobQuery {
  /** Commits, and other objects, whose blobs are asked for. */
  readonly tips: Iterable<string>
  /** Objects of the repository whose blobs are left out, with all that they lead to. */
  readonly without: Iterable<string>
  /** Only the tips themselves, not what they descend from, as far as their objects are there at all. */
  readonly alone: boolean
  /** Bytes of a blob. */
  readonly most: number
}

/**
 * Streams the contents of small blobs, each once. `git rev-list` lists them and `git cat-file --batch` reads them, so nothing is kept in memory.
 * @throws Failure `source-damaged` if git cannot list them; the signal's reason
 */
export async function* readSmallBlobs({ tips, without, alone, most }: BlobQuery, options: ProcessOptions): AsyncGenerator<Buffer> {
  const filter = `--filter=combine:object:type=blob+blob:limit=${most + 1}`
  const walk = alone ? ['--no-walk', '--missing=allow-any'] : []
  const list = startGit(['rev-list', '--objects', '--no-object-names', filter, '--filter-provided-objects', ...walk, '--stdin'], options)
  const read = startGit(['cat-file', '--batch', '--buffer'], options)
  const stderr = collectText([list.stderr, read.stderr])
  const ended = awaitedLater(Promise.all([list.exit, read.exit]))
  try {
    list.stdout.pipe(read.stdin)
    // Without cat-file, the list has no reader.
    onceThere(read.exit, code => {
      if (code !== 0) list.kill()
    })
    void feed(list, lines(tips, without))
    yield* contentsIn(read)
    const codes = await ended
    options.signal?.throwIfAborted()
    throwIfEnded(list, read)
    if (codes.some(code => code !== 0))
      throw new Failure('source-damaged', 'git cannot list the small files of its history', { detail: stderr() })
  } finally {
    list.kill()
    read.kill()
  }
}

function* lines(tips: Iterable<string>, without: Iterable<string>): Generator<string> {
  yield* tips
  for (const oid of without) yield `^${oid}`
}

async function* contentsIn({ stdout }: GitProcess): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0)
  for await (const piece of stdout as AsyncIterable<Buffer>)
    held = yield* wholeBlobs(held.length === 0 ? piece : Buffer.concat([held, piece]))
}

/** `<oid> blob <size>`, a line's end, the contents, a line's end (git-cat-file(1), "BATCH OUTPUT"). @returns the rest */
function* wholeBlobs(output: Buffer): Generator<Buffer, Buffer> {
  let at = 0
  for (let end = output.indexOf(10, at); end >= 0; end = output.indexOf(10, at)) {
    const size = Number(/ blob (\d+)$/.exec(output.toString('latin1', at, end))?.[1] ?? Number.NaN)
    if (Number.isNaN(size))
      throw new Failure('internal', 'git lists something else than small files', { detail: output.toString('utf8', at, end) })
    if (output.length < end + 1 + size + 1) break
    yield output.subarray(end + 1, end + 1 + size)
    at = end + 1 + size + 1
  }
  return output.subarray(at)
}
