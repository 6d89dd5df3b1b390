import type { MaxDeletions } from '../plan/safeguards.ts'
import { matchesGlob, type RefPattern } from '../refs/select.ts'
import { redactUrls } from '../text/redact.ts'

/** A value, or the problem of the text, in words that follow the input's name: `must be …, not "…"`. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string }

/** A value in a message: without credentials in a URL, and shortened, because a whole file may have been pasted by mistake. */
export function quoted(text: string): string {
  const safe = redactUrls(text)
  return JSON.stringify(safe.length > 60 ? `${safe.slice(0, 60)}…` : safe)
}

/** Whether an input is missing, or only white space. */
export const isBlank = (text: string | undefined): boolean => (text ?? '').trim() === ''

/** Whether an input is `true`, for decisions before the settings are read. */
export const isTrue = (text: string | undefined): boolean => /^true$/i.test(text?.trim() ?? '')

/** The same for `false`. */
export const isFalse = (text: string | undefined): boolean => /^false$/i.test(text?.trim() ?? '')

/** `true` or `false`, in upper or lower case. */
export function parseBoolean(text: string): Parsed<boolean> {
  if (isTrue(text)) return { value: true }
  if (isFalse(text)) return { value: false }
  return { problem: `must be true or false, not ${quoted(text)}` }
}

export function parseChoice<T extends string>(text: string, allowed: readonly T[]): Parsed<T> {
  const value = allowed.find(word => word === text)
  return value === undefined ? { problem: `must be ${inWords(allowed)}, not ${quoted(text)}` } : { value }
}

export function parseChoices<T extends string>(text: string, allowed: readonly T[]): Parsed<ReadonlySet<T>> {
  const values = parseList(text).map(word => parseChoice(word, allowed))
  for (const value of values) if ('problem' in value) return value
  return { value: new Set(values.flatMap(value => ('value' in value ? [value.value] : []))) }
}

/** @param range inclusive */
export function parseWholeNumber(text: string, range: { readonly from: number; readonly to: number }): Parsed<number> {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= range.from && value <= range.to) return { value }
  return { problem: `must be a whole number from ${range.from} to ${range.to}, not ${quoted(text)}` }
}

/** `500MB`, `2 GiB` or a number of bytes, in bytes. */
export function parseSize(text: string): Parsed<number> {
  const [, count, prefix = '', binary] = /^(\d{1,15}) ?(?:(?:([kmgt])(i?))?b)?$/i.exec(text) ?? []
  const value = Number(count) * (binary ? 1024 : 1000) ** ['', 'k', 'm', 'g', 't'].indexOf(prefix.toLowerCase())
  if (value >= 1024 ** 2 && value <= 1024 ** 4) return { value }
  return { problem: `must be a size from 1MiB to 1TiB, such as 500MB or 2GiB, or a number of bytes, not ${quoted(text)}` }
}

export function parseMaxDeletions(text: string): Parsed<MaxDeletions> {
  const [, digits, percent] = /^(\d{1,9}) ?(%?)$/.exec(text) ?? []
  const number = Number(digits)
  if (digits === undefined || (percent && number > 100))
    return { problem: `must be a number or a percentage such as 25%, not ${quoted(text)}` }
  return { value: percent ? { percent: number } : { count: number } }
}

/** Entries separated by line ends or commas. */
export const parseList = (text: string): string[] =>
  text
    .split(/[\r\n,]+/)
    .map(entry => entry.trim())
    .filter(entry => entry !== '')

/** One push option per line. Some are arguments of git, which cannot hold every control character. */
export function parsePushOptions(text: string): Parsed<readonly string[]> {
  const options = text.split(/\r?\n/).filter(line => line.trim() !== '')
  return options.some(option => /[^\P{Cc}\t]/u.test(option)) ? { problem: 'has an option with a control character' } : { value: options }
}

const FORBIDDEN_IN_PATTERN = /[\s~^:?[\\]|\.\.|@\{|\/\/|^\/|\/$/

/** Patterns of `branches` or `tags`. A pattern that no ref name can match is a mistake. */
export function parsePatterns(text: string): Parsed<readonly RefPattern[]> {
  const patterns = parseList(text).map(entry => ({ exclude: entry.startsWith('!'), glob: entry.replace(/^!/, '') }))
  for (const { glob } of patterns) {
    if (/^refs\//.test(glob)) return { problem: `takes names without refs/heads/ or refs/tags/, not ${quoted(glob)}` }
    const problem = `has a pattern that no ref name can match: ${quoted(glob)} (only \`*\` is a wildcard, and \`!\` in front excludes)`
    if (glob === '' || FORBIDDEN_IN_PATTERN.test(glob)) return { problem }
  }
  const contradiction = patterns.find(one => one.exclude && patterns.some(other => !other.exclude && matchesGlob(one.glob, other.glob)))
  if (contradiction)
    return { problem: `includes and excludes the same names: "!${contradiction.glob}" excludes all that another pattern selects` }
  return { value: patterns }
}

/** Names and wildcards of `protected-branches`. As in the rules of a forge, nothing can be excluded. */
export function parseNames(text: string): Parsed<readonly string[]> {
  const parsed = parsePatterns(text)
  if ('problem' in parsed) return parsed
  const excluded = parsed.value.find(({ exclude }) => exclude)
  if (excluded) return { problem: `cannot exclude ${quoted(`!${excluded.glob}`)}: use \`branches\` for that` }
  return { value: parsed.value.map(({ glob }) => glob) }
}

/** `a`, `b` or `c`, as code. */
export function inWords(words: readonly string[]): string {
  const all = words.map(word => `\`${word}\``)
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`
}
