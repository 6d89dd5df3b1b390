// A run whose report cannot be published in full: it says so, and ends with the code that fits.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { mirrorStep } from '../../src/commands/mirrors-step.ts'
import type { Annotation, Host } from '../../src/host/host.ts'
import { runtimeOf } from '../../src/host/runtime.ts'
import { publish } from '../../src/report/publish.ts'
import { hostWith } from '../support/mirror.ts'
import { makeReport, refReport } from '../support/reports.ts'
import { contextWith } from '../support/settings.ts'

/** A host that keeps everything that it is given. */
function keepingHost(changes: Partial<Host>) {
  const log: string[] = []
  const annotations: Annotation[] = []
  const outputs: [name: string, value: string][] = []
  const host: Host = {
    ...hostWith(text => log.push(text)),
    kind: 'actions',
    annotate: async annotation => void annotations.push(annotation),
    output: async (name, value) => void outputs.push([name, value]),
    ...changes,
  }
  return { host, log, annotations, outputs }
}

test('a report file that cannot be written is a line of the log; everything else is published', async () => {
  let summary = ''
  const keepSummary = async (markdown: string) => {
    summary = markdown
  }
  const temporaryDirectory = join(hostWith(() => {}).temporaryDirectory, 'missing')
  const { host, log, outputs } = keepingHost({ temporaryDirectory, summary: keepSummary })
  const report = makeReport({ refs: [refReport('created')] })
  await publish({ mirrors: [{ name: '', report, failOn: new Set() }], startedAt: report.startedAt, durationMs: 0 }, host)
  expect(log.at(-1)).toMatch(/^the report file could not be written: ENOENT/)
  expect(summary).toContain('1 created')
  expect(outputs).toContainEqual(['status', 'updated'])
  expect(outputs.map(([name]) => name)).not.toContain('report-file')
})

test('the report file is for this user alone', async () => {
  const { host, outputs } = keepingHost({})
  const report = makeReport({})
  await publish({ mirrors: [{ name: '', report, failOn: new Set() }], startedAt: report.startedAt, durationMs: 0 }, host)
  const [, file = ''] = outputs.find(([name]) => name === 'report-file') ?? []
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

describe('a step', () => {
  const run = async (changes: Partial<Host>) => {
    const { host, ...kept } = keepingHost(changes)
    const runtime = runtimeOf({}, [], new AbortController().signal)
    // Nothing is connected: the inputs are missing, so the mirror fails with 1.
    return { ...kept, code: await mirrorStep({ raw: {}, host, context: contextWith(), runtime }) }
  }
  const full = async () => {
    throw new Error('ENOSPC: no space left on device, write')
  }

  test.each<[string, Partial<Host>, boolean]>([
    ['GITHUB_STEP_SUMMARY', { summary: full }, true],
    ['GITHUB_OUTPUT', { output: full }, false],
  ])('that cannot write %s fails, and the mirror has run once', async (place, changes, hasOutputs) => {
    const { code, log, annotations, outputs } = await run(changes)
    expect(code).toBe(1)
    expect(annotations.map(({ title }) => title)).toEqual(['Invalid settings', 'The report could not be published'])
    const message = `the file of ${place} could not be written: ENOSPC: no space left on device, write; all results are in the log`
    expect(annotations.at(-1)).toMatchObject({ level: 'error', message: `${message}. Check the disk of the runner` })
    expect(log.filter(text => text.includes('Failed: Invalid settings'))).toHaveLength(1)
    expect(outputs.filter(([name]) => name === 'status')).toEqual(hasOutputs ? [['status', 'failed']] : [])
  })

  test('that publishes everything ends with the code of its mirror', async () => {
    const { code, outputs } = await run({})
    expect([code, outputs.map(([name]) => name)]).toEqual([1, expect.arrayContaining(['status', 'report-file'])])
  })
})
