import { Failure } from '../../errors/failure.ts'
import { ANSWER_LIMITS, type AnswerLimits, UPLOAD_OUTPUT_CHARACTERS } from '../../limits/limits.ts'
import type { Advertisement } from '../../refs/advertisement.ts'
import { collectRefs, isObjectFormat, type RefCollection } from '../../refs/collection.ts'
import { MIRRORING_PREFIX } from '../../refs/mirroring-ref.ts'
import type { Side } from '../../remote/side.ts'
import { ofSide } from '../../transport/of-side.ts'
import type { Conversation, Transport } from '../../transport/transport.ts'
import { encodeFetchV0, encodeFetchV2, type FetchAnswer, type FetchRequest, readFetchV0, readFetchV2 } from '../../wire/fetch.ts'
import { type Greeting, readGreeting } from '../../wire/greeting.ts'
import { encodeLsRefs, readLsRefs } from '../../wire/ls-refs.ts'
import { PacketReader, protocolFailure } from '../../wire/pkt-line.ts'
import { unband } from '../../wire/side-band.ts'
import { asDamage } from '../damage.ts'

/** One side as a place to read from: its refs, and packs of what they lead to. Every error is a Failure of that side. */
export interface UploadPack {
  readonly side: Side
  readonly advertisement: Advertisement
  readonly version: 0 | 1 | 2
  /** The server can leave trees and blobs out of a pack, as far as is known: it may yet refuse to. */
  readonly offersFilter: boolean
  /** The same for blobs of some size. */
  readonly offersBlobLimit: boolean
  /** The server can end the history of a pack after so many commits. */
  readonly offersDepth: boolean
  /** The server names every have that it has, too, and not just one of them. */
  readonly namesAllCommon: boolean
  /** Asks for a pack. May be called again while an earlier pack is still being read. */
  fetch(request: FetchRequest): Promise<Fetched>
}

export interface Fetched extends FetchAnswer {
  /** The pack; ends only where the server said so. Empty without one. */
  readonly pack: AsyncIterable<Buffer>
  /** The rest is not wanted. */
  abort(): void
}

export interface UploadPackOptions {
  readonly transport: Transport
  readonly side: Side
  /** Gets the progress output of the server, in pieces. */
  readonly onWords: (text: string) => void
  /** Gets the length of each piece of a pack. */
  readonly onBytes: (bytes: number) => void
  readonly limits?: AnswerLimits
}

interface Connection {
  readonly conversation: Conversation
  readonly greeting: Greeting
  readonly packets: PacketReader
}

/** Requested in protocol v2; a server of v0 or v1 lists more, which is ignored. */
const PREFIXES = ['HEAD', 'refs/heads/', 'refs/tags/', MIRRORING_PREFIX]

/** Opens upload-pack and reads the refs. @throws Failure of the side */
export async function openUploadPack(options: UploadPackOptions): Promise<UploadPack> {
  const { transport, side, limits = ANSWER_LIMITS } = options
  return await ofSide(side, async () => {
    const collection = collectRefs(limits.refs)
    const first = await openConnection(transport, limits, (oid, name) => collection.add(name, oid))
    const { version, capabilities } = first.greeting
    if (version === 2) await listRefs(first, collection)
    else for (const word of capabilities.values('symref')) addSymref(collection, word)
    const objectFormat = capabilities.value('object-format')
    const { agent } = capabilities
    const takeConnection = connectionsOf(transport, limits, first)
    // Filters are trusted of known servers only: Dulwich leaves out commits as well.
    const filters = agent !== null && (version === 2 ? capabilities.offers('fetch', 'filter') : capabilities.has('filter'))
    const refused = new Set<string>()
    return {
      side,
      version,
      advertisement: collection.finish({
        // JGit speaks protocol v2, but reports no symbolic ref except HEAD.
        symbolicIsWhole: version === 2 && agent === 'git',
        objectFormat: isObjectFormat(objectFormat) ? objectFormat : null,
      }),
      get offersFilter() {
        return filters && !refused.has('tree:0')
      },
      get offersBlobLimit() {
        return filters && !refused.has('blob:limit')
      },
      offersDepth: version === 2 && capabilities.offers('fetch', 'shallow'),
      // JGit leaves out what an earlier have leads to, unless it speaks protocol v2.
      namesAllCommon: version === 2 ? agent !== null : agent === 'git' && capabilities.has('multi_ack_detailed'),
      fetch: request =>
        ofSide(side, async () => {
          try {
            return await fetch(await takeConnection(), request, options)
          } catch (error) {
            if (request.filter === null || !isFilterRefused(error)) throw asDamage(Failure.from(error))
            refused.add(request.filter.replace(/=.*/, ''))
            const detail = Failure.from(error).message
            throw new Failure('relay-impossible', `the server refuses the filter "${request.filter}"`, { detail })
          }
        }),
    }
  })
}

/** A destination whose refs are known, and which gives no objects. @param reason with which it refuses them */
export const onlyForPush = (side: Side, advertisement: Advertisement, reason: unknown): UploadPack => ({
  side,
  advertisement,
  version: 0,
  offersFilter: false,
  offersBlobLimit: false,
  offersDepth: false,
  namesAllCommon: false,
  fetch: () => Promise.reject(reason),
})

/** `uploadpackfilter.*.allow` (git-config(1)): a filter may be offered, and refused when it is used. */
const isFilterRefused = (error: unknown): boolean =>
  error instanceof Failure && /filter .{0,200}(?:not supported|not allowed|max depth)/.test(`${error.message}\n${error.detail ?? ''}`)

/** Fetches commits alone, or with trees and blobs if the server refuses the filter. @throws Failure of the side */
export const fetchCommits = async (server: UploadPack, request: Omit<FetchRequest, 'filter'>): Promise<Fetched> =>
  (await fetchFiltered(server, request, 'tree:0')) ?? (await server.fetch({ ...request, filter: null }))

/** Fetches with a filter; null if the server offers none, or refuses it. @throws Failure of the side */
export async function fetchFiltered(
  server: UploadPack,
  request: Omit<FetchRequest, 'filter'>,
  filter: 'tree:0' | `blob:limit=${number}`,
): Promise<Fetched | null> {
  const isOffered = () => (filter === 'tree:0' ? server.offersFilter : server.offersBlobLimit)
  if (!isOffered()) return null
  try {
    return await server.fetch({ ...request, filter })
  } catch (error) {
    if (isOffered()) throw error
    return null
  }
}

type Visit = Parameters<typeof readGreeting>[1]

async function openConnection(transport: Transport, limits: AnswerLimits, visit: Visit = () => {}): Promise<Connection> {
  const conversation = await transport.open('upload-pack', 2)
  const packets = new PacketReader(conversation.greeting, limits)
  return { conversation, packets, greeting: await readGreeting(packets, visit) }
}

async function listRefs({ conversation, packets, greeting: { capabilities } }: Connection, collection: RefCollection): Promise<void> {
  if (!capabilities.has('ls-refs')) throw protocolFailure('the server cannot list its refs')
  const { answer } = conversation.ask(encodeLsRefs(PREFIXES, capabilities))
  await readLsRefs(new PacketReader(answer, packets.limits), ({ name, oid, target, peeled }) => {
    if (target !== null) collection.addSymbolic(name, target)
    if (oid !== null) {
      collection.add(name, oid)
      if (peeled !== null) collection.add(Buffer.concat([name, PEELED]), peeled)
    }
  })
}

const PEELED = Buffer.from('^{}')

/** `HEAD:refs/heads/main` */
function addSymref(collection: RefCollection, word: string): void {
  const colon = word.indexOf(':')
  if (colon > 0) collection.addSymbolic(Buffer.from(word.slice(0, colon)), word.slice(colon + 1))
}

/**
 * The conversations with one server. HTTP needs but one. Elsewhere each fetch gets its own: before protocol v2 a conversation holds no more, and JGit
 * takes the wants of the first one for those of all.
 */
function connectionsOf(transport: Transport, limits: AnswerLimits, opened: Connection): () => Promise<Connection> {
  let first: Connection | null = opened
  return async () => {
    const taken = first
    if (first?.conversation.stateless === false) first = null
    return taken ?? (await openConnection(transport, limits))
  }
}

async function fetch(connection: Connection, request: FetchRequest, options: UploadPackOptions): Promise<Fetched> {
  const { version, capabilities } = connection.greeting
  const encode = version === 2 ? encodeFetchV2 : encodeFetchV0
  const exchange = connection.conversation.ask(encode(request, capabilities))
  const packets = new PacketReader(exchange.answer, connection.packets.limits)
  // A server allows a client only a few conversations at a time (sshd: ten), so a finished one is ended.
  const end = () => {
    if (!connection.conversation.stateless) exchange.abort()
  }
  const answer = version === 2 ? await readFetchV2(packets) : await readFetchV0(packets)
  if (!answer.hasPack) end()
  let output = ''
  const onProgress = (text: string) => {
    output = (output + text).slice(-UPLOAD_OUTPUT_CHARACTERS)
    options.onWords(text)
  }
  const isBanded = version === 2 || capabilities.has('side-band-64k') || capabilities.has('side-band')
  const bytes = isBanded ? unband(packets, { onProgress }) : packets.bytes.rest()
  return {
    ...answer,
    shallow: answer.shallow || connection.greeting.shallow,
    pack: answer.hasPack ? packOf(bytes, end, () => output, options) : nothing(),
    abort: () => exchange.abort(),
  }
}

async function* nothing(): AsyncGenerator<Buffer> {}

/** @param output what the server has said so far, which tells why it breaks off */
async function* packOf(
  bytes: AsyncIterable<Buffer>,
  end: () => void,
  output: () => string,
  { side, onBytes }: UploadPackOptions,
): AsyncGenerator<Buffer> {
  try {
    for await (const piece of bytes) {
      onBytes(piece.length)
      yield piece
    }
  } catch (error) {
    throw asDamage(Failure.from(error), output()).on(side)
  }
  end()
}
