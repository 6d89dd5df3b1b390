import { CountedExpression } from './backtracking.ts'
import { characterTest, type Part, partsIn, treeOf, type Ways } from './expression-tree.ts'

/** A text that makes an expression slow: how it is built, and the steps for one length and for twice that. */
export interface SlowText {
  readonly prefix: string
  readonly repeated: string
  readonly suffix: string
  readonly steps: readonly [number, number]
}

/** A loop with a higher limit is treated as one without. */
const MAX_BOUND = 400
/** More steps than any linear expression takes for the texts here. */
const BUDGET = 250_000
/** Twice the length of a text costs a linear expression twice the steps, a quadratic one four times as many. */
const MAX_RATIO = 2.6
const MAX_SAMPLES = 8

/** Each class of an expression tells some of these apart, besides the characters that it names. */
const USUAL = ' aA0_-./:\n\r\t"\'\\=@{}()[]<>,;é\u0000\u0007\u00ad\u200b\u001b\u009b\u2028'

/** After these an expression fails that needs more of what is repeated, or the end. */
const SUFFIXES = ['', '\n\u0001']

/** Samples of the texts that the parts of an expression match. */
class Samples {
  readonly #flags: string
  readonly #alphabet: readonly string[]

  constructor({ source, flags }: RegExp, ways: Ways) {
    this.#flags = flags
    // If no part of the expression tells some characters apart, one of them is enough.
    const raws = new Set([...partsIn(ways)].flatMap(part => (part.kind === 'character' ? [part.raw] : [])))
    const tests = [...raws, LINE_END, '\\w'].map(raw => characterTest(raw, flags))
    const kinds = new Map<string, string>()
    for (const character of new Set([...USUAL, ...source])) {
      const kind = tests.map(test => Number(test(character))).join('')
      if (character.length === 1 && !kinds.has(kind)) kinds.set(kind, character)
    }
    this.#alphabet = [...kinds.values()]
  }

  /** One character of each kind that a part stands for. */
  characters(raw: string): string[] {
    return this.#alphabet.filter(characterTest(raw, this.#flags))
  }

  /** @param extra how many times more than needed each loop runs */
  of(part: Part, extra: number): string[] {
    switch (part.kind) {
      case 'character':
        return this.characters(part.raw).slice(0, 1)
      case 'loop':
        return this.of(part.body, extra).map(one => one.repeat(Math.min(part.max, part.min + extra)))
      case 'group':
        return part.ways.flatMap(parts => this.ofAll(parts, extra)).slice(0, MAX_SAMPLES)
      default:
        return ['']
    }
  }

  ofAll(parts: readonly Part[], extra: number): string[] {
    return parts.reduce<string[]>(
      (texts, part) => texts.flatMap(text => this.of(part, extra).map(one => text + one)).slice(0, MAX_SAMPLES),
      [''],
    )
  }
}

/** The characters at which `^` and `$` match with the flag `m`. */
const LINE_END = '[\\n\\r\\u2028\\u2029]'

type Pump = readonly [prefix: string, repeated: string]

/** A text that is repeated, and the text before it: the body of each loop, the beginning of the expression up to a loop, and the whole. */
function* pumpsOf(ways: Ways, before: readonly string[], samples: Samples): Generator<Pump> {
  for (const parts of ways) {
    for (const [index, part] of parts.entries()) {
      const starts = [0, 1].flatMap(extra => samples.ofAll(parts.slice(0, index), extra).slice(0, 2))
      const prefixes = before.flatMap(text => starts.map(start => text + start)).slice(0, MAX_SAMPLES)
      const inner = part.kind === 'loop' ? part.body : part
      if (part.kind === 'loop' && part.max > MAX_BOUND) {
        const bodies = inner.kind === 'character' ? samples.characters(inner.raw) : [0, 1].flatMap(extra => samples.of(inner, extra))
        for (const prefix of prefixes) {
          for (const body of bodies) yield [prefix, body]
          for (const body of ['', ...bodies.slice(0, 2)]) yield ['', prefix + body]
        }
      }
      if ('ways' in inner) yield* pumpsOf(inner.ways, prefixes, samples)
    }
    const wholes = [0, 1].flatMap(extra => samples.ofAll(parts, extra).flatMap(whole => before.map(text => text + whole)))
    for (const whole of wholes) yield* [whole, whole.slice(0, -1)].map(text => ['', text] as const)
  }
}

/** A text whose length, when doubled, more than doubles the steps of an expression; null = none was found. */
export function findSlowText(expression: RegExp): SlowText | null {
  const ways = treeOf(expression)
  const loops = [...partsIn(ways)].flatMap(part => (part.kind === 'loop' && part.max > 1 ? [part] : []))
  if (loops.length === 0) return null
  // Below its limit a loop looks like one without, so texts are longer than that.
  const bound = Math.max(8, ...loops.flatMap(({ min, max }) => [min, max].filter(limit => limit <= MAX_BOUND)))
  const counted = new CountedExpression(expression)
  const tried = new Set<string>()
  for (const [prefix, repeated] of pumpsOf(ways, [''], new Samples(expression, ways))) {
    const key = JSON.stringify([prefix, repeated])
    if (repeated === '' || tried.has(key)) continue
    tried.add(key)
    const times = Math.max(24, Math.ceil((2 * bound) / repeated.length))
    for (const suffix of SUFFIXES) {
      const [once, twice] = [times, 2 * times].map(count => stepsOf(expression, counted, prefix + repeated.repeat(count) + suffix)) as [
        number,
        number,
      ]
      if (twice >= BUDGET || twice > MAX_RATIO * once + 50) return { prefix, repeated, suffix, steps: [once, twice] }
    }
  }
  return null
}

/** The steps; each result is compared with that of the engine, as an expression that was read wrongly would prove nothing. */
function stepsOf(expression: RegExp, counted: CountedExpression, text: string): number {
  const { steps, matches } = counted.search(text, BUDGET)
  expression.lastIndex = 0
  if (steps < BUDGET && expression.test(text) !== matches > 0) throw new Error(`${expression} was read wrongly: ${JSON.stringify(text)}`)
  return steps
}
