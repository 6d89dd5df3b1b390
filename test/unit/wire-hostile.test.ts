import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { deflateSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import type { Kind } from '../../src/errors/kinds.ts'
import { ANSWER_LIMITS, type AnswerLimits, GRAPH_LIMITS, type GraphLimits } from '../../src/limits/limits.ts'
import { collectRefs, type RefCollection } from '../../src/refs/collection.ts'
import type { Oid, RefName } from '../../src/refs/ref.ts'
import { packStream } from '../../src/transfer/relay/pack-stream.ts'
import { openReceivePack, type PushAnswer } from '../../src/transfer/relay/receive-pack.ts'
import { openUploadPack } from '../../src/transfer/relay/upload-pack.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { CommitGraph } from '../../src/wire/commit-graph.ts'
import { encodePacket } from '../../src/wire/pkt-line.ts'

/*
 * Servers that say too much, or what cannot be. Whatever they say, there is an end, it is a Failure of a kind of its own, and memory stays small.
 * Endless answers are made while they are read. A row of short packets uses small limits, as a million packets take seconds; for each limit of an
 * answer there is a row that meets the real one.
 */

const FLUSH = '0000'
const OID = 'a'.repeat(40) as Oid
/** Of the largest packet. */
const MOST = 65_516
const MEGABYTE = 2 ** 20
const SMALL_LIMITS: AnswerLimits = {
  refs: 1000,
  refBytes: MEGABYTE,
  capabilities: 10,
  bytesBeforePack: 2 ** 16,
  bytesBesidesData: MEGABYTE,
  reportLines: 1000,
  reportBytes: MEGABYTE,
  bytesAfterReport: 2 ** 16,
}

type Bytes = Buffer | string
const oidOf = (index: number): string => index.toString(16).padStart(40, '0')
const filled = (text: string, length = MOST): string => text + 'x'.repeat(length - text.length)

async function* chain(...parts: readonly (Bytes | Iterable<Bytes>)[]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    for (const piece of typeof part === 'string' || Buffer.isBuffer(part) ? [part] : part)
      yield typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece
  }
}

/** The same for ever: many packets in one piece, so that much comes quickly. */
function* forever(packet: Buffer): Generator<Buffer> {
  const piece = Buffer.concat(Array.from({ length: Math.ceil(MEGABYTE / packet.length) }, () => packet))
  for (;;) yield piece
}

/** Each a little different, for ever or so many times. */
function* counted(make: (index: number) => string, most = Number.POSITIVE_INFINITY): Generator<Buffer> {
  for (let index = 0; index < most; ) {
    let packets = ''
    for (; packets.length < 65_536 && index < most; index++) {
      const line = make(index)
      packets += (line.length + 4).toString(16).padStart(4, '0') + line
    }
    yield Buffer.from(packets, 'latin1')
  }
}

/** A server that says this first, and this to the questions that follow. */
function server(greeting: AsyncIterable<Buffer>, ...answers: AsyncIterable<Buffer>[]): Transport {
  return {
    open: async () => ({
      stateless: true,
      greeting: new ByteReader(greeting),
      ask: body => {
        const collect = async () => {
          if (!Buffer.isBuffer(body)) for await (const _ of body);
        }
        return { answer: new ByteReader(answers.shift() ?? chain()), sent: collect(), abort: () => {} }
      },
    }),
    close: () => {},
  }
}

const quiet = { onWords: () => {}, onBytes: () => {} }
const read = (transport: Transport, limits = ANSWER_LIMITS) => openUploadPack({ transport, side: 'here', limits, ...quiet })
const V2 = ['version 2\n', 'agent=git/2.50.0\n', 'ls-refs=unborn\n', 'fetch=shallow filter\n'].map(line => encodePacket(line))
const v2 = () => chain(...V2, FLUSH)
const v0 = (...lines: Iterable<Buffer>[]) =>
  chain(encodePacket(`${OID} HEAD\0multi_ack_detailed side-band-64k ofs-delta agent=git/2.50.0\n`), ...lines, FLUSH)

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  )
  if (error instanceof Failure) return error
  throw error
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

interface Watch {
  /** Is called for each piece. */
  readonly tick: (piece?: Buffer) => void
  /** Bytes of the pieces. */
  readonly taken: () => number
  /** Most that was held at any time over what was held before, in megabytes; 0 if that cannot have been more than a run may take. */
  readonly growth: () => number
}

/** Memory that a run may well take. */
const MEGABYTES_OF_A_RUN = 120

function watchMemory(): Watch {
  baseline ??= collected()
  const before = baseline
  let [growth, taken] = [0, 0]
  return {
    tick: piece => {
      taken += piece?.length ?? 0
      if (used() - before < (growth + MEGABYTES_OF_A_RUN) * MEGABYTE) return
      // What nobody has collected yet is not held.
      growth = Math.max(growth, (collected() - before) / MEGABYTE)
    },
    taken: () => taken,
    growth: () => growth,
  }
}

/** The memory in use before the first test. It is measured once, because a collection takes a tenth of a second. */
let baseline: number | null = null

function used(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics()
  return heap + external
}

function collected(): number {
  collectGarbage()
  return used()
}

async function* watched(bytes: AsyncIterable<Buffer>, { tick }: Watch): AsyncGenerator<Buffer> {
  for await (const piece of bytes) {
    tick(piece)
    yield piece
  }
}

test('the real limits', () => {
  expect(ANSWER_LIMITS).toEqual({
    refs: 400_000,
    refBytes: 256 * MEGABYTE,
    capabilities: 1000,
    bytesBeforePack: 16 * MEGABYTE,
    bytesBesidesData: 1024 * MEGABYTE,
    reportLines: 500_000,
    reportBytes: 64 * MEGABYTE,
    bytesAfterReport: MEGABYTE,
  })
  expect(GRAPH_LIMITS).toEqual({ object: MEGABYTE, kept: 32 * MEGABYTE, objects: MEGABYTE, read: 1024 * MEGABYTE, others: MEGABYTE })
})

describe('refs', () => {
  const outside = encodePacket(filled(`${OID} refs/pull/`, 4000))
  const cases: readonly (readonly [string, Kind, () => Transport])[] = [
    ['v0: shallow commits, for ever', 'answer-too-large', () => server(v0(forever(encodePacket(filled(`shallow ${OID} `)))))],
    ['v2: capabilities, for ever', 'answer-too-large', () => server(chain(...V2, forever(encodePacket(filled('x=')))))],
    ['a service line and no more of it', 'connection-lost', () => server(chain('00'))],
    ['nothing', 'connection-lost', () => server(chain())],
    ['half a packet', 'connection-lost', () => server(chain('fff0', 'x'))],
    ...['ffff', 'fff1', '0003', 'zzzz', '-001', ' 001', '+fff', 'HTTP'].map(
      length => [`a length ${JSON.stringify(length)}`, 'protocol-error', () => server(chain(length, 'x'.repeat(70_000)))] as const,
    ),
    ['a length "ffff" among the refs', 'protocol-error', () => server(v0([Buffer.from('ffff')]))],
    ['a framing of v2 among the refs of v0', 'protocol-error', () => server(v0([Buffer.from('0001')]))],
    ['a service that knows nothing of refs', 'protocol-error', () => server(chain(encodePacket('version 2\n'), FLUSH))],
    ['an oid of 39 digits', 'protocol-error', () => server(v0([encodePacket(`${'a'.repeat(39)} refs/heads/a\n`)]))],
  ]
  test.each(cases)('%s: %s', async (_, kind, make) => {
    const memory = watchMemory()
    const transport = make()
    const measured: Transport = {
      open: async (...args) => {
        const conversation = await transport.open(...args)
        return { ...conversation, greeting: new ByteReader(watched(conversation.greeting.rest(), memory)) }
      },
      close: () => {},
    }
    expect(await failureOf(read(measured))).toMatchObject({ kind, side: 'here' })
    expect(memory.growth()).toBeLessThan(MEGABYTES_OF_A_RUN)
  })

  const branches = (version: number, most: number): Transport => {
    const lines = counted(index => `${OID} refs/heads/${index}\n`, most)
    return version === 0 ? server(v0(lines)) : server(v2(), chain(lines, FLUSH))
  }
  test.each([0, 2])('v%i: of a thousand branches, and no more, if that is the limit', async version => {
    const { advertisement } = await read(branches(version, 1000), SMALL_LIMITS)
    expect(advertisement.refs.size).toBe(1000)
    expect(await failureOf(read(branches(version, 1001), SMALL_LIMITS))).toMatchObject({ kind: 'answer-too-large', side: 'here' })
  })

  test.each<[string, (refs: RefCollection, index: number) => void]>([
    ['peeled tags without their tags', (refs, index) => refs.add(Buffer.from(`refs/tags/${index}^{}`), OID)],
    ['symbolic refs', (refs, index) => refs.addSymbolic(Buffer.from(`refs/heads/${index}`), 'refs/heads/main')],
    ['names that git does not take', (refs, index) => refs.add(Buffer.from(`refs/heads/${index}..`), OID)],
    ['refs of mirrors', (refs, index) => refs.add(Buffer.from(`refs/mirroring/backup/20261125T050138Z/heads/${index}`), OID)],
  ])('of %s as many are kept as the limit says, and no more', (_, add) => {
    const refs = collectRefs(1000)
    for (let index = 0; index < 1000; index++) add(refs, index)
    expect(() => add(refs, 1000)).toThrow(expect.objectContaining({ kind: 'answer-too-large' }))
  })

  test('an annotated tag and the object that it leads to are two', () => {
    const refs = collectRefs(1000)
    const add = (index: number) => ['', '^{}'].forEach(end => void refs.add(Buffer.from(`refs/tags/${index}${end}`), OID))
    for (let index = 0; index < 500; index++) add(index)
    expect(() => add(500)).toThrow(expect.objectContaining({ kind: 'answer-too-large' }))
  })

  test.each([
    ['400,000 are kept by default', collectRefs(), 400_000, ''],
    // These names have 299 characters.
    ['with long names half as many are kept', collectRefs(1000), 500, 'a'.repeat(287)],
  ])('%s, and no more', (_, refs, most, more) => {
    // The name is no UTF-8.
    const unusable = Buffer.from(`refs/heads/${more}\xff`, 'latin1')
    for (let index = 0; index < most; index++) refs.add(unusable, OID)
    expect(() => refs.add(unusable, OID)).toThrow(expect.objectContaining({ kind: 'answer-too-large' }))
  })

  test.each([0, 2])('v%i: a list of refs of no interest that does not end is read for a quarter of a gigabyte', async version => {
    const memory = watchMemory()
    const transport = version === 0 ? server(watched(v0(forever(outside)), memory)) : server(v2(), watched(chain(forever(outside)), memory))
    expect(await failureOf(read(transport))).toMatchObject({ kind: 'answer-too-large', side: 'here' })
    expect(memory.taken()).toBeGreaterThan(2 ** 28)
    expect(memory.taken()).toBeLessThan(2 ** 28 + 3 * MEGABYTE)
    expect(memory.growth()).toBeLessThan(MEGABYTES_OF_A_RUN)
  })

  const branch = (length: number): string => filled('refs/heads/', length)
  test.each<[string, (name: string) => Transport]>([
    ['v0', name => server(v0([encodePacket(`${OID} ${name}\n`)]))],
    ['v0, a tag peeled', name => server(v0([encodePacket(`${OID} ${name.slice(0, -3)}^{}\n`)]))],
    ['v2', name => server(v2(), chain(encodePacket(`${OID} ${name}\n`), FLUSH))],
    ['v2, with an attribute', name => server(v2(), chain(encodePacket(`${OID} ${name} peeled:${OID}\n`), FLUSH))],
    ['v2, where a symbolic ref leads', name => server(v2(), chain(encodePacket(`${OID} HEAD symref-target:${name}\n`), FLUSH))],
    ['v2, where an unborn one leads', name => server(v2(), chain(encodePacket(`unborn HEAD symref-target:${name}\n`), FLUSH))],
  ])('a name has 4096 bytes and no more: %s', async (_, make) => {
    await expect(read(make(branch(4096)))).resolves.toMatchObject({ side: 'here' })
    const failure = await failureOf(read(make(branch(4097))))
    expect(failure).toMatchObject({ kind: 'protocol-error', side: 'here' })
    expect(failure.message).toMatch(/"refs\/heads\/x{89}", of 4097 bytes, is longer/)
  })

  test('of a destination only those are kept that are of interest', async () => {
    const memory = watchMemory()
    // Names that would take more than a hundred megabytes.
    const greeting = watched(
      v0(
        [encodePacket(`${OID} refs/heads/7\n`)],
        counted(index => filled(`${OID} refs/heads/x${index}`, 4000), 35_000),
      ),
      memory,
    )
    const { tips } = await openReceivePack(server(greeting), 'there', name => name === 'refs/heads/7')
    expect([...tips]).toEqual([['refs/heads/7' as RefName, OID]])
    expect(memory.growth()).toBeLessThan(MEGABYTES_OF_A_RUN)
    const endless = server(v0(forever(encodePacket(filled(`${OID} refs/heads/`, 4000)))))
    expect(await failureOf(openReceivePack(endless, 'there', () => false, SMALL_LIMITS))).toMatchObject({
      kind: 'answer-too-large',
      side: 'there',
    })
  })
})

describe('before the pack', () => {
  const request = { wants: [OID], haves: [OID], thin: true, ofsDelta: true, filter: null, done: true }
  const lsRefs = () => chain(encodePacket(`${OID} refs/heads/main\n`), FLUSH)
  const section = encodePacket('acknowledgments\n')

  test.each<[string, Kind, () => Transport, AnswerLimits?]>([
    [
      'v0: the same acknowledgment',
      'answer-too-large',
      () => server(v0(), chain(forever(encodePacket(`ACK ${OID} common\n`)))),
      SMALL_LIMITS,
    ],
    [
      'v0: other acknowledgments',
      'answer-too-large',
      () => server(v0(), chain(counted(index => `ACK ${oidOf(index)} common\n`))),
      SMALL_LIMITS,
    ],
    ['v0: long lines', 'answer-too-large', () => server(v0(), chain(forever(encodePacket(filled(`shallow ${OID} `)))))],
    ['v0: empty packets', 'protocol-error', () => server(v0(), chain(forever(Buffer.from('0004'))))],
    ['v0: flush packets', 'answer-too-large', () => server(v0(), chain(forever(Buffer.from(FLUSH)))), SMALL_LIMITS],
    [
      'v2: acknowledgments',
      'answer-too-large',
      () =>
        server(
          v2(),
          lsRefs(),
          chain(
            section,
            counted(index => `ACK ${oidOf(index)}\n`),
          ),
        ),
      SMALL_LIMITS,
    ],
    ['v2: NAK', 'answer-too-large', () => server(v2(), lsRefs(), chain(section, forever(encodePacket('NAK\n')))), SMALL_LIMITS],
    [
      'v2: empty sections',
      'answer-too-large',
      () => server(v2(), lsRefs(), chain(forever(Buffer.concat([section, Buffer.from('0001')])))),
      SMALL_LIMITS,
    ],
    ['v2: another section', 'protocol-error', () => server(v2(), lsRefs(), chain(encodePacket('wanted-refs\n')))],
    ['v2: half an acknowledgment', 'protocol-error', () => server(v2(), lsRefs(), chain(section, encodePacket('ACK a\n')))],
    ['v2: nothing', 'connection-lost', () => server(v2(), lsRefs(), chain())],
  ])('%s, for ever: %s', async (_, kind, make, limits = ANSWER_LIMITS) => {
    const source = await read(make(), limits)
    const memory = watchMemory()
    expect(await failureOf(source.fetch(request))).toMatchObject({ kind, side: 'here' })
    memory.tick()
    expect(memory.growth()).toBeLessThan(MEGABYTES_OF_A_RUN)
  })

  test.each<[string, Kind, () => AsyncIterable<Buffer>]>([
    ['band 4', 'protocol-error', () => chain(encodePacket('packfile\n'), encodePacket(Buffer.from([4, 1])))],
    ['band 0', 'protocol-error', () => chain(encodePacket('packfile\n'), encodePacket(Buffer.from([0, 1])))],
    ['a framing', 'protocol-error', () => chain(encodePacket('packfile\n'), '0001')],
    ['an end', 'connection-lost', () => chain(encodePacket('packfile\n'), encodePacket(Buffer.from([1, 1])))],
    ['half a packet', 'connection-lost', () => chain(encodePacket('packfile\n'), 'fff0\x01')],
    ['words on band 3', 'remote-error', () => chain(encodePacket('packfile\n'), encodePacket('\x03it broke\n'))],
    ['an ERR packet', 'remote-error', () => chain(encodePacket('packfile\n'), encodePacket('ERR it broke\n'))],
  ])('in the pack, %s: %s', async (_, kind, answer) => {
    const { pack } = await (await read(server(v2(), lsRefs(), answer()))).fetch(request)
    const all = async () => {
      for await (const _ of pack);
    }
    expect(await failureOf(all())).toMatchObject({ kind, side: 'here' })
  })

  const endless: readonly (readonly [string, Buffer])[] = [
    ['words', encodePacket(filled('\x02'))],
    ['empty words', encodePacket('\x02')],
    ['packets without data', encodePacket('\x01')],
    ['empty packets', encodePacket('')],
  ]
  test.each(endless)('in the pack, %s, for ever: answer-too-large', async (_, packet) => {
    const answer = chain(encodePacket('packfile\n'), encodePacket('\x01PACK'), forever(packet))
    const { pack } = await (await read(server(v2(), lsRefs(), answer), SMALL_LIMITS)).fetch(request)
    const all = async () => {
      for await (const _ of pack);
    }
    expect(await failureOf(all())).toMatchObject({ kind: 'answer-too-large', side: 'here' })
  })

  test('a day of packets that keep the connection alive is borne', async () => {
    function* day(): Generator<Buffer> {
      for (let second = 0; second < 86_400; second += 5) yield encodePacket('\x01')
    }
    const answer = chain(encodePacket('packfile\n'), day(), encodePacket('\x01PACK'), FLUSH)
    const { pack } = await (await read(server(v2(), lsRefs(), answer))).fetch(request)
    const pieces: string[] = []
    for await (const piece of pack) pieces.push(piece.toString('latin1'))
    expect(pieces).toEqual(['PACK'])
  })

  test('a pack byte by byte, whose head does not end: little of it is held', async () => {
    const head = encodePacket('\x01PACK\0\0\0\x02\0\0\0\x01')
    const answer = chain(encodePacket('packfile\n'), head, encodePacket(Buffer.from([1, 0x9f, 0x7f])), forever(encodePacket('\x01x')))
    const fetched = await (await read(server(v2(), lsRefs(), answer))).fetch(request)
    const memory = watchMemory()
    await packStream(fetched, 'here')
      .readHead('sha1')
      .catch(error => expect(Failure.from(error).kind).toBe('protocol-error'))
    memory.tick()
    expect(memory.growth()).toBeLessThan(MEGABYTES_OF_A_RUN)
  })

  test('a gigabyte of progress is passed on, and not kept; more of it is not read', async () => {
    const words = encodePacket(filled('\x02'))
    function* much(): Generator<Buffer> {
      for (let index = 0; index < 16_000; index++) yield words
    }
    const memory = watchMemory()
    const answer = watched(chain(encodePacket('packfile\n'), much(), encodePacket('\x01PACK'), forever(words)), memory)
    const { pack } = await (await read(server(v2(), lsRefs(), answer))).fetch(request)
    const pieces: string[] = []
    const all = async () => {
      for await (const piece of pack) pieces.push(piece.toString('latin1'))
    }
    expect(await failureOf(all())).toMatchObject({ kind: 'answer-too-large', side: 'here' })
    expect(pieces).toEqual(['PACK'])
    expect(memory.taken()).toBeLessThan(2 ** 30)
    expect(memory.growth()).toBeLessThan(MEGABYTES_OF_A_RUN)
  })
})

describe('the head of a pack', () => {
  const TYPE = { commit: 1, tag: 4, 'ofs-delta': 6 } as const
  const header = (objects: number): Buffer => {
    const bytes = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1')
    bytes.writeUInt32BE(objects, 8)
    return bytes
  }
  const entry = (type: keyof typeof TYPE, size: number | bigint): Buffer => {
    const bytes: number[] = []
    let left = BigInt(size)
    let byte = (TYPE[type] << 4) | Number(left & 15n)
    for (left >>= 4n; left > 0n; left >>= 7n) {
      bytes.push(byte | 128)
      byte = Number(left & 127n)
    }
    return Buffer.from([...bytes, byte])
  }
  const object = (type: 'commit' | 'tag', text: string): Buffer => Buffer.concat([entry(type, text.length), deflateSync(text)])
  const deltaOf = (distance: number, delta: Buffer): Buffer =>
    Buffer.concat([entry('ofs-delta', delta.length), Buffer.of(distance), deflateSync(delta)])
  const EMPTY_TAG = object('tag', '')
  const TREE = `tree ${OID}\n`
  const failing = (graph: CommitGraph, ...pieces: Buffer[]) => {
    try {
      for (const piece of pieces) graph.push(piece)
    } catch (error) {
      return Failure.from(error).kind
    }
    return graph.ended ? 'ended' : 'waits'
  }

  test.each<[string, string, () => Buffer[]]>([
    ['an object of 2^60 bytes', 'protocol-error', () => [entry('commit', 2n ** 60n)]],
    ['an object of 2^52 bytes', 'ended', () => [entry('commit', 2n ** 52n), deflateSync('x')]],
    ['a size without end', 'protocol-error', () => [Buffer.alloc(64, 0xff)]],
    ['a delta whose base is 2^60 bytes back', 'protocol-error', () => [Buffer.concat([entry('ofs-delta', 1), Buffer.alloc(32, 0xff)])]],
    ['a delta of itself', 'waits', () => [Buffer.concat([entry('ofs-delta', 1), Buffer.from([0]), deflateSync('x')])]],
    ['a type that is none', 'protocol-error', () => [Buffer.from([0x50])]],
    ['zeros for bytes', 'protocol-error', () => [Buffer.alloc(1000)]],
    ['a commit shorter than it says', 'protocol-error', () => [entry('commit', 300), deflateSync(TREE)]],
    ['no tree', 'protocol-error', () => [object('commit', 'author x\n')]],
    ['a parent that is none', 'protocol-error', () => [object('commit', `${TREE}parent ../..\n`)]],
    ['a parent without a line end', 'protocol-error', () => [object('commit', `${TREE}parent ${OID.slice(1)}`)]],
    ['an object more than there are', 'ended', () => [object('commit', TREE), object('commit', TREE), object('commit', TREE)]],
  ])('%s: %s', (_, became, make) => expect(failing(new CommitGraph('sha1'), header(2), ...make())).toBe(became))

  test.each([
    ['a small commit', 200],
    ['the largest commit', MEGABYTE],
  ])('a bomb in %s inflates to no more than the commit', (_, size) => {
    const pieces = [header(2), entry('commit', size), deflateSync(Buffer.alloc(50 * MEGABYTE))]
    const before = used()
    expect(failing(new CommitGraph('sha1'), ...pieces)).toBe('protocol-error')
    // The row allocated memory, and nothing was collected since.
    expect(used() - before).toBeLessThan(10 * MEGABYTE)
  })

  test('what is no pack', () => {
    expect(failing(new CommitGraph('sha1'), Buffer.from('PUCK\0\0\0\x02\0\0\0\0'))).toBe('protocol-error')
    expect(failing(new CommitGraph('sha1'), Buffer.from('PACK\0\0\0\x04\0\0\0\0'))).toBe('protocol-error')
  })

  /** Deflated: stored blocks of no bytes, none of which is the last one. */
  const NOTHING_STORED = Buffer.from([0, 0, 0, 0xff, 0xff])
  test.each([65_535, 4095, 5, 1])('deflated bytes that come to nothing and do not end, %i at a time', length => {
    const graph = new CommitGraph('sha1')
    const piece = Buffer.concat(Array.from({ length: 65_535 / 5 }, () => NOTHING_STORED))
    graph.push(Buffer.concat([header(1), entry('commit', 200), Buffer.from([0x78, 0x01])]))
    let pushed = 0
    for (; !graph.ended && pushed < 100 * MEGABYTE; pushed += length) {
      const start = pushed % piece.length
      graph.push(piece.subarray(start, start + length))
    }
    expect(graph.ended).toBe(true)
    expect(pushed).toBeLessThan(3 * MEGABYTE)
  })

  test('a chain of deltas ends where the limits say', () => {
    const limits = { object: 1000, kept: 2 ** 16, objects: 500, read: MEGABYTE, others: 0 }
    const graph = new CommitGraph('sha1', limits)
    const varint = (size: number): number[] => (size < 128 ? [size] : [(size & 127) | 128, size >> 7])
    const first = Buffer.concat([entry('commit', TREE.length), deflateSync(TREE)])
    graph.push(Buffer.concat([header(2 ** 32 - 1), first]))
    let [distance, size, links] = [first.length, TREE.length, 0]
    for (; !graph.ended && links < 100_000; links++) {
      // The whole base, and one character more.
      const delta = Buffer.from([...varint(size), ...varint(size + 1), 0b1011_0000, size & 255, size >> 8, 1, 120])
      const back = distance < 128 ? [distance] : [((distance >> 7) - 1) | 128, distance & 127]
      const bytes = Buffer.concat([entry('ofs-delta', delta.length), Buffer.from(back), deflateSync(delta)])
      try {
        graph.push(bytes)
      } catch (error) {
        expect(Failure.from(error).kind).toBe('protocol-error')
        break
      }
      distance = bytes.length
      size++
    }
    expect(links).toBeGreaterThan(100)
    expect(links).toBeLessThan(1100)
  })

  test.each<[string, Buffer]>([
    ['a base without a length that ends', Buffer.alloc(5000, 0x80)],
    ['a base of a length with zeros in front', Buffer.concat([Buffer.from([TREE.length | 128]), Buffer.alloc(500, 0x80), Buffer.of(0, 1)])],
    ['a result without a length that ends', Buffer.concat([Buffer.of(TREE.length), Buffer.alloc(5000, 0x80)])],
    ['a result of a length with zeros in front', Buffer.concat([Buffer.of(TREE.length), Buffer.alloc(500, 0x80), Buffer.of(0, 1)])],
    ['a result of 2^53 bytes', Buffer.concat([Buffer.of(TREE.length), Buffer.alloc(7, 0xff), Buffer.of(31)])],
  ])('a delta with %s', (_, delta) => {
    const first = object('commit', TREE)
    expect(failing(new CommitGraph('sha1'), header(2), first, deltaOf(first.length, delta))).toBe('protocol-error')
  })

  test.each<[string, Partial<GraphLimits>, () => Buffer]>([
    ['empty tags', { objects: 5000 }, () => EMPTY_TAG],
    ['tags and deltas of them', { objects: 5000 }, () => Buffer.concat([EMPTY_TAG, deltaOf(EMPTY_TAG.length, Buffer.of(0, 0))])],
    ['the same commit', { objects: 5000 }, () => object('commit', TREE)],
    ['large tags', { read: 20 * MEGABYTE }, () => object('tag', 'x'.repeat(MEGABYTE))],
  ])('%s, for ever: an end', (_, limits, make) => {
    const graph = new CommitGraph('sha1', { object: MEGABYTE, kept: 2 ** 25, objects: 2 ** 20, read: 2 ** 30, others: 2 ** 20, ...limits })
    const piece = make()
    graph.push(header(2 ** 32 - 1))
    let pushed = 0
    for (; !graph.ended && pushed < 10_000; pushed++) graph.push(piece)
    expect(graph.ended).toBe(true)
    expect(graph.whole).toBe(false)
    expect(pushed).toBeGreaterThan(18)
  })

  test.each<[string, number, boolean]>([
    ['each of a hundred', 100, true],
    ['not each of ten thousand', 10_000, false],
  ])('tags of no bytes: %s is kept for a delta of it', (_, tags, isKept) => {
    const graph = new CommitGraph('sha1', { ...GRAPH_LIMITS, kept: 2 ** 16 })
    graph.push(header(tags + 1))
    graph.push(Buffer.concat(Array.from({ length: tags }, () => EMPTY_TAG)))
    graph.push(deltaOf(EMPTY_TAG.length, Buffer.of(0, 0)))
    expect([graph.ended, graph.whole]).toEqual([true, isKept])
  })

  test('commits with tens of thousands of parents, which deflate to nothing: not all are kept', () => {
    const graph = new CommitGraph('sha1', { ...GRAPH_LIMITS, objects: 50_000 })
    const parents = `parent ${OID}\n`.repeat(20_000)
    graph.push(header(2 ** 32 - 1))
    let bytes = 0
    for (let index = 0; index < 10 && !graph.ended; index++) {
      const commit = object('commit', `${TREE}${parents}${index}`)
      bytes += commit.length
      graph.push(commit)
    }
    expect(bytes).toBeLessThan(MEGABYTE / 8)
    expect(graph.ended).toBe(true)
    // Parents may be twice as many as objects.
    expect(graph.parents.size).toBe(5)
  })

  test('a megabyte of trees and blobs is passed over by default, and no more', () => {
    const graph = new CommitGraph('sha1')
    graph.push(header(2 ** 32 - 1))
    const blob = Buffer.concat([Buffer.of(0x30), deflateSync('')])
    const thousand = Buffer.concat(Array.from({ length: 1000 }, () => blob))
    for (let index = 0; index < 4; index++) graph.push(thousand)
    expect(graph.ended).toBe(false)
    for (let index = 0; index < 2; index++) graph.push(thousand)
    expect(graph.ended).toBe(true)
  })
})

describe('the answer to a push', () => {
  const greeting = (capabilities: string) =>
    chain(encodePacket(`${'0'.repeat(40)} capabilities^{}\0${capabilities} agent=git/2.50.0\n`), FLUSH)
  const BANDED = 'report-status side-band-64k'
  const push = async (capabilities: string, answer: (Bytes | Iterable<Bytes>)[], limits?: AnswerLimits): Promise<PushAnswer & Watch> => {
    const memory = watchMemory()
    const transport = server(greeting(capabilities), watched(chain(...answer), memory))
    const receiver = await openReceivePack(transport, 'there', () => true, limits)
    const said = await receiver.push(Buffer.alloc(0))
    memory.tick()
    return { ...said, ...memory }
  }
  const report = (...lines: string[]): Buffer => Buffer.concat([...lines.map(line => encodePacket(line)), Buffer.from(FLUSH)])
  const banded = (band: number, bytes: Bytes): Buffer => encodePacket(Buffer.concat([Buffer.from([band]), Buffer.from(bytes)]))
  const OK = banded(1, report('unpack ok\n', 'ok refs/heads/main\n'))

  test.each<[string, () => Iterable<Bytes>]>([
    ['lines of a report, each of another ref', () => counted(index => `ok refs/heads/${index}\n`)],
    ['option lines', () => forever(encodePacket('option refname refs/heads/main\n'))],
    ['empty packets', () => forever(Buffer.from('0004'))],
  ])('%s, for ever: protocol-error', async (_, lines) => {
    const { report, failure } = await push('report-status', [lines()], SMALL_LIMITS)
    expect({ report, failure }).toMatchObject({ report: null, failure: { kind: 'protocol-error', side: 'there' } })
  })

  test.each<[string, number, () => Iterable<Bytes>]>([
    ['half a million lines', 500_000 * 28, () => forever(encodePacket('option refname refs/heads/7\n'))],
    ['64 MiB', 2 ** 26, () => counted(index => filled(`ng refs/heads/${index} `), 40_000)],
  ])('a report that does not end is read for %s', async (_, bytes, lines) => {
    const { report, failure, taken, growth } = await push('report-status', [lines()])
    expect({ report, failure }).toMatchObject({ report: null, failure: { kind: 'protocol-error', side: 'there' } })
    expect(taken()).toBeGreaterThan(bytes)
    expect(taken()).toBeLessThan(1.1 * bytes + 3 * MEGABYTE)
    expect(growth()).toBeLessThan(2.5 * MEGABYTES_OF_A_RUN)
  })

  test.each<[string, Kind, () => Bytes[]]>([
    ['band 4', 'protocol-error', () => [banded(4, 'x'), OK, FLUSH]],
    ['a flush packet before the report', 'connection-lost', () => [FLUSH]],
    ['an end before the report', 'connection-lost', () => []],
    ['half a report', 'connection-lost', () => [banded(1, OK.subarray(5, 20)), FLUSH]],
    ['a report that does not say whether the pack was taken', 'protocol-error', () => [banded(1, report('ok refs/heads/main\n')), FLUSH]],
    ['no line of a report', 'protocol-error', () => [banded(1, report('unpack ok\n', 'yes refs/heads/main\n')), FLUSH]],
    ['a length "zzzz" in the report', 'protocol-error', () => [banded(1, 'zzzz'), FLUSH]],
    ['an ERR packet', 'remote-error', () => [encodePacket('ERR it broke\n')]],
    ['words on band 3', 'remote-error', () => [banded(3, 'it broke\n'), FLUSH]],
  ])('%s: %s', async (_, kind, answer) => {
    const { report, failure } = await push(BANDED, answer())
    expect({ report, failure }).toMatchObject({ report: null, failure: { kind, side: 'there' } })
  })

  test.each([2, 3])('much output on band %i: the report counts, the last lines are kept', async band => {
    const words = banded(band, `${'x'.repeat(60_000)}\n`)
    // Together more than the memory that the run may take.
    function* much(): Generator<Buffer> {
      for (let index = 0; index < 2200; index++) yield words
    }
    const { report, output, growth } = await push(BANDED, [much(), banded(2, 'the last word\n'), OK, FLUSH])
    expect([...(report?.refs ?? [])]).toEqual([['refs/heads/main', null]])
    expect(output.at(-1)).toBe('the last word')
    expect(output.join('\n').length).toBeLessThan(300_000)
    expect(growth()).toBeLessThan(MEGABYTES_OF_A_RUN)
  })

  test.each<[string, Buffer]>([
    ['packets without data', banded(1, '')],
    ['empty packets', encodePacket('')],
  ])('%s, for ever: answer-too-large, and after the report nothing at all', async (_, packet) => {
    const { report, failure } = await push(BANDED, [forever(packet)], SMALL_LIMITS)
    expect({ report, failure }).toMatchObject({ report: null, failure: { kind: 'answer-too-large', side: 'there' } })
    const after = await push(BANDED, [OK, forever(packet)], SMALL_LIMITS)
    expect(after.failure).toBe(null)
    expect([...(after.report?.refs ?? [])]).toEqual([['refs/heads/main', null]])
  })

  test.each<[string, string, Buffer, AnswerLimits?]>([
    ['data', BANDED, banded(1, filled('', 60_000))],
    ['bytes of data', BANDED, banded(1, 'x'), SMALL_LIMITS],
    ['bytes', 'report-status', Buffer.from('x')],
  ])('%s after the report, for ever (%s): nothing but an end', async (_, capabilities, bytes, limits = ANSWER_LIMITS) => {
    const whole = report('unpack ok\n', 'ok refs/heads/main\n')
    const said = await push(capabilities, [capabilities === BANDED ? banded(1, whole) : whole, forever(bytes)], limits)
    expect(said.failure).toBe(null)
    expect([...(said.report?.refs ?? [])]).toEqual([['refs/heads/main', null]])
    expect(said.taken()).toBeLessThan(4 * MEGABYTE)
  })

  test.each<[string, (Bytes | Iterable<Bytes>)[], Kind | null]>([
    ['a server that reports nothing', [forever(banded(1, 'x'))], 'answer-too-large'],
    ['one that is content with that', [banded(1, 'x'), FLUSH], null],
  ])('%s', async (_, answer, kind) => {
    const { report, failure } = await push('side-band-64k', answer, SMALL_LIMITS)
    expect([report, failure?.kind ?? null]).toEqual([null, kind])
  })

  test('output letter by letter: the last lines are kept, in little time', async () => {
    function* letters(): Generator<Buffer> {
      const piece = Buffer.concat(Array.from({ length: 1000 }, () => banded(2, 'x')))
      for (let index = 0; index < 350; index++) yield piece
    }
    const { output } = await push(BANDED, [letters(), banded(2, '\nthe last word\n'), OK, FLUSH])
    expect(output.at(-1)).toBe('the last word')
    expect(output.join('\n').length).toBeLessThan(300_000)
  })

  test('output after the report, and a break, change nothing', async () => {
    const { report, failure } = await push(BANDED, [OK, banded(2, 'a hook is done\n'), 'ffff'])
    expect(failure).toBe(null)
    expect([...(report?.refs ?? [])]).toEqual([['refs/heads/main', null]])
  })
})
