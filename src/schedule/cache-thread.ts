import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { messageOf } from '../errors/failure.ts'

/** What the thread is asked. `file` is never read back, but its path is part of what the cache compares. */
export type CacheQuestion = { readonly find: string; readonly file: string } | { readonly keep: string; readonly file: string }

/** What it answers. */
export type CacheAnswer = { readonly name: string | null } | { readonly kept: boolean } | { readonly problem: string }

/** @param id of the request, and of its answer */
export type CacheRequest = CacheQuestion & { readonly id: number }
/** @param words what the package printed: why something failed it tells there alone */
export type CacheReply = { readonly id: number; readonly answer: CacheAnswer; readonly words: string }
/** The first message of the thread: it is loaded. */
export const CACHE_READY = 'ready'

/** For people who look into an entry. */
const CONTENT = 'The name of this entry is what counts: docs/schedule.md of Repository Mirroring says what it means.\n'

/** The words of each request apart, although several are at work at the same time. */
const words = new AsyncLocalStorage<string[]>()

/**
 * Asks the runner's cache, in a thread of its own: the package takes long to load, waits and tries again for half a minute, says what it likes on stdout, where
 * the runner would take it for commands, and cannot be stopped.
 */
export function serveCache(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (text: string | Uint8Array) => {
      words.getStore()?.push(String(text))
      return true
    }
  }
  // Half a megabyte that most runs have no use for. A fault of it is the answer of each request.
  const loading = import('@actions/cache')
  const ready = () => parentPort?.postMessage(CACHE_READY)
  loading.then(ready, ready)
  parentPort?.on('message', ({ id, ...question }: CacheRequest) => {
    const said: string[] = []
    const failed = (error: unknown): CacheAnswer => ({ problem: messageOf(error) })
    void words
      .run(said, async () => ask(await loading, question))
      .catch(failed)
      .then(answer => parentPort?.postMessage({ id, answer, words: said.join('') } satisfies CacheReply))
  })
}

async function ask(cache: typeof import('@actions/cache'), question: CacheQuestion): Promise<CacheAnswer> {
  if (!cache.isFeatureAvailable()) return { problem: 'this runner has no cache' }
  const { file } = question
  // The name alone is wanted: no archive is fetched or unpacked.
  if ('find' in question) return { name: (await cache.restoreCache([file], question.find, [question.find], { lookupOnly: true })) ?? null }
  written ??= mkdir(dirname(file), { recursive: true }).then(() => writeFile(file, CONTENT))
  await written
  return { kept: (await cache.saveCache([file], question.keep)) !== -1 }
}

/** The same for each entry, so that none is changed while another is packed. */
let written: Promise<void> | null = null
