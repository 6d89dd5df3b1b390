/** A part of a regular expression. `raw` is its text, without a quantifier. */
export type Part =
  | { readonly kind: 'character'; readonly raw: string }
  | { readonly kind: 'start' | 'end' | 'word' | 'no-word' }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negated: boolean; readonly ways: Ways }
  | { readonly kind: 'group'; readonly index: number | null; readonly ways: Ways }
  | { readonly kind: 'again'; readonly index: number }
  | { readonly kind: 'loop'; readonly body: Part; readonly min: number; readonly max: number; readonly greedy: boolean }

/** Alternatives, each a sequence of parts. */
export type Ways = readonly (readonly Part[])[]

const GROUP = /\((?:\?(?::|<?[=!]|<\w+>))?/y
const QUANTIFIER = /(?:[*+?]|\{(\d+)(,?)(\d*)\})(\??)/y
const CLASS = /\[(?:[^\]\\]|\\.)*\]/y
const ESCAPE = /\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[^}]+\}|c[A-Za-z]|.)/y
const ASSERTIONS: Readonly<Record<string, 'start' | 'end' | 'word' | 'no-word'>> = {
  '^': 'start',
  $: 'end',
  '\\b': 'word',
  '\\B': 'no-word',
}

/** Reads what our expressions consist of: all but the flag `v`, named back references and groups with flags of their own. */
class Reader {
  readonly #source: string
  #at = 0
  #groups = 0

  constructor(source: string) {
    this.#source = source
  }

  read(): Ways {
    const ways = this.#ways()
    if (this.#at < this.#source.length) throw new Error(`no part of an expression: ${this.#source.slice(this.#at)}`)
    return ways
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#source)
    if (found !== null) this.#at += found[0].length
    return found
  }

  #ways(): Ways {
    const ways: Part[][] = [[]]
    for (let next = this.#source[this.#at]; next !== undefined && next !== ')'; next = this.#source[this.#at]) {
      if (next === '|') {
        this.#at += 1
        ways.push([])
      } else ways.at(-1)?.push(this.#part())
    }
    return ways
  }

  #part(): Part {
    const body = this.#single()
    const found = this.#take(QUANTIFIER)
    if (found === null) return body
    const [text, min = '', comma, max, lazy] = found
    const greedy = lazy === ''
    if (min !== '') return { kind: 'loop', body, min: Number(min), max: comma === '' ? Number(min) : max ? Number(max) : Infinity, greedy }
    return { kind: 'loop', body, min: text.startsWith('+') ? 1 : 0, max: text.startsWith('?') ? 1 : Infinity, greedy }
  }

  #single(): Part {
    const opening = this.#take(GROUP)?.[0]
    if (opening !== undefined) return this.#group(opening)
    const raw = (this.#take(CLASS) ?? this.#take(ESCAPE) ?? this.#take(/[\s\S]/y))?.[0] ?? ''
    const assertion = ASSERTIONS[raw]
    if (assertion !== undefined) return { kind: assertion }
    return /^\\[1-9]$/.test(raw) ? { kind: 'again', index: Number(raw[1]) } : { kind: 'character', raw }
  }

  #group(opening: string): Part {
    const isLook = /^\(\?<?[=!]$/.test(opening)
    const index = isLook || opening === '(?:' ? null : ++this.#groups
    const ways = this.#ways()
    this.#at += 1
    return isLook ? { kind: 'look', behind: opening[2] === '<', negated: opening.endsWith('!'), ways } : { kind: 'group', index, ways }
  }
}

/** The parts of an expression. */
export const treeOf = ({ source, flags }: RegExp): Ways => {
  if (flags.includes('v')) throw new Error('expressions with the flag v cannot be read')
  return new Reader(source).read()
}

/** All parts of an expression, those within others, too. */
export function* partsIn(ways: Ways): Generator<Part> {
  for (const part of ways.flat()) {
    yield part
    if (part.kind === 'loop') yield* partsIn([[part.body]])
    else if (part.kind === 'group' || part.kind === 'look') yield* partsIn(part.ways)
  }
}

/** Tells whether a character is one of those that a part stands for. */
export function characterTest(raw: string, flags: string): (character: string) => boolean {
  const known = new Map<string, boolean>()
  const test = new RegExp(`^(?:${raw})$`, flags.replace(/[dgmy]/g, ''))
  return character => {
    const fits = known.get(character)
    if (fits !== undefined) return fits
    const found = test.test(character)
    known.set(character, found)
    return found
  }
}
