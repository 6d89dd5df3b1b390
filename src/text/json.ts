type Fields = Readonly<Record<string, unknown>>

/** The value of a JSON text; null where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The fields of a JSON object; none for anything else. */
export const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})

/** The text in a field; null where it is missing or empty. */
export const textIn = (value: unknown, field: string): string | null => {
  const text = fieldsOf(value)[field]
  return typeof text === 'string' && text !== '' ? text : null
}

/** The texts in a field that holds a list of them. */
export const textsIn = (value: unknown, field: string): string[] => {
  const list = fieldsOf(value)[field]
  return Array.isArray(list) ? list.filter(one => typeof one === 'string') : []
}
