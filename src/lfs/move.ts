import { classify } from '../errors/error-table.ts'
import { Failure } from '../errors/failure.ts'
import { failureOf } from '../git/remote.ts'
import type { Host } from '../host/host.ts'
import { whileShowing } from '../host/progress.ts'
import { LFS_OBJECTS, REASON_CHARACTERS } from '../limits/limits.ts'
import type { Side } from '../remote/side.ts'
import type { LfsRemote } from '../session/lfs.ts'
import { cutIntoBatches } from '../tasks/batches.ts'
import { clip } from '../text/escape.ts'
import { showBytes, showCount } from '../text/quantity.ts'
import { redactUrls } from '../text/redact.ts'
import type { Pointer } from './pointer.ts'
import { type Ended, type LfsStore, openLfsStore, type StoreOptions } from './store.ts'
import { isMissingHere } from './words.ts'

export interface MoveOptions extends StoreOptions {
  /** Bytes of objects that may be on this machine at the same time. */
  readonly batchSize: number
  readonly say: (message: string) => void
  readonly progress: Host['progress']
}

/** Why an object did not get there. */
export interface ObjectFailure extends Pick<Failure, 'kind' | 'hint'> {
  readonly reason: string
  readonly side: Side
  /** The source's server says of this object that it does not have it. */
  readonly isLost: boolean
}

/** The results by object; each is in one of them. */
export interface MoveResult {
  readonly moved: readonly Pointer[]
  /** The destination had them. */
  readonly present: readonly Pointer[]
  readonly failed: ReadonlyMap<string, ObjectFailure>
}

/**
 * Brings LFS objects to the destination: asks it which it lacks, gets those from the source and sends them, batch by batch. The disk holds only one
 * batch at a time. git-lfs moves them, and checks each against its name. Never throws for what a server does: that is in the result.
 * @throws Failure `internal`
 */
export async function moveObjects(pointers: readonly Pointer[], options: MoveOptions): Promise<MoveResult> {
  const store = await openLfsStore(options)
  const mover = new Mover(store, options)
  const sizeOf = ({ size }: Pointer) => size
  for (const asked of cutIntoBatches(pointers, sizeOf, { items: LFS_OBJECTS, size: Number.POSITIVE_INFINITY })) {
    const list = await store.list(asked)
    const lacking = await mover.ask(asked, list)
    for (const batch of cutIntoBatches(lacking, sizeOf, { items: LFS_OBJECTS, size: options.batchSize }))
      await mover.move(batch, batch.length === asked.length ? list : await store.list(batch))
  }
  return mover
}

/** The answer of the destination about objects; it has those that are in neither. */
interface Answer {
  /** Objects that it lacks. */
  readonly oids: ReadonlySet<string>
  /** Those that it will not have, and those of which nothing is known. */
  readonly failed: ReadonlyMap<string, ObjectFailure>
}

class Mover implements MoveResult {
  readonly moved: Pointer[] = []
  readonly present: Pointer[] = []
  readonly failed = new Map<string, ObjectFailure>()
  readonly #store: LfsStore
  readonly #options: MoveOptions

  constructor(store: LfsStore, options: MoveOptions) {
    this.#store = store
    this.#options = options
  }

  /** @returns those that the destination lacks */
  async ask(pointers: readonly Pointer[], list: string): Promise<readonly Pointer[]> {
    const { oids, failed } = await this.#lacking(pointers, list)
    for (const [oid, failure] of failed) this.failed.set(oid, failure)
    this.present.push(...pointers.filter(({ oid }) => !oids.has(oid) && !failed.has(oid)))
    return pointers.filter(({ oid }) => oids.has(oid))
  }

  /** Gets a batch from the source and gives it to the destination. @param list of just these */
  async move(batch: readonly Pointer[], list: string): Promise<void> {
    const fetched = await this.#whileTelling('received', batch, () => this.#store.download(list, batch))
    if (fetched.tooLarge.size > 0) return await this.#moveWithout(fetched.tooLarge, batch)
    const here = await this.#store.present(batch)
    const absent = batch.filter(({ oid }) => !here.has(oid))
    await this.#blame(absent, fetched, this.#options.source)
    const going = batch.filter(({ oid }) => here.has(oid))
    if (going.length > 0) await this.#send(going, going.length === batch.length ? list : await this.#store.list(going))
    await this.#store.clear()
  }

  /** Refuses objects that are larger than their pointers say, and goes on with the others. */
  async #moveWithout(tooLarge: ReadonlyMap<string, number>, batch: readonly Pointer[]): Promise<void> {
    const { side } = this.#options.source
    for (const { oid, size } of batch) {
      const bytes = tooLarge.get(oid)
      if (bytes !== undefined) this.failed.set(oid, failureAt(side, larger(size, bytes)))
    }
    const rest = batch.filter(({ oid }) => !tooLarge.has(oid))
    if (rest.length > 0) await this.move(rest, await this.#store.list(rest))
    else await this.#store.clear()
  }

  async #send(batch: readonly Pointer[], list: string): Promise<void> {
    const sent = await this.#whileTelling('sent', batch, () => this.#store.upload(list))
    // Only the destination knows which of them it has now: git-lfs takes an object that is refused as unprocessable (422) for one that is there.
    await this.#store.clear()
    const { oids, failed } = await this.#lacking(batch, list)
    const lost = batch.filter(({ oid }) => oids.has(oid) || failed.has(oid))
    this.moved.push(...batch.filter(({ oid }) => !oids.has(oid) && !failed.has(oid)))
    if (sent.result.exitCode === 0) for (const [oid, failure] of failed) this.failed.set(oid, failure)
    const unexplained = lost.filter(({ oid }) => !this.failed.has(oid))
    await this.#blame(unexplained, sent, this.#options.destination)
  }

  /** Asks the destination while no object is here. Objects that it refuses by name are left out of one more request for the others. */
  async #lacking(pointers: readonly Pointer[], list: string, again = true): Promise<Answer> {
    const { destination } = this.#options
    if (destination.repository !== null) {
      const there = await this.#store.presentThere(pointers)
      return { oids: new Set(pointers.flatMap(({ oid }) => (there.has(oid) ? [] : [oid]))), failed: new Map() }
    }
    const ended = await this.#store.ask(list)
    const { objects } = ended.words
    if (ended.result.exitCode === 0) return { oids: new Set(objects.keys()), failed: new Map() }
    const failed = new Map<string, ObjectFailure>()
    for (const [oid, said] of objects) if (!isMissingHere(said)) failed.set(oid, failureOfObject(said, destination.side, false))
    const others = pointers.filter(({ oid }) => !failed.has(oid))
    if (others.length === 0) return { oids: new Set(), failed }
    if (again && ended.result.ended === null && others.length < pointers.length) {
      const rest = await this.#lacking(others, await this.#store.list(others), false)
      return { oids: rest.oids, failed: new Map([...failed, ...rest.failed]) }
    }
    const failure = await failureFrom(ended, destination)
    for (const { oid } of others) failed.set(oid, failure)
    return { oids: new Set(), failed }
  }

  /** Reports objects that were not moved, each with the reason for it alone, otherwise with the reason for all. */
  async #blame(pointers: readonly Pointer[], ended: Ended, remote: LfsRemote): Promise<void> {
    if (pointers.length === 0) return
    const { objects, rest } = ended.words
    const endedWell = ended.result.exitCode === 0
    const overall = ended.result.ended === null && (endedWell || rest === '') ? null : await failureFrom(ended, remote)
    const isDownload = remote === this.#options.source
    // Over SSH a server answers `noop` for an object that it does not have (git-lfs, docs/proposals/ssh_adapter.md), which git-lfs passes over.
    const isLost = endedWell && isDownload && remote.url.startsWith('ssh:')
    for (const { oid } of pointers) {
      const said = objects.get(oid)
      const otherwise = overall ?? failureAt(remote.side, isLost ? missing() : endedWell ? refused() : incomplete(), isLost)
      this.failed.set(oid, said === undefined ? otherwise : failureOfObject(said, remote.side, isDownload))
    }
  }

  async #whileTelling<E extends Ended>(done: 'received' | 'sent', batch: readonly Pointer[], work: () => Promise<E>): Promise<E> {
    const total = batch.reduce((sum, { size }) => sum + size, 0)
    const all = `${showCount(batch.length, 'LFS object')}, ${showBytes(total)}`
    this.#options.say(done === 'received' ? `fetching ${all} from the source` : `sending ${all} to the destination`)
    const measure = async () => {
      const { objects, bytes } = await this.#store.progress()
      return `${objects} of ${batch.length} LFS objects ${done}, ${showBytes(bytes)} of ${showBytes(total)}`
    }
    return await whileShowing(this.#options.progress, measure, work)
  }
}

// For an object that did not arrive, and of which git-lfs reports nothing.
const incomplete = () => new Failure('lfs-incomplete', 'git-lfs did not say why it did not get there')
const missing = () => new Failure('lfs-object-missing', 'the server has nothing to send for it')
const refused = () => new Failure('lfs-object-refused', 'git-lfs says that it was sent, and the destination does not have it')
const larger = (size: number, bytes: number) =>
  new Failure('lfs-object-refused', `the server sent ${showBytes(bytes)} and more for an object of ${showBytes(size)}`)

const failureAt = (side: Side, { kind, message, hint }: Failure, isLost = false): ObjectFailure => ({
  kind,
  reason: message,
  hint,
  side,
  isLost,
})

/** @param isDownload what is not found at the address of an object is the object, where it is to come from there */
function failureOfObject(said: string, side: Side, isDownload: boolean): ObjectFailure {
  const row = classify(said)
  const reason = clip(redactUrls(said), REASON_CHARACTERS)
  if (isDownload && row?.kind === 'lfs-disabled') return failureAt(side, new Failure('lfs-object-missing', reason), true)
  return failureAt(
    side,
    new Failure(row?.kind ?? 'remote-error', reason, { hint: row?.hint }),
    isDownload && row?.kind === 'lfs-object-missing',
  )
}

async function failureFrom({ result, words }: Ended, remote: LfsRemote): Promise<ObjectFailure> {
  const said = words.rest === '' ? result.output : words.rest
  return failureAt(remote.side, await failureOf(remote, { ...result, stdout: Buffer.alloc(0), stderr: said }))
}
