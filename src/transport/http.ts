import { setTimeout as sleep } from 'node:timers/promises'
import { authorizationOf, type WebLogin } from '../credentials/authorization.ts'
import { Failure } from '../errors/failure.ts'
import type { Service } from '../git/process.ts'
import { GREETING_END_MS, MAX_REDIRECTS, QUOTED_CHARACTERS, WORDS_BYTES, WORDS_MS } from '../limits/limits.ts'
import type { Remote } from '../settings/settings.ts'
import { awaitedLater, onceThere } from '../tasks/later.ts'
import { VERSION } from '../text/version.ts'
import { beginningOf, EMPTY } from '../wire/byte-queue.ts'
import { ByteReader } from '../wire/byte-reader.ts'
import type { HttpAnswer } from './http-answer.ts'
import type { Call, ClientOptions, HttpClient, HttpRequest } from './http-client.ts'
import { statusFailure } from './http-status.ts'
import { bytesOfSide, ofSide } from './of-side.ts'
import { baseOf, discoveryTail, followRedirect, isRedirect, type Redirected, redirectedRequest } from './redirect.ts'
import { withoutServiceLine } from './smart-greeting.ts'
import type { Body, CommonOptions, Conversation, Exchange, Transport } from './transport.ts'

/** Without a secret there is no authentication. */
export type HttpOptions = CommonOptions & ClientOptions & WebLogin & Pick<Remote, 'url'>

/** A smaller request is not worth compressing (git, remote-curl.c). */
const WORTH_COMPRESSING = 1024
/** Many servers close a connection that was idle for 5 s. A push cannot be sent twice, so it does not risk that. */
const MAX_IDLE_BEFORE_PUSH_MS = 3000
/** Forges tell git from browsers by how the name begins. */
const AGENT = `git/repository-mirroring-${VERSION}`

/** A repository behind git's smart HTTP protocol (gitprotocol-http(5)). Connections are kept for the requests that follow. */
export function httpTransport(options: HttpOptions): Transport {
  const { signal } = options
  let client: Promise<HttpClient> | null = null
  let isClosed = false
  const connect = async (): Promise<HttpClient> => {
    const { createHttpClient } = await import('./http-client.ts')
    const made = await createHttpClient(options, new URL(options.url.toGit()))
    if (isClosed) made.close()
    signal?.addEventListener('abort', () => made.close(Failure.from(signal.reason)))
    if (signal?.aborted) made.close(Failure.from(signal.reason))
    return made
  }
  return {
    open: (service, protocol) =>
      ofSide(options.side, async () => {
        signal?.throwIfAborted()
        client ??= connect()
        return await new SmartServer(options, await client, service, protocol).open()
      }),
    close: () => {
      isClosed = true
      onceThere(client, made => made.close())
    },
  }
}

/** One service of the server. */
class SmartServer {
  readonly #options: HttpOptions
  readonly #client: HttpClient
  readonly #service: Service
  readonly #headers: HttpRequest['headers']
  #base: string

  constructor(options: HttpOptions, client: HttpClient, service: Service, protocol: 0 | 2) {
    this.#options = options
    this.#client = client
    this.#service = service
    this.#base = options.url.toGit().replace(/\/$/, '')
    this.#headers = {
      'User-Agent': AGENT,
      'Git-Protocol': protocol === 2 ? 'version=2' : undefined,
      Authorization: authorizationOf(options) ?? undefined,
    }
  }

  /** @throws Failure */
  async open(): Promise<Conversation> {
    const { call, answer } = await this.#discover()
    if (answer.contentType !== `application/x-git-${this.#service}-advertisement`) {
      call.abort()
      const said = answer.contentType === '' ? 'no content type' : `the content type "${answer.contentType.slice(0, QUOTED_CHARACTERS)}"`
      throw new Failure('relay-impossible', 'the server speaks no smart HTTP', { detail: `the answer has ${said}` })
    }
    try {
      const greeting = await withoutServiceLine(bytesOfSide(this.#options.side, answer.body), this.#service)
      return { stateless: true, greeting, ask: body => this.#ask(body, answer.ended) }
    } catch (error) {
      call.abort()
      throw error
    }
  }

  /** Asks for the greeting, and follows redirects. */
  async #discover(): Promise<{ call: Call; answer: HttpAnswer }> {
    // The server to which a redirect leads would get the client certificate, too.
    const hasCredentials = this.#options.secret !== null || this.#options.clientCertificate !== null
    let url = new URL(`${this.#base}${discoveryTail(this.#service)}`)
    for (let redirects = 0; ; redirects += 1) {
      const headers = { ...this.#headers, Accept: '*/*', 'Accept-Encoding': 'gzip' }
      const call = this.#client.send({ method: 'GET', url, headers, body: EMPTY, repeatable: true })
      const answer = await call.answer
      this.#options.debug(`GET ${url.origin}${url.pathname}${url.search}: ${answer.status}`)
      if (answer.status === 200) {
        this.#base = baseOf(url, this.#service) ?? this.#base
        return { call, answer }
      }
      if (!isRedirect(answer.status)) throw await this.#refusal(call, answer)
      call.abort()
      if (redirects === MAX_REDIRECTS) throw new Failure('redirected', `the server redirects more than ${MAX_REDIRECTS} times`)
      url = followRedirect(this.#redirected(url, answer), hasCredentials)
    }
  }

  #redirected(from: URL, answer: HttpAnswer): Redirected {
    return { from, location: answer.header('location'), service: this.#service, hide: this.#options.hide }
  }

  #ask(body: Body, before: Promise<void>): Exchange {
    const started = awaitedLater(this.#post(body, before))
    const sent = awaitedLater(started.catch(() => null).then(call => call?.sent))
    const abort = () => onceThere(started, call => call.abort())
    return { answer: new ByteReader(bytesOfSide(this.#options.side, this.#resultOf(started))), sent, abort }
  }

  async #post(body: Body, before: Promise<void>): Promise<Call> {
    await Promise.race([before, sleep(GREETING_END_MS, undefined, { ref: false })])
    const reads = this.#service === 'upload-pack'
    const compress = reads && Buffer.isBuffer(body) && body.length > WORTH_COMPRESSING
    return this.#client.send({
      method: 'POST',
      url: new URL(`${this.#base}/git-${this.#service}`),
      headers: {
        ...this.#headers,
        'Content-Type': `application/x-git-${this.#service}-request`,
        Accept: `application/x-git-${this.#service}-result`,
        'Content-Encoding': compress ? 'gzip' : undefined,
      },
      body: compress ? await gzip(body) : body,
      repeatable: reads && Buffer.isBuffer(body),
      mostIdleMs: reads ? null : MAX_IDLE_BEFORE_PUSH_MS,
    })
  }

  async *#resultOf(started: Promise<Call>): AsyncGenerator<Buffer> {
    const call = await started
    const answer = await call.answer
    this.#options.debug(`POST ${this.#base}/git-${this.#service}: ${answer.status}`)
    if (isRedirect(answer.status)) {
      call.abort()
      throw redirectedRequest(this.#redirected(new URL(this.#base), answer))
    }
    if (answer.status !== 200) throw await this.#refusal(call, answer)
    if (answer.contentType !== `application/x-git-${this.#service}-result`) {
      call.abort()
      throw new Failure(
        'protocol-error',
        `the answer is not git's protocol: it has the content type "${answer.contentType.slice(0, QUOTED_CHARACTERS)}"`,
      )
    }
    yield* answer.body
  }

  /** Reads a server's words about an error, and ends the request. */
  async #refusal(call: Call, answer: HttpAnswer): Promise<Failure> {
    const timer = setTimeout(() => call.abort(), WORDS_MS)
    const words = answer.contentType.startsWith('text/') ? await beginningOf(untilError(answer.body), WORDS_BYTES) : EMPTY
    clearTimeout(timer)
    call.abort()
    return statusFailure(answer, this.#options.hide(words.subarray(0, WORDS_BYTES).toString('utf8')), this.#options.secret !== null)
  }
}

async function gzip(bytes: Buffer): Promise<Buffer> {
  const [{ gzip: compress }, { promisify }] = await Promise.all([import('node:zlib'), import('node:util')])
  return await promisify(compress)(bytes)
}

/** A text as far as it can be read: an error in the middle matters less than the message. */
async function* untilError(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body
  } catch {}
}
