/** GitLab's own limit for the filter of a mirror. */
export const LONGEST_REGEX = 255

/** A compiled pattern, or what is wrong with it, in words that follow the input's name. */
export type CompiledRegex = { readonly matches: (name: string) => boolean } | { readonly problem: string }

/** Compiles a pattern that a user gave; it matches where it is found anywhere in a name, unless it is anchored. */
export async function compileRegex(pattern: string): Promise<CompiledRegex> {
  return [...pattern].length > LONGEST_REGEX ? { problem: `is longer than ${LONGEST_REGEX} characters` } : await compileLinear(pattern)
}

/**
 * Compiles a pattern of RE2's syntax. A match takes time in proportion to the name's length, whatever the pattern is (docs/decisions/0010).
 * The engine is loaded only by the runs that need it.
 */
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

/** What is wrong with a pattern that a user gave, for the list of all problems; none without a pattern. @param name of the input, as the user calls it */
export async function problemsOfRegex(pattern: string | undefined, name: string): Promise<string[]> {
  const text = pattern?.trim() ?? ''
  if (text === '') return []
  const compiled = await compileRegex(text)
  return 'problem' in compiled ? [`${name}: ${compiled.problem}`] : []
}
