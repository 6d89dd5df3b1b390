import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const SERVICE = '/twirp/github.actions.results.api.v1.CacheService/'
const TOKEN = 'runtime-0123456789abcdef'

/** How the service answers: as it should, never, with 500, with something else than JSON, or that this run may only read. */
export type CacheManner = 'well' | 'never' | 'error' | 'rubbish' | 'read-only'

export interface CacheServer {
  /** What the runner tells a step of its cache. */
  readonly env: Readonly<Record<string, string>>
  /** Names of the entries, the oldest first. */
  readonly names: string[]
  /** The methods that were called, and what was sent or fetched. */
  readonly asked: string[]
  manner: CacheManner
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

/** The cache service of GitHub's runner, as far as entries are looked for and made (its v2: Twirp over JSON, and signed addresses for what is stored). */
export async function startCacheServer(): Promise<CacheServer> {
  const entries: Entry[] = []
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
    const what = isMethod ? path.slice(SERVICE.length) : `${message.method} ${path.split('?')[0]}`
    cache.asked.push(what)
    const say = (value: unknown, status = 200) =>
      void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
    if (cache.manner === 'never') return
    if (cache.manner === 'error') return say({ code: 'internal', msg: 'out of order' }, 500)
    if (cache.manner === 'rubbish') return void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>')
    if (isMethod && message.headers.authorization !== `Bearer ${TOKEN}`) return say({ code: 'unauthenticated', msg: 'no' }, 401)
    if (isMethod) return say(...answer(what, JSON.parse(body)))
    // Azure's client for what is stored asks for these two headers.
    if (message.method === 'PUT') {
      return void response.writeHead(201, { ETag: '"1"', 'Last-Modified': 'Thu, 01 Jan 1970 00:00:00 GMT' }).end()
    }
    say({ code: 'bad_route', msg: path }, 404)
  }

  function answer(method: string, { key, version, restore_keys = [] }: Question): [unknown, number?] {
    const same = entries.find(entry => entry.name === key && entry.version === version)
    if (method === 'CreateCacheEntry') {
      if (cache.manner === 'read-only') return [{ ok: false, message: 'cache write denied: this run may only read' }]
      if (same) return [{ ok: false, message: 'cache entry with the same key, version, and scope already exists' }]
      entries.push({ name: key, version, stored: false })
      return [{ ok: true, signed_upload_url: `${origin}/store/container/${entries.length}?sig=x` }]
    }
    if (method === 'FinalizeCacheEntryUpload') {
      if (same === undefined) return [{ ok: false }]
      same.stored = true
      cache.names.push(key)
      return [{ ok: true, entry_id: '1' }]
    }
    if (method !== 'GetCacheEntryDownloadURL') return [{ code: 'bad_route', msg: method }, 404]
    for (const wanted of [key, ...restore_keys]) {
      const found = entries.findLast(entry => entry.stored && entry.version === version && entry.name.startsWith(wanted))
      if (found) return [{ ok: true, signed_download_url: `${origin}/store/container/1?sig=x`, matched_key: found.name }]
    }
    return [{ ok: false }]
  }

  return Object.assign(cache, {
    env: { ACTIONS_CACHE_SERVICE_V2: 'True', ACTIONS_RESULTS_URL: `${origin}/`, ACTIONS_RUNTIME_TOKEN: TOKEN },
    stop: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  })
}
