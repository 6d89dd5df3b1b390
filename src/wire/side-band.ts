import { Failure } from '../failure.ts'
import { type PacketReader, protocolFailure, serverFailure } from './pkt-line.ts'

interface Bands {
  /** Told the text of the second band, in pieces as they come: it may end in the middle of a line. */
  readonly onProgress: (text: string) => void
  /** Told the text of the third band, which ends the stream as a rule; left out, it is thrown. */
  readonly onFatal?: (text: string) => void
}

/**
 * Takes the first band out of a side-banded stream (gitprotocol-pack(5), "Packfile Data"), up to its flush packet.
 * @throws Failure with the server's words of the third band; `connection-lost` when the stream ends without its flush packet
 */
export async function* unband(packets: PacketReader, { onProgress, onFatal = throwWords }: Bands): AsyncGenerator<Buffer, void, void> {
  for (;;) {
    const packet = await packets.next()
    if (packet === null) throw new Failure('connection-lost', 'the connection ended in the middle of the data')
    if (packet === 'flush') return
    if (typeof packet === 'string') throw protocolFailure(`a ${packet} packet in the middle of the data`)
    const band = packet[0]
    if (band === 1) yield packet.subarray(1)
    else if (band === 2) onProgress(packet.toString('utf8', 1))
    else if (band === 3) onFatal(packet.toString('utf8', 1))
    // An empty packet keeps the connection alive, and says nothing.
    else if (band !== undefined) throw protocolFailure(`there is no band ${band}`)
  }
}

function throwWords(text: string): never {
  throw serverFailure(text)
}

/** What comes without bands: all bytes to the end of the connection. */
export async function* unbanded(packets: PacketReader): AsyncGenerator<Buffer, void, void> {
  for (let piece = await packets.bytes.some(PIECE); piece !== null; piece = await packets.bytes.some(PIECE)) yield piece
}

const PIECE = 65_536
