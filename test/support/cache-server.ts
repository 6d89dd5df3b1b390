import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const SERVICE = '/twirp/github.actions.results.api.v1.CacheService/'
const OLD_SERVICE = '/_apis/artifactcache/'
/** In the addresses of what is stored: who knows it may write there. */
export const SIGNATURE = 'c2lnbmF0dXJl-4711'
const TOKEN = 'runtime-0123456789abcdef'

/** How the service answers: as it should, never, with 500, with something else than JSON, or that this run may only read. */
export type CacheManner = 'well' | 'never' | 'error' | 'rubbish' | 'read-only'

export interface CacheServer {
  /** The variables about the cache that the runner of github.com gives to a step, and those of other runners (GitHub's own server, Gitea, Forgejo, act). */
  readonly env: Readonly<Record<string, string>>
  readonly oldEnv: Readonly<Record<string, string>>
  /** Names of the entries, the oldest first. */
  readonly names: string[]
  /** The methods that were called, and what was sent or fetched. */
  readonly asked: string[]
  manner: CacheManner
  /** Resolves when the next question has arrived. */
  next(): Promise<void>
  stop(): Promise<void>
}

interface Entry {
  readonly name: string
  readonly version: string
  stored: boolean
}

interface Question {
  readonly key: string
  readonly version: string
  readonly restore_keys?: readonly string[]
}

/**
 * The cache service of a runner, as far as entries are looked for and made. Version 2 is Twirp over JSON, with signed addresses for entries.
 * Version 1, which other runners speak, has paths for them.
 */
export async function startCacheServer(): Promise<CacheServer> {
  const entries: Entry[] = []
  const waiting: (() => void)[] = []
  const cache = {
    names: [] as string[],
    asked: [] as string[],
    manner: 'well' as CacheManner,
  }
  const server = createServer((message, response) => void serve(message, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = []
    for await (const piece of message) pieces.push(piece as Buffer)
    const body = Buffer.concat(pieces).toString()
    const path = message.url ?? ''
    const isMethod = path.startsWith(SERVICE)
    const isOld = path.startsWith(OLD_SERVICE)
    const { pathname, searchParams } = new URL(path, origin)
    const what = isMethod ? path.slice(SERVICE.length) : `${message.method} ${pathname.replace(OLD_SERVICE, '')}`
    cache.asked.push(what)
    for (const arrived of waiting.splice(0)) arrived()
    const say = (value: unknown, status = 200) =>
      void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
    if (cache.manner === 'never') return
    if (cache.manner === 'error') return say({ code: 'internal', msg: 'out of order' }, 500)
    if (cache.manner === 'rubbish') return void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>')
    if ((isMethod || isOld) && message.headers.authorization !== `Bearer ${TOKEN}`) return say({ code: 'unauthenticated', msg: 'no' }, 401)
    if (isMethod) return say(...answer(what, JSON.parse(body)))
    if (isOld) {
      const [status, value] = answerOld(message.method ?? '', pathname.slice(OLD_SERVICE.length), searchParams, body)
      return value === undefined ? void response.writeHead(status).end() : say(value, status)
    }
    // Azure's client for what is stored asks for these two headers.
    if (message.method === 'PUT') {
      return void response.writeHead(201, { ETag: '"1"', 'Last-Modified': 'Thu, 01 Jan 1970 00:00:00 GMT' }).end()
    }
    say({ code: 'bad_route', msg: path }, 404)
  }

  function answerOld(method: string, path: string, search: URLSearchParams, body: string): [number, unknown?] {
    if (method === 'GET' && path === 'cache') {
      const [found] = (search.get('keys') ?? '').split(',').flatMap(key => newest(key, search.get('version') ?? '') ?? [])
      return found === undefined ? [204] : [200, { cacheKey: found.name, archiveLocation: `${origin}/store/1`, scope: 'refs/heads/main' }]
    }
    if (method === 'POST' && path === 'caches') {
      const { key, version } = JSON.parse(body) as Question
      // Gitea and act write names in lower case.
      entries.push({ name: key.toLowerCase(), version, stored: false })
      return [201, { cacheId: entries.length }]
    }
    const entry = entries[Number(path.replace('caches/', '')) - 1]
    if (entry === undefined) return [404, { message: path }]
    if (method === 'POST') {
      entry.stored = true
      cache.names.push(entry.name)
    }
    return [204]
  }

  const newest = (prefix: string, version: string): Entry | undefined =>
    entries.findLast(entry => entry.stored && entry.version === version && entry.name.startsWith(prefix))

  function answer(method: string, { key, version, restore_keys = [] }: Question): [unknown, number?] {
    const same = entries.find(entry => entry.name === key && entry.version === version)
    if (method === 'CreateCacheEntry') {
      if (cache.manner === 'read-only') return [{ ok: false, message: 'cache write denied: this run may only read' }]
      if (same) return [{ ok: false, message: 'cache entry with the same key, version, and scope already exists' }]
      entries.push({ name: key, version, stored: false })
      return [{ ok: true, signed_upload_url: `${origin}/store/container/${entries.length}?sig=${SIGNATURE}` }]
    }
    if (method === 'FinalizeCacheEntryUpload') {
      if (same === undefined) return [{ ok: false }]
      same.stored = true
      cache.names.push(key)
      return [{ ok: true, entry_id: '1' }]
    }
    if (method !== 'GetCacheEntryDownloadURL') return [{ code: 'bad_route', msg: method }, 404]
    for (const wanted of [key, ...restore_keys]) {
      const found = newest(wanted, version)
      if (found) return [{ ok: true, signed_download_url: `${origin}/store/container/1?sig=${SIGNATURE}`, matched_key: found.name }]
    }
    return [{ ok: false }]
  }

  return Object.assign(cache, {
    env: { ACTIONS_CACHE_SERVICE_V2: 'True', ACTIONS_RESULTS_URL: `${origin}/`, ACTIONS_RUNTIME_TOKEN: TOKEN },
    oldEnv: { ACTIONS_CACHE_URL: `${origin}/`, ACTIONS_RUNTIME_TOKEN: TOKEN, GITHUB_SERVER_URL: 'https://forge.example' },
    next: () => new Promise<void>(resolve => waiting.push(resolve)),
    stop: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  })
}
