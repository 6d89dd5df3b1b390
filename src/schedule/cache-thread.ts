import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../errors/failure.ts'

export type CacheQuestion = { readonly find: string } | { readonly keep: string }

export type CacheAnswer = { readonly name: string | null } | { readonly kept: boolean } | { readonly problem: string }

export type CacheRequest = CacheQuestion & { readonly id: number }
/** @param output of the package: it reports the reason of a failure only there */
export type CacheReply = { readonly id: number; readonly answer: CacheAnswer; readonly output: string }
/** The first message of the thread: it is loaded. */
export const CACHE_READY = 'ready'

/** The file of every entry. It is never read back, but the cache compares its path: a relative one is the same on each runner. */
const FILE = 'repository-mirroring-state.json'
/** For people. */
const CONTENT = 'The name of this entry is what counts: docs/schedule.md of Repository Mirroring says what it means.\n'

/** Separates the output of requests that run at the same time. */
const outputs = new AsyncLocalStorage<string[]>()

/**
 * Asks the runner's cache in a separate thread: the package takes long to load, retries for half a minute and cannot be stopped. It prints on stdout,
 * where the runner would take its output for commands.
 */
export function serveCache(): void {
  const directory: string = workerData
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, FILE), CONTENT)
  // The package resolves relative paths there. A thread cannot change the directory of the process.
  process.cwd = () => directory
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (text: string | Uint8Array) => {
      outputs.getStore()?.push(String(text))
      return true
    }
  }
  // Half a megabyte that most runs do not need. If it cannot be loaded, each request is answered with the error.
  const loading = import('@actions/cache')
  const ready = () => parentPort?.postMessage(CACHE_READY)
  loading.then(ready, ready)
  parentPort?.on('message', ({ id, ...question }: CacheRequest) => {
    const output: string[] = []
    const failed = (error: unknown): CacheAnswer => ({ problem: messageOf(error) })
    void outputs
      .run(output, async () => ask(await loading, question))
      .catch(failed)
      .then(answer => parentPort?.postMessage({ id, answer, output: output.join('') } satisfies CacheReply))
  })
}

async function ask(cache: typeof import('@actions/cache'), question: CacheQuestion): Promise<CacheAnswer> {
  if (!cache.isFeatureAvailable()) return { problem: 'this runner has no cache' }
  // Only the name is needed, so no archive is fetched or unpacked.
  if ('find' in question)
    return { name: (await cache.restoreCache([FILE], question.find, [question.find], { lookupOnly: true }, true)) ?? null }
  return { kept: (await cache.saveCache([FILE], question.keep, undefined, true)) !== -1 }
}
