import { REGEX_CHARACTERS } from '../limits/limits.ts'

/** A compiled pattern, or its problem, in words that follow the input's name. */
type CompiledRegex = { readonly matches: (name: string) => boolean } | { readonly problem: string }

/** Compiles a pattern of a user. Unless it is anchored, it may match any part of a name. */
export const compileRegex = async (pattern: string): Promise<CompiledRegex> =>
  [...pattern].length > REGEX_CHARACTERS ? { problem: `is longer than ${REGEX_CHARACTERS} characters` } : await compileLinear(pattern)

/** Compiles a pattern of RE2's syntax, which matches in linear time (docs/decisions/0010). The engine is only loaded by runs that need it. */
export async function compileLinear(pattern: string): Promise<CompiledRegex> {
  const { RE2JS, RE2JSException } = await import('re2js')
  try {
    const compiled = RE2JS.compile(pattern)
    return { matches: name => compiled.test(name) }
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    return { problem: `is not a regular expression of RE2's syntax: ${error.message.replace(/^error parsing regexp: /, '')}` }
  }
}

/** The problems of a pattern of a user, for the list of all problems. @param name the user's name for the input */
export async function problemsOfRegex(pattern: string | undefined, name: string): Promise<string[]> {
  const text = pattern?.trim() ?? ''
  if (text === '') return []
  const compiled = await compileRegex(text)
  return 'problem' in compiled ? [`${name} ${compiled.problem}`] : []
}
