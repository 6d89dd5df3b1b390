import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml'
import { CONFIG_ALIASES, CONFIG_CHARACTERS, CONFIG_KEYS, CONFIG_MIRRORS, CONFIG_PROBLEMS } from '../../limits/limits.ts'
import { FORGE_TOKEN } from '../../remote/token.ts'
import { parseRemoteUrl } from '../../remote/url.ts'
import { nearestTo } from '../../text/nearest.ts'
import { findInput, hasTrait, INPUTS, type InputName, inputsWith } from '../inputs.ts'
import { quoted } from '../values.ts'
import { type Config, type ConfiguredMirror, type ConfiguredValue, MIRROR_NAME, type Place, SECRET_VARIABLE } from './config.ts'

const MIRROR_KEYS: readonly string[] = ['name', ...INPUTS.map(({ name }) => name).filter(name => !hasTrait(name, 'of-step'))]
/** The two inputs that name the repository `here`: one replaces the other. */
export const HERE_INPUTS = inputsWith('repository').filter(name => hasTrait(name, 'here'))

type Values = Map<InputName, ConfiguredValue>

/**
 * Reads a configuration file: YAML 1.2 in which every value is text. Pure; a problem has its place in the file, and never shows a secret.
 * @param allowed the inputs that decide which servers are trusted, and that the file may set all the same
 */
export function parseConfig(text: string, allowed: ReadonlySet<string> = new Set()): Config {
  if (text.length > CONFIG_CHARACTERS) return refused({ line: 1, column: 1 }, `the file is longer than ${CONFIG_CHARACTERS} characters`)
  return new Reader(text, allowed).read()
}

const refused = (place: Place, text: string): Config => ({ mirrors: [], problems: [{ place, text }] })

/** Goes through the document once, and collects the problems. */
class Reader {
  readonly #lines = new LineCounter()
  readonly #document: Document
  readonly #problems: Config['problems'][number][] = []
  readonly #allowed: ReadonlySet<string>
  #aliases = 0

  constructor(text: string, allowed: ReadonlySet<string>) {
    this.#allowed = allowed
    // With the schema `failsafe`, `on`, `1e3` and `0123` stay texts. Pretty errors would quote the file. The library compares each key with each other.
    this.#document = parseDocument(text, {
      schema: 'failsafe',
      lineCounter: this.#lines,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'error',
    })
  }

  read(): Config {
    const { errors, contents } = this.#document
    const problems = errors
      .slice(0, CONFIG_PROBLEMS)
      .map(({ pos: [start], message }) => ({ place: this.#at(start), text: withoutQuotes(message) }))
    if (problems.length > 0) return { mirrors: [], problems }
    if (!isMap(contents))
      return refused(this.#placeOf(contents), 'the file must be a map with the key `mirrors` and, optionally, `defaults`')
    let defaults: Values = new Map()
    let entries: Node | null = null
    for (const { key, place, value } of this.#pairs(contents)) {
      if (key === 'defaults') defaults = this.#values(value, place, true)
      else if (key === 'mirrors') entries = value
      else this.#problem(place, unknownKey(key, ['defaults', 'mirrors']))
    }
    const mirrors = this.#mirrors(entries, defaults)
    if (this.#isFull()) this.#problem(this.#placeOf(contents), `only the first ${CONFIG_PROBLEMS} problems of the file are shown`)
    return { mirrors, problems: this.#problems }
  }

  #mirrors(entries: Node | null, defaults: Values): ConfiguredMirror[] {
    if (!isSeq(entries) || entries.items.length === 0) {
      this.#problem(this.#placeOf(entries), '`mirrors` must be a list with at least one mirror')
      return []
    }
    if (entries.items.length > CONFIG_MIRRORS) {
      this.#problem(this.#placeOf(entries), `\`mirrors\` has more than ${CONFIG_MIRRORS} entries: split the file`)
      return []
    }
    const mirrors: ConfiguredMirror[] = []
    const places = new Map<string, Place>()
    for (const item of entries.items) {
      if (this.#isFull()) break
      const mirror = this.#mirror(this.#resolve(item as Node | null), defaults)
      if (mirror === null) continue
      // File names and names of jobs may differ in more than case.
      const known = places.get(mirror.name.toLowerCase())
      if (known === undefined) places.set(mirror.name.toLowerCase(), mirror.place)
      else this.#problem(mirror.place, `the name ${quoted(mirror.name)} is already used by the mirror in line ${known.line}`)
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
      const problem = `\`name\` must be letters, digits, dots, hyphens and underscores, 64 at most, not ${quoted(text)}`
      this.#problem(this.#placeOf(name ?? null), problem)
    }
    const own = this.#values(entry, place, false)
    const values = new Map([...defaults, ...own])
    for (const one of HERE_INPUTS) if (!own.has(one) && HERE_INPUTS.some(other => own.has(other))) values.delete(one)
    return text === '' ? null : { name: text, place, values }
  }

  /** The inputs of a map. @param shared it is `defaults`, which cannot have a URL: one URL for all mirrors would be one mirror many times */
  #values(map: Node | null, place: Place, shared: boolean): Values {
    const values: Values = new Map()
    if (!isMap(map)) {
      this.#problem(place, '`defaults` must be a map of inputs')
      return values
    }
    for (const { key, place, value } of this.#pairs(map)) {
      if (shared && (key === 'name' || key === 'remote-url')) this.#problem(place, `\`${key}\` cannot be a default: give it to each mirror`)
      else if (key === 'name') continue
      else if (hasTrait(key, 'of-step')) this.#problem(place, `\`${key}\` is set in the step or the command, not in the file`)
      else if (findInput(key) === undefined) this.#problem(place, unknownKey(key, MIRROR_KEYS))
      else if (hasTrait(key, 'trust') && !this.#allowed.has(key) && !isEmptyOrFalse(value))
        this.#problem(place, `\`${key}\` decides which servers are trusted: set it in the step, or list it there in \`config-may-set\``)
      else {
        const text = this.#text(key as InputName, value, place)
        const at = value === null ? place : this.#placeOf(value)
        values.set(key as InputName, { text: text ?? '', place: at, shared, refused: text === null })
      }
    }
    return values
  }

  /** The value as the text of an input; null if it cannot be one. */
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
    if (map.items.length > CONFIG_KEYS)
      return this.#problem(this.#placeOf(map), `the map has more than ${CONFIG_KEYS} keys, and there are not so many inputs`)
    const keys = new Set<unknown>()
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      if (this.#isFull()) return
      const place = this.#placeOf(pair.key)
      if (!isScalar(pair.key)) this.#problem(place, 'a key must be text')
      else if (keys.size === keys.add(pair.key.value).size) this.#problem(place, 'keys of a map must be unique')
      else if (pair.key.value === '<<') this.#problem(place, '`<<` is not supported: put values that mirrors share into `defaults`')
      else yield { key: String(pair.key.value), place, value: this.#resolve(pair.value) }
    }
  }

  /** The node that an alias stands for; any other node unchanged. */
  #resolve(node: Node | null): Node | null {
    if (!isAlias(node)) return node
    if (++this.#aliases === CONFIG_ALIASES + 1)
      this.#problem(this.#placeOf(node), `the file has more than ${CONFIG_ALIASES} aliases (\`*name\`)`)
    return this.#aliases > CONFIG_ALIASES ? null : (node.resolve(this.#document) ?? null)
  }

  #isFull = (): boolean => this.#problems.length >= CONFIG_PROBLEMS

  #problem(place: Place, text: string): void {
    this.#problems.push({ place, text })
  }

  #placeOf = (node: Node | null): Place => this.#at(node?.range?.[0] ?? 0)

  #at(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
}

/** Some messages of the library quote the faulty text, which may be a secret. */
const withoutQuotes = (message: string): string => (message.split('\n', 1)[0] ?? '').replace(/: .*|"[^"]*"/gs, '').trim()

function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearestTo(key, known)
  return `unknown key ${quoted(key)}${nearest === null ? '' : `; did you mean \`${nearest}\`?`}`
}

/** The problem of a value that is, or contains, a secret, in words that follow the input's name. Shows no value. */
function problemOf(input: InputName, text: string): string | null {
  const value = text.trim()
  if (value === '') return null
  if (hasTrait(input, 'secret')) {
    const isName = SECRET_VARIABLE.test(value) && !FORGE_TOKEN.test(value) && !looksRandom(value)
    if (!isName) return 'must be the name of a variable or secret in capitals, e.g. MIRROR_KEY, and never the secret itself'
    return isOfRunner(value)
      ? `names ${quoted(value)}, which may hold a secret of the runner or the machine: give the secret another name`
      : null
  }
  if (/PRIVATE KEY-----/.test(value) || FORGE_TOKEN.test(value))
    return 'contains a secret: store it elsewhere, and name its variable in `auth-secret`'
  if (!hasTrait(input, 'url')) return null
  const url = parseRemoteUrl(value, { allowInsecureHttp: true, windows: false })
  return !('problem' in url) && url.hasSecret ? 'contains a password: name its variable in `auth-secret` or `token` instead' : null
}

/** A long text with digits and no underscore is an access key or a hash that happens to be written in capitals. */
const looksRandom = (text: string): boolean => text.length >= 16 && !text.includes('_') && (text.match(/\d/g)?.length ?? 0) >= 3

/** A value that allows nothing. */
const isEmptyOrFalse = (value: Node | null): boolean =>
  value === null || (isScalar(value) && /^(?:false)?$/i.test(String(value.value).trim()))

/**
 * Variables that runners, machines and the tools of a job set by themselves: tokens of the run, and credentials for other services. Only what the step
 * hands over for its mirrors may be named. TOKEN is the name of the `token` that the reusable workflow gets.
 */
const isOfRunner = (name: string): boolean =>
  /^(?:(?:ACTIONS|AWS|AZURE|ARM|CI|CLOUDSDK|DOCKER|FORGEJO|GCLOUD|GCP|GH|GIT_CONFIG|GITEA|GITHUB|GOOGLE|INPUT|KUBE|NODE|NPM|PIP|REPOSITORY_MIRRORING|RUNNER|STATE|TWINE|VAULT)_|(?:HOME|PATH|KUBECONFIG|TOKEN|(?:ALL|HTTPS?)_PROXY)$)/.test(
    name,
  )
