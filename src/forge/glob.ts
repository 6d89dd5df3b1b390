/** How a forge reads a pattern; in both, `/` parts a name and `*` does not cross it. */
export type GlobDialect =
  /** Ruby's File.fnmatch with FNM_PATHNAME: a part that is `**` stands for any number of parts (GitHub). No quoting, no braces. */
  | 'fnmatch'
  /** `**` stands for any characters, `{a,b}` for one of several, a backslash quotes (Gitea, Forgejo: gobwas/glob with `/`). */
  | 'gobwas'

type Token =
  | { readonly kind: 'char'; readonly char: string }
  /** One character of a part. */
  | { readonly kind: 'one' }
  /** Any characters of a part, or none. */
  | { readonly kind: 'run' }
  /** Any characters at all, or none. */
  | { readonly kind: 'all' }
  /** Any number of whole parts, each with its slash. */
  | { readonly kind: 'parts' }
  | { readonly kind: 'set'; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] }

const MAX_ALTERNATIVES = 1000

/** A matcher of whole names, case-sensitive; null for a pattern that is not well formed. Its time is bounded by pattern × name. */
export function compileGlob(pattern: string, dialect: GlobDialect): ((name: string) => boolean) | null {
  const alternatives = dialect === 'gobwas' ? expandBraces(pattern) : [pattern]
  if (alternatives === null) return null
  const compiled = alternatives.map(text => tokensOf(text, dialect))
  const valid = compiled.filter(tokens => tokens !== null)
  if (valid.length < compiled.length) return null
  return name => valid.some(tokens => matchesTokens(tokens, [...name]))
}

function matchesTokens(tokens: readonly Token[], name: readonly string[]): boolean {
  let reached: boolean[] = Array.from({ length: name.length + 1 }, (_, index) => index === 0)
  for (const token of tokens) reached = step(token, name, reached)
  return reached[name.length] === true
}

/** Where a match can stand after the token, from where it could stand before it. */
function step(token: Token, name: readonly string[], reached: readonly boolean[]): boolean[] {
  let begun = false
  const next: boolean[] = []
  for (let at = 0; at <= name.length; at += 1) {
    const here = reached[at] === true
    const char = name[at - 1]
    const before = at > 0 && reached[at - 1] === true
    const went = at > 0 && next[at - 1] === true
    if (token.kind === 'run') next.push(here || (went && char !== '/'))
    else if (token.kind === 'all') next.push(here || went)
    else if (token.kind === 'parts') next.push(here || (begun && char === '/'))
    else next.push(before && char !== undefined && isOne(token, char))
    begun ||= here
  }
  return next
}

function isOne(token: Extract<Token, { kind: 'char' | 'one' | 'set' }>, char: string): boolean {
  if (token.kind === 'char') return token.char === char
  if (char === '/') return false
  return token.kind === 'one' || token.ranges.some(([from, to]) => from <= char && char <= to) !== token.negated
}

function tokensOf(pattern: string, dialect: GlobDialect): Token[] | null {
  const chars = [...pattern]
  const tokens: Token[] = []
  for (let at = 0; at < chars.length; ) {
    const char = chars[at] ?? ''
    if (char === '\\' && dialect === 'gobwas') {
      const quoted = chars[at + 1]
      if (quoted === undefined) return null
      tokens.push({ kind: 'char', char: quoted })
      at += 2
    } else if (char === '*') {
      const isDouble = chars[at + 1] === '*'
      const isPart = isDouble && chars[at + 2] === '/' && (at === 0 || chars[at - 1] === '/')
      if (dialect === 'fnmatch' && isPart) tokens.push({ kind: 'parts' })
      else tokens.push({ kind: dialect === 'gobwas' && isDouble ? 'all' : 'run' })
      at += dialect === 'fnmatch' && isPart ? 3 : isDouble ? 2 : 1
    } else if (char === '[') {
      const set = setAt(chars, at)
      if (set === null) return null
      tokens.push(set.token)
      at = set.end
    } else {
      tokens.push(char === '?' ? { kind: 'one' } : { kind: 'char', char })
      at += 1
    }
  }
  return tokens
}

/** `[a-z_]`, `[!a]`, `[^a]`; null where it does not end or holds nothing. */
function setAt(chars: readonly string[], start: number): { readonly token: Token; readonly end: number } | null {
  const negated = chars[start + 1] === '!' || chars[start + 1] === '^'
  const first = start + (negated ? 2 : 1)
  const ranges: (readonly [string, string])[] = []
  for (let at = first; at < chars.length; ) {
    const from = chars[at] ?? ''
    if (from === ']') return ranges.length === 0 ? null : { token: { kind: 'set', negated, ranges }, end: at + 1 }
    const to = chars[at + 1] === '-' && chars[at + 2] !== undefined && chars[at + 2] !== ']' ? (chars[at + 2] ?? from) : from
    at += chars[at + 1] === '-' && chars[at + 2] !== undefined && chars[at + 2] !== ']' ? 3 : 1
    ranges.push([from, to])
  }
  return null
}

/** Each pattern that the braces stand for, the innermost first; null where they do not pair or stand for too many. */
function expandBraces(pattern: string): string[] | null {
  let open = [pattern]
  for (;;) {
    const split = open.map(text => /^(.*)\{([^{}]*)\}(.*)$/s.exec(text))
    if (split.every(found => found === null)) break
    open = open.flatMap((text, index) => {
      const [, before, inside, after] = split[index] ?? []
      return inside === undefined ? [text] : inside.split(',').map(one => `${before}${one}${after}`)
    })
    if (open.length > MAX_ALTERNATIVES) return null
  }
  return open.some(text => /[{}]/.test(text)) ? null : open
}
