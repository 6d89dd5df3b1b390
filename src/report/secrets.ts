import type { Report } from './outcome.ts'

/**
 * The report without any masked value, in every text of it. Before anything is rendered: escaping and cutting would change a secret's form,
 * and what is changed is found no more.
 */
export const withoutSecrets = (report: Report, hide: (text: string) => string): Report => hideIn(report, hide) as Report

function hideIn(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'string') return hide(value)
  if (Array.isArray(value)) return value.map(item => hideIn(item, hide))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hideIn(item, hide)]))
}
