import { Failure } from '../../errors/failure.ts'
import { linesIn } from '../../git/porcelain.ts'
import { ANSWER_LIMITS, type AnswerLimits, PUSH_OUTPUT_BYTES } from '../../limits/limits.ts'
import type { Advertisement } from '../../refs/advertisement.ts'
import { collectRefs, isObjectFormat } from '../../refs/collection.ts'
import type { Oid, RefName } from '../../refs/ref.ts'
import type { Side } from '../../remote/side.ts'
import { ofSide } from '../../transport/of-side.ts'
import type { Body, Transport } from '../../transport/transport.ts'
import { ByteReader } from '../../wire/byte-reader.ts'
import type { Capabilities } from '../../wire/capabilities.ts'
import { readGreeting } from '../../wire/greeting.ts'
import { PacketReader, protocolFailure, serverFailure } from '../../wire/pkt-line.ts'
import { readReportStatus, type StatusReport } from '../../wire/receive-pack.ts'
import { unband } from '../../wire/side-band.ts'

/** The destination, opened for one push. */
export interface ReceivePack {
  readonly capabilities: Capabilities
  /** Tips of those refs that were asked about; what is missing is absent. */
  readonly tips: ReadonlyMap<RefName, Oid>
  /** The repository's history ends at some commits, so that its tips do not stand for all that they lead to. */
  readonly shallow: boolean
  /** Sends a push. Never rejects. */
  push(body: Body): Promise<PushAnswer>
}

export interface PushAnswer {
  /** null where there is none. */
  readonly report: StatusReport | null
  /** The other lines of the server and its hooks. */
  readonly output: readonly string[]
  /** Why the report is missing; null if it is there, or if the server sends none. */
  readonly failure: Failure | null
}

/** @param isAsked whether a ref's tip is of interest; all others are passed over. @throws Failure of the side */
export const openReceivePack = (
  transport: Transport,
  side: Side,
  isAsked: (name: string) => boolean,
  limits: AnswerLimits = ANSWER_LIMITS,
): Promise<ReceivePack> =>
  ofSide(side, async () => {
    const conversation = await transport.open('receive-pack', 0)
    const tips = new Map<RefName, Oid>()
    const { capabilities, shallow } = await readGreeting(new PacketReader(conversation.greeting, limits), (oid, name) => {
      const text = name.toString('utf8')
      if (isAsked(text)) tips.set(text as RefName, oid)
    })
    return {
      capabilities,
      tips,
      shallow,
      push: async body => {
        let output = ''
        const exchange = conversation.ask(body)
        const reading = readAnswer(exchange.answer, capabilities, limits, text => {
          output += text
          // Not for each piece, as a server may send single letters.
          if (output.length > 2 * PUSH_OUTPUT_BYTES) output = output.slice(-PUSH_OUTPUT_BYTES)
        })
        // A server whose answer cannot be read does not get the rest of the pack.
        reading.catch(exchange.abort)
        const [sent, read] = await Promise.allSettled([exchange.sent, reading])
        // If the body broke off, all else follows from that.
        const reason: unknown = sent.status === 'rejected' ? sent.reason : read.status === 'rejected' ? read.reason : null
        return {
          report: sent.status === 'fulfilled' && read.status === 'fulfilled' ? read.value : null,
          output: linesIn(output.slice(-PUSH_OUTPUT_BYTES)).filter(line => !PROGRESS.test(line)),
          failure: reason === null ? null : Failure.from(reason).on(side),
        }
      },
    }
  })

/**
 * The refs of a destination whose upload-pack refuses this account, or does not know the repository yet. Some accounts may only push, and some servers
 * create a repository at the first push. Symbolic refs and the default branch stay unknown.
 * @throws Failure of the side, also for an answer that is not that of receive-pack: what is unknown never counts as empty
 */
export const readForPush = (transport: Transport, side: Side, limits: AnswerLimits = ANSWER_LIMITS): Promise<Advertisement> =>
  ofSide(side, async () => {
    const conversation = await transport.open('receive-pack', 0)
    const collection = collectRefs(limits.refs)
    const { capabilities } = await readGreeting(new PacketReader(conversation.greeting, limits), (oid, name) => collection.add(name, oid))
    if (!capabilities.has('report-status')) throw protocolFailure('it names nothing that receive-pack can do')
    const objectFormat = capabilities.value('object-format')
    const read = collection.finish({ symbolicIsWhole: false, objectFormat: isObjectFormat(objectFormat) ? objectFormat : null })
    return { ...read, hasHead: null }
  })

/** Progress of a server, which JGit prints even for a refusal: `Updating references: 100% (2/2)`. It explains no refusal. */
const PROGRESS = /^[A-Z][A-Za-z ]+: +\d+(?:% \(\d+\/\d+\)|, done\b)/

/**
 * Reads the answer to a push to its very end: the server runs its last hooks after the report, and must not be cut off in the middle of them.
 * The third band counts only if no report follows: Dulwich sends the output of hooks there.
 */
async function readAnswer(answer: ByteReader, capabilities: Capabilities, limits: AnswerLimits, onOutput: (text: string) => void) {
  let fatal: Failure | null = null
  const bands = {
    onProgress: onOutput,
    onFatal: (text: string) => {
      onOutput(text.endsWith('\n') ? text : `${text}\n`)
      fatal ??= serverFailure(text)
    },
  }
  const bytes = capabilities.has('side-band-64k') ? new ByteReader(unband(new PacketReader(answer, limits), bands)) : answer
  if (!capabilities.has('report-status') && !capabilities.has('report-status-v2')) {
    await readToEnd(bytes, limits.bytesAfterReport)
    return null
  }
  const report = await readReportStatus(new PacketReader(bytes, limits)).catch(error => {
    throw fatal ?? error
  })
  // With the report all is settled; what breaks after it changes nothing.
  await readToEnd(bytes, limits.bytesAfterReport).catch(() => {})
  return report
}

async function readToEnd(bytes: ByteReader, most: number): Promise<void> {
  let left = most
  for await (const { length } of bytes.rest()) {
    left -= length
    if (left < 0) throw new Failure('answer-too-large', 'the answer to the push does not end')
  }
}
