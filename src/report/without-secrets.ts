/**
 * Reports, or parts of them, without any masked value in their texts. This must come before rendering: escaping and cutting change the form of a secret,
 * so that it is no longer found. Copies only values that hold a secret: a report can have 100,000 refs, and a whole copy would double its memory.
 */
export function withoutSecrets<T>(value: T, hide: (text: string) => string): T {
  if (typeof value === 'string') return hide(value) as T
  if (typeof value !== 'object' || value === null) return value
  const given = value as Readonly<Record<string, unknown>>
  let changed: Record<string, unknown> | null = null
  // Object.entries would allocate an array for each ref.
  for (const name in given) {
    const hidden = withoutSecrets(given[name], hide)
    if (hidden === given[name]) continue
    changed ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>
    changed[name] = hidden
  }
  return (changed ?? value) as T
}
