import { Failure } from '../errors/failure.ts'
import { REF_NAME_BYTES } from '../limits/limits.ts'
import { isOid, type Oid } from '../refs/ref.ts'
import { type Capabilities, encodeCommand } from './capabilities.ts'
import { type PacketReader, protocolFailure, quoted } from './pkt-line.ts'

/**
 * git itself takes what fits into a packet (65,516 bytes). But most servers and clones keep a ref in a file of its name, and no path of Linux is longer
 * than this (PATH_MAX). git could not write such a ref there, and each place that keeps or shows a name would have to bear it.
 * @throws Failure `protocol-error` for a name that is longer than any can be
 */
export function limitName(name: Buffer): void {
  if (name.length > REF_NAME_BYTES)
    throw protocolFailure(`${quoted(name)}, of ${name.length} bytes, is longer than the name of a ref can be`)
}

/**
 * The command `ls-refs` of protocol v2 (gitprotocol-v2(5)): refs below the prefixes, with targets of symbolic refs and tags. If the server offers it, HEAD's
 * target comes even where there is no such branch.
 */
export function encodeLsRefs(prefixes: readonly string[], capabilities: Capabilities): Buffer {
  const unborn = capabilities.offers('ls-refs', 'unborn') ? ['unborn'] : []
  return encodeCommand('ls-refs', capabilities, ['peel', 'symrefs', ...unborn, ...prefixes.map(prefix => `ref-prefix ${prefix}`)])
}

/** One line of the answer. */
export interface ListedRef {
  /** null for an unborn HEAD, which only names its target. */
  readonly oid: Oid | null
  /** As bytes: a name need not be UTF-8. */
  readonly name: Buffer
  /** For a symbolic ref: the ref that it leads to. */
  readonly target: string | null
  /** For an annotated tag: the object at the end of the chain of tags. */
  readonly peeled: Oid | null
}

/** Reads the answer, line by line. @throws Failure `protocol-error`, `connection-lost`, `answer-too-large` */
export async function readLsRefs(packets: PacketReader, visit: (ref: ListedRef) => void): Promise<void> {
  const start = packets.bytes.taken
  for (let packet = await packets.expect('the refs'); packet !== 'flush'; packet = await packets.expect('the end of the refs')) {
    if (typeof packet === 'string') throw protocolFailure(`a ${packet} packet among the refs`)
    if (packets.bytes.taken - start > packets.limits.refBytes) throw new Failure('answer-too-large', 'the list of refs does not end')
    visit(parseLine(packet))
  }
}

/** `<oid> SP <name> (SP symref-target:<ref> | SP peeled:<oid>)*`; a name holds no blank. */
function parseLine(line: Buffer): ListedRef {
  const end = line.at(-1) === 10 ? line.length - 1 : line.length
  const space = line.indexOf(32)
  const word = line.toString('latin1', 0, Math.max(space, 0))
  const next = line.indexOf(32, space + 1)
  const name = line.subarray(space + 1, next < 0 ? end : next)
  if ((word !== 'unborn' && !isOid(word)) || name.length === 0) throw protocolFailure(`${quoted(line)} is no ref`)
  limitName(name)
  let target: string | null = null
  let peeled: Oid | null = null
  for (const attribute of next < 0 ? [] : line.toString('utf8', next + 1, end).split(' ')) {
    if (attribute.startsWith('symref-target:')) {
      target = attribute.slice('symref-target:'.length)
      limitName(Buffer.from(target))
    }
    const oid = attribute.startsWith('peeled:') ? attribute.slice('peeled:'.length) : ''
    if (isOid(oid)) peeled = oid
  }
  return { oid: word === 'unborn' ? null : (word as Oid), name, target, peeled }
}
