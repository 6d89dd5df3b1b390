import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { deflateSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import type { Oid, RefName } from '../../src/refs/ref.ts'
import { VERSION } from '../../src/text/version.ts'
import { ByteQueue } from '../../src/wire/byte-queue.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { AGENT, Capabilities } from '../../src/wire/capabilities.ts'
import { encodeFetchV0, encodeFetchV2, type FetchRequest, readFetchV0, readFetchV2 } from '../../src/wire/fetch.ts'
import { readGreeting } from '../../src/wire/greeting.ts'
import { encodeLsRefs, type ListedRef, readLsRefs } from '../../src/wire/ls-refs.ts'
import { applyDelta, emptyPack, inflateAt, oidOf, parseEntryHeader, parsePackHeader } from '../../src/wire/pack-entry.ts'
import { DELIMITER, encodePacket, FLUSH, PacketReader, serverFailure, textOf } from '../../src/wire/pkt-line.ts'
import { encodeCommands, readReportStatus } from '../../src/wire/receive-pack.ts'
import { unband } from '../../src/wire/side-band.ts'
import { bytesOf, type Recording } from '../support/recording.ts'

/** Bytes in, values out, and the reverse; each case a row. What real servers said (test/fixtures/wire) is read at the end. */

const [A, B, C] = ['a', 'b', 'c'].map(digit => digit.repeat(40)) as [Oid, Oid, Oid]
const LONG = 'd'.repeat(64) as Oid

/** A framing, or a line that becomes a packet. */
type Part = string | Buffer
const FRAMINGS = new Set(['0000', '0001', '0002', '0004'])
const wire = (...parts: readonly Part[]): Buffer =>
  Buffer.concat(parts.map(part => (typeof part === 'string' && FRAMINGS.has(part) ? Buffer.from(part) : encodePacket(part))))
const raw = (text: string): Buffer => Buffer.from(text, 'latin1')
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

/** What comes of some bytes; the same in whatever pieces they come. A Failure shows as its kind and message. */
async function reading<T>(bytes: Buffer, read: (packets: PacketReader) => Promise<T>): Promise<T | string> {
  const results: (T | string)[] = []
  for (const size of [1, 3, 65_536]) {
    const result = await read(new PacketReader(new ByteReader(inPieces(bytes, size)))).catch((error: unknown) => {
      if (error instanceof Failure) return `${error.kind}: ${error.message}`
      throw error
    })
    results.push(result)
  }
  const [first, ...others] = results
  for (const other of others) expect(other).toEqual(first)
  return first as T | string
}

const kindOf = (work: () => unknown): string => {
  try {
    return `no failure, but ${JSON.stringify(work())}`
  } catch (error) {
    return error instanceof Failure ? error.kind : String(error)
  }
}

async function all(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const list: Buffer[] = []
  for await (const piece of pieces) list.push(piece)
  return Buffer.concat(list)
}

/** Every packet of some bytes: framings by name, lines as text. */
async function packetsOf(bytes: Buffer): Promise<string[]> {
  const packets = new PacketReader(new ByteReader(inPieces(bytes, 65_536)))
  const list: string[] = []
  for (let packet = await packets.next(); packet !== null; packet = await packets.next())
    list.push(typeof packet === 'string' ? packet : packet.toString('latin1'))
  return list
}

describe('bytes', () => {
  test('are taken in the amounts that are wanted', async () => {
    const reader = new ByteReader(inPieces(raw('abcdefghij'), 3))
    expect(reader.held(1)).toBeNull()
    expect((await reader.exactly(4))?.toString()).toBe('abcd')
    expect(reader.held(3)).toBeNull()
    expect(reader.held(2)?.toString()).toBe('ef')
    expect((await reader.exactly(0))?.toString()).toBe('')
    const rest: string[] = []
    for await (const piece of reader.rest()) rest.push(piece.toString())
    expect([rest, reader.taken]).toEqual([['ghi', 'j'], 10])
    expect(await reader.exactly(1)).toBeNull()
  })

  test('that end in between are lost', async () => {
    const reader = new ByteReader(inPieces(raw('abc'), 2))
    await expect(reader.exactly(4)).rejects.toMatchObject({ kind: 'connection-lost', message: expect.stringContaining('3 of 4 bytes') })
  })

  test('that are queued come out as they went in', () => {
    const queue = new ByteQueue()
    const foreign = raw('abcdef')
    let expected = ''
    for (const [piece, dropped] of [
      [foreign.subarray(0, 3), 0],
      [foreign.subarray(3), 2],
      [raw(''), 1],
      [raw('g'), 4],
      [raw('hi'), 0],
      [raw('j'.repeat(100)), 50],
    ] as const) {
      queue.push(piece)
      expected += piece.toString()
      expect(queue.bytes.toString()).toBe(expected)
      queue.drop(dropped)
      expected = expected.slice(dropped)
      expect([queue.bytes.toString(), queue.length]).toEqual([expected, expected.length])
    }
    // What was handed in is not written into.
    expect(foreign.toString()).toBe('abcdef')
  })
})

describe('pkt-line', () => {
  test.each<[string | Buffer, string]>([
    ['', '0004'],
    ['a', '0005a'],
    ['done\n', '0009done\n'],
    ['ü', '0006\xc3\xbc'],
    [hex('00 ff'), '0006\0\xff'],
    ['x'.repeat(65_516), `fff0${'x'.repeat(65_516)}`],
  ])('%#: a line becomes a packet, and a packet the line', async (line, packet) => {
    expect(encodePacket(line).toString('latin1')).toBe(packet)
    expect(await reading(raw(packet), reader => reader.next())).toEqual(Buffer.from(line))
  })

  test.each<[string, unknown]>([
    ['', null],
    ['0000', 'flush'],
    ['0001', 'delimiter'],
    ['0002', 'response-end'],
    ['0004', Buffer.alloc(0)],
    ['000Ab12345', raw('b12345')],
    ['000ab12345rest', raw('b12345')],
    ['0003', expect.stringMatching(/^protocol-error: .*"0003" is not the length/)],
    ['fff1', expect.stringMatching(/^protocol-error: .*65521 bytes is too long/)],
    ['<htm', `protocol-error: the server answered with text instead of git's protocol: "<htm"`],
    ['Access denied\n', `protocol-error: the server answered with text instead of git's protocol: "Access denied"`],
    ['2026-01-01 closed\n', `protocol-error: the server answered with text instead of git's protocol: "2026-01-01 closed"`],
    ['dead\0beef', expect.stringMatching(/^connection-lost: /)],
    ['00', expect.stringMatching(/^connection-lost: .*2 of 4 bytes/)],
    ['0006', expect.stringMatching(/^connection-lost: .*in the middle of a packet/)],
    ['0006a', expect.stringMatching(/^connection-lost: .*1 of 2 bytes/)],
    ['000dERR it b\n', 'remote-error: it b'],
    // Without a word there is nothing to pass on; who reads on refuses it.
    ['0008ERR ', raw('ERR ')],
    ['0009ERRx\n', raw('ERRx\n')],
  ])('%j', async (bytes, expected) => expect(await reading(raw(bytes), reader => reader.next())).toEqual(expected))

  test('a sentence instead of a packet is shown as far as it has arrived, up to its end', async () => {
    const reader = new PacketReader(new ByteReader(inPieces(raw('This account is currently not available.\r\nBye.\n'), 65_536)))
    await expect(reader.next()).rejects.toThrow(
      `the server answered with text instead of git's protocol: "This account is currently not available."`,
    )
  })

  test('a line of more than a packet cannot be sent', () => expect(kindOf(() => encodePacket('x'.repeat(65_517)))).toBe('internal'))

  test('the end, where a packet was to come', async () =>
    expect(await reading(raw(''), reader => reader.expect('the refs'))).toBe('connection-lost: the answer ends before the refs'))

  test.each<[string, string]>([
    ['a\n', 'a'],
    ['a\n\n', 'a\n'],
    ['a', 'a'],
    ['\n', ''],
    ['', ''],
  ])('the text of %j is %j', (packet, text) => expect(textOf(Buffer.from(packet))).toBe(text))

  test('a framing has no text', () => expect(kindOf(() => textOf('flush'))).toBe('protocol-error'))

  test.each<[string, string, string, string]>([
    ['repository not found', 'not-found', 'repository not found', 'repository not found'],
    ['\n\r\n  one\r\ntwo\n', 'remote-error', 'one', 'one\r\ntwo'],
    ['  ', 'remote-error', 'no reason given', ''],
  ])('what a server says when it gives up: %j', (words, kind, message, detail) => {
    const failure = serverFailure(words)
    expect([failure.message, failure.detail ?? '']).toEqual([message, detail])
    if (kind === 'remote-error') expect(failure.kind).toBe(kind)
  })
})

describe('side-band', () => {
  const bands = async (packets: PacketReader) => {
    const words: string[] = []
    const data = await all(unband(packets, { onProgress: text => words.push(text) }))
    return { data: data.toString('latin1'), words }
  }
  test.each<[string, readonly Part[], unknown]>([
    ['nothing', ['0000'], { data: '', words: [] }],
    ['data', ['\x01PA', '\x01CK', '0000'], { data: 'PACK', words: [] }],
    ['data and words', ['\x02half a li', '\x01PACK', '\x02ne\n', '0000'], { data: 'PACK', words: ['half a li', 'ne\n'] }],
    ['packets that keep the connection alive', ['0004', '\x01', '\x02', '\x01P', '0004', '0000'], { data: 'P', words: [''] }],
    ['what follows is left', ['\x01P', '0000', '\x01Q', '0000'], { data: 'P', words: [] }],
    ['the third band', ['\x01P', '\x03it broke\nbadly\n', '0000'], 'remote-error: it broke'],
    ['an ERR packet', ['\x01P', 'ERR it broke', '0000'], 'remote-error: it broke'],
    ['another band', ['\x04P', '0000'], expect.stringMatching(/^protocol-error: .*there is no band 4/)],
    ['a line without a band', ['NAK\n', '0000'], expect.stringMatching(/^protocol-error: .*there is no band 78/)],
    ['a framing', ['\x01P', '0001'], expect.stringMatching(/^protocol-error: .*a delimiter packet/)],
    ['an end without a flush packet', ['\x01P'], expect.stringMatching(/^connection-lost/)],
  ])('%s', async (_, parts, expected) => expect(await reading(wire(...parts), bands)).toEqual(expected))

  test('who wants to hear the third band is not thrown at', async () => {
    const said: string[] = []
    const read = (packets: PacketReader) => all(unband(packets, { onProgress: () => {}, onFatal: text => said.push(text) }))
    expect(await read(new PacketReader(new ByteReader(inPieces(wire('\x03no\n', '\x01P', '0000'), 9))))).toEqual(raw('P'))
    expect(said).toEqual(['no\n'])
  })

  test('without bands all bytes are data', async () =>
    expect(await reading(raw('PACK0000'), packets => all(packets.bytes.rest()))).toEqual(raw('PACK0000')))
})

describe('capabilities', () => {
  const capabilities = new Capabilities([
    ...['side-band-64k', '', 'agent=git/2.39.5-Linux', 'symref=HEAD:refs/heads/main', 'symref=a:b', 'object-format=sha1'],
    ...['fetch=shallow wait-for-done filter', 'x=a=b', 'empty='],
  ])
  test.each<[string, string | null, readonly string[]]>([
    ['side-band-64k', '', ['']],
    ['agent', 'git/2.39.5-Linux', ['git/2.39.5-Linux']],
    ['symref', 'HEAD:refs/heads/main', ['HEAD:refs/heads/main', 'a:b']],
    ['x', 'a=b', ['a=b']],
    ['empty', '', ['']],
    ['side-band', null, []],
    ['', null, []],
    ['constructor', null, []],
  ])('%j is %j', (name, value, values) => {
    expect([capabilities.value(name), capabilities.values(name), capabilities.has(name)]).toEqual([value, values, value !== null])
  })

  test.each<[string, string, boolean]>([
    ['fetch', 'filter', true],
    ['fetch', 'shallow', true],
    ['fetch', 'wait', false],
    ['fetch', 'sideband-all', false],
    ['ls-refs', 'unborn', false],
  ])('%s offers %s: %s', (command, feature, offers) => expect(capabilities.offers(command, feature)).toBe(offers))

  test.each<[string, Capabilities['agent']]>([
    ['agent=git/2.39.5', 'git'],
    ['agent=git/github-e7d1a6c6a9d8-Linux', 'git'],
    ['agent=JGit/7.8.1.202611041320-r', 'JGit'],
    ['agent=gitea', null],
    ['agent=dulwich/0.22.1', null],
    ['agent=', null],
    ['agent', null],
    ['side-band', null],
  ])('%s is %s', (word, agent) => expect(new Capabilities([word]).agent).toBe(agent))

  test('our own name holds no blank', () => expect(AGENT).toBe(`agent=repository-mirroring/${VERSION.replace(/\s/g, '')}`))
})

describe('the greeting', () => {
  const greet = async (packets: PacketReader) => {
    const refs: string[] = []
    const { version, capabilities, shallow } = await readGreeting(packets, (oid, name) => refs.push(`${oid} ${name.toString('latin1')}`))
    return { version, agent: capabilities.value('agent'), shallow, refs }
  }
  const V0 = { version: 0, agent: null, shallow: false, refs: [] as string[] }
  test.each<[string, readonly Part[], unknown]>([
    ['v0: nothing at all', ['0000'], V0],
    ['v0: an empty repository', [`${'0'.repeat(40)} capabilities^{}\0 agent=x\n`, '0000'], { ...V0, agent: 'x' }],
    [
      'v0: refs',
      [`${A} HEAD\0multi_ack agent=x symref=HEAD:refs/heads/main\n`, `${A} refs/heads/main\n`, '0000'],
      { ...V0, agent: 'x', refs: [`${A} HEAD`, `${A} refs/heads/main`] },
    ],
    [
      'v0: capabilities, with a blank in front and without a line end',
      [`${A} refs/heads/a\0 x agent=y`, '0000'],
      { ...V0, agent: 'y', refs: [`${A} refs/heads/a`] },
    ],
    ['v0: no capabilities', [`${A} refs/heads/a\n`, '0000'], { ...V0, refs: [`${A} refs/heads/a`] }],
    [
      'v0: a line without an end',
      [`${A} refs/heads/a\0agent=y`, `${B} refs/heads/b`, '0000'],
      { ...V0, agent: 'y', refs: [`${A} refs/heads/a`, `${B} refs/heads/b`] },
    ],
    [
      'v0: capabilities count but once',
      [`${A} refs/heads/a\0agent=y`, `${B} refs/heads/b\0agent=z\n`, '0000'],
      { ...V0, agent: 'y', refs: [`${A} refs/heads/a`, `${B} refs/heads/b`] },
    ],
    [
      'v0: a tag peeled',
      [`${B} refs/tags/v1\0agent=x\n`, `${A} refs/tags/v1^{}\n`, '0000'],
      { ...V0, agent: 'x', refs: [`${B} refs/tags/v1`, `${A} refs/tags/v1^{}`] },
    ],
    ['v0: sha256', [`${LONG} refs/heads/a\0object-format=sha256\n`, '0000'], { ...V0, refs: [`${LONG} refs/heads/a`] }],
    [
      'v0: shallow',
      [`${A} HEAD\0agent=x\n`, `shallow ${A}\n`, `shallow ${B}\n`, '0000'],
      { ...V0, agent: 'x', shallow: true, refs: [`${A} HEAD`] },
    ],
    [
      'v0: what others have',
      [`${A} refs/heads/a\0agent=x\n`, `${B} .have\n`, '0000'],
      { ...V0, agent: 'x', refs: [`${A} refs/heads/a`, `${B} .have`] },
    ],
    ['v0: a name that is no UTF-8', [Buffer.concat([raw(`${A} refs/heads/\xff\0x\n`)]), '0000'], { ...V0, refs: [`${A} refs/heads/\xff`] }],
    ['v1: refs', ['version 1\n', `${A} HEAD\0agent=x\n`, '0000'], { ...V0, version: 1, agent: 'x', refs: [`${A} HEAD`] }],
    ['v1: an empty repository', ['version 1\n', '0000'], { ...V0, version: 1 }],
    ['v2', ['version 2\n', 'agent=git/2.39.5\n', 'ls-refs=unborn\n', '0000'], { ...V0, version: 2, agent: 'git/2.39.5' }],
    ['v2: no line ends', ['version 2', 'agent=x', '0000'], { ...V0, version: 2, agent: 'x' }],
    ['v2: no capabilities', ['version 2\n', '0000'], { ...V0, version: 2 }],
    ['an unknown version', ['version 3\n', '0000'], expect.stringMatching(/^protocol-error: .*"version 3" is no ref/)],
    [
      'an ERR packet',
      ['ERR access denied or repository not exported: /a\n', '0000'],
      expect.stringMatching(/: access denied or repository not exported/),
    ],
    ['an ERR packet among the refs', [`${A} HEAD\0x\n`, 'ERR out of memory\n'], expect.stringMatching(/out of memory/)],
    ['an end among the refs', [`${A} HEAD\0x\n`], 'connection-lost: the answer ends before the end of the refs'],
    ['an end after the version', ['version 1\n'], 'connection-lost: the answer ends before the refs'],
    ['an end among the capabilities', ['version 2\n'], 'connection-lost: the answer ends before the end of the capabilities'],
    ['no oid', [`${'A'.repeat(40)} HEAD\0x\n`], expect.stringMatching(/^protocol-error: .* is no ref/)],
    ['an oid alone', [A], expect.stringMatching(/^protocol-error: .* is no ref/)],
    ['a delimiter', [`${A} HEAD\0x\n`, '0001'], expect.stringMatching(/^protocol-error: .*a delimiter packet/)],
    ['a delimiter first', ['0001'], expect.stringMatching(/^protocol-error: .*a delimiter packet/)],
  ])('%s', async (_, parts, expected) => expect(await reading(wire(...parts), greet)).toEqual(expected))
})

describe('ls-refs', () => {
  test.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ['the least', [], ['ls-refs'], ['delimiter', 'peel\n', 'symrefs\n', 'flush']],
    [
      'all',
      ['HEAD', 'refs/heads/'],
      ['ls-refs=unborn', 'object-format=sha256'],
      ['object-format=sha256\n', 'delimiter', 'peel\n', 'symrefs\n', 'unborn\n', 'ref-prefix HEAD\n', 'ref-prefix refs/heads/\n', 'flush'],
    ],
  ])('the question: %s', async (_, prefixes, offered, packets) =>
    expect(await packetsOf(encodeLsRefs(prefixes, new Capabilities(offered)))).toEqual(['command=ls-refs\n', `${AGENT}\n`, ...packets]),
  )

  const list = async (packets: PacketReader) => {
    const refs: ListedRef[] = []
    await readLsRefs(packets, ref => refs.push(ref))
    return refs.map(({ oid, name, target, peeled }) => [oid, name.toString('latin1'), target, peeled])
  }
  const NO_REF = expect.stringMatching(/^protocol-error: .* is no ref/)
  test.each<[string, readonly Part[], unknown]>([
    ['an empty repository', ['0000'], []],
    ['a branch', [`${A} refs/heads/a\n`, '0000'], [[A, 'refs/heads/a', null, null]]],
    ['no line end', [`${A} refs/heads/a`, '0000'], [[A, 'refs/heads/a', null, null]]],
    ['sha256', [`${LONG} refs/heads/a\n`, '0000'], [[LONG, 'refs/heads/a', null, null]]],
    ['HEAD', [`${A} HEAD symref-target:refs/heads/main\n`, '0000'], [[A, 'HEAD', 'refs/heads/main', null]]],
    ['a detached HEAD', [`${A} HEAD\n`, '0000'], [[A, 'HEAD', null, null]]],
    ['an unborn HEAD', ['unborn HEAD symref-target:refs/heads/main\n', '0000'], [[null, 'HEAD', 'refs/heads/main', null]]],
    ['a tag peeled', [`${B} refs/tags/v1 peeled:${A}\n`, '0000'], [[B, 'refs/tags/v1', null, A]]],
    ['both', [`${B} refs/tags/v symref-target:refs/tags/w peeled:${A}\n`, '0000'], [[B, 'refs/tags/v', 'refs/tags/w', A]]],
    ['an attribute of days to come', [`${B} refs/tags/v new:x peeled:${A} y\n`, '0000'], [[B, 'refs/tags/v', null, A]]],
    ['peeled, but what', [`${B} refs/tags/v peeled:x\n`, '0000'], [[B, 'refs/tags/v', null, null]]],
    ['no UTF-8', [raw(`${A} refs/heads/\xff\n`), '0000'], [[A, 'refs/heads/\xff', null, null]]],
    ['no name', [`${A} \n`, '0000'], NO_REF],
    ['an oid alone', [`${A}\n`, '0000'], NO_REF],
    ['no oid', [`${A.slice(1)} refs/heads/a\n`, '0000'], NO_REF],
    ['an empty packet', ['0004', '0000'], NO_REF],
    ['a delimiter', [`${A} refs/heads/a\n`, '0001'], expect.stringMatching(/^protocol-error: .*a delimiter packet/)],
    ['an end', [`${A} refs/heads/a\n`], 'connection-lost: the answer ends before the end of the refs'],
    ['an ERR packet', ['ERR no'], 'remote-error: no'],
  ])('the answer: %s', async (_, parts, expected) => expect(await reading(wire(...parts), list)).toEqual(expected))
})

describe('a request for a pack', () => {
  const LEAST: FetchRequest = { wants: [A], haves: [], thin: false, ofsDelta: false, filter: null, done: false }
  const ALL: FetchRequest = { wants: [A, B], haves: [C, LONG], thin: true, ofsDelta: true, filter: 'tree:0', done: true }

  test.each<[string, FetchRequest, readonly string[], readonly string[]]>([
    ['the least', LEAST, [], ['delimiter', `want ${A}\n`, 'flush']],
    ['done', { ...LEAST, done: true }, [], ['delimiter', `want ${A}\n`, 'done\n', 'flush']],
    [
      'the roots of tips',
      { ...LEAST, filter: 'tree:1', depth: 1 },
      [],
      ['delimiter', 'filter tree:1\n', 'deepen 1\n', `want ${A}\n`, 'flush'],
    ],
    [
      'no large files',
      { ...LEAST, filter: 'blob:limit=1025' },
      ['agent=git/2', 'fetch=filter'],
      ['delimiter', 'filter blob:limit=1025\n', `want ${A}\n`, 'flush'],
    ],
    [
      'all',
      ALL,
      ['object-format=sha256'],
      [
        ...['object-format=sha256\n', 'delimiter', 'thin-pack\n', 'ofs-delta\n', 'filter tree:0\n'],
        ...[`want ${A}\n`, `want ${B}\n`, `have ${C}\n`, `have ${LONG}\n`, 'done\n', 'flush'],
      ],
    ],
  ])('v2: %s', async (_, request, words, packets) =>
    expect(await packetsOf(encodeFetchV2(request, new Capabilities(words)))).toEqual(['command=fetch\n', `${AGENT}\n`, ...packets]),
  )

  test.each<[string, FetchRequest, string, readonly string[]]>([
    ['a server that can do nothing', LEAST, '', [`want ${A} \n`, 'flush', 'done\n']],
    [
      'what is not offered is not asked for',
      { ...ALL, filter: null },
      'agent=git/1',
      [`want ${A} ${AGENT}\n`, `want ${B}\n`, 'flush', `have ${C}\n`, `have ${LONG}\n`, 'done\n'],
    ],
    [
      'all',
      ALL,
      'multi_ack multi_ack_detailed side-band side-band-64k thin-pack ofs-delta filter object-format=sha256 agent=git/2',
      [
        `want ${A} multi_ack_detailed side-band-64k thin-pack ofs-delta filter object-format=sha256 ${AGENT}\n`,
        ...[`want ${B}\n`, 'filter tree:0\n', 'flush', `have ${C}\n`, `have ${LONG}\n`, 'done\n'],
      ],
    ],
    [
      'no large files, and no depth, which would make it another negotiation',
      { ...LEAST, filter: 'blob:limit=1025', depth: 1 },
      'filter agent=git/2',
      [`want ${A} filter ${AGENT}\n`, 'filter blob:limit=1025\n', 'flush', 'done\n'],
    ],
    ['the older bands', LEAST, 'side-band agent=git/1', [`want ${A} side-band ${AGENT}\n`, 'flush', 'done\n']],
    ['a pack that is to be whole', LEAST, 'thin-pack ofs-delta agent=git/2', [`want ${A} ${AGENT}\n`, 'flush', 'done\n']],
    [
      'whoever names no agent is told that thin packs are welcome',
      LEAST,
      'thin-pack ofs-delta',
      [`want ${A} thin-pack\n`, 'flush', 'done\n'],
    ],
  ])('v0: %s', async (_, request, words, packets) =>
    expect(await packetsOf(encodeFetchV0(request, new Capabilities(words.split(' '))))).toEqual(packets),
  )
})

describe('what comes before the pack', () => {
  const told = (read: typeof readFetchV0) => async (packets: PacketReader) => {
    const { common, shallow, hasPack } = await read(packets)
    const next = hasPack ? await packets.next() : null
    return [[...common].map(oid => oid[0]).join(''), shallow, next === null ? hasPack : next.toString()]
  }

  test.each<[string, readonly Part[], unknown]>([
    ['a pack at once', ['packfile\n', '\x01PACK'], ['', false, '\x01PACK']],
    ['acknowledgments and a pack', ['acknowledgments\n', `ACK ${A}\n`, `ACK ${B}\n`, 'ready\n', '0001', 'packfile\n'], ['ab', false, true]],
    ['acknowledgments alone', ['acknowledgments\n', `ACK ${A}\n`, '0000'], ['a', false, false]],
    ['none', ['acknowledgments\n', 'NAK\n', '0000'], ['', false, false]],
    ['sha256', ['acknowledgments\n', `ACK ${LONG}\n`, '0000'], ['d', false, false]],
    ['shallow', ['shallow-info\n', `shallow ${A}\n`, `unshallow ${B}\n`, '0001', 'packfile\n'], ['', true, true]],
    ['both', ['acknowledgments\n', 'ready\n', '0001', 'shallow-info\n', `shallow ${A}\n`, '0001', 'packfile\n'], ['', true, true]],
    ['what was not asked for', ['packfile-uris\n'], expect.stringMatching(/^protocol-error: .*"packfile-uris" is no section/)],
    ['no acknowledgment', ['acknowledgments\n', `ACK ${A} maybe\n`], expect.stringMatching(/^protocol-error: .* is no acknowledgment/)],
    ['a flush packet for a section', ['0000'], expect.stringMatching(/^protocol-error/)],
    ['a response end', ['acknowledgments\n', '0002'], expect.stringMatching(/^protocol-error/)],
    ['an end', ['acknowledgments\n', 'NAK\n'], 'connection-lost: the answer ends before the end of a section'],
    ['an ERR packet', [`ERR upload-pack: not our ref ${A}\n`], expect.stringMatching(/not our ref/)],
  ])('v2: %s', async (_, parts, expected) => expect(await reading(wire(...parts), told(readFetchV2))).toEqual(expected))

  test.each<[string, readonly Part[], unknown]>([
    ['nothing in common', ['NAK\n', '\x01PACK'], ['', false, '\x01PACK']],
    ['one ACK, of a server without details', [`ACK ${A}\n`, '\x01PACK'], ['a', false, '\x01PACK']],
    ['git, with details', [`ACK ${A} common\n`, `ACK ${B} common\n`, `ACK ${B}\n`], ['ab', false, true]],
    ['ready is said of what it has not, too', [`ACK ${A} common\n`, `ACK ${C} ready\n`, `ACK ${A}\n`], ['a', false, true]],
    ['so is continue', [`ACK ${C} continue\n`, `ACK ${A}\n`], ['a', false, true]],
    ['sha256', [`ACK ${LONG} common\n`, `ACK ${LONG}\n`], ['d', false, true]],
    ['shallow', [`shallow ${A}\n`, `unshallow ${B}\n`, '0000', 'NAK\n'], ['', true, true]],
    ['no line ends', [`ACK ${A} common`, 'NAK'], ['a', false, true]],
    ['another word', [`ACK ${A} maybe\n`], expect.stringMatching(/^protocol-error/)],
    ['no oid', ['ACK \n'], expect.stringMatching(/^protocol-error/)],
    ['a pack without a word', ['\x01PACK'], expect.stringMatching(/^protocol-error/)],
    ['an end', [`ACK ${A} common\n`], 'connection-lost: the answer ends before the pack'],
  ])('v0: %s', async (_, parts, expected) => expect(await reading(wire(...parts), told(readFetchV0))).toEqual(expected))
})

describe('receive-pack', () => {
  const [one, two] = ['refs/heads/a', 'refs/tags/v1'] as [RefName, RefName]
  const zero = '0'.repeat(40)
  const plain = { atomic: false, pushOptions: [], objectFormat: 'sha1' } as const
  test.each<[string, Parameters<typeof encodeCommands>[0], string, Parameters<typeof encodeCommands>[2], readonly string[]]>([
    ['a server that can do nothing', [{ ref: one, before: null, after: A }], '', plain, [`${zero} ${A} ${one}\0 `, 'flush']],
    [
      'one of each',
      [
        { ref: one, before: A, after: B },
        { ref: two, before: A, after: null },
      ],
      'report-status delete-refs side-band-64k quiet ofs-delta agent=git/2',
      plain,
      [`${A} ${B} ${one}\0 report-status side-band-64k quiet ${AGENT}`, `${A} ${zero} ${two}`, 'flush'],
    ],
    [
      'all',
      [{ ref: one, before: null, after: LONG }],
      'report-status report-status-v2 side-band-64k atomic push-options object-format=sha256 agent=git/2',
      { atomic: true, pushOptions: ['ci.skip', 'ä=b c'], objectFormat: 'sha256' },
      [
        `${'0'.repeat(64)} ${LONG} ${one}\0 report-status-v2 side-band-64k atomic push-options object-format=sha256 ${AGENT}`,
        ...['flush', 'ci.skip', Buffer.from('ä=b c').toString('latin1'), 'flush'],
      ],
    ],
  ])('%s', async (_, commands, words, options, packets) =>
    expect(await packetsOf(encodeCommands(commands, new Capabilities(words.split(' ')), options))).toEqual(packets),
  )
})

describe('the report of a push', () => {
  const report = async (packets: PacketReader) => {
    const { unpack, refs } = await readReportStatus(packets)
    return [unpack, Object.fromEntries(refs)]
  }
  test.each<[string, readonly Part[], unknown]>([
    [
      'all taken',
      ['unpack ok\n', 'ok refs/heads/a\n', 'ok refs/tags/v1\n', '0000'],
      ['ok', { 'refs/heads/a': null, 'refs/tags/v1': null }],
    ],
    ['no line ends', ['unpack ok', 'ok refs/heads/a', '0000'], ['ok', { 'refs/heads/a': null }]],
    ['no ref', ['unpack ok\n', '0000'], ['ok', {}]],
    [
      'the pack was not taken',
      ['unpack index-pack abnormal exit\n', 'ng refs/heads/a unpacker error\n', '0000'],
      ['index-pack abnormal exit', { 'refs/heads/a': 'unpacker error' }],
    ],
    [
      'reasons',
      [
        'unpack ok\n',
        'ng refs/heads/a non-fast-forward\n',
        'ng refs/heads/b pre-receive hook declined: no, not now\n',
        'ng refs/heads/c\n',
        '0000',
      ],
      [
        'ok',
        { 'refs/heads/a': 'non-fast-forward', 'refs/heads/b': 'pre-receive hook declined: no, not now', 'refs/heads/c': 'no reason given' },
      ],
    ],
    ['a reason in lines', ['unpack ok\n', 'ng refs/heads/a one\ntwo\n', '0000'], ['ok', { 'refs/heads/a': 'one\ntwo' }]],
    [
      'v2: where a hook put it instead',
      [
        ...[
          'unpack ok\n',
          'ok refs/for/main/topic\n',
          'option refname refs/pull/1/head\n',
          `option old-oid ${A}\n`,
          `option new-oid ${B}\n`,
        ],
        ...['option forced-update\n', 'ok refs/heads/a\n', 'option refname refs/heads/b\n', 'ng refs/heads/c failed to run hook\n', '0000'],
      ],
      ['ok', { 'refs/for/main/topic': null, 'refs/heads/a': null, 'refs/heads/c': 'failed to run hook' }],
    ],
    ['no word of the pack', ['ok refs/heads/a\n', '0000'], expect.stringMatching(/^protocol-error/)],
    [
      'another line',
      ['unpack ok\n', 'done refs/heads/a\n', '0000'],
      expect.stringMatching(/^protocol-error: .*"done refs\/heads\/a" is no line/),
    ],
    ['a delimiter', ['unpack ok\n', '0001'], expect.stringMatching(/^protocol-error/)],
    ['an end', ['unpack ok\n', 'ok refs/heads/a\n'], 'connection-lost: the answer ends before the end of the report'],
    ['an ERR packet', ['ERR no'], 'remote-error: no'],
  ])('%s', async (_, parts, expected) => expect(await reading(wire(...parts), report)).toEqual(expected))
})

describe('objects of a pack', () => {
  test.each<[string, number | string]>([
    ['5041434b 00000002 00000000', 0],
    ['5041434b 00000002 00000103', 259],
    ['5041434b 00000003 ffffffff', 4_294_967_295],
    ['5041434b 00000004 00000001', 'protocol-error'],
    ['5041434c 00000002 00000001', 'protocol-error'],
  ])('a pack that begins with %s: %s', (bytes, expected) => {
    if (typeof expected === 'number') expect(parsePackHeader(hex(bytes))).toBe(expected)
    else expect(kindOf(() => parsePackHeader(hex(bytes)))).toBe(expected)
  })

  const oid = '0123456789abcdef0123456789abcdef01234567'
  const long = `${oid}${oid.slice(0, 24)}`
  const plain = (type: string, size: number, length: number) => ({ type, size, distance: 0, base: null, length })
  const back = (size: number, distance: number, length: number) => ({ type: 'ofs-delta', size, distance, base: null, length })
  test.each<[string, string, 'sha1' | 'sha256', unknown]>([
    ['a commit', '95 0a', 'sha1', plain('commit', 165, 2)],
    ['a tree', '22', 'sha1', plain('tree', 2, 1)],
    ['a blob', '3b', 'sha1', plain('blob', 11, 1)],
    ['a tag', '40', 'sha1', plain('tag', 0, 1)],
    ['a size in three bytes', '9f ff 7f', 'sha1', plain('commit', 15 + 127 * 16 + 127 * 2048, 3)],
    ['a size with zeros in front', '95 80 00', 'sha1', plain('commit', 5, 3)],
    ['a size of 2^53 - 1', `9f ${'ff '.repeat(6)} 7f`, 'sha1', plain('commit', 2 ** 53 - 1, 8)],
    ['a delta, near', '65 7f', 'sha1', back(5, 127, 2)],
    ['a delta, at the least that takes two bytes', '65 80 00', 'sha1', back(5, 128, 3)],
    ['a delta, at the most that takes two bytes', '65 ff 7f', 'sha1', back(5, 16_511, 3)],
    ['a delta, at the least that takes three bytes', '65 80 80 00', 'sha1', back(5, 16_512, 4)],
    ['a long delta', 'e5 01 05', 'sha1', back(21, 5, 3)],
    ['a delta of a named base', `75 ${oid}`, 'sha1', { type: 'ref-delta', size: 5, distance: 0, base: oid, length: 21 }],
    ['a long one', `f5 01 ${oid}`, 'sha1', { type: 'ref-delta', size: 21, distance: 0, base: oid, length: 22 }],
    ['sha256', `75 ${long}`, 'sha256', { type: 'ref-delta', size: 5, distance: 0, base: long, length: 33 }],
    ['a type that is kept for later', '55', 'sha1', 'protocol-error'],
    ['no type', '05', 'sha1', 'protocol-error'],
    ['a size of 2^53', `90 ${'80 '.repeat(6)} 80 01`, 'sha1', 'protocol-error'],
    ['a distance of 2^53', `65 ${'ff '.repeat(7)} 7f`, 'sha1', 'protocol-error'],
  ])('%s', (_, bytes, format, expected) => {
    const entry = hex(bytes)
    if (expected === 'protocol-error') {
      expect(kindOf(() => parseEntryHeader(entry, 0, format))).toBe(expected)
      return
    }
    // Wherever it stands; and as long as it is not all there, nothing.
    for (const before of [0, 1, 100]) {
      const bytes = Buffer.concat([Buffer.alloc(before, 0xff), entry, raw('rest')])
      expect(parseEntryHeader(bytes, before, format)).toEqual(expected)
    }
    for (let length = 0; length < entry.length; length++) expect(parseEntryHeader(entry.subarray(0, length), 0, format)).toBeNull()
  })

  test.each(['', 'x', 'hello '.repeat(100)])('%#: inflated, whatever follows; and not before all is there', text => {
    const deflated = deflateSync(text)
    const bytes = Buffer.concat([raw('abc'), deflated, raw('rest')])
    expect(inflateAt(bytes, 3, text.length)).toEqual({ data: Buffer.from(text), length: deflated.length })
    for (let end = 3; end < 3 + deflated.length; end++) expect(inflateAt(bytes.subarray(0, end), 3, text.length)).toBeNull()
    expect(kindOf(() => inflateAt(bytes, 3, text.length + 1))).toBe('protocol-error')
    if (text !== '') expect(kindOf(() => inflateAt(bytes, 3, text.length - 1))).toBe('protocol-error')
  })

  test.each<[string, () => Buffer]>([
    ['no deflated bytes', () => raw('hello, world')],
    ['a wrong checksum', () => Buffer.concat([deflateSync('x').subarray(0, -1), Buffer.of(0xff)])],
    ['a dictionary that nobody has', () => hex('78 bb 00000001 03 00')],
  ])('%s cannot be inflated', (_, make) => expect(kindOf(() => inflateAt(make(), 0, 1))).toBe('protocol-error'))

  const base = raw('hello world')
  test.each<[string, string, string]>([
    ['something put in', '0b 02 02 6f6b', 'ok'],
    ['nothing', '0b 00', ''],
    ['all of it', '0b 0b 90 0b', 'hello world'],
    ['a part', '0b 05 91 06 05', 'world'],
    ['parts and more', '0b 0d 91 06 05 02 2c20 91 00 06', 'world, hello '],
    ['the length in three bytes', '0b 03 f1 00 03 00 00', 'hel'],
    ['a size with a zero in front', '0b 82 00 02 6f6b', 'ok'],
  ])('a delta: %s', (_, delta, expected) => expect(applyDelta(base, hex(delta), 100)?.toString()).toBe(expected))

  test('a delta that makes more than is wanted', () => expect(applyDelta(base, hex('0b 65 90 0b'), 100)).toBeNull())

  test('a delta that copies without a length copies 65,536 bytes', () => {
    const large = Buffer.alloc(65_540, 'abcd')
    expect(applyDelta(large, hex('84 80 04 80 80 04 81 02'), 65_536)).toEqual(large.subarray(2, 65_538))
  })

  test.each<[string, string]>([
    ['nothing at all', ''],
    ['of another base', '0a 02 02 6f6b'],
    ['a base of half a length', '8b'],
    ['no result', '0b'],
    ['a result that is too short', '0b 03 02 6f6b'],
    ['a result that is too long', '0b 01 02 6f6b'],
    ['an instruction that is none', '0b 02 00 02 6f6b'],
    ['less put in than it says', '0b 02 03 6f6b'],
    ['a copy from behind the end', '0b 05 91 07 05'],
    ['a copy without the length that it announces', '0b 05 91 06'],
    ['a copy without the offset that it announces', '0b 0b 91'],
    // Where bytes that are missing counted as zeros, this would be all of the base.
    ['a copy that lacks the rest of its length', '0b 0b b0 0b'],
  ])('a delta is damaged: %s', (_, delta) => expect(kindOf(() => applyDelta(base, hex(delta), 100))).toBe('protocol-error'))

  test.each<['tree' | 'blob', 'sha1' | 'sha256', string]>([
    ['blob', 'sha1', 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'],
    ['tree', 'sha1', '4b825dc642cb6eb9a060e54bf8d69288fbee4904'],
    ['blob', 'sha256', '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813'],
    ['tree', 'sha256', '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321'],
  ])('the name of an empty %s, %s', (type, format, name) => expect(oidOf(type, Buffer.alloc(0), format)).toBe(name))

  test.each(['sha1', 'sha256'] as const)('a pack without objects, %s', format => {
    const pack = emptyPack(format)
    expect(parsePackHeader(pack)).toBe(0)
    expect(pack.subarray(12)).toEqual(createHash(format).update(pack.subarray(0, 12)).digest())
  })
})

const DIRECTORY = fileURLToPath(new URL('../fixtures/wire/', import.meta.url))
const recordings = readdirSync(DIRECTORY).map(file => ({
  file,
  recording: JSON.parse(readFileSync(DIRECTORY + file, 'utf8')) as Recording,
}))

describe.each(recordings)('what was recorded: $file', ({ file, recording }) => {
  const version = file.includes('v2') ? 2 : 0
  const agent = file.startsWith('git') ? 'git' : file.startsWith('jgit') ? 'JGit' : null
  const conversations = recording.conversations.map((conversation, index) => {
    const said = (bytesOf(recording)[index] ?? []).map(bytes => new PacketReader(new ByteReader(inPieces(bytes, 1000))))
    const first = said[0] ?? new PacketReader(new ByteReader(inPieces(Buffer.alloc(0), 1)))
    // Where the server remembers, all is one stream.
    return { ...conversation, first, next: () => (conversation.stateless ? said.splice(1, 1)[0] : first) ?? first }
  })
  const tips = { here: new Map<string, string>(), there: new Map<string, string>() }
  const conversationOf = (side: 'here' | 'there', service: 'upload-pack' | 'receive-pack') => {
    const found = conversations.filter(one => one.side === side && one.service === service)[0]
    if (found === undefined) throw new Error('it was not recorded')
    return found
  }

  test.each(['here', 'there'] as const)('upload-pack %s: version, agent, refs', async side => {
    const { first, next } = conversationOf(side, 'upload-pack')
    const greeting = await readGreeting(first, (oid, name) => tips[side].set(name.toString(), oid))
    // Dulwich says nothing at all of an empty repository.
    if (agent === null && side === 'there') expect(greeting).toMatchObject({ version: 0, shallow: false })
    else expect(greeting).toMatchObject({ version, shallow: false })
    expect(greeting.capabilities.agent).toBe(agent)
    if (version === 2) {
      await readLsRefs(next(), ({ oid, name, target, peeled }) => {
        if (oid !== null) tips[side].set(name.toString(), oid)
        if (peeled !== null) tips[side].set(`${name}^{}`, peeled)
        expect(target).toBe(String(name) === 'HEAD' ? 'refs/heads/main' : null)
      })
    } else if (tips[side].size > 0) expect(greeting.capabilities.values('symref')).toEqual(['HEAD:refs/heads/main'])
    const atSource = ['HEAD', 'refs/heads/main', 'refs/heads/side', 'refs/tags/v1', 'refs/tags/v1^{}']
    const atMirror = agent === null ? [] : ['HEAD', 'refs/heads/main', 'refs/heads/merged']
    expect([...tips[side].keys()]).toEqual(side === 'here' ? atSource : atMirror)
    expect(tips[side].get('HEAD')).toBe(tips[side].get('refs/heads/main'))
  })

  test('upload-pack here: the pack, whole', async () => {
    const packets = conversationOf('here', 'upload-pack').next()
    const { common, shallow, hasPack } = await (version === 2 ? readFetchV2 : readFetchV0)(packets)
    expect([shallow, hasPack]).toEqual([false, true])
    const theirs = [...tips.there.values()]
    expect([...common].filter(oid => !theirs.includes(oid))).toEqual([])
    let words = ''
    const pack = await all(
      unband(packets, {
        onProgress: text => {
          words += text
        },
      }),
    )
    expect(words).toMatch(/counting objects/i)
    expect(parsePackHeader(pack)).toBeGreaterThanOrEqual(10)
    expect(pack.subarray(-20)).toEqual(createHash('sha1').update(pack.subarray(0, -20)).digest())
  })

  test('receive-pack: the same refs, and all lands', async () => {
    const { first, next } = conversationOf('there', 'receive-pack')
    const advertised = new Map<string, string>()
    const { version: spoken, capabilities } = await readGreeting(first, (oid, name) => advertised.set(name.toString(), oid))
    tips.there.delete('HEAD')
    expect([spoken, advertised]).toEqual([0, tips.there])
    const report = new PacketReader(new ByteReader(unband(next(), { onProgress: () => {} })))
    expect(capabilities.has('side-band-64k') && capabilities.has('report-status')).toBe(true)
    const { unpack, refs } = await readReportStatus(report)
    const changed = [...(agent === null ? [] : ['refs/heads/merged']), 'refs/heads/main', 'refs/heads/side', 'refs/tags/v1']
    expect([unpack, ...refs]).toEqual(['ok', ...changed.map(ref => [ref, null])])
  })
})

test('framings as they are sent', () => expect([FLUSH.toString(), DELIMITER.toString()]).toEqual(['0000', '0001']))
