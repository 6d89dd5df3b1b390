import { Failure } from '../errors/failure.ts'
import type { Kind } from '../errors/kinds.ts'
import type { Host } from '../host/host.ts'
import { CONNECT_MS, FORGE_BYTES, FORGE_PAGES, MAX_REDIRECTS, REASON_CHARACTERS } from '../limits/limits.ts'
import type { Settings } from '../settings/settings.ts'
import { parseJson, textIn } from '../text/json.ts'
import { VERSION } from '../text/version.ts'
import type { HttpAnswer } from '../transport/http-answer.ts'
import type { ClientOptions, HttpClient, HttpRequest } from '../transport/http-client.ts'
import { parseRetryAfter, statusFailure } from '../transport/http-status.ts'
import { beginningOf } from '../wire/byte-queue.ts'
import type { ForgeLocation } from './location.ts'

/** The API of a forge, and the purpose of its use. */
export interface ApiContext extends Pick<ClientOptions, 'environment' | 'idleTimeoutMs' | 'debug'>, Pick<Host, 'hide'> {
  /** For all that is asked. */
  readonly limitMs: number
  /** For all answers. */
  readonly limitBytes: number
  readonly location: ForgeLocation
  /** Ends all requests, with its reason if that is a Failure. */
  readonly signal: AbortSignal | undefined
  readonly purpose: Purpose
  /** null: without authentication. */
  readonly token: string | null
}

/** The settings that every question to a forge needs. */
export type ApiAccess = Pick<ApiContext, 'environment' | 'hide' | 'debug' | 'signal'>

export interface Purpose {
  readonly kind: Kind
  /** The beginning of a message: "… cannot be read". */
  readonly problem: string
  readonly hint: string
  /** For an answer that does not come in time. */
  readonly lateHint?: string
}

type TlsSettings = Pick<Settings, 'caCertificate' | 'clientCertificate' | 'clientKey'>

/** The settings that lead to the forge of the run's repository. */
export type ForgeSettings = Pick<Settings, 'here' | 'apiUrl'> & TlsSettings

/** Calls `work` with the API of a forge, over a connection that ends with it. @throws Failure */
export async function withForgeApi<T>(settings: TlsSettings, context: ApiContext, work: (api: ForgeApi) => Promise<T>): Promise<T> {
  const { caCertificate, clientCertificate, clientKey } = settings
  const { createHttpClient } = await import('../transport/http-client.ts')
  const { location, signal, limitMs, purpose } = context
  const base = new URL(location.base)
  const client = await createHttpClient({ ...context, connectTimeoutMs: CONNECT_MS, caCertificate, clientCertificate, clientKey }, base)
  const tooLate = `${purpose.problem}: the API of "${base.host}" did not answer everything within ${limitMs / 1000} s`
  const timer = setTimeout(() => client.close(new Failure('timed-out', tooLate, { hint: purpose.lateHint })), limitMs)
  const giveUp = () => client.close(signal?.reason instanceof Failure ? signal.reason : undefined)
  signal?.addEventListener('abort', giveUp)
  if (signal?.aborted) giveUp()
  try {
    return await work(new ForgeApi(client, context))
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
    client.close()
  }
}

/** Whether an answer means "there are none". */
type Tolerance = (status: number, words: string) => boolean

/** A forge's REST API, over the same connections as git's transports: proxy, authorities and client certificate included. */
export class ForgeApi {
  readonly #client: HttpClient
  readonly #options: ApiContext
  #leftBytes: number

  constructor(client: HttpClient, options: ApiContext) {
    this.#client = client
    this.#options = options
    this.#leftBytes = options.limitBytes
  }

  /** One JSON value. @param path with its query, below the API's address @param absent statuses that mean that there is none: null @throws Failure */
  async get(path: string, absent: readonly number[] = []): Promise<unknown> {
    return (await this.#page(path, status => absent.includes(status)))?.value ?? null
  }

  /** A list, all pages of it. @param pick of each entry, which may be large @param tolerance which refusals mean that it is empty @throws Failure */
  async list<T>(path: string, pick: (entry: unknown) => T | null, tolerance: Tolerance | null = null): Promise<T[]> {
    const all: T[] = []
    for (let number = 1; number <= FORGE_PAGES; number += 1) {
      // After a page with entries no refusal means that there are none.
      const { values, hasNext } = await this.page(path, number, number === 1 ? tolerance : null)
      for (const value of values) {
        const picked = pick(value)
        if (picked !== null) all.push(picked)
      }
      if (!hasNext) return all
    }
    throw this.#unreadable('gives a list that does not end')
  }

  /** One page of a list, and whether there are more. @param number from 1 @param tolerance which refusals mean that it is empty @throws Failure */
  async page(path: string, number: number, tolerance: Tolerance | null = null): Promise<{ values: readonly unknown[]; hasNext: boolean }> {
    const page = await this.#page(number === 1 ? path : `${path}${path.includes('?') ? '&' : '?'}page=${number}`, tolerance)
    if (page === null) return { values: [], hasNext: false }
    if (!Array.isArray(page.value)) throw this.#unreadable('answered with something else than a list')
    return { values: page.value, hasNext: page.hasNext }
  }

  /** Changes something, and is never repeated: it might happen twice. @param tolerated statuses that are no failure @throws Failure */
  async change(method: 'POST' | 'PATCH' | 'PUT', path: string, value: unknown, tolerated: readonly number[] = []) {
    const answer = await this.#ask(path, method, Buffer.from(JSON.stringify(value)))
    const text = await this.#textOf(answer)
    const { status } = answer
    if (tolerated.includes(status)) return { status, value: null }
    if (status < 200 || status > 299) throw this.#refusal(answer, wordsOf(text))
    return { status, value: text === '' ? null : this.#parse(text) }
  }

  async #page(path: string, tolerance: Tolerance | null): Promise<{ readonly value: unknown; readonly hasNext: boolean } | null> {
    const answer = await this.#ask(path)
    const text = await this.#textOf(answer)
    if (answer.status === 200) return { value: this.#parse(text), hasNext: /;\s*rel="?next"?/.test(answer.header('link') ?? '') }
    const words = wordsOf(text)
    if (tolerance?.(answer.status, words) && !isLimit(answer, words)) return null
    throw this.#refusal(answer, words)
  }

  /** Follows redirects within the same origin: GitHub answers so for a repository that was renamed. The token goes nowhere else. */
  async #ask(path: string, method: HttpRequest['method'] = 'GET', body = Buffer.alloc(0)): Promise<HttpAnswer> {
    const repeatable = method === 'GET'
    const first = new URL(`${this.#options.location.base}${path}`)
    let url = first
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#client.send({ method, url, headers: this.#headers(method), body, repeatable }).answer
      this.#options.debug(`${method} ${url.origin}${url.pathname}${url.search}: ${answer.status}`)
      if (![301, 302, 307, 308].includes(answer.status)) return answer
      await this.#textOf(answer)
      const location = answer.header('location')
      const to = location !== null && URL.canParse(location, url.href) ? new URL(location, url.href) : null
      // Programs disagree about 301 and 302 for a change (RFC 9110, 15.4).
      const isClear = repeatable || answer.status >= 307
      if (to === null || !isClear || to.origin !== first.origin || redirects === MAX_REDIRECTS)
        throw this.#unreadable(`redirects elsewhere (HTTP ${answer.status})${to === null ? '' : `: "${this.#options.hide(to.origin)}"`}`)
      url = to
    }
  }

  async #textOf(answer: HttpAnswer): Promise<string> {
    const bytes = await beginningOf(answer.body, FORGE_BYTES + 1)
    this.#leftBytes -= bytes.length
    if (bytes.length > FORGE_BYTES || this.#leftBytes < 0) throw this.#unreadable('gives an answer that does not end')
    return bytes.toString('utf8')
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text)
    } catch (cause) {
      throw this.#unreadable('answered with something else than JSON', { cause })
    }
  }

  #headers(method: string): HttpRequest['headers'] {
    const { token, location } = this.#options
    const isGithub = location.kind === 'github'
    return {
      'User-Agent': `repository-mirroring/${VERSION}`,
      Accept: isGithub ? 'application/vnd.github+json' : 'application/json',
      'Accept-Encoding': 'gzip',
      'Content-Type': method === 'GET' ? undefined : 'application/json',
      'X-GitHub-Api-Version': isGithub ? '2022-11-28' : undefined,
      Authorization: token === null ? undefined : `Bearer ${token.trim()}`,
    }
  }

  #refusal(answer: HttpAnswer, words: string): Failure {
    const { status } = answer
    const { hide, token, location } = this.#options
    const detail = hide(words)
    if (isLimit(answer, words)) {
      const message = `the API of "${this.#host()}" takes no more requests for now (HTTP ${status})`
      return new Failure('rate-limited', message, { detail, retryAfterMs: waitOf(answer) })
    }
    if (status >= 500 || status === 407 || status === 408) {
      const failure = statusFailure(answer, '', true)
      return failure.with({ message: `the API of "${this.#host()}": ${failure.message}`, detail })
    }
    const why: Readonly<Record<number, string>> = {
      401: token === null ? 'asks for a token' : 'refuses the token',
      403: 'denies access',
      404: `knows no repository "${location.repository}", or hides it`,
      410: 'has this turned off for the repository',
    }
    return this.#unreadable(`${why[status] ?? 'gives an unexpected answer'} (HTTP ${status})`, { detail })
  }

  #unreadable(what: string, details: { readonly detail?: string; readonly cause?: unknown } = {}): Failure {
    const { kind, problem, hint } = this.#options.purpose
    return new Failure(kind, `${problem}: the API of "${this.#host()}" ${what}`, { ...details, hint })
  }

  #host(): string {
    return new URL(this.#options.location.base).host
  }
}

/** GitHub also answers 403 where others answer 429 ("Rate limits for the REST API"). */
const isLimit = (answer: HttpAnswer, words: string): boolean =>
  answer.status === 429 ||
  (answer.status === 403 &&
    (answer.header('retry-after') !== null || answer.header('x-ratelimit-remaining') === '0' || /rate limit/i.test(words)))

/** Milliseconds to wait before the next request; null if the server does not report it. */
function waitOf(answer: HttpAnswer): number | null {
  const after = answer.header('retry-after')
  if (after !== null) return parseRetryAfter(after, Date.now())
  const reset = answer.header('x-ratelimit-reset') ?? answer.header('ratelimit-reset')
  return reset !== null && /^\d{1,12}$/.test(reset) ? Math.max(0, Number(reset) * 1000 - Date.now()) : null
}

/** The message of an error: `message` in its JSON. */
function wordsOf(text: string): string {
  const value = parseJson(text)
  return (textIn(value, 'message') ?? textIn(value, 'error') ?? '').slice(0, REASON_CHARACTERS)
}
