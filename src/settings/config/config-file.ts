import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml'
import { FORGE_TOKEN } from '../../remote/token.ts'
import { parseRemoteUrl } from '../../remote/url.ts'
import { nearestTo } from '../../text/nearest.ts'
import { findInput, hasTrait, INPUTS, type InputName, inputsWith } from '../inputs.ts'
import { quoted } from '../values.ts'
import {
  type Config,
  type ConfigProblem,
  type ConfiguredMirror,
  type ConfiguredValue,
  MIRROR_NAME,
  type Place,
  SECRET_VARIABLE,
} from './config.ts'

/** Far more than a file of a thousand mirrors needs. */
const MAX_LENGTH = 1_000_000
/** A name repeated for what it stands for, again and again, is how a small file becomes a large one. */
const MAX_ALIASES = 100
const MAX_MIRRORS = 1000

const KEYS = ['defaults', 'mirrors'] as const
const MIRROR_KEYS: readonly string[] = INPUTS.map(({ name }) => name).filter(name => !hasTrait(name, 'of-step'))
/** Of one mirror alone: one URL for all of them would be one mirror many times. */
const NOT_A_DEFAULT: ReadonlySet<string> = new Set(['name', 'remote-url'])
/** The two inputs that name the repository of a mirror here: one replaces the other. */
export const HERE_INPUTS = inputsWith('repository').filter(name => hasTrait(name, 'here'))

type Values = Map<InputName, ConfiguredValue>

/** Reads a configuration file: YAML 1.2 in which every value is text. Pure; what is wrong is a problem with its place, and never shows a secret. */
export function parseConfig(text: string): Config {
  if (text.length > MAX_LENGTH) return refused({ line: 1, column: 1 }, `the file is longer than ${MAX_LENGTH} characters`)
  return new Reader(text).read()
}

const refused = (place: Place, text: string): Config => ({ mirrors: [], problems: [{ place, text }] })

/** Goes through the document once, and collects what is wrong. */
class Reader {
  readonly #lines = new LineCounter()
  readonly #document: Document
  readonly #problems: ConfigProblem[] = []
  #aliases = 0

  constructor(text: string) {
    // Without any schema but text: `on`, `1e3` and `0123` mean what they say. Without pretty errors, which quote the file.
    this.#document = parseDocument(text, { schema: 'failsafe', lineCounter: this.#lines, prettyErrors: false, logLevel: 'error' })
  }

  read(): Config {
    const { errors, contents } = this.#document
    // What is no YAML has no structure to look into.
    if (errors.length > 0) {
      return {
        mirrors: [],
        problems: errors.map(({ pos: [start], message }) => ({ place: this.#at(start), text: withoutQuotes(message) })),
      }
    }
    if (!isMap(contents)) return refused(this.#placeOf(contents), 'must be a map with the key `mirrors`, and `defaults` if you like')
    let defaults: Values = new Map()
    let entries: Node | null = null
    for (const { key, place, value } of this.#pairs(contents)) {
      if (key === 'defaults') defaults = this.#values(value, place, { refusedKeys: NOT_A_DEFAULT, shared: true })
      else if (key === 'mirrors') entries = value
      else this.#problem(place, unknownKey(key, KEYS))
    }
    const mirrors = this.#mirrors(entries, defaults)
    return { mirrors, problems: this.#problems }
  }

  #mirrors(entries: Node | null, defaults: Values): ConfiguredMirror[] {
    if (!isSeq(entries) || entries.items.length === 0) {
      this.#problem(this.#placeOf(entries), '`mirrors` must be a list with at least one mirror')
      return []
    }
    if (entries.items.length > MAX_MIRRORS) {
      this.#problem(this.#placeOf(entries), `\`mirrors\` has more than ${MAX_MIRRORS} entries: split the file`)
      return []
    }
    const mirrors: ConfiguredMirror[] = []
    const places = new Map<string, Place>()
    for (const item of entries.items) {
      const mirror = this.#mirror(this.#resolve(item as Node | null), defaults)
      if (mirror === null) continue
      // As file names and the names of jobs may be.
      const known = places.get(mirror.name.toLowerCase())
      if (known === undefined) places.set(mirror.name.toLowerCase(), mirror.place)
      else this.#problem(mirror.place, `the name ${quoted(mirror.name)} is that of the mirror in line ${known.line}, too`)
      mirrors.push(mirror)
    }
    return mirrors
  }

  #mirror(entry: Node | null, defaults: Values): ConfiguredMirror | null {
    const place = this.#placeOf(entry)
    if (!isMap(entry)) {
      this.#problem(place, 'a mirror must be a map with `name` and `remote-url`')
      return null
    }
    const name = entry.get('name', true)
    const text = isScalar(name) ? String(name.value) : ''
    if (text === '') this.#problem(place, 'a mirror has no `name`')
    else if (!MIRROR_NAME.test(text)) {
      this.#problem(
        this.#placeOf(name ?? null),
        `\`name\` must be letters, digits, dots, hyphens and underscores, 64 at most, not ${quoted(text)}`,
      )
    }
    const own = this.#values(entry, place, { refusedKeys: new Set(), shared: false })
    const values = new Map([...defaults, ...own])
    for (const one of HERE_INPUTS) if (!own.has(one) && HERE_INPUTS.some(other => own.has(other))) values.delete(one)
    return text === '' ? null : { name: text, place, values }
  }

  /** The inputs of a map. */
  #values(
    map: Node | null,
    place: Place,
    { refusedKeys, shared }: { readonly refusedKeys: ReadonlySet<string>; readonly shared: boolean },
  ): Values {
    const values: Values = new Map()
    if (!isMap(map)) {
      this.#problem(place, '`defaults` must be a map of inputs')
      return values
    }
    for (const { key, place, value } of this.#pairs(map)) {
      if (refusedKeys.has(key)) this.#problem(place, `\`${key}\` cannot be a default: give it to each mirror`)
      else if (key === 'name') continue
      else if (hasTrait(key, 'of-step')) this.#problem(place, `\`${key}\` belongs to the step or the command, not to its file`)
      else if (findInput(key) === undefined) this.#problem(place, unknownKey(key, ['name', ...MIRROR_KEYS]))
      else {
        const text = this.#text(key as InputName, value, place)
        const at = value === null ? place : this.#placeOf(value)
        values.set(key as InputName, { text: text ?? '', place: at, shared, refused: text === null })
      }
    }
    return values
  }

  /** A value as an input's text; null where it cannot be one. */
  #text(input: InputName, value: Node | null, place: Place): string | null {
    let text: string | null = null
    if (value === null) text = ''
    else if (isScalar(value)) text = String(value.value ?? '')
    else if (isSeq(value) && hasTrait(input, 'list')) {
      const items = value.items.map(item => this.#resolve(item as Node | null))
      if (items.every(item => isScalar(item))) text = items.map(item => String(item.value ?? '')).join('\n')
    }
    if (text === null) {
      this.#problem(place, `\`${input}\` must be text${hasTrait(input, 'list') ? ' or a list of texts' : ''}`)
      return null
    }
    const problem = problemOf(input, text)
    if (problem === null) return text
    this.#problem(value === null ? place : this.#placeOf(value), `\`${input}\` ${problem}`)
    return null
  }

  *#pairs(map: YAMLMap): Generator<{ readonly key: string; readonly place: Place; readonly value: Node | null }> {
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const place = this.#placeOf(pair.key)
      if (!isScalar(pair.key)) this.#problem(place, 'a key must be text')
      else if (pair.key.value === '<<') this.#problem(place, '`<<` is not read: what mirrors have in common goes into `defaults`')
      else yield { key: String(pair.key.value), place, value: this.#resolve(pair.value) }
    }
  }

  /** What an alias stands for; everything else is itself. */
  #resolve(node: Node | null): Node | null {
    if (!isAlias(node)) return node
    if (++this.#aliases === MAX_ALIASES + 1) this.#problem(this.#placeOf(node), `the file has more than ${MAX_ALIASES} aliases (\`*name\`)`)
    return this.#aliases > MAX_ALIASES ? null : (node.resolve(this.#document) ?? null)
  }

  #problem(place: Place, text: string): void {
    this.#problems.push({ place, text })
  }

  #placeOf = (node: Node | null): Place => this.#at(node?.range?.[0] ?? 0)

  #at(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
}

/** Some of the library's messages end with the text that they complain of, which may be a secret. */
const withoutQuotes = (message: string): string => (message.split('\n', 1)[0] ?? '').replace(/: .*$|"[^"]*"/g, '').trim()

function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearestTo(key, known)
  return `unknown key ${quoted(key)}${nearest === null ? '' : `; did you mean \`${nearest}\`?`}`
}

/** A secret in the file, or a name that is none; in words that follow the input's name. Shows no value. */
function problemOf(input: InputName, text: string): string | null {
  const value = text.trim()
  if (value === '') return null
  if (hasTrait(input, 'secret')) {
    const isName = SECRET_VARIABLE.test(value) && !FORGE_TOKEN.test(value) && !looksRandom(value)
    if (!isName) return 'must be the name of a variable or secret in capitals, e.g. MIRROR_KEY, and never the secret itself'
    return isOfRunner(value) ? `names ${quoted(value)}, which belongs to the runner` : null
  }
  if (/PRIVATE KEY-----/.test(value) || FORGE_TOKEN.test(value))
    return 'holds a secret: store it elsewhere, and name its variable in `auth-secret`'
  if (!hasTrait(input, 'url')) return null
  const url = parseRemoteUrl(value, { allowInsecureHttp: true, windows: false })
  return !('problem' in url) && url.hasSecret ? 'holds a password: name its variable in `auth-secret` or `token` instead' : null
}

/** Long, with many digits, and no words between underscores: an access key or a hash, which happen to be written in capitals. */
const looksRandom = (text: string): boolean => text.length >= 16 && !text.includes('_') && (text.match(/\d/g)?.length ?? 0) >= 3

/** What the runner tells its actions, tokens of its own among it. */
const isOfRunner = (name: string): boolean => /^(?:ACTIONS|RUNNER|INPUT|STATE)_/.test(name)
