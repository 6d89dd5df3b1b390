import { compileLinear } from '../refs/regex.ts'

/** How a forge reads a pattern; in both, `/` separates the parts of a name and `*` does not cross it. */
export type GlobDialect =
  /** Ruby's File.fnmatch with FNM_PATHNAME: a part that is `**` stands for any number of parts (GitHub). No quoting, no braces. */
  | 'fnmatch'
  /** `**` stands for any characters, `{a,b}` for one of several, a backslash quotes (Gitea, Forgejo: gobwas/glob with `/`). */
  | 'gobwas'

const TOKENS: Readonly<Record<GlobDialect, RegExp>> = {
  fnmatch: /(?<=^|\/)\*\*\/|\*\*?|\[(?:[!^][^\]]{1,100}|[^!^\]][^\]]{0,100})\]|./gsu,
  gobwas: /\*\*?|\[(?:[!^][^\]]{1,100}|[^!^\]][^\]]{0,100})\]|\\.|./gsu,
}

/** A matcher of whole names, case-sensitive; null for a pattern that is not well formed. It is translated to RE2, so no pattern is slow. */
export async function compileGlob(pattern: string, dialect: GlobDialect): Promise<((name: string) => boolean) | null> {
  const tokens = pattern.match(TOKENS[dialect]) ?? []
  if (tokens.some(token => token === '[' || (dialect === 'gobwas' && token === '\\'))) return null
  const translated = dialect === 'fnmatch' ? tokens.map(fromFnmatch) : fromGobwas(tokens)
  const compiled = await compileLinear(`(?s)\\A${translated.join('')}\\z`)
  return 'problem' in compiled ? null : compiled.matches
}

function fromFnmatch(token: string): string {
  if (token === '**/') return '(?:.*/)?'
  return token === '**' ? '[^/]*' : fromEither(token)
}

/** A brace without its pair becomes a parenthesis without its pair, which RE2 refuses. */
function fromGobwas(tokens: readonly string[]): string[] {
  let depth = 0
  return tokens.map(token => {
    if (token === '**') return '.*'
    if (token === ',' && depth > 0) return '|'
    if (token === '{') {
      depth += 1
      return '(?:'
    }
    if (token === '}') {
      depth -= 1
      return ')'
    }
    return token.startsWith('\\') ? literal(token.slice(1)) : fromEither(token)
  })
}

function fromEither(token: string): string {
  if (token === '*') return '[^/]*'
  if (token === '?') return '[^/]'
  return token.length > 1 && token.startsWith('[') ? fromSet(token) : literal(token)
}

const SLASH = 0x2f

/** `[a-z_]`, `[!a]`, `[^a]`; none of them stands for a slash. */
function fromSet(token: string): string {
  const isNegated = /^\[[!^]/.test(token)
  const items = token.slice(isNegated ? 2 : 1, -1).matchAll(/(.)-(.)|(.)/gsu)
  const ranges = [...items].flatMap(([, from, to, one]) => {
    const [first, last] = [codeOf(from ?? one), codeOf(to ?? one)]
    const parts = [
      [first, Math.min(last, SLASH - 1)],
      [Math.max(first, SLASH + 1), last],
    ] as const
    return parts.filter(([start, end]) => start <= end).map(([start, end]) => `${escaped(start)}-${escaped(end)}`)
  })
  if (isNegated) return `[^${ranges.join('')}/]`
  return ranges.length > 0 ? `[${ranges.join('')}]` : NOTHING
}

/** No character is outside of all. */
const NOTHING = '[^\\x{0}-\\x{10FFFF}]'

const codeOf = (char: string | undefined): number => char?.codePointAt(0) ?? 0
const escaped = (code: number): string => `\\x{${code.toString(16)}}`
const literal = (char: string): string => escaped(codeOf(char))
