/**
 * Reports without any masked value in their texts. This must come before rendering: escaping and cutting change the form of a secret, so that it
 * is no longer found.
 */
export const withoutSecrets = <T extends object>(reports: T, hide: (text: string) => string): T => hideIn(reports, hide) as T

/** Copies only values that hold a secret: a report can have 100,000 refs, and a whole copy would double its memory. */
function hideIn(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'string') return hide(value)
  if (typeof value !== 'object' || value === null) return value
  const given = value as Readonly<Record<string, unknown>>
  let changed: Record<string, unknown> | null = null
  // Object.entries would allocate an array for each ref.
  for (const name in given) {
    const hidden = hideIn(given[name], hide)
    if (hidden === given[name]) continue
    changed ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>
    changed[name] = hidden
  }
  return changed ?? value
}
