import { Failure } from '../errors/failure.ts'
import { type PacketReader, protocolFailure, serverFailure } from './pkt-line.ts'

interface Bands {
  /** Told the text of the second band, in pieces as they come: it may end in the middle of a line. */
  readonly onProgress: (text: string) => void
  /** Told the text of the third band, which ends the stream as a rule; left out, it is thrown. */
  readonly onFatal?: (text: string) => void
}

/**
 * Bytes besides the data: progress, the words of hooks, and empty packets, of which git sends one in five seconds to keep the connection alive. A server
 * that counts for hours does so, thus the idle watch lets it go on as long as it likes; but none says a gigabyte.
 */
const MAX_BESIDES = 2 ** 30

/** A packet is work, however little is in it. Thus empty ones end after a million, which is two months of git's. */
const COST_OF_PACKET = 1024

/**
 * Takes the first band out of a side-banded stream (gitprotocol-pack(5), "Packfile Data"), up to its flush packet. The data itself has no limit here: a pack
 * goes on to who knows how long it is to be, or its reader has limits.
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
    if (besides > MAX_BESIDES) throw new Failure('answer-too-large', 'what the server says besides the data does not end')
    if (band === 2) onProgress(packet.toString('utf8', 1))
    else if (band === 3) onFatal(packet.toString('utf8', 1))
    // A packet of no bytes, or of no data, says nothing.
    else if (band !== undefined && band !== 1) throw protocolFailure(`there is no band ${band}`)
  }
}

function throwWords(text: string): never {
  throw serverFailure(text)
}

/** The data without bands: all bytes to the end of the connection. */
export async function* unbanded(packets: PacketReader): AsyncGenerator<Buffer, void, void> {
  for (let piece = await packets.bytes.some(PIECE); piece !== null; piece = await packets.bytes.some(PIECE)) yield piece
}

const PIECE = 65_536
