import { Failure } from '../errors/failure.ts'
import { isOid, type Oid } from '../refs/ref.ts'
import { Capabilities } from './capabilities.ts'
import { limitName } from './ls-refs.ts'
import { type PacketReader, protocolFailure, quoted, textOf } from './pkt-line.ts'

/** The first answer of a service: which protocol it speaks, what it can do, and before protocol v2 also its refs. */
export interface Greeting {
  readonly version: 0 | 1 | 2
  readonly capabilities: Capabilities
  /** Before v2: history ends at some commits. */
  readonly shallow: boolean
}

/**
 * Reads the greeting of upload-pack or receive-pack (gitprotocol-pack(5), "Reference Discovery"; gitprotocol-v2(5), "Capability Advertisement").
 * @param visit gets each ref of a v0 or v1 advertisement, names as bytes; `name^{}` is the object of an annotated tag
 * @throws Failure `protocol-error`, `connection-lost`, `answer-too-large`
 */
export async function readGreeting(packets: PacketReader, visit: (oid: Oid, name: Buffer) => void): Promise<Greeting> {
  let packet = await packets.expect('the greeting')
  if (packet === 'flush') return { version: 0, capabilities: new Capabilities([]), shallow: false }
  const first = textOf(packet)
  if (first === 'version 2') return { version: 2, capabilities: new Capabilities(await readLines(packets)), shallow: false }
  const version = first === 'version 1' ? 1 : 0
  if (version === 1) packet = await packets.expect('the refs')
  let capabilities: Capabilities | null = null
  let shallow = false
  for (; packet !== 'flush'; packet = await packets.expect('the end of the refs')) {
    if (packets.bytes.taken > packets.limits.refBytes) throw tooLarge()
    if (typeof packet === 'string') throw protocolFailure(`a ${packet} packet among the refs`)
    if (packet.toString('latin1', 0, 8) === 'shallow ') {
      shallow = true
      continue
    }
    const nul = packet.indexOf(0)
    if (nul >= 0 && capabilities === null) {
      const words = packet.toString('utf8', nul + 1).trimEnd()
      capabilities = new Capabilities(words.split(' '))
    }
    const line = nul >= 0 ? packet.subarray(0, nul) : packet
    const space = line.indexOf(32)
    const oid = line.toString('latin1', 0, Math.max(space, 0))
    if (!isOid(oid)) throw protocolFailure(`${quoted(line)} is no ref`)
    const name = line.subarray(space + 1, line.at(-1) === 10 ? line.length - 1 : line.length)
    limitName(name)
    // Stands in for the refs where there are none.
    if (name.toString('latin1') !== 'capabilities^{}') visit(oid, name)
  }
  return { version, capabilities: capabilities ?? new Capabilities([]), shallow }
}

/** Lines up to the flush packet. */
async function readLines(packets: PacketReader): Promise<string[]> {
  const lines: string[] = []
  for (let packet = await packets.expect('the end of the capabilities'); packet !== 'flush'; ) {
    if (lines.push(textOf(packet)) > packets.limits.capabilities) throw tooLarge()
    packet = await packets.expect('the end of the capabilities')
  }
  return lines
}

const tooLarge = (): Failure => new Failure('answer-too-large', 'what the server says first does not end')
