import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { Failure } from '../errors/failure.ts'
import { silence } from '../errors/network-codes.ts'
import { addressOf } from '../remote/server.ts'
import { type IdleWatch, watchIdle } from '../tasks/idle-watch.ts'
import { awaitedLater, onceThere } from '../tasks/later.ts'
import { type PreparedBody, prepareBody, sendBody } from './body.ts'
import { type ConnectorOptions, createConnector } from './connector.ts'
import { type HttpAnswer, readAnswer } from './http-answer.ts'
import { isReset, networkFailure } from './network-failure.ts'
import type { Body } from './transport.ts'

export interface ClientOptions extends ConnectorOptions {
  readonly idleTimeoutMs: number
  readonly debug: (message: string) => void
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT'
  readonly url: URL
  /** Those that are undefined are not sent. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Body
  /** The request may be sent twice. */
  readonly repeatable: boolean
  /** A connection that was idle for longer is not used, as it may be stale. */
  readonly mostIdleMs?: number | null
}

/** A request that is under way. */
export interface Call {
  /** Rejects with a Failure. */
  readonly answer: Promise<HttpAnswer>
  /** Resolves when all is sent, or when the answer rejects. Rejects with the error of the body. */
  readonly sent: Promise<void>
  /** Ends it at once. Never throws. */
  abort(): void
}

export type HttpClient = Awaited<ReturnType<typeof createHttpClient>>

/** HTTP/1.1 over connections that are kept for the next request. @param first of the first request: the connection is being made while node's HTTP is loaded. @throws Failure */
export async function createHttpClient(options: ClientOptions, first: URL) {
  const connector = createConnector(options)
  const agents = new Map<string, Agent>()
  const calls = new Set<CallInFlight>()
  let early: Promise<Socket> | null = awaitedLater(connector.connect(first))
  let lastUse = 0
  const { Agent, request: startRequest } = await import('node:http')

  const connect = (url: URL): Promise<Socket> => {
    const made = url.origin === first.origin ? early : null
    if (made !== null) early = null
    return made ?? connector.connect(url)
  }
  const agentFor = (url: URL): Agent => {
    const known = agents.get(url.origin)
    if (known) return known
    const agent = new Agent({ keepAlive: true })
    // Not `https`: node gets connections that are encrypted already, also those through a proxy.
    agent.createConnection = (_options: unknown, callback?: (error: Error | null, socket: Socket) => void) => {
      connect(url).then(
        socket => callback?.(null, socket),
        (error: Error) => (callback as ((error: Error) => void) | undefined)?.(error),
      )
      return undefined
    }
    agents.set(url.origin, agent)
    return agent
  }
  const dropIdle = () => {
    for (const agent of agents.values()) {
      for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
    }
  }
  const start = ({ method, url, mostIdleMs }: HttpRequest, headers: HttpRequest['headers']): ClientRequest => {
    if (mostIdleMs != null && performance.now() - lastUse > mostIdleMs) dropIdle()
    const sent = Object.entries({ Host: url.host, ...headers }).filter(([, value]) => value !== undefined)
    const path = `${url.pathname}${url.search}`
    return startRequest({ method, ...addressOf(url), path, headers: Object.fromEntries(sent), agent: agentFor(url) })
  }
  const used = () => {
    lastUse = performance.now()
  }
  return {
    send: (request: HttpRequest): Call => {
      const call = new CallInFlight(request, options, { start: headers => start(request, headers), freshly: dropIdle, used })
      calls.add(call)
      void call.over.then(() => calls.delete(call))
      return call
    },
    /** Ends everything. @param reason with which pending requests reject */
    close: (reason = givenUp()): void => {
      for (const call of calls) call.abort(reason)
      for (const agent of agents.values()) agent.destroy()
      connector.close(reason)
      onceThere(early, socket => void socket.destroy())
    },
  }
}

const givenUp = (): Failure => new Failure('connection-lost', 'the request was given up')

interface Means {
  readonly start: (headers: HttpRequest['headers']) => ClientRequest
  /** Makes the next request use a new connection. */
  readonly freshly: () => void
  /** Called when a connection becomes idle. */
  readonly used: () => void
}

class CallInFlight implements Call {
  readonly answer: Promise<HttpAnswer>
  readonly sent: Promise<void>
  /** Resolves when the request and its answer have ended. */
  readonly over: Promise<unknown>
  readonly #request: HttpRequest
  readonly #options: ClientOptions
  readonly #means: Means
  readonly #watch: IdleWatch
  readonly #sending = new AbortController()
  readonly #place: string
  #current: ClientRequest | null = null
  /** The headers of the answer are here. */
  #isAnswered = false
  /** Why we ended it. */
  #reason: Failure | null = null
  #resolve: (answer: HttpAnswer) => void = () => {}
  #reject: (failure: Failure) => void = () => {}
  #end: () => void = () => {}

  constructor(request: HttpRequest, options: ClientOptions, means: Means) {
    this.#request = request
    this.#options = options
    this.#means = means
    this.#place = `${request.url.host}${request.url.pathname}`
    const { idleTimeoutMs } = options
    const late = () => this.abort(silence(this.#isAnswered, idleTimeoutMs))
    this.#watch = watchIdle(idleTimeoutMs, () => passed(this.#current, this.#isAnswered), late)
    this.answer = awaitedLater(
      new Promise<HttpAnswer>((resolve, reject) => {
        this.#resolve = resolve
        this.#reject = reject
      }),
    )
    const ended = new Promise<void>(resolve => {
      this.#end = resolve
    })
    this.sent = awaitedLater(this.#run())
    this.over = Promise.allSettled([this.sent, ended])
  }

  abort(reason = givenUp()): void {
    this.#reason ??= reason
    this.#sending.abort()
    this.#current?.destroy()
    this.#fail(this.#reason)
  }

  #fail(failure: Failure): void {
    this.#reject(failure)
    this.#end()
  }

  async #run(): Promise<void> {
    try {
      const body = await prepareBody(this.#request.body, this.#sending.signal)
      if (this.#sending.signal.aborted) return
      await this.#attempt(body, this.#request.repeatable)
    } catch (error) {
      // The request stays incomplete: the server must not take the beginning for the whole.
      this.abort(Failure.from(error))
      throw error
    }
  }

  /** Sends it once; and again where the server had closed an idle connection just before. */
  async #attempt(body: PreparedBody, mayRepeat: boolean): Promise<void> {
    const { headers, method } = this.#request
    const hasBody = method !== 'GET'
    const out = this.#means.start({
      ...headers,
      'Content-Length': hasBody && body.length !== null ? String(body.length) : undefined,
      'Transfer-Encoding': hasBody && body.length === null ? 'chunked' : undefined,
    })
    this.#current = out
    const connected = new Promise<void>(resolve => {
      for (const event of ['socket', 'close']) out.once(event, () => resolve())
    })
    const outcome = new Promise<unknown>(resolve => {
      out.on('error', resolve)
      out.once('response', message => {
        this.#take(message, out)
        resolve(null)
      })
      out.once('close', () => resolve(new Error('the connection was closed')))
    })
    const sending = new AbortController()
    const halt = () => sending.abort()
    for (const event of ['close', 'error']) out.once(event, halt)
    this.#sending.signal.addEventListener('abort', halt)
    // Making the connection has a time limit of its own.
    void this.#watch.hold(connected)
    const answered = this.#watch.wait(outcome).then(error => this.#settle(error, out, body, mayRepeat))
    await sendBody(out, body, this.#watch, sending.signal)
    if (body.rest === null) await answered
  }

  /** @param error null where an answer came */
  async #settle(error: unknown, out: ClientRequest, body: PreparedBody, mayRepeat: boolean): Promise<void> {
    if (error === null) return
    if (this.#reason === null && mayRepeat && out.reusedSocket && isReset(error)) {
      this.#options.debug(`${this.#place}: an idle connection was closed; once more`)
      this.#means.freshly()
      return await this.#attempt(body, false)
    }
    this.#fail(this.#reason ?? networkFailure(error, this.#request.url.host))
  }

  #take(message: IncomingMessage, out: ClientRequest): void {
    this.#isAnswered = true
    // A refused request is not completed.
    if ((message.statusCode ?? 0) >= 300) this.#sending.abort()
    const failed = (error: unknown) => this.#reason ?? (error === null ? null : networkFailure(error, this.#request.url.host))
    // A server that answers before the request has ended will not read its end.
    message.once('end', () => {
      if (out.writableEnded) return
      this.#sending.abort()
      out.destroy()
    })
    message.once('close', () => {
      this.#means.used()
      this.#end()
    })
    readAnswer(message, this.#watch, failed).then(this.#resolve, (error: unknown) => this.abort(Failure.from(error)))
  }
}

/** Bytes that went over a request's connection. Those before the answer do not count: `100 Continue`, or headers without an end. */
const passed = (request: ClientRequest | null, isAnswered: boolean): number =>
  (request?.socket?.bytesWritten ?? 0) + (isAnswered ? (request?.socket?.bytesRead ?? 0) : 0)
