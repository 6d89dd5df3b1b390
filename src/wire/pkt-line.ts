import { classify } from '../errors/error-table.ts'
import { Failure } from '../errors/failure.ts'
import { UNKNOWN_HINT } from '../errors/kinds.ts'
import { ANSWER_LIMITS, type AnswerLimits, MESSAGE_CHARACTERS, QUOTED_CHARACTERS } from '../limits/limits.ts'
import { EMPTY } from './byte-queue.ts'
import type { ByteReader } from './byte-reader.ts'

/** The packets that stand for themselves, by their length (gitprotocol-common(5), gitprotocol-v2(5)). */
const FRAMINGS = ['flush', 'delimiter', 'response-end'] as const

/** The four framings of git's protocol; each means something else, so none stands for another. */
export type Packet = Buffer | (typeof FRAMINGS)[number]

export const FLUSH: Buffer = Buffer.from('0000')
export const DELIMITER: Buffer = Buffer.from('0001')

/** Length of the largest packet, its own four digits included. */
export const PACKET_LENGTH = 65_520

/** A line as a packet: four hexadecimal digits that count themselves, then the bytes. */
export function encodePacket(payload: string | Buffer): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload, 'utf8') : payload
  const length = bytes.length + 4
  if (length > PACKET_LENGTH) throw new Failure('internal', `a packet of ${length} bytes cannot be sent`)
  return Buffer.concat([Buffer.from(length.toString(16).padStart(4, '0'), 'latin1'), bytes])
}

/** Takes packets out of bytes. Its limits are those of every function that reads an answer from it. */
export class PacketReader {
  readonly limits: AnswerLimits
  /** The bytes that follow, not as packets. */
  readonly bytes: ByteReader

  constructor(bytes: ByteReader, limits = ANSWER_LIMITS) {
    this.bytes = bytes
    this.limits = limits
  }

  /** The next packet; null at the end. @throws Failure `protocol-error`, `connection-lost` for half a packet, or that of `ERR` */
  async next(): Promise<Packet | null> {
    const digits = this.bytes.held(4) ?? (await this.bytes.exactly(4))
    if (digits === null) return null
    const length = lengthOf(digits)
    if (length === null) throw textFailure(Buffer.concat([digits, this.bytes.arrived(MESSAGE_CHARACTERS)]))
    if (length < 4) return framingOf(length)
    if (length === 4) return EMPTY
    const payload = this.bytes.held(length - 4) ?? (await this.#payload(digits, length - 4))
    if (payload === null) throw new Failure('connection-lost', 'the answer ends in the middle of a packet')
    if (payload.length > 4 && payload.toString('latin1', 0, 4) === 'ERR ') throw serverFailure(payload.toString('utf8', 4))
    return payload
  }

  /** "Access denied" begins with four hexadecimal digits, as a packet does. A packet of that length is never all text. */
  async #payload(digits: Buffer, length: number): Promise<Buffer | null> {
    try {
      return await this.bytes.exactly(length)
    } catch (error) {
      if (length < LENGTH_OF_TEXT || Failure.from(error).kind !== 'connection-lost') throw error
      const text = Buffer.concat([digits, this.bytes.arrived(MESSAGE_CHARACTERS)])
      throw isSentence(text) ? textFailure(text) : error
    }
  }

  /** The next packet, where the protocol has one to come. @throws Failure `connection-lost` at the end of the bytes */
  async expect(what: string): Promise<Packet> {
    const packet = await this.next()
    if (packet === null) throw new Failure('connection-lost', `the answer ends before ${what}`)
    return packet
  }
}

/** A shorter packet begins with a zero, as no text does. */
const LENGTH_OF_TEXT = 0x1000 - 4

const isSentence = (bytes: Buffer): boolean => /^[\x21-\x7e]+\s[\x20-\x7e\s]*$/.test(bytes.toString('latin1'))

/** null for bytes that are not four hexadecimal digits. */
function lengthOf(digits: Buffer): number | null {
  let length = 0
  for (const code of digits) {
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : code >= 65 && code <= 70 ? code - 55 : -1
    if (digit < 0) return null
    length = length * 16 + digit
  }
  if (length > PACKET_LENGTH) throw protocolFailure(`a packet of ${length} bytes is too long`)
  return length
}

function framingOf(length: number): Packet {
  const framing = FRAMINGS[length]
  if (framing === undefined) throw protocolFailure(`"000${length}" is not the length of a packet`)
  return framing
}

/** The text of a packet, without the line's end that most have. @throws Failure `protocol-error` for a framing */
export function textOf(packet: Packet): string {
  if (typeof packet === 'string') throw protocolFailure(`a ${packet} packet where a line was to come`)
  const end = packet.at(-1) === 10 ? packet.length - 1 : packet.length
  return packet.toString('utf8', 0, end)
}

/** The failure of an answer that begins with text; null where a packet may begin. */
export const failureOfText = (bytes: Buffer): Failure | null =>
  lengthOf(bytes.subarray(0, 4)) === null ? textFailure(bytes.subarray(0, MESSAGE_CHARACTERS)) : null

/** A server that refuses a login often answers with a sentence, e.g. that of nologin(8), and a shell's profile may print some. They are shown as far as they have arrived. */
function textFailure(bytes: Buffer): Failure {
  const lines = bytes.toString('utf8').split(/[\r\n]+/)
  // The protocol may follow.
  const end = lines.findIndex(line => /^[\da-f]{4}(?:version |[\da-f]{40} |#)/.test(line))
  const text = lines.slice(0, end < 0 ? lines.length : end).filter(line => line.trim() !== '')
  const hint = 'if the account prints this at login, let its profile be silent without a terminal; if not, ask for access to git'
  const options = text.length > 1 ? { hint, detail: text.join('\n') } : { hint }
  return new Failure('protocol-error', `the server answered with text instead of git's protocol: "${text[0]?.trim() ?? ''}"`, options)
}

/** A failure for bytes that are not git's protocol. */
export const protocolFailure = (message: string): Failure => new Failure('protocol-error', `the answer is not git's protocol: ${message}`)

/** The beginning of a server's words, for a message. */
export const quoted = (words: string | Buffer): string => `"${words.toString('utf8').slice(0, QUOTED_CHARACTERS).trimEnd()}"`

/** A failure from the message of a server that gives up (`ERR` packets, band 3). */
export function serverFailure(output: string): Failure {
  // git ends the text of the third band with a null byte.
  const text = output.replaceAll('\0', '').trim()
  const line = text.split(/[\r\n]+/).find(one => one.trim() !== '') ?? 'no reason given'
  const row = classify(text)
  return new Failure(row?.kind ?? 'remote-error', line, { detail: text, hint: row === null ? UNKNOWN_HINT : row.hint })
}
