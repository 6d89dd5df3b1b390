import { type Row, ratioOf, type Unit, verdictOf } from './row.ts'

const HEADS = ['row', 'ours', 'theirs', 'ratio', 'target', 'verdict']

/** The rows as a table for a terminal, followed by the remarks. */
export function renderTable(rows: readonly Row[]): string {
  const cells = [HEADS, ...rows.map(cellsOf)]
  const widths = HEADS.map((_, column) => Math.max(...cells.map(line => line[column]?.length ?? 0)))
  const lines = cells.map(line =>
    line
      .map((cell, column) => pad(cell, widths[column] ?? 0, column))
      .join('  ')
      .trimEnd(),
  )
  const rule = widths.map(width => '─'.repeat(width)).join('  ')
  const notes = rows.flatMap(({ row, note }) => (note === undefined ? [] : `  ${row}: ${note}`))
  return [...lines.toSpliced(1, 0, rule), ...(notes.length === 0 ? [] : ['', ...notes]), ''].join('\n')
}

// Numbers are aligned to the right.
const pad = (cell: string, width: number, column: number): string =>
  column === 1 || column === 3 ? cell.padStart(width) : cell.padEnd(width)

function cellsOf(row: Row): string[] {
  const { ours, theirs, target, unit } = row
  const ratio = ratioOf(row)
  return [
    row.row,
    ours === null ? 'not measured' : quantity(ours, unit),
    theirs === undefined ? '–' : `${quantity(theirs.value, unit)} ${theirs.what}`,
    ratio === null ? '–' : target?.kind === 'times-faster' ? `${digits(1 / ratio)}× faster` : `${digits(ratio)}×`,
    target === undefined ? '–' : wanted(row),
    verdictOf(row),
  ]
}

function wanted({ target, unit }: Row): string {
  if (target === undefined) return ''
  if (target.kind === 'times-faster') return `≥ ${target.atLeast}× faster`
  return target.kind === 'ratio' ? `≤ ${target.atMost}×` : `≤ ${quantity(target.atMost, unit)}`
}

/** `1.24 s`, `12.3 MiB`, `3`. */
export function quantity(value: number, unit: Unit): string {
  if (unit === 'round trips') return String(value)
  if (unit === 'ms') return Math.abs(value) < 1_000 ? `${digits(value)} ms` : `${digits(value / 1_000)} s`
  if (value < 1 << 10) return `${value} B`
  return value < 1 << 20 ? `${digits(value / 2 ** 10)} KiB` : `${digits(value / 2 ** 20)} MiB`
}

const digits = (value: number): string => value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0)
