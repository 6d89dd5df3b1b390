import { gzipSync } from 'node:zlib'
import type { Kind } from '../../src/errors/kinds.ts'
import { filled, forever, type Script } from './hostile-bytes.ts'
import { answer, bytes, CONTENT, type Fault, hangs, type LfsPlan, OBJECT, objects } from './hostile-lfs.ts'
import type { Role } from './hostile-sides.ts'

type Behaviour = readonly [what: string, kind: Kind | Kind[] | null, fault: Fault]
/** One server of LFS objects: its fault, and the failure that must follow, which some versions of git-lfs see otherwise; null: the object is moved. */
export type LfsRow = readonly [phase: keyof LfsPlan, ...Behaviour]

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/vnd.git-lfs+json\r\n'
const x = Buffer.from('x'.repeat(1000))
const said = (...script: Script): Fault => answer(200, {}, ...script)
const oidOf = (index: number): string => index.toString(16).padStart(64, '0')
const NESTED = filled('', 2_000_000).replaceAll('x', '[')
const MESSAGE = '{"message":"'
/** A gigabyte of one letter, in a megabyte. */
const BOMB = Buffer.concat([gzipSync(MESSAGE), ...Array<Buffer>(64).fill(gzipSync(Buffer.alloc(2 ** 24, 'x')))])
const ZIPPED = { 'Content-Encoding': 'gzip' }
const OCTETS = { 'Content-Type': 'application/octet-stream' }

/** The faults of any answer. */
const SILENT: Behaviour = ['silent', 'lfs-stalled', bytes('silence')]
const SILENT_LATER: Behaviour = ['silent after the headers', 'lfs-stalled', answer(500, {}, 'silence')]
const CONTINUE: Behaviour = ['100 Continue without an end', 'connection-lost', bytes(forever(Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')))]
const ENDLESS_ERROR: Behaviour = ['an error that does not end', 'answer-too-large', answer(500, {}, MESSAGE, forever(x))]
const FEW = [SILENT, CONTINUE, ENDLESS_ERROR]

/** One more, for a body that is read as a whole or piece by piece. */
const TOO_LONG: Behaviour = ['a length that is longer, then the end', 'connection-lost', bytes(`${OK}Content-Length: 99\r\n\r\n{`)]

/** Those of the headers and of errors, at one request: git-lfs reads them with the same code at each. */
const HEADERS: readonly Behaviour[] = [
  ['an error of 4 MB', 'server-error', answer(500, {}, JSON.stringify({ message: filled('no ', 4_000_000) }))],
  ['headers without an end', 'connection-lost', bytes(OK, forever(Buffer.from('X-A: b\r\n')))],
  ['a header that drips', 'lfs-stalled', bytes(`${OK}X: `, 'drip')],
  ['nothing', 'connection-lost', bytes()],
  ['redirects without an end', 'lfs-stalled', hangs(asked => answer(307, { Location: asked.message.url ?? '' })(asked))],
]

/** Answers to a batch that say something else of the object, which the direction may change. */
function lies(role: Role): readonly Behaviour[] {
  const action = role === 'source' ? 'download' : 'upload'
  const actionIs = (of: object): Fault => objects(role, object => ({ ...object, actions: { [action]: of } }))
  return [
    ['another object', ['lfs-incomplete', 'remote-error'], objects(role, object => ({ ...object, oid: oidOf(1) }))],
    ['a size of 2^60', role === 'source' ? null : 'remote-error', objects(role, object => ({ ...object, size: 2 ** 60 }))],
    ['an address that is none', 'remote-error', actionIs({ href: 'https://[' })],
  ]
}

/** Those that git-lfs refuses before it looks at the direction. */
function moreLies(): readonly Behaviour[] {
  const actionIs = (download: object, around?: object): Fault => objects('source', object => ({ ...object, actions: { download } }), around)
  const error = { code: 404, message: filled('no ', 4_000_000) }
  const href = 'file:///etc/passwd'
  return [
    ['a path for an object', 'remote-error', objects('source', object => ({ ...object, oid: '../../../../../tmp/x' }))],
    ['a size that is none', 'protocol-error', objects('source', object => ({ ...object, size: 'NaN' }))],
    ['no address', 'remote-error', actionIs({})],
    ['a file for an address', 'remote-error', actionIs({ href })],
    ['a header with a line end', 'remote-error', actionIs({ href: 'https://127.0.0.1:1/x', header: { X: 'b\r\nAuthorization: c' } })],
    ['files in the place of a server', 'remote-error', actionIs({ href }, { transfer: 'lfs-standalone-file' })],
    ['an error of the object of 4 MB', 'remote-error', objects('source', object => ({ ...object, actions: undefined, error }))],
  ]
}

const MEMBER = Buffer.from(`{"oid":"${oidOf(1)}","size":1},`)
const MANY = Array.from({ length: 100_000 }, (_, index) => ({ oid: oidOf(index), size: 1 }))

/** After it, git-lfs waits for nothing that a server could send: it is not connected. */
const NO_OBJECTS = 'no objects'

const OF_BATCH: readonly Behaviour[] = [
  ['an error that is a bomb', 'answer-too-large', answer(500, ZIPPED, BOMB)],
  ['dripping', 'lfs-stalled', said('{"objects":[1', 'drip')],
  ['JSON without an end', 'answer-too-large', said('{"objects":[', forever(MEMBER))],
  ['a bomb', 'answer-too-large', answer(200, ZIPPED, BOMB)],
  ['lists within lists', 'protocol-error', said(`{"objects":${NESTED}`)],
  ['a page', 'protocol-error', answer(200, { 'Content-Type': 'text/html' }, '<html>')],
  ['half of one', 'connection-lost', said('{"objects":[{"oid":')],
  [NO_OBJECTS, 'lfs-stalled', hangs(said('{}'))],
  ['an object of the wrong types', 'protocol-error', said('{"objects":[{"oid":1,"size":"x","actions":[]}]}')],
  // git-lfs 3.3 does not survive this.
  ['100,000 objects that nobody asked for', ['lfs-incomplete', 'remote-error'], objects('source', object => [object, ...MANY])],
  ['a wait without an end', 'rate-limited', answer(429, { 'Retry-After': '9'.repeat(300) }, '{}')],
]

const OF_DOWNLOAD: readonly Behaviour[] = [
  ['dripping', 'lfs-stalled', answer(200, OCTETS, 'drip')],
  ['an object without an end', 'lfs-object-refused', answer(200, OCTETS, forever(x))],
  ['a bomb', 'lfs-object-refused', answer(200, { ...OCTETS, ...ZIPPED }, BOMB)],
  ['too short', 'lfs-object-refused', answer(200, OCTETS, CONTENT.subarray(1))],
  ['too long', 'lfs-object-refused', answer(200, OCTETS, CONTENT, CONTENT)],
  ['other bytes', 'lfs-object-refused', answer(200, OCTETS, Buffer.alloc(OBJECT.size))],
  ['nothing at all', 'lfs-object-refused', answer(204, OCTETS)],
  [
    'a part that nobody asked for',
    'lfs-object-refused',
    answer(206, { ...OCTETS, 'Content-Range': 'bytes 0-1/2' }, CONTENT.subarray(0, 2)),
  ],
]

const MOST_MEMORY = new Set([
  'JSON without an end',
  'a bomb',
  'an error that does not end',
  'headers without an end',
  'an object without an end',
])
/** Shown by a whole step: those that take most memory, and those that time alone ends while a server is connected. The others show what is moved and left. */
export const isOfStep = ([, what, kind]: LfsRow): boolean => MOST_MEMORY.has(what) || (kind === 'lfs-stalled' && what !== NO_OBJECTS)

const rows = (phase: keyof LfsPlan, behaviours: readonly Behaviour[]): LfsRow[] => behaviours.map(row => [phase, ...row])

export const SOURCE_ROWS: readonly LfsRow[] = [
  ...rows('batch', [...FEW, TOO_LONG, ...HEADERS, ...OF_BATCH, ...lies('source'), ...moreLies()]),
  ...rows('download', [...FEW, SILENT_LATER, TOO_LONG, ...OF_DOWNLOAD]),
]

export const DESTINATION_ROWS: readonly LfsRow[] = [
  // Whichever way an object goes, git-lfs reads the answer to a batch with the same code. At the others, these two faults take turns.
  ...rows('batch', [SILENT, ...lies('destination')]),
  ...rows('upload', [
    SILENT,
    ENDLESS_ERROR,
    ['text without an end', 'lfs-stalled', hangs(said(forever(x)))],
    ['a success that is none', 'lfs-object-refused', said()],
  ]),
  ...rows('verify', [SILENT, CONTINUE, ENDLESS_ERROR, ['half an answer', 'lfs-object-refused', bytes(`${OK}Content-Length: 99\r\n\r\n{`)]]),
]

/** An answer of `git-lfs-authenticate`, and the failure that must follow. */
export type AuthenticateRow = readonly [what: string, kind: Kind, script: Script]

const json = (value: unknown): Script => [JSON.stringify(value)]
const header = (value: unknown): Script => json({ href: 'https://127.0.0.1:1/lfs', header: value })

/** git-lfs asks up to three times, in the same way for both directions, and reads this JSON as it does an answer to a batch. */
export const AUTHENTICATE_ROWS: Readonly<Record<Role, readonly AuthenticateRow[]>> = {
  destination: [
    ['silent', 'lfs-stalled', ['silence']],
    ['text', 'protocol-error', ['Welcome to this server.\n']],
  ],
  source: [
    ['text without an end', 'answer-too-large', [forever(Buffer.from('Welcome to this server. '))]],
    ['dripping', 'lfs-stalled', ['{"href":"', 'drip']],
    ['half an answer, of 4 MB', 'protocol-error', [filled('{"href":"', 4_000_000)]],
    ['the wrong types', 'protocol-error', json({ href: 1, header: [], expires_in: 'x' })],
    ['a file for an address', 'lfs-disabled', json({ href: 'file:///etc/passwd' })],
    ['a command for an address', 'lfs-disabled', json({ href: 'ssh://-oProxyCommand=true/x' })],
    ['a header with a line end', 'remote-error', header({ X: 'b\r\nAuthorization: c' })],
  ],
}
