import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBare, git, gitEnvironment } from '../../test/support/git-repository.ts'
import { type BlobsSize, blobHistory } from './blobs.ts'
import { History, type HistorySize } from './history.ts'
import { HISTORY_OF_REFS, MOVED, manyRefs } from './refs.ts'
import { copyRepository } from './tree.ts'

/** Increase it whenever a generator changes its output. */
const VERSION = 2
const SEED = 20_240_101

/** `now` is the state of the source, `before` the state of the destination before a mirror. */
export interface Pair {
  readonly now: string
  readonly before: string
}

/** The repositories of the benchmark, each built at its first use. */
export interface Repositories {
  /** 20 refs got new commits in between. */
  history(): Promise<Pair>
  /** One ref got new commits in between. */
  refs(count: number): Promise<Pair>
  /** The destination is empty before. */
  blobs(): Promise<Pair>
  /** Size of all blobs together, in bytes. */
  readonly blobBytes: number
}

export interface Sizes {
  readonly history: HistorySize
  readonly increment: { readonly branches: number; readonly commits: number }
  readonly blobs: BlobsSize
}

export function openCache(directory: string, sizes: Sizes, say: (text: string) => void): Repositories {
  const { history, increment, blobs } = sizes
  const get = (name: string, build: (pair: Pair) => Promise<void>) => buildOnce(join(directory, `v${VERSION}-${name}`), build, say)
  return {
    history: () => {
      const name = ['history', history.commits, history.files, history.branches, increment.branches, increment.commits].join('-')
      return get(name, pair => buildHistory(pair, sizes))
    },
    refs: count => get(`refs-${count}`, pair => buildRefs(pair, count)),
    blobs: () => get(`blobs-${blobs.blobs}-${blobs.bytes}`, pair => buildBlobs(pair, blobs)),
    blobBytes: blobs.blobs * blobs.bytes,
  }
}

/** An incomplete repository is never used, because it gets its name at the end. */
async function buildOnce(directory: string, build: (pair: Pair) => Promise<void>, say: (text: string) => void): Promise<Pair> {
  const pairIn = (parent: string): Pair => ({ now: join(parent, 'now.git'), before: join(parent, 'before.git') })
  if (existsSync(directory)) return pairIn(directory)
  const started = performance.now()
  mkdirSync(join(directory, '..'), { recursive: true })
  const building = mkdtempSync(`${directory}.`)
  try {
    await build(pairIn(building))
    renameSync(building, directory)
  } finally {
    rmSync(building, { recursive: true, force: true })
  }
  say(`built ${directory.replace(/^.*[\\/]/, '')} in ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return pairIn(directory)
}

const create = (directory: string): Promise<string> => createBare(directory, { config: { 'http.receivepack': 'true' } })

async function buildHistory({ now, before }: Pair, { history: size, increment }: Sizes): Promise<void> {
  const history = new History(size, SEED)
  await create(now)
  await fastImport(now, history.base())
  await optimise(now)
  copyRepository(now, before)
  await fastImport(now, history.increment(increment.branches, increment.commits))
  await optimise(now)
}

async function buildRefs({ now, before }: Pair, count: number): Promise<void> {
  const history = new History(HISTORY_OF_REFS, SEED)
  await create(now)
  await fastImport(now, chain(history.base(), manyRefs(count)))
  await optimise(now)
  copyRepository(now, before)
  await fastImport(now, [
    `commit refs/heads/${MOVED}\ncommitter Ada Example <ada@example.org> 1767225600 +0000\ndata 6\nmoved\n`,
    `from refs/heads/${MOVED}^0\nM 100644 inline moved\ndata 6\nmoved\n\n`,
  ])
  await optimise(now)
}

async function buildBlobs({ now, before }: Pair, size: BlobsSize): Promise<void> {
  // Otherwise the server's attempts to compress this data, or to find deltas in it, would dominate the measurement.
  const config = { 'http.receivepack': 'true', 'core.bigFileThreshold': '1m', 'core.compression': '0' }
  await createBare(now, { config })
  await createBare(before, { config })
  await fastImport(now, blobHistory(size))
}

function* chain<T>(...parts: readonly Iterable<T>[]): Generator<T> {
  for (const part of parts) yield* part
}

async function fastImport(directory: string, stream: Iterable<string | Buffer>): Promise<void> {
  const args = ['-c', 'fastimport.unpackLimit=1', 'fast-import', '--quiet', '--date-format=raw']
  const child = spawn('git', args, { cwd: directory, env: gitEnvironment(), stdio: ['pipe', 'ignore', 'pipe'] })
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text
  })
  const ended = once(child, 'close')
  const written = pipeline(Readable.from(stream), child.stdin).catch((error: unknown) => error)
  const [code] = await ended
  const problem = await written
  if (code !== 0 || problem !== undefined) throw new Error(`git fast-import ended with ${code}: ${words}`, { cause: problem })
}

/** Stores a repository as a forge does: one pack with a bitmap, refs packed, a commit graph. The deltas of fast-import are poor, so git makes its own. */
async function optimise(directory: string): Promise<void> {
  await git(directory, ['pack-refs', '--all', '--prune'])
  await git(directory, ['repack', '-q', '-a', '-d', '-f', '-b'])
  await git(directory, ['commit-graph', 'write', '--reachable', '--no-progress'])
}
