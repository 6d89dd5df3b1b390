import type { Outcome } from '../plan/outcome.ts'
import { allInSync, type ManyReport, skippedReasonOfMany, statusOfMany } from './many.ts'
import { printableJson, standingOutputs, wholeReport } from './outputs.ts'

/** The step's outputs by name: sums of all mirrors. What only one mirror can have is empty; the report file has it for each. */
export function outputsOfMany(many: ManyReport): Record<string, string> {
  const { mirrors } = many
  const sum = (...outcomes: Outcome[]) =>
    String(mirrors.reduce((total, { report }) => total + outcomes.reduce((count, outcome) => count + report.counts[outcome], 0), 0))
  return {
    status: statusOfMany(many),
    'in-sync': String(allInSync(many)),
    'skipped-reason': skippedReasonOfMany(many),
    transfer: '',
    created: sum('created'),
    updated: sum('updated'),
    forced: sum('forced'),
    deleted: sum('deleted'),
    kept: sum('kept'),
    rejected: sum('rejected'),
    failed: sum('failed', 'raced'),
    'up-to-date': sum('up-to-date'),
    refs: '[]',
    'refs-truncated': String(mirrors.some(({ report }) => report.refs.length > 0)),
    bytes: String(mirrors.reduce((total, { report }) => total + report.bytes, 0)),
    mirrors: printableJson(
      mirrors.map(({ name, report }) => ({ name, status: report.status, 'in-sync': report.inSync, ...standingOutputs(report) })),
    ),
  }
}

/** All reports as JSON, docs/reports.schema.json. */
export function manyJson(many: ManyReport): string {
  const whole = {
    version: 1,
    status: statusOfMany(many),
    inSync: allInSync(many),
    startedAt: many.startedAt,
    durationMs: many.durationMs,
    mirrors: many.mirrors.map(({ name, report }) => ({ name, report: wholeReport(report) })),
  }
  return `${printableJson(whole, 2)}\n`
}
