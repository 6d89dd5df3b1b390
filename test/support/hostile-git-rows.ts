import { createHash } from 'node:crypto'
import { constants, deflateRawSync, deflateSync } from 'node:zlib'
import type { Kind } from '../../src/errors/kinds.ts'
import type { AnswerLimits } from '../../src/limits/limits.ts'
import { encodePacket } from '../../src/wire/pkt-line.ts'
import { counted, type Endless, filled, forever, MEGABYTE, type Script } from './hostile-bytes.ts'
import type { Role } from './hostile-sides.ts'

/** One server that speaks git's protocol up to a phase: what it sends there, and the failure that must follow. */
export interface GitRow {
  readonly phase: string
  readonly what: string
  readonly kind: Kind
  /** The same over HTTPS, where it differs. */
  readonly overHttps: Kind
  readonly greeting: Script
  readonly answers: readonly Script[]
  /** Time alone ends it. */
  readonly isTime: boolean
  /** Ended by a limit that is far away. */
  readonly isFar: boolean
}

/** The plan of a server that is good until then. */
export const planOf = (role: Role, { greeting, answers }: GitRow) =>
  role === 'source' ? { greeting, answers } : { greeting: CAPABLE, answers: [EMPTY], receive: { greeting, answers } }

const OID = 'a'.repeat(40)
const FLUSH = '0000'
const packet = (text: string): Buffer => encodePacket(text)
const oidOf = (index: number): string => index.toString(16).padStart(40, '0')

/** So that little has to be sent. `test/unit/wire-hostile.test.ts` meets the real ones. */
export const SMALL_LIMITS: AnswerLimits = {
  refs: 1000,
  refBytes: 2 ** 20,
  capabilities: 10,
  bytesBeforePack: 2 ** 16,
  bytesBesidesData: 2 ** 20,
  reportLines: 1000,
  reportBytes: 2 ** 20,
  bytesAfterReport: 2 ** 16,
}

type Behaviour = readonly [what: string, kind: Kind, script: Script, overHttps?: Kind]

/** The behaviours that are possible wherever a packet is due. @param begun what comes before in this phase */
const anywhere = (begun: Script): Behaviour[] => [
  ['silent', 'timed-out', [...begun, 'silence']],
  ['dripping', 'timed-out', [...begun, 'fff0', 'drip']],
  ['half a packet, then silent', 'timed-out', [...begun, 'fff0', 'x', 'silence']],
  ['a length that is longer, then the end', 'connection-lost', [...begun, 'fff0', 'x']],
  ['a length that is shorter than itself', 'protocol-error', [...begun, '0003', 'silence']],
  ['a length beyond the largest', 'protocol-error', [...begun, 'ffff', filled('x', 70_000), 'silence']],
  ['a length that does not fit its line', 'protocol-error', [...begun, '0008', 'abcdefgh', FLUSH, 'silence']],
  ['text without an end', 'protocol-error', [...begun, forever(Buffer.from('Welcome to this server. '))]],
  ['an error of the server', 'remote-error', [...begun, packet('ERR it broke\n'), 'silence']],
  ['an error as large as can be', 'remote-error', [...begun, packet(filled('ERR ')), 'silence']],
]

const greetings: Behaviour[] = [
  ['nothing', 'connection-lost', [], 'remote-error'],
  ['a huge line', 'protocol-error', [packet(filled('x')), FLUSH, 'silence']],
  ['shallow commits without an end', 'answer-too-large', [forever(packet(filled(`shallow ${OID} `)))]],
  ['refs of no interest without an end', 'answer-too-large', [counted(index => packet(`${oidOf(index)} refs/pull/${index}/head\n`))]],
  ['a name without an end', 'protocol-error', [packet(filled(`${OID} refs/heads/`, 60_000)), FLUSH, 'silence']],
  ['capabilities as large as can be, and no object', 'protocol-error', [packet(filled('zz HEAD\0')), FLUSH, 'silence']],
]

const V2 = ['version 2\n', 'agent=git/2.50.0\n', 'ls-refs=unborn\n', 'fetch=shallow filter\n'].map(packet)
/** The capabilities of a good source. */
export const CAPABLE: Script = [...V2, FLUSH]
/** The list of an empty repository. */
export const EMPTY: Script = [FLUSH]
/** The list of one branch. */
export const listed = (oid: string): Script => [packet(`${oid} refs/heads/main\n`), FLUSH]
export const LISTED = listed(OID)
const SECTION = packet('acknowledgments\n')
/** A pack of one object that is not there yet. */
export const PACK_BEGUN: Script = [packet('packfile\n'), packet('\x01PACK\0\0\0\x02\0\0\0\x01')]

const ofCapabilities: Behaviour[] = [
  ['capabilities without an end', 'answer-too-large', [...V2, forever(packet(filled('x=')))]],
  ['short capabilities without an end', 'answer-too-large', [...V2, forever(packet('x\n'))]],
  ['no service that lists refs', 'protocol-error', [packet('version 2\n'), FLUSH]],
]

const ofRefs: Behaviour[] = [
  ['branches without an end', 'answer-too-large', [counted(index => packet(`${OID} refs/heads/${index}\n`))]],
  ['peeled tags without an end', 'answer-too-large', [counted(index => packet(`${OID} refs/tags/${index} peeled:${OID}\n`))]],
  [
    'symbolic refs without an end',
    'answer-too-large',
    [counted(index => packet(`${OID} refs/heads/${index} symref-target:refs/heads/x\n`))],
  ],
  ['refs of no interest without an end', 'answer-too-large', [counted(index => packet(filled(`${OID} refs/pull/${index}`, 4000)))]],
  ['a name without an end', 'protocol-error', [packet(filled(`${OID} refs/heads/`)), FLUSH]],
  ['an object id that is too short', 'protocol-error', [packet('abc refs/heads/main\n'), FLUSH]],
]

const beforePack: Behaviour[] = [
  ['acknowledgments without an end', 'answer-too-large', [SECTION, counted(index => packet(`ACK ${oidOf(index)}\n`))]],
  ['NAK without an end', 'answer-too-large', [SECTION, forever(packet('NAK\n'))]],
  ['sections without an end', 'answer-too-large', [forever(Buffer.concat([SECTION, Buffer.from('0001')]))]],
  ['a section that nobody asked for', 'protocol-error', [packet('wanted-refs\n'), 'silence']],
]

const inPack: Behaviour[] = [
  ['progress without an end', 'answer-too-large', [forever(packet(filled('\x02')))]],
  ['progress in single bytes without an end', 'answer-too-large', [forever(packet('\x02x'))]],
  ['empty packets without an end', 'answer-too-large', [forever(packet(''))]],
  ['empty data without an end', 'answer-too-large', [forever(packet('\x01'))]],
  ['words on the third band', 'remote-error', [packet('\x03it broke\n'), FLUSH]],
  ['the third band as large as can be', 'remote-error', [packet(filled('\x03')), FLUSH]],
  ['a band that there is not', 'protocol-error', [packet('\x09x'), 'silence']],
  ['a delimiter among the data', 'protocol-error', ['0001', 'silence']],
  ['an end without a flush packet', 'connection-lost', [packet('\x01x')]],
]

const packHeaders: Behaviour[] = [
  ['no pack', 'protocol-error', [packet('packfile\n'), packet('\x01HTTP/1.1 200 OK'), 'silence']],
  ['a version that there is not', 'protocol-error', [packet('packfile\n'), packet('\x01PACK\0\0\0\x09\0\0\0\x01'), 'silence']],
  ['an empty one', 'protocol-error', [packet('packfile\n'), FLUSH]],
  ['half a header', 'protocol-error', [packet('packfile\n'), packet('\x01PACK'), FLUSH]],
]

/** A pack of so many objects, as it says, that begins with these bytes. */
const packOf = (objects: number, ...bytes: number[]): Script => {
  const header = Buffer.alloc(12, 'PACK\0\0\0\x02')
  header.writeUInt32BE(objects, 8)
  return [packet('packfile\n'), inData(Buffer.concat([header, Buffer.from(bytes)]))]
}
const inData = (data: Buffer): Buffer => Buffer.concat([Buffer.from(`${(data.length + 5).toString(16).padStart(4, '0')}\x01`), data])
/** The type of an object and its bytes (gitformat-pack(5)). */
function entryHead(type: number, size: number): number[] {
  const bytes = [(type << 4) | (size % 16)]
  for (let left = Math.floor(size / 16); left > 0; left = Math.floor(left / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80
    bytes.push(left % 128)
  }
  return bytes
}
const [COMMIT, BLOB] = [1, 3]
const ZLIB = [0x78, 0x9c]
const LARGE = 400 * MEGABYTE
const zeros = deflateRawSync(Buffer.alloc(MEGABYTE), { finishFlush: constants.Z_FULL_FLUSH })
const inflated = Buffer.concat(Array.from({ length: LARGE / MEGABYTE / 8 }, () => zeros))
const large: Script = Array.from({ length: 8 * Math.ceil(inflated.length / 60_000) }, (_, index) => {
  const from = (index % Math.ceil(inflated.length / 60_000)) * 60_000
  return inData(inflated.subarray(from, from + 60_000))
})

/** A pack of one file that is large once it is inflated. */
export const LARGE_FILE: Script = [...packOf(1, ...entryHead(BLOB, LARGE), ...ZLIB), ...large, FLUSH]
/** A pack of one commit. */
export function packOfCommit(content: Buffer): Script {
  const [begin, head] = packOf(1, ...entryHead(COMMIT, content.length), ...deflateSync(content)) as [Buffer, Buffer]
  const pack = head.subarray(5)
  return [begin, head, inData(createHash('sha1').update(pack).digest()), FLUSH]
}

/** Answers of a source that git itself reads. */
export const PACKS_OF_GIT: readonly (readonly [what: string, kind: Kind, script: Script])[] = [
  ['no pack', 'connection-lost', [packet('packfile\n'), inData(Buffer.from('HTTP/1.1 200 OK')), FLUSH]],
  ['more objects than there can be', 'remote-error', [...packOf(2 ** 32 - 1, ...entryHead(BLOB, 5), ...ZLIB), FLUSH]],
  ['half an object', 'connection-lost', packOf(1, ...entryHead(COMMIT, 1000), ...ZLIB)],
  ['a file of 400 MiB in few bytes, then the end', 'connection-lost', LARGE_FILE],
  ['messages without an end', 'answer-too-large', [packet('packfile\n'), forever(packet(`${filled('\x02', 60_000)}\n`))]],
]

const FAR = new Set(['lines without an end', 'huge lines without an end'])

type Around = (script: Script) => Pick<GitRow, 'greeting' | 'answers'>

const rows = (phase: string, behaviours: readonly Behaviour[], around: Around): GitRow[] =>
  behaviours.map(([what, kind, script, overHttps = kind]) => ({
    ...{ phase, what, kind, overHttps },
    ...around(script),
    isTime: kind === 'timed-out',
    isFar: kind === 'answer-too-large' || FAR.has(what),
  }))

/** An error is one only where a packet of the protocol is due: the bands have their own. */
const inBands = (begun: Script): Behaviour[] => anywhere(begun).filter(([what]) => !/^an error|as large/.test(what))

/** The source: upload-pack. */
export const SOURCE_ROWS: readonly GitRow[] = [
  ...rows('advertisement', [...anywhere([]), ...greetings], script => ({ greeting: script, answers: [] })),
  ...rows('capabilities', [...anywhere(V2), ...ofCapabilities], script => ({ greeting: script, answers: [] })),
  ...rows('list of refs', [...anywhere([]), ...ofRefs], script => ({ greeting: CAPABLE, answers: [script] })),
  ...rows('before the pack', [...anywhere([SECTION]), ...beforePack], script => ({ greeting: CAPABLE, answers: [LISTED, script] })),
  ...rows('header of the pack', packHeaders, script => ({ greeting: CAPABLE, answers: [LISTED, script] })),
  ...rows('pack', [...inBands(PACK_BEGUN), ...inPack.map(withBegun(PACK_BEGUN))], script => ({
    greeting: CAPABLE,
    answers: [LISTED, script],
  })),
]

function withBegun(begun: Script): (behaviour: Behaviour) => Behaviour {
  return ([what, kind, script]) => [what, kind, [...begun, ...script]]
}

const first = (ref: string): Buffer => packet(`${ref}\0report-status side-band-64k ofs-delta agent=git/2.50.0\n`)
const NO_REF = first(`${'0'.repeat(40)} capabilities^{}`)
/** The greeting of an empty destination. */
export const READY: Script = [NO_REF, FLUSH]
/** One that lists refs as well, without an end. */
export const CONTRADICTORY: Script = [NO_REF, forever(packet(`${OID} refs/heads/main\n`))]

const NEXT = packet(`${OID} refs/heads/main\n`)
/** More than fits into the memory of git. */
export const ENDLESS = {
  refs: [first(`${OID} refs/heads/main`), NEXT],
  refsOfV2: [NEXT, NEXT],
} satisfies Record<string, Endless>
const banded = (...lines: readonly string[]): Buffer => packet(`\x01${lines.map(line => packet(line).toString('latin1')).join('')}`)

const manyLines = (index: number): Buffer => banded(...Array.from({ length: 100 }, (_, next) => `ok refs/heads/${index}-${next}\n`))

const ofReport: Behaviour[] = [
  ['lines without an end', 'protocol-error', [banded('unpack ok\n'), counted(manyLines, 10)]],
  ['huge lines without an end', 'protocol-error', [banded('unpack ok\n'), forever(banded(filled('ng refs/heads/main ', 60_000)))]],
  ['no word about the pack', 'protocol-error', [banded('ok refs/heads/main\n'), packet(`\x01${FLUSH}`), FLUSH]],
  ['a line that is none', 'protocol-error', [banded('hello\n'), 'silence']],
  ['half a report', 'connection-lost', [banded('unpack ok\n'), FLUSH]],
  ['lying lengths within the band', 'protocol-error', [packet('\x010003'), 'silence']],
  ['a report that is cut', 'connection-lost', [banded('unpack ok\n')]],
]

/** The destination: receive-pack. */
export const DESTINATION_ROWS: readonly GitRow[] = [
  ...rows('advertisement', [...anywhere([]), ...greetings], script => ({ greeting: script, answers: [] })),
  ...rows('side-band', [...inBands([packet('\x02hook\n')]), ...inPack], script => ({ greeting: READY, answers: [script] })),
  ...rows('report', ofReport, script => ({ greeting: READY, answers: [script] })),
]
