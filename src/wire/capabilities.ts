import { VERSION } from '../text/version.ts'
import { DELIMITER, encodePacket, FLUSH } from './pkt-line.ts'

/** How we name ourselves in the protocol (gitprotocol-capabilities(5), "agent"). */
export const AGENT = `agent=repository-mirroring/${VERSION}`

/** A command of protocol v2 (gitprotocol-v2(5), "Command Request"). The object format is repeated to a server that announces it. */
export function encodeCommand(command: string, capabilities: Capabilities, args: readonly string[]): Buffer {
  const format = capabilities.value('object-format')
  const head = [`command=${command}`, AGENT, ...(format === null ? [] : [`object-format=${format}`])]
  const encode = (line: string) => encodePacket(`${line}\n`)
  return Buffer.concat([...head.map(encode), DELIMITER, ...args.map(encode), FLUSH])
}

/** The capabilities of a server: names, with the values where there are any (gitprotocol-capabilities(5), gitprotocol-v2(5)). */
export class Capabilities {
  readonly #values = new Map<string, string[]>()

  /** @param words `side-band-64k`, `agent=git/2.39.5`, `symref=HEAD:refs/heads/main`, `fetch=shallow filter` */
  constructor(words: Iterable<string>) {
    for (const word of words) {
      if (word === '') continue
      const equals = word.indexOf('=')
      const name = equals < 0 ? word : word.slice(0, equals)
      const values = this.#values.get(name) ?? []
      values.push(equals < 0 ? '' : word.slice(equals + 1))
      this.#values.set(name, values)
    }
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** The first value; null where the capability is missing. */
  value(name: string): string | null {
    return this.#values.get(name)?.[0] ?? null
  }

  /** All values, as of `symref`, which may come more than once. */
  values(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }

  /** The implementation that the server names, if its behaviour is known; null for all others. */
  get agent(): 'git' | 'JGit' | null {
    const name = this.value('agent')?.split('/', 2)
    return name?.length === 2 && (name[0] === 'git' || name[0] === 'JGit') ? name[0] : null
  }

  /** Whether a v2 command takes an argument: `fetch=shallow filter`. */
  offers(command: string, feature: string): boolean {
    return this.values(command).some(value => value.split(' ').includes(feature))
  }
}
