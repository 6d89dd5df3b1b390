import type { Kind } from '../../src/errors/kinds.ts'
import { filled, forever } from './hostile-bytes.ts'
import type { SshPlan, Wire } from './hostile-ssh.ts'

const VERSION = 'SSH-2.0-OpenSSH_9.9\r\n'
/** Types of packets (RFC 4250 §4.1). */
const [DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG, SUCCESS, FAILURE, BANNER, GLOBAL, DATA, EXTENDED] = [1, 2, 3, 4, 52, 51, 53, 80, 94, 95]

const number = (value: number): Buffer => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value].map(byte => byte & 255))
const text = (value: string): Buffer => Buffer.concat([number(value.length), Buffer.from(value, 'latin1')])
const bytes = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts)
const LARGE = filled('x', 30_000)

/** A packet before there are keys (RFC 4253 §6). */
function clear(type: number, body: Buffer): Buffer {
  const padding = 16 - ((6 + body.length) % 8)
  return bytes(number(2 + body.length + padding), Buffer.of(padding, type), body, Buffer.alloc(padding))
}

const floods: readonly (readonly [string, number, Buffer])[] = [
  ['ignorable packets', IGNORE, text(LARGE)],
  ['debug messages', DEBUG, bytes(Buffer.of(1), text(LARGE), text(''))],
  ['global requests', GLOBAL, bytes(text('keepalive@openssh.com'), Buffer.of(0), Buffer.from(LARGE))],
]

/** An SSH server that goes wrong before git's protocol begins, and the failure that must follow. */
export type SshRow = readonly [phase: string, what: string, kind: Kind, plan: SshPlan]
const flooding =
  (type: number, body: Buffer) =>
  (_: unknown, __: unknown, wire: Wire): void =>
    wire.flood(type, body, true)

export const SSH_ROWS: readonly SshRow[] = [
  ['greeting', 'silent', 'timed-out', { raw: ['silence'] }],
  ['greeting', 'dripping', 'remote-error', { raw: ['drip'] }],
  ['greeting', 'nothing', 'connection-lost', { raw: [] }],
  ['greeting', 'lines without an end', 'remote-error', { raw: [forever(Buffer.from('Welcome!\r\n'))] }],
  ['greeting', 'a line without an end', 'remote-error', { raw: [forever(Buffer.from('Welcome! '))] }],
  ['greeting', 'a version without an end', 'connection-lost', { raw: ['SSH-2.0-', forever(Buffer.from('x'))] }],
  ['greeting', 'another protocol', 'remote-error', { raw: ['HTTP/1.1 400 Bad Request\r\n\r\n'] }],
  ['greeting', 'an old version', 'remote-error', { raw: ['SSH-1.5-old\r\n', 'silence'] }],
  ['key exchange', 'silent', 'timed-out', { raw: [VERSION, 'silence'] }],
  ['key exchange', 'dripping', 'timed-out', { raw: [VERSION, bytes(number(29_996), Buffer.of(4, 20)), 'drip'] }],
  ['key exchange', 'a length of 4 GiB', 'connection-lost', { raw: [VERSION, Buffer.from('ffffffff', 'hex'), forever(Buffer.from('x'))] }],
  ['key exchange', 'a length of nothing', 'connection-lost', { raw: [VERSION, Buffer.alloc(64), 'silence'] }],
  ['key exchange', 'a length that is longer', 'timed-out', { raw: [VERSION, bytes(number(29_996), Buffer.of(4, 20)), 'silence'] }],
  ['key exchange', 'text without an end', 'connection-lost', { raw: [VERSION, forever(Buffer.from('Welcome! '))] }],
  ...floods
    .slice(0, 2)
    .map(
      ([what, type, body]): SshRow => [
        'key exchange',
        `${what} without an end`,
        'timed-out',
        { raw: [VERSION, 'time', forever(clear(type, body))] },
      ],
    ),
  ['login', 'silent', 'timed-out', { login: (_, wire) => wire.wait() }],
  ['login', 'banners without an end', 'answer-too-large', { login: (_, wire) => wire.flood(BANNER, bytes(text(LARGE), text('')), false) }],
  [
    'login',
    'refusals without an end',
    'ssh-key-refused',
    { login: (_, wire) => wire.send(FAILURE, bytes(text('publickey'), Buffer.of(0))) },
  ],
  [
    'login',
    'a huge list of ways',
    'ssh-key-refused',
    { login: (_, wire) => wire.send(FAILURE, bytes(text(filled('x,', 30_000)), Buffer.of(0))) },
  ],
  ['login', 'a length that lies', 'connection-lost', { login: (_, wire) => wire.send(BANNER, number(0x7fffffff)) }],
  ['login', 'a channel before its time', 'timed-out', { login: (_, wire) => wire.flood(DATA, bytes(number(0), text(LARGE)), true) }],
  [
    'login',
    'a huge farewell',
    'connection-lost',
    { login: (_, wire) => wire.flood(DISCONNECT, bytes(number(11), text(LARGE), text('')), false) },
  ],
  ...floods.map(
    ([what, type, body]): SshRow => ['login', `${what} without an end`, 'timed-out', { login: (_, wire) => wire.flood(type, body, true) }],
  ),
  ['channel', 'silent', 'timed-out', { session: (_, __, wire) => wire.wait() }],
  ['channel', 'refused', 'remote-error', { session: (_, reject) => void reject() }],
  ['channel', 'answers to no question', 'timed-out', { session: flooding(UNIMPLEMENTED, bytes(number(0), text(LARGE))) }],
  ['channel', 'another login', 'timed-out', { session: flooding(SUCCESS, text(LARGE)) }],
  ...floods.map(([what, type, body]): SshRow => ['channel', `${what} without an end`, 'timed-out', { session: flooding(type, body) }]),
  ['command', 'silent', 'timed-out', { exec: (_, __, wire) => wire.wait() }],
  ['command', 'refused', 'remote-error', { exec: (_, reject) => void reject() }],
  ...floods.map(([what, type, body]): SshRow => ['command', `${what} without an end`, 'timed-out', { exec: flooding(type, body) }]),
  [
    'output',
    'errors without an end',
    'timed-out',
    {
      exec: (accept, _, wire) => {
        accept()
        wire.flood(EXTENDED, bytes(number(0), number(1), text(LARGE)), true)
      },
    },
  ],
]
