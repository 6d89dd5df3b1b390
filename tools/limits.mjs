// The rows of the table of limits in docs/security.md, from the comments in src/limits/limits.ts and the values there.
import { readFileSync } from 'node:fs'
import * as limits from '../src/limits/limits.ts'

const LIMIT = /^ *\/\*\* (.+) \*\/\n *(?:export const )?(\w+)(?: =|:) [^{\n]*$/gm
const BYTES = ['bytes', 'KiB', 'MiB', 'GiB']

/** Of a constant, or of a field of one of the objects. */
const numberOf = name => [limits, ...Object.values(limits).filter(value => typeof value === 'object')].find(place => name in place)?.[name]

function shown(name, value, text) {
  if (name.endsWith('_MS')) return value % 60_000 === 0 ? plural(value / 60_000, 'minute') : plural(value / 1000, 'second')
  if (!/^Bytes\b/.test(text)) return value.toLocaleString('en')
  const unit = BYTES.findLastIndex((_, index) => value % 1024 ** index === 0)
  return `${(value / 1024 ** unit).toLocaleString('en')} ${BYTES[unit]}`
}

const plural = (value, unit) => `${value} ${unit}${value === 1 ? '' : 's'}`

/** The names of all limits that have a number. */
export const limitNames = () => Object.entries(limits).flatMap(([name, value]) => (typeof value === 'object' ? Object.keys(value) : [name]))

export function limitRows() {
  const text = readFileSync(new URL('../src/limits/limits.ts', import.meta.url), 'utf8')
  const rows = [...text.matchAll(LIMIT)].map(([, comment, name]) => ({ name, comment, value: numberOf(name) }))
  const missing = limitNames().filter(name => !rows.some(row => row.name === name))
  if (missing.length > 0) throw new Error(`src/limits/limits.ts: no comment of one line for ${missing.join(', ')}`)
  return rows.map(({ name, comment, value }) => [shown(name, value, comment), comment])
}
