import { describe, expect, test } from '@jest/globals'
import { KINDS, type Kind, UNKNOWN_HINT } from '../../src/errors/kinds.ts'
import { remoteFailure } from '../../src/git/remote-failure.ts'
import { annotationsOf } from '../../src/report/annotations.ts'
import { issueBody } from '../../src/report/issue.ts'
import type { Report } from '../../src/report/report.ts'
import { renderSummary } from '../../src/report/summary.ts'
import { renderText } from '../../src/report/text.ts'
import { failureReport, makeReport, refReport } from '../support/reports.ts'

/** Every place where a person reads why a run failed. */
const PLACES: Readonly<Record<string, (report: Report) => string>> = {
  annotation: report =>
    annotationsOf(report)
      .map(({ title, message }) => `${title}\n${message}`)
      .join('\n'),
  summary: report => renderSummary(report),
  terminal: report => renderText(report, { colour: false }),
  issue: report => issueBody(report, { id: 'x', consecutiveFailures: 1, runUrl: null }),
}

const kinds = Object.keys(KINDS) as Kind[]

describe.each(Object.entries(PLACES))('in the %s', (_, shown) => {
  test.each(kinds)('a run that fails as %s leads to its section', kind => {
    expect(shown(makeReport({ failure: failureReport(kind) }))).toMatch(new RegExp(`/docs/troubleshooting\\.md#${kind}(?![a-z-])`))
  })

  test.each(kinds)('so does a ref that fails as %s', kind => {
    expect(shown(makeReport({ refs: [refReport('rejected', { code: kind })] }))).toMatch(
      new RegExp(`/docs/troubleshooting\\.md#${kind}(?![a-z-])`),
    )
  })

  test('a text that nobody knows stands there as it is, without its controls and secrets, and is called unknown', () => {
    const words = 'remote: The \u001b[31mmoon\u001b[0m is\u0007 full at https://ada:hunter2@moon.example/x, \u202eitaly.'
    const { kind, message, hint, detail } = remoteFailure(`${words}\nfatal: Could not read from remote repository.\n`, 'there')
    const text = shown(makeReport({ failure: failureReport(kind, { message, hint, detail }) }))
    expect(plain(text)).toContain('The moon is\\x07 full at https://***@moon.example/x, \\u202eitaly.')
    expect(plain(text)).toContain(UNKNOWN_HINT)
    expect(text).toContain(KINDS['remote-error'].title)
    expect(text).not.toMatch(/hunter2|[^\P{Cc}\n]|\p{Cf}/u)
  })
})

/** Without what Markdown needs so that a character is only itself. */
const plain = (text: string): string => text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))).replace(/<wbr>/g, '')
