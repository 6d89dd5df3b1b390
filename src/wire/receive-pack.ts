import type { Oid, RefName } from '../refs/ref.ts'
import { AGENT, type Capabilities } from './capabilities.ts'
import { encodePacket, FLUSH, type PacketReader, protocolFailure, quoted, textOf } from './pkt-line.ts'

/** One ref update; null = the ref is absent before, or shall be afterwards. */
export interface Command {
  readonly ref: RefName
  readonly before: Oid | null
  readonly after: Oid | null
}

export interface CommandOptions {
  readonly atomic: boolean
  readonly pushOptions: readonly string[]
  readonly objectFormat: 'sha1' | 'sha256'
}

const ZERO = { sha1: '0'.repeat(40), sha256: '0'.repeat(64) }

/** The commands of a push, up to where its pack begins (gitprotocol-pack(5), "Reference Update Request"). Asks only for what the server offers. */
export function encodeCommands(commands: readonly Command[], capabilities: Capabilities, options: CommandOptions): Buffer {
  const { atomic, pushOptions, objectFormat } = options
  const report = capabilities.has('report-status-v2') ? 'report-status-v2' : 'report-status'
  const chosen = [
    // Quiet about its progress, which would only stand between the words of its hooks.
    ...[report, 'side-band-64k', 'quiet'].filter(name => capabilities.has(name)),
    ...(atomic ? ['atomic'] : []),
    ...(pushOptions.length > 0 ? ['push-options'] : []),
    ...(capabilities.has('object-format') ? [`object-format=${objectFormat}`] : []),
    ...(capabilities.has('agent') ? [AGENT] : []),
  ]
  const zero = ZERO[objectFormat]
  return Buffer.concat([
    ...commands.map(({ ref, before, after }, index) => {
      const line = `${before ?? zero} ${after ?? zero} ${ref}`
      return encodePacket(index === 0 ? `${line}\0 ${chosen.join(' ')}` : line)
    }),
    FLUSH,
    ...(pushOptions.length > 0 ? [...pushOptions.map(option => encodePacket(option)), FLUSH] : []),
  ])
}

/** receive-pack's report of a push. */
export interface StatusReport {
  /** `ok`, or why the pack was not taken. */
  readonly unpack: string
  /** By the name of the ref that the server was asked to change: null = done, otherwise the reason. */
  readonly refs: ReadonlyMap<string, string | null>
}

/**
 * Reads `report-status` or `report-status-v2` (gitprotocol-pack(5), "Report Status"): `unpack …`, then `ok <ref>` or `ng <ref> <why>`.
 * The `option` lines of v2 tell where a hook of the server's put the change instead, which changes nothing in our words.
 * @throws Failure `protocol-error`, `connection-lost`
 */
export async function readReportStatus(packets: PacketReader): Promise<StatusReport> {
  const refs = new Map<string, string | null>()
  let unpack: string | null = null
  const { limits } = packets
  const start = packets.bytes.taken
  for (let lines = 0; ; lines++) {
    const packet = await packets.expect('the end of the report')
    if (packet === 'flush') break
    const line = textOf(packet)
    if (lines > limits.reportLines || packets.bytes.taken - start > limits.reportBytes) throw protocolFailure('the report does not end')
    if (line.startsWith('unpack ')) unpack = line.slice('unpack '.length)
    else if (line.startsWith('ok ')) refs.set(line.slice('ok '.length), null)
    else if (line.startsWith('ng ')) {
      const [, ref = '', why] = /^ng (\S+)(?: (.*))?$/s.exec(line) ?? []
      refs.set(ref, why?.trim() || 'no reason given')
    } else if (!line.startsWith('option ')) throw protocolFailure(`${quoted(line)} is no line of a report`)
  }
  if (unpack === null) throw protocolFailure('the report does not say whether the pack was taken')
  return { unpack, refs }
}
