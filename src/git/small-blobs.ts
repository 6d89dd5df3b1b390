import { Failure } from '../errors/failure.ts'
import { awaitedLater } from '../tasks/later.ts'
import { collectText } from './output.ts'
import { type GitProcess, type ProcessOptions, startGit } from './process.ts'

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
 * @throws Failure `internal` if git cannot list them; the signal's reason
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
    void feed(list, tips, without)
    yield* contentsIn(read)
    const codes = await ended
    options.signal?.throwIfAborted()
    if (codes.some(code => code !== 0))
      throw new Failure('internal', 'the small files of the history could not be listed', { detail: stderr() })
  } finally {
    list.kill()
    read.kill()
  }
}

async function feed({ stdin }: GitProcess, tips: Iterable<string>, without: Iterable<string>): Promise<void> {
  for (const line of lines(tips, without)) {
    if (stdin.destroyed) return
    if (!stdin.write(line)) await new Promise(resolve => void stdin.once('drain', resolve).once('close', resolve))
  }
  stdin.end()
}

function* lines(tips: Iterable<string>, without: Iterable<string>): Generator<string> {
  for (const tip of tips) yield `${tip}\n`
  for (const oid of without) yield `^${oid}\n`
}

/** `<oid> blob <size>`, a line's end, the contents, a line's end (git-cat-file(1), "BATCH OUTPUT"). */
async function* contentsIn({ stdout }: GitProcess): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0)
  for await (const piece of stdout as AsyncIterable<Buffer>) {
    held = held.length === 0 ? piece : Buffer.concat([held, piece])
    let at = 0
    for (let end = held.indexOf(10, at); end >= 0; end = held.indexOf(10, at)) {
      const size = Number(/ blob (\d+)$/.exec(held.toString('latin1', at, end))?.[1] ?? Number.NaN)
      if (Number.isNaN(size))
        throw new Failure('internal', 'git lists something else than small files', { detail: held.toString('utf8', at, end) })
      if (held.length < end + 1 + size + 1) break
      yield held.subarray(end + 1, end + 1 + size)
      at = end + 1 + size + 1
    }
    held = held.subarray(at)
  }
}
