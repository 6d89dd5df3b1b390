/**
 * A report, or several, without any masked value in its texts. Must come before anything is rendered: escaping and cutting change the form of a secret,
 * and a changed secret is not found any more.
 */
export const withoutSecrets = <T extends object>(reports: T, hide: (text: string) => string): T => hideIn(reports, hide) as T

/** What holds no secret is given back as it is: a report can have a hundred thousand refs, and the copy would be as large again. */
function hideIn(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'string') return hide(value)
  if (typeof value !== 'object' || value === null) return value
  const given = value as Readonly<Record<string, unknown>>
  let changed: Record<string, unknown> | null = null
  // Not over entries, which would be made for each ref.
  for (const name in given) {
    const hidden = hideIn(given[name], hide)
    if (hidden === given[name]) continue
    changed ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>
    changed[name] = hidden
  }
  return changed ?? value
}
