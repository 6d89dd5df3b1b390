import { type PacketReader, protocolFailure, textOf } from './pkt-line.ts'

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
    } else if (!line.startsWith('option ')) throw protocolFailure(`"${line.slice(0, 80)}" is no line of a report`)
  }
  if (unpack === null) throw protocolFailure('the report does not say whether the pack was taken')
  return { unpack, refs }
}
