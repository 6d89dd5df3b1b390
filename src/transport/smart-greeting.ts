import { Failure } from '../errors/failure.ts'
import type { Service } from '../git/process.ts'
import { GREETING_LINES } from '../limits/limits.ts'
import { EMPTY } from '../wire/byte-queue.ts'
import { ByteReader } from '../wire/byte-reader.ts'
import { PACKET_LENGTH, protocolFailure } from '../wire/pkt-line.ts'

/**
 * Takes off what only HTTP puts in front of a service's greeting: `# service=git-upload-pack`, up to a flush packet (gitprotocol-http(5), "Smart Server
 * Response"). Some servers leave it out before protocol v2.
 * @throws Failure `remote-error` for an answer without a byte: that is no empty repository
 */
export async function withoutServiceLine(bytes: AsyncIterable<Buffer>, service: Service): Promise<ByteReader> {
  const reader = new ByteReader(bytes)
  const taken: Buffer[] = []
  const packet = async (): Promise<Buffer | null> => {
    const digits = await reader.exactly(4)
    if (digits === null) throw new Failure('remote-error', 'the server answered with nothing')
    const text = digits.toString('latin1')
    const length = /^[\da-f]{4}$/i.test(text) ? Number.parseInt(text, 16) : PACKET_LENGTH + 1
    if (length > PACKET_LENGTH) throw protocolFailure('what comes first is no packet')
    if (length < 4) {
      taken.push(digits)
      return null
    }
    const payload = await reader.exactly(length - 4)
    taken.push(digits, payload ?? EMPTY)
    return payload ?? EMPTY
  }
  const first = (await packet())?.toString('latin1') ?? ''
  if (!first.startsWith('# ')) return new ByteReader(chain(taken, reader))
  if (first.trimEnd() !== `# service=git-${service}`) throw protocolFailure('the answer is that of another service')
  for (let lines = 0; (await packet()) !== null; ) {
    lines += 1
    if (lines > GREETING_LINES) throw protocolFailure('the name of the service does not end')
  }
  return reader
}

async function* chain(taken: readonly Buffer[], reader: ByteReader): AsyncGenerator<Buffer> {
  yield* taken
  yield* reader.rest()
}
