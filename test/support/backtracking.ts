import { characterTest, type Part, treeOf, type Ways } from './expression-tree.ts'

/** Continues a match at an index; false = no match from there, so the next way to match is tried. */
type Continuation = (at: number) => boolean
type Matcher = (at: number, next: Continuation) => boolean

const LINE_END = /^[\n\r\u2028\u2029]$/

type Loop = Extract<Part, { kind: 'loop' }>

class BudgetSpent extends Error {}

/**
 * Matches an expression as the specification describes it (ECMA-262, 22.2.2), by backtracking, and counts the characters that it looks at. Engines leave
 * out some of this work, but the number of ways that they try grows alike.
 */
export class CountedExpression {
  readonly #flags: string
  readonly #matcher: Matcher
  readonly #captured: (readonly [number, number])[] = []
  #text = ''
  #steps = 0
  #budget = 0

  constructor(expression: RegExp) {
    this.#flags = expression.flags
    this.#matcher = this.#anyOf(treeOf(expression), false)
  }

  /** A search from every place of the text, or for all matches with the flag `g`: the steps, at most the budget, and the number of matches. */
  search(text: string, budget: number): { readonly steps: number; readonly matches: number } {
    this.#text = text
    this.#steps = 0
    this.#budget = budget
    let matches = 0
    try {
      for (let at = 0; at <= text.length; at++) {
        let end = -1
        const isMatch = this.#matcher(at, to => {
          end = to
          return true
        })
        if (isMatch) matches += 1
        if (isMatch && !this.#flags.includes('g')) break
        if (isMatch) at = Math.max(at, end - 1)
      }
    } catch (error) {
      if (!(error instanceof BudgetSpent)) throw error
    }
    return { steps: Math.min(this.#steps, budget), matches }
  }

  #count(steps: number): void {
    this.#steps += steps
    if (this.#steps > this.#budget) throw new BudgetSpent()
  }

  #anyOf(ways: Ways, backwards: boolean): Matcher {
    const matchers = ways.map(parts => this.#sequence(parts, backwards))
    return (at, next) => matchers.some(matcher => matcher(at, next))
  }

  #sequence(parts: readonly Part[], backwards: boolean): Matcher {
    const matchers = parts.map(part => this.#part(part, backwards))
    if (backwards) matchers.reverse()
    return matchers.reduceRight<Matcher>(
      (rest, matcher) => (at, next) => matcher(at, to => rest(to, next)),
      (at, next) => next(at),
    )
  }

  #part(part: Part, backwards: boolean): Matcher {
    switch (part.kind) {
      case 'character':
        return this.#character(part.raw, backwards)
      case 'loop':
        return part.body.kind === 'character' ? this.#run(part, backwards) : this.#loop(part, backwards)
      case 'group':
        return part.index === null ? this.#anyOf(part.ways, backwards) : this.#group(part.index, this.#anyOf(part.ways, backwards))
      case 'again':
        return (at, next) => {
          const [from, to] = this.#captured[part.index] ?? [0, 0]
          this.#count(to - from)
          return this.#text.startsWith(this.#text.slice(from, to), at) && next(at + to - from)
        }
      case 'look': {
        const inner = this.#anyOf(part.ways, part.behind)
        return (at, next) => inner(at, () => true) !== part.negated && next(at)
      }
      default:
        return (at, next) => {
          this.#count(1)
          return this.#holds(part.kind, at) && next(at)
        }
    }
  }

  #character(raw: string, backwards: boolean): Matcher {
    const fits = characterTest(raw, this.#flags)
    return (at, next) => {
      this.#count(1)
      const character = this.#text[backwards ? at - 1 : at]
      return character !== undefined && fits(character) && next(backwards ? at - 1 : at + 1)
    }
  }

  #group(index: number, inner: Matcher): Matcher {
    return (at, next) =>
      inner(at, to => {
        const before = this.#captured[index] ?? [0, 0]
        this.#captured[index] = [Math.min(at, to), Math.max(at, to)]
        if (next(to)) return true
        this.#captured[index] = before
        return false
      })
  }

  #holds(kind: 'start' | 'end' | 'word' | 'no-word', at: number): boolean {
    const isLineEnd = (index: number) => this.#flags.includes('m') && LINE_END.test(this.#text[index] ?? '')
    const isWord = (index: number) => /\w/.test(this.#text[index] ?? '')
    if (kind === 'start') return at === 0 || isLineEnd(at - 1)
    if (kind === 'end') return at === this.#text.length || isLineEnd(at)
    return (isWord(at - 1) !== isWord(at)) === (kind === 'word')
  }

  #loop({ body, min, max, greedy }: Loop, backwards: boolean): Matcher {
    const inner = this.#part(body, backwards)
    const from = (count: number, at: number, next: Continuation): boolean => {
      this.#count(1)
      const again = () => count < max && inner(at, to => (to !== at || count < min) && from(count + 1, to, next))
      if (count < min) return again()
      return greedy ? again() || next(at) : next(at) || again()
    }
    return (at, next) => from(0, at, next)
  }

  /** A loop of one character goes without recursion, which would be as deep as the text is long. */
  #run({ body, min, max, greedy }: Loop, backwards: boolean): Matcher {
    const inner = this.#part(body, backwards)
    const by = backwards ? -1 : 1
    const fits = (at: number) => inner(at, () => true)
    return (at, next) => {
      if (!greedy) {
        for (let count = 0; ; count++) {
          if (count >= min && next(at + count * by)) return true
          if (count >= max || !fits(at + count * by)) return false
        }
      }
      let count = 0
      while (count < max && fits(at + count * by)) count++
      for (; count >= min; count--) {
        this.#count(1)
        if (next(at + count * by)) return true
      }
      return false
    }
  }
}
