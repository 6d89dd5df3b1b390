/** A rule of a forge that protects branches. */
export interface ProtectedRule {
  /** As the forge spells it, for people. */
  readonly name: string
  matches(branch: string): boolean
}

/** What a forge says of its protected branches. */
export interface ProtectedBranches {
  readonly rules: readonly ProtectedRule[]
  /** What the forge did not say, in words. */
  readonly notices: readonly string[]
}

/** A rule for one branch. */
export const exactly = (name: string): ProtectedRule => ({ name, matches: branch => branch === name })

type Fields = Readonly<Record<string, unknown>>

/** The fields of a JSON object; none for anything else. */
export const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})

/** The text in a field; null where there is none. */
export const textIn = (value: unknown, field: string): string | null => {
  const text = fieldsOf(value)[field]
  return typeof text === 'string' && text !== '' ? text : null
}

/** The texts in a field that holds a list of them. */
export const textsIn = (value: unknown, field: string): string[] => {
  const list = fieldsOf(value)[field]
  return Array.isArray(list) ? list.filter(one => typeof one === 'string') : []
}
