import type { Oid, RefName } from '../refs/ref.ts'
import { AGENT, type Capabilities } from './capabilities.ts'
import { encodePacket, FLUSH } from './pkt-line.ts'

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
