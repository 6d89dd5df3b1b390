import { REASON_CHARACTERS } from '../limits/limits.ts'
import { clip } from './escape.ts'

const MAX_NAMES = 10

/** The first names, with the number of the others. */
export const shortened = (names: readonly string[]): string => {
  const some = clip(names.slice(0, MAX_NAMES).join(', '), REASON_CHARACTERS)
  return `${some}${names.length > MAX_NAMES ? `, and ${names.length - MAX_NAMES} more` : ''}`
}
