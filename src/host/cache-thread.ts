import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { cacheToolkit } from './actions-host.ts'

/** What the thread is asked. `file` is never read back, but its path is part of what the cache compares. */
export type CacheRequest =
  | { readonly find: string; readonly file: string }
  | { readonly keep: string; readonly file: string; readonly content: string }

/** What it answers. Why something failed the package tells on stdout alone. */
export type CacheAnswer = { readonly name: string | null } | { readonly kept: boolean } | { readonly problem: string }

/**
 * Asks the runner's cache, one request after the other, in a thread of its own: the package takes long to load, waits and tries again for half a minute, says
 * what it likes on stdout, and cannot be stopped.
 */
export function serveCache(): void {
  parentPort?.on('message', (request: CacheRequest) => {
    const failed = (error: unknown): CacheAnswer => ({ problem: error instanceof Error ? error.message : String(error) })
    void ask(request)
      .catch(failed)
      // By then everything that was printed before has arrived, too.
      .then(answer => process.stdout.write('\n', () => parentPort?.postMessage(answer)))
  })
}

async function ask(request: CacheRequest): Promise<CacheAnswer> {
  const cache = await cacheToolkit()
  if (!cache.isFeatureAvailable()) return { problem: 'this runner has no cache' }
  // The name alone is wanted: no archive is fetched or unpacked.
  if ('find' in request) {
    return { name: (await cache.restoreCache([request.file], request.find, [request.find], { lookupOnly: true })) ?? null }
  }
  await mkdir(dirname(request.file), { recursive: true })
  await writeFile(request.file, request.content)
  return { kept: (await cache.saveCache([request.file], request.keep)) !== -1 }
}
