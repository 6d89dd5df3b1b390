import { Failure } from '../../src/errors/failure.ts'
import type { Service } from '../../src/git/process.ts'
import { ONE_WAY } from '../../src/plan/one-way-decisions.ts'
import { compareSides, planRefs, questionsTo, tipsToBring } from '../../src/plan/plan.ts'
import type { RefName } from '../../src/refs/ref.ts'
import type { Side } from '../../src/remote/side.ts'
import { relayTransfer } from '../../src/transfer/relay/relay.ts'
import { openUploadPack } from '../../src/transfer/relay/upload-pack.ts'
import { stepRefsOf } from '../../src/transfer/sides.ts'
import type { ChangeOutcome } from '../../src/transfer/transfer.ts'
import type { Conversation, Transport } from '../../src/transport/transport.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'

/** All that a server said in one conversation, in base64: the greeting, then each answer. Unless it is stateless, all of it is one stream. */
export interface RecordedConversation {
  readonly side: Side
  readonly service: Service
  readonly stateless: boolean
  readonly said: readonly string[]
}

/** A whole run of the relay, as the servers spoke it. */
export interface Recording {
  /** Which server, in which protocol, and how to record it again. */
  readonly how: string
  readonly conversations: readonly RecordedConversation[]
}

/** The result of a replayed run. */
export interface Replayed {
  readonly outcomes: ReadonlyMap<RefName, ChangeOutcome>
  /** The requests that the destination got, whole ones alone. */
  readonly received: readonly Buffer[]
}

/** Passes everything on, and keeps what the server says. */
export function recordingTransport(real: Transport, side: Side, conversations: RecordedConversation[]): Transport {
  return {
    open: async (service, protocol) => {
      const conversation = await real.open(service, protocol)
      const said: string[] = []
      conversations.push({ side, service, stateless: conversation.stateless, said })
      const greeting = kept(conversation.greeting, said)
      return {
        stateless: conversation.stateless,
        greeting,
        ask: body => {
          const { answer, sent, abort } = conversation.ask(body)
          return { answer: conversation.stateless ? kept(answer, said) : greeting, sent, abort }
        },
      }
    },
    close: () => real.close(),
  }
}

function kept(reader: ByteReader, said: string[]): ByteReader {
  const index = said.push('') - 1
  const pieces: Buffer[] = []
  return new ByteReader(
    (async function* () {
      for await (const piece of reader.rest()) {
        pieces.push(Buffer.from(piece))
        said[index] = Buffer.concat(pieces).toString('base64')
        yield piece
      }
    })(),
  )
}

/** The conversations of one side, played again in the order in which each service was opened. */
function replayingTransport(bytes: readonly ReplayedConversation[], received: Buffer[], pieceSize: number): Transport {
  const left = [...bytes]
  return {
    open: async service => {
      const index = left.findIndex(conversation => conversation.service === service)
      const [conversation] = index < 0 ? [] : left.splice(index, 1)
      // Changed answers lead to further questions, for which there are no answers.
      if (conversation === undefined) throw new Failure('connection-refused', `no more of ${service} was recorded`)
      return replayConversation(conversation, received, pieceSize)
    },
    close: () => {},
  }
}

interface ReplayedConversation {
  readonly service: Service
  readonly stateless: boolean
  readonly said: readonly Buffer[]
}

function replayConversation({ service, stateless, said }: ReplayedConversation, received: Buffer[], pieceSize: number): Conversation {
  const [first = Buffer.alloc(0), ...others] = said.map(bytes => new ByteReader(inPieces(bytes, pieceSize)))
  if (!(first instanceof ByteReader)) throw new Error('nothing was recorded')
  return {
    stateless,
    greeting: first,
    ask: body => {
      const collect = async () => {
        const pieces: Buffer[] = []
        for await (const piece of Buffer.isBuffer(body) ? [body] : body) pieces.push(piece)
        if (service === 'receive-pack') received.push(Buffer.concat(pieces))
      }
      return {
        answer: (stateless ? others.shift() : first) ?? new ByteReader(inPieces(Buffer.alloc(0), 1)),
        sent: collect(),
        abort: () => {},
      }
    },
  }
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

export const bytesOf = ({ conversations }: Recording): Buffer[][] =>
  conversations.map(({ said }) => said.map(text => Buffer.from(text, 'base64')))

/**
 * Runs the relay against what was recorded.
 * @param said instead of what the servers said, by conversation; @param pieceSize bytes that arrive at a time
 */
export async function replay(recording: Recording, said: readonly (readonly Buffer[])[], pieceSize: number): Promise<Replayed> {
  const received: Buffer[] = []
  const transport = (side: Side) =>
    replayingTransport(
      recording.conversations.flatMap((conversation, index) =>
        conversation.side === side ? [{ ...conversation, said: said[index] ?? [] }] : [],
      ),
      received,
      pieceSize,
    )
  return { outcomes: await runRelay(transport('here'), transport('there')), received }
}

/** One run of the relay as a mirror does it. */
export async function runRelay(here: Transport, there: Transport): Promise<ReadonlyMap<RefName, ChangeOutcome>> {
  const quiet = { onWords: () => {}, onBytes: () => {} }
  const [source, destination] = await Promise.all([
    openUploadPack({ transport: here, side: 'here', ...quiet }),
    openUploadPack({ transport: there, side: 'there', ...quiet }),
  ])
  const comparison = compareSides({
    here: source.advertisement,
    there: destination.advertisement,
    source: 'here',
    base: null,
    table: ONE_WAY,
    selection: { branches: [], tags: [] },
    policy: { keepDivergent: false, prune: 'merged' },
  })
  const pairs = questionsTo('here', comparison)
  const transfer = relayTransfer({
    source,
    destination,
    receiver: there,
    readAgain: async () => (await openUploadPack({ transport: there, side: 'there', ...quiet })).advertisement.refs,
    wants: tipsToBring('here', comparison, pairs),
    objectFormat: source.advertisement.objectFormat ?? 'sha1',
    atomic: false,
    pushOptions: [],
    stepRefs: stepRefsOf(destination.advertisement, 'id'),
    refsPerPush: null,
    packLimit: null,
    dryRun: false,
    certain: true,
    lfs: false,
    local: () => Promise.reject(new Error('no place')),
    hide: text => text,
    say: () => {},
    debug: () => {},
    bytes: () => 0,
  })
  const plan = planRefs(comparison, { here: await transfer.relate(pairs) })
  return await transfer.apply(plan.filter(({ side }) => side !== null))
}
