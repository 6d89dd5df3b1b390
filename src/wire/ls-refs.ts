import { Failure } from '../errors/failure.ts'
import { isOid, type Oid } from '../refs/ref.ts'
import { encodeCommand } from './capabilities.ts'
import { type PacketReader, protocolFailure } from './pkt-line.ts'
import { limitName } from './ref-limits.ts'

export interface LsRefsRequest {
  readonly prefixes: readonly string[]
  /** Ask for HEAD's target even where there is no such branch; only where the server offers it. */
  readonly unborn: boolean
  readonly objectFormat: string | null
}

/** The command `ls-refs` of protocol v2 (gitprotocol-v2(5)): refs below the prefixes, with targets of symbolic refs and tags. */
export function encodeLsRefs({ prefixes, unborn, objectFormat }: LsRefsRequest): Buffer {
  const args = ['peel', 'symrefs', ...(unborn ? ['unborn'] : []), ...prefixes.map(prefix => `ref-prefix ${prefix}`)]
  return encodeCommand('ls-refs', objectFormat, args)
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
  if ((word !== 'unborn' && !isOid(word)) || name.length === 0)
    throw protocolFailure(`"${line.toString('utf8', 0, 80).trimEnd()}" is no ref`)
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
