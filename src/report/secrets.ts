import type { Report } from './report.ts'

/**
 * The report without any masked value, in every text of it. Before anything is rendered: escaping and cutting would change a secret's form,
 * and what is changed is found no more.
 */
export const withoutSecrets = (report: Report, hide: (text: string) => string): Report => hideIn(report, hide) as Report

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
