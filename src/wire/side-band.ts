import { Failure } from '../errors/failure.ts'
import { type PacketReader, protocolFailure, serverFailure } from './pkt-line.ts'

interface Bands {
  /** Gets the text of the second band in pieces, which may end in the middle of a line. */
  readonly onProgress: (text: string) => void
  /** Gets the text of the third band, which usually ends the stream; by default it is thrown. */
  readonly onFatal?: (text: string) => void
}

/** Counted for each packet, also an empty one. git sends one in five seconds, so a connection that is only kept alive reaches the limit after two months. */
const COST_OF_PACKET = 1024

/**
 * Takes the first band out of a side-banded stream (gitprotocol-pack(5), "Packfile Data"), up to its flush packet. The data itself has no limit here, because
 * its reader knows the length, or limits it.
 * @throws Failure with the server's words of the third band; `connection-lost` when the stream ends without its flush packet; `answer-too-large`
 */
export async function* unband(packets: PacketReader, { onProgress, onFatal = throwWords }: Bands): AsyncGenerator<Buffer, void, void> {
  let besides = 0
  for (;;) {
    const packet = await packets.next()
    if (packet === null) throw new Failure('connection-lost', 'the connection ended in the middle of the data')
    if (packet === 'flush') return
    if (typeof packet === 'string') throw protocolFailure(`a ${packet} packet in the middle of the data`)
    const band = packet[0]
    if (band === 1 && packet.length > 1) {
      yield packet.subarray(1)
      continue
    }
    besides += packet.length + COST_OF_PACKET
    if (besides > packets.limits.bytesBesidesData)
      throw new Failure('answer-too-large', 'what the server says besides the data does not end')
    if (band === 2) onProgress(packet.toString('utf8', 1))
    else if (band === 3) onFatal(packet.toString('utf8', 1))
    // A packet of no bytes, or of no data, says nothing.
    else if (band !== undefined && band !== 1) throw protocolFailure(`there is no band ${band}`)
  }
}

function throwWords(text: string): never {
  throw serverFailure(text)
}
