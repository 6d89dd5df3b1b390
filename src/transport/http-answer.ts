import type { IncomingMessage } from 'node:http'
// Not on demand: the bundle would find no names in this module, because its export is a function.
import { pipeline } from 'node:stream'
import { Failure } from '../errors/failure.ts'
import { QUOTED_CHARACTERS } from '../limits/limits.ts'
import type { IdleWatch } from '../tasks/idle-watch.ts'
import { awaitedLater } from '../tasks/later.ts'

export interface HttpAnswer {
  readonly status: number
  /** Lower case, without parameters; empty if missing. */
  readonly contentType: string
  /** The first header of that name; null if missing. */
  header(name: string): string | null
  /** Decompressed. Throws a Failure where it breaks off. */
  readonly body: AsyncGenerator<Buffer>
  /** Resolves when the body has come to its end, or broke; the connection is then free. */
  readonly ended: Promise<void>
}

/** The meaning of a breach: our own reason, if we have one; null where there is none and all is well. */
type Breach = (error: unknown) => Failure | null

export async function readAnswer(message: IncomingMessage, watch: IdleWatch, failed: Breach): Promise<HttpAnswer> {
  const source = await decompressed(message)
  const ended = new Promise<void>(resolve => {
    for (const event of ['close', 'end']) message.once(event, resolve)
  })
  const header = (name: string): string | null => {
    const value = message.headers[name]
    return (Array.isArray(value) ? value[0] : value) ?? null
  }
  return {
    status: message.statusCode ?? 0,
    contentType: (header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '',
    header,
    body: piecesOf(source, message, watch, failed),
    ended,
  }
}

async function decompressed(message: IncomingMessage): Promise<AsyncIterable<Buffer>> {
  const encoding = message.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'identity' || encoding === '') return message
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    message.destroy()
    throw new Failure('protocol-error', `the answer is compressed with "${encoding.slice(0, QUOTED_CHARACTERS)}", which was not requested`)
  }
  // An answer may be given up before it is read. Without a listener, an error of it would end the run.
  const gunzip = (await import('node:zlib')).createGunzip().on('error', () => {})
  return pipeline(message, gunzip, () => {})
}

/** Reads one piece ahead: so the end of an answer is seen, and its connection free for the next request, when the reader has taken all of it. */
async function* piecesOf(
  source: AsyncIterable<Buffer>,
  message: IncomingMessage,
  watch: IdleWatch,
  failed: Breach,
): AsyncGenerator<Buffer> {
  const iterator = source[Symbol.asyncIterator]()
  const pull = () => awaitedLater(iterator.next())
  for (let next = pull(); ; ) {
    const { done, value } = await watch.wait(next).catch(error => {
      throw failed(error) ?? new Failure('connection-lost', 'the answer breaks off', { cause: error })
    })
    const failure = failed(null)
    if (failure !== null) throw failure
    if (done === true) {
      if (!message.complete) throw new Failure('connection-lost', 'the answer breaks off')
      return
    }
    next = pull()
    yield value
  }
}
