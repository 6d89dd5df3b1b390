import { Failure } from '../../errors/failure.ts'
import { packTooLarge } from '../../errors/request-limit.ts'
import type { RefChange } from '../../plan/plan.ts'
import { isMirroringRef } from '../../refs/mirroring-ref.ts'
import type { ObjectFormat, Oid, RefName } from '../../refs/ref.ts'
import type { Side } from '../../remote/side.ts'
import type { Body } from '../../transport/transport.ts'
import type { Capabilities } from '../../wire/capabilities.ts'
import { emptyPack } from '../../wire/pack-entry.ts'
import { encodeCommands, type StatusReport } from '../../wire/receive-pack.ts'
import type { Pushed } from '../push-options.ts'
import type { RefAnswer } from '../push-outcome.ts'
import type { PackForm, PackSource } from './pack-source.ts'
import type { PackStream } from './pack-stream.ts'
import type { ReceivePack } from './receive-pack.ts'

export interface RelayPushOptions {
  readonly side: Side
  readonly packs: PackSource
  readonly receiver: ReceivePack
  readonly objectFormat: ObjectFormat
  readonly atomic: boolean
  readonly pushOptions: readonly string[]
  /** Bytes of the largest pack that the destination is known to take; null = not known. */
  readonly packLimit: number | null
  /** Takes secrets out of what the server says. */
  readonly hide: (text: string) => string
  /** Gets the other output of the server. */
  readonly debug: (message: string) => void
  /** Reads the destination's refs over a connection of its own. */
  readonly readAgain: () => Promise<ReadonlyMap<RefName, Oid>>
}

/** Sends one request with its pack straight from the source, and reads the answer. @throws Failure when nothing was sent */
export async function pushThrough(request: readonly RefChange[], options: RelayPushOptions): Promise<Pushed> {
  const { side, packs, receiver, hide, debug } = options
  refuseWhatIsNotOffered(options)
  const { going, answered } = sortOut(request, options, await hiddenRefs(request, options))
  const lacking = packs.lacking(going.flatMap(({ after }) => after ?? []))
  // Backups come before the changes for which the pack is on its way.
  if (lacking.length === 0 && !request.every(({ ref }) => isMirroringRef(ref))) packs.drop()
  if (going.length === 0) return { refs: answered, output: [], failure: async () => noReport(side), bytes: async () => 0, isStalled: false }
  const pack = lacking.length === 0 ? null : await packs.take(lacking, formFor(receiver.capabilities))
  if (pack !== null) await packs.prove(pack, lacking, options.objectFormat)
  const sent = { bytes: 0 }
  const { report, output, failure } = await receiver.push(bodyOf(going, pack, sent, options))
  const isStalled = pack?.isAwaited() ?? false
  for (const line of output) debug(line)
  // A refusal may come before the end of the pack, of which the source still has the rest.
  pack?.abort()
  const refs = report === null ? [] : await believe(refsOf(report), going, options)
  const ok = new Set(refs.flatMap(({ ref, result }) => (result === 'landed' ? [ref] : [])))
  packs.landed(going.flatMap(({ ref, after }) => (after !== null && ok.has(ref) ? [after] : [])))
  const lines = report === null || report.unpack === 'ok' ? output : [...output, `unpack failed: ${report.unpack}`]
  return {
    refs: [...answered, ...refs],
    output: lines.map(hide),
    failure: async () => failure ?? noReport(side),
    bytes: async () => sent.bytes,
    isStalled,
  }
}

const noReport = (side: Side): Failure => new Failure('remote-error', 'the server did not report what became of every ref', { side })

/** @throws Failure for what the whole request needs and the server has not */
function refuseWhatIsNotOffered({ side, receiver, objectFormat, atomic, pushOptions }: RelayPushOptions): void {
  const { capabilities, shallow } = receiver
  if (shallow)
    throw new Failure('relay-impossible', 'the destination is a shallow repository, whose tips do not stand for their history', { side })
  const theirs = capabilities.value('object-format') ?? 'sha1'
  if (theirs !== objectFormat)
    throw new Failure('object-format-mismatch', `the source uses ${objectFormat}, the destination ${theirs}`, { side })
  if (atomic && !capabilities.has('atomic'))
    throw new Failure('not-supported', 'the server does not take atomic pushes', { side, hint: 'set `atomic: false`' })
  if (pushOptions.length > 0 && !capabilities.has('push-options'))
    throw new Failure('not-supported', 'the server does not take push options', { side, hint: 'leave `push-options` empty' })
}

/** Refs that the destination hides from a push (`receive.hideRefs`), so that they look as if they were gone. @throws Failure when it cannot be read */
async function hiddenRefs(request: readonly RefChange[], { receiver, readAgain }: RelayPushOptions): Promise<ReadonlySet<RefName>> {
  const missing = request.filter(({ ref, before }) => before !== null && !receiver.tips.has(ref))
  if (missing.length === 0) return new Set()
  const visible = await readAgain()
  return new Set(missing.flatMap(({ ref }) => (visible.has(ref) ? [ref] : [])))
}

/** The changes to send, and the refs whose result is known already: a ref that moved since it was planned stays as it is. */
function sortOut(request: readonly RefChange[], { receiver, atomic }: RelayPushOptions, hidden: ReadonlySet<RefName>) {
  const { tips, capabilities } = receiver
  const answered: RefAnswer[] = []
  const going = request.filter(({ ref, before, after }) => {
    const now = tips.get(ref) ?? null
    if (hidden.has(ref)) answered.push({ ref, result: 'hidden' })
    else if (now === after) answered.push({ ref, result: 'up-to-date' })
    else if (now !== before) answered.push({ ref, result: 'lease-lost' })
    else if (after === null && !capabilities.has('delete-refs')) answered.push({ ref, result: 'no-deletions' })
    else return true
    return false
  })
  if (!atomic || answered.every(({ result }) => result === 'up-to-date')) return { going, answered }
  return { going: [], answered: [...answered, ...going.map(({ ref }) => ({ ref, result: 'held-back' as const }))] }
}

const formFor = (capabilities: Capabilities): PackForm => ({ thin: !capabilities.has('no-thin'), ofsDelta: capabilities.has('ofs-delta') })

/** Commands, then the pack; none where all commands delete (gitprotocol-pack(5)). @param sent counts the bytes of the pack */
function bodyOf(going: readonly RefChange[], pack: PackStream | null, sent: { bytes: number }, options: RelayPushOptions): Body {
  const commands = encodeCommands(going, options.receiver.capabilities, options)
  if (pack === null) {
    const rest = going.some(({ after }) => after !== null) ? [emptyPack(options.objectFormat)] : []
    return Buffer.concat([commands, ...rest])
  }
  const pieces = async function* (): AsyncGenerator<Buffer> {
    yield commands
    for await (const piece of pack.passOn()) {
      sent.bytes += piece.length
      if (sent.bytes > (options.packLimit ?? sent.bytes)) throw packTooLarge(options.packLimit ?? 0)
      yield piece
    }
  }
  return Object.assign(pieces(), { length: pack.length === null ? undefined : commands.length + pack.length })
}

/** Checks the report of a server that is not known to be reliable: Dulwich reports `ok` for a ref that no longer had its old tip, and leaves it. */
async function believe(
  refs: readonly RefAnswer[],
  going: readonly RefChange[],
  { receiver, readAgain }: RelayPushOptions,
): Promise<readonly RefAnswer[]> {
  if (receiver.capabilities.agent !== null || !refs.some(({ result }) => result === 'landed')) return refs
  const now = await readAgain().catch(() => null)
  if (now === null) return refs.map(answer => (answer.result === 'landed' ? { ref: answer.ref, result: 'unreported' } : answer))
  const wanted = new Map<string, Oid | null>(going.map(({ ref, after }) => [ref, after]))
  const isThere = (ref: string) => (now.get(ref as RefName) ?? null) === wanted.get(ref)
  return refs.map(answer => (answer.result !== 'landed' || isThere(answer.ref) ? answer : { ref: answer.ref, result: 'lease-lost' }))
}

/** If the pack was not taken, `ok` is not believed: the refs are read instead. */
const refsOf = ({ unpack, refs }: StatusReport): RefAnswer[] =>
  [...refs].map(([ref, why]) => {
    if (why !== null) return { ref, result: 'refused', reason: why }
    return { ref, result: unpack === 'ok' ? 'landed' : 'unreported' }
  })
