import type { LfsUsage } from '../../lfs/usage.ts'
import { REFS_AT_ONCE } from '../../limits/limits.ts'
import type { Pair, RefChange, Relation } from '../../plan/plan.ts'
import { namesOf, tipOf } from '../../refs/advertisement.ts'
import { isMirroringRef } from '../../refs/mirroring-ref.ts'
import type { Oid, RefName } from '../../refs/ref.ts'
import { awaitedLater, once } from '../../tasks/later.ts'
import type { Transport } from '../../transport/transport.ts'
import { removeSteps } from '../history-steps.ts'
import { pushChanges } from '../push.ts'
import type { Pushed } from '../push-options.ts'
import { limitsOf } from '../push-order.ts'
import type { StepRefs } from '../step-source.ts'
import { PLAIN, type PushManner, type Transfer } from '../transfer.ts'
import { proveRelations } from './ancestry.ts'
import { chooseHaves, MAX_HAVES } from './haves.ts'
import { PackSource } from './pack-source.ts'
import { openReceivePack, type ReceivePack } from './receive-pack.ts'
import { haveUnrelatedHistories, settlePairs } from './relate.ts'
import { type RelayLfsOptions, readUsage, smallFiles } from './relay-lfs.ts'
import { pushThrough, type RelayPushOptions } from './relay-push.ts'
import { relaySteps } from './relay-steps.ts'
import { holdsFile } from './tree-walk.ts'
import type { UploadPack } from './upload-pack.ts'

export interface RelayOptions
  extends PushManner,
    Omit<RelayLfsOptions, 'packs'>,
    Pick<RelayPushOptions, 'readAgain' | 'packLimit' | 'hide' | 'debug'> {
  readonly stepRefs: StepRefs
  readonly destination: UploadPack
  /** The destination's transport, for pushes. */
  readonly receiver: Transport
  /** Nothing will be applied. */
  readonly dryRun: boolean
  /** The destination needs some of the wants in any case, so the pack may be requested before all answers are here. */
  readonly certain: boolean
  /** Whether LFS objects may have to be moved. */
  readonly lfs: boolean
  /** Branches and tags in one push; null = as many as the server takes. */
  readonly refsPerPush: number | null
  /** Bytes of packs received so far. */
  readonly bytes: () => number
}

const LIMITS = { refs: REFS_AT_ONCE, characters: 8_000_000 }

/**
 * The transfer without a clone: the pack that the source makes for what the destination lacks goes straight on to the destination.
 * One function, because its parts share the packs and the connection that is opened early.
 */
export function relayTransfer(options: RelayOptions): Transfer {
  const { source, destination, receiver, objectFormat, dryRun, certain, stepRefs } = options
  const { refs, peeled, mirroringRefs } = destination.advertisement
  const differs = differingRefs(options)
  const packs = new PackSource(
    source,
    [...refs.values(), ...peeled.values(), ...mirroringRefs.values()],
    () => [...stepRefs.present.values(), ...chooseHaves(source.advertisement, destination.advertisement, differs)].slice(0, MAX_HAVES),
    options.say,
  )
  let opening: Promise<ReceivePack> | null = null
  const openReceiver = (): Promise<ReceivePack> => {
    opening ??= awaitedLater(openReceivePack(receiver, destination.side, name => differs.has(name as RefName) || isMirroringRef(name)))
    return opening
  }

  const files = smallFiles({ ...options, packs })
  const lfsUsage = once(() => readUsage({ ...options, packs }))
  /** If nothing had to be related, the pack is requested meanwhile: most repositories use no LFS. */
  const lfsUsageBeforePush = (): Promise<LfsUsage> => {
    const lacking = packs.lacking(options.wants)
    if (!lfsUsage.wasAsked() && certain && !dryRun && source.offersBlobLimit && lacking.length > 0) {
      void openReceiver()
      void packs.start(lacking)
    }
    return lfsUsage()
  }

  /** The commits at the head of the pack. A run that changes nothing, or may end without a change, requests only commits. */
  const readHead = async (): Promise<ReadonlyMap<Oid, readonly Oid[]>> => {
    const lacking = packs.lacking(options.wants)
    if (lacking.length === 0) return new Map()
    if (dryRun || (!certain && source.offersFilter)) return (await packs.readCommits(lacking, objectFormat)).parents
    // The use of LFS shows only in the whole pack, so the pack goes through the disk.
    if (certain && options.lfs && !source.offersBlobLimit) return await files.commits()
    void openReceiver()
    // While the pack is on its way.
    if (options.lfs) void lfsUsage()
    const stream = await packs.start(lacking)
    return (await stream.readHead(objectFormat)).parents
  }

  const send = async (request: readonly RefChange[], manner: PushManner): Promise<Pushed> => {
    const lacking = packs.lacking(request.flatMap(({ after }) => after ?? []))
    if (lacking.length > 0) void packs.start(lacking)
    for (const { ref } of request) differs.add(ref)
    const opened = await openReceiver()
    // One push each.
    opening = null
    return await pushThrough(request, { ...options, ...manner, side: destination.side, packs, receiver: opened })
  }

  const pushing = { ...options, defaultBranch: source.advertisement.head, side: destination.side, limits: LIMITS, send }
  const applyMirroringRefs = (changes: readonly RefChange[]) => pushChanges(changes, { ...pushing, ...PLAIN, steps: null })
  const steps = relaySteps({ ...options, packs, refs: stepRefs })
  return {
    name: 'relay',
    relate: async pairs => {
      if (pairs.length === 0) return new Map()
      const proofs = proveRelations(await readHead(), pairs)
      const open = pairs.filter(pair => proofs.get(pair) === 'open')
      const settled = open.length > 0 ? await settlePairs(open, source, objectFormat) : new Map<Pair, Relation>()
      return new Map([...proofs].map(([pair, proof]) => [pair.ref, proof === 'open' ? (settled.get(pair) ?? 'unknown') : proof]))
    },
    haveUnrelatedHistories: (ours, theirs) => haveUnrelatedHistories({ source, destination, ours, theirs, objectFormat }),
    holdsFile: async ({ before, after }, path) =>
      after !== null && (await holdsFile(source, { tip: after, known: before, path }, objectFormat)),
    lfsUsage: lfsUsageBeforePush,
    lfsPointers: async changes => {
      const pointers = await files.pointers(changes)
      // The open connection would time out while their objects are moved, so the push opens another one.
      if (pointers.size > 0) opening = null
      return pointers
    },
    apply: changes => pushChanges(changes, { ...pushing, limits: limitsOf(LIMITS, options), steps }),
    applyMirroringRefs,
    removeSteps: () => removeSteps(stepRefs, applyMirroringRefs, options.say),
    tellsSymbolicRefs: async () => destination.advertisement.symbolicIsWhole,
    readAgain: options.readAgain,
    bytes: async () => options.bytes(),
  }
}

/** Refs that are not the same on both sides: no others can change. */
function differingRefs({ source, destination }: RelayOptions): Set<RefName> {
  const [ours, theirs] = [source.advertisement, destination.advertisement]
  const names = [...namesOf(ours), ...theirs.refs.keys()]
  return new Set(names.filter(name => tipOf(ours, name) !== tipOf(theirs, name)))
}
