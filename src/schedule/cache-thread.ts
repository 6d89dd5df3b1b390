import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { messageOf } from '../errors/failure.ts'

/** A question to the thread. `file` is never read back, but the cache compares its path. */
export type CacheQuestion = { readonly find: string; readonly file: string } | { readonly keep: string; readonly file: string }

export type CacheAnswer = { readonly name: string | null } | { readonly kept: boolean } | { readonly problem: string }

export type CacheRequest = CacheQuestion & { readonly id: number }
/** @param output of the package: it reports the reason of a failure only there */
export type CacheReply = { readonly id: number; readonly answer: CacheAnswer; readonly output: string }
/** The first message of the thread: it is loaded. */
export const CACHE_READY = 'ready'

/** The content of an entry, for people. */
const CONTENT = 'The name of this entry is what counts: docs/schedule.md of Repository Mirroring says what it means.\n'

/** Separates the output of requests that run at the same time. */
const outputs = new AsyncLocalStorage<string[]>()

/**
 * Asks the runner's cache in a separate thread: the package takes long to load, retries for half a minute and cannot be stopped. It prints on stdout,
 * where the runner would take its output for commands.
 */
export function serveCache(): void {
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
  const { file } = question
  // Only the name is needed, so no archive is fetched or unpacked.
  if ('find' in question) return { name: (await cache.restoreCache([file], question.find, [question.find], { lookupOnly: true })) ?? null }
  written ??= mkdir(dirname(file), { recursive: true }).then(() => writeFile(file, CONTENT))
  await written
  return { kept: (await cache.saveCache([file], question.keep)) !== -1 }
}

/** All entries share this file, so that it does not change while another entry is packed. */
let written: Promise<void> | null = null
