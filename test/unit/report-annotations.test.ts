import { describe, expect, test } from '@jest/globals'
import { annotationsOf } from '../../src/report/annotations.ts'
import type { RefReport } from '../../src/report/report.ts'
import { divergentRef, EVERY_REF, failureReport, refReport } from '../support/reports.ts'

const DOCS = 'https://github.com/repository-mirroring/repository-mirroring/blob/main/docs/troubleshooting.md'

const many = (count: number, make: (ref: string) => RefReport): RefReport[] =>
  Array.from({ length: count }, (_, index) => make(`refs/heads/${String(index).padStart(3, '0')}`))

test('an error for each ref that was refused, a warning for each that is left divergent, nothing else', () => {
  const annotations = annotationsOf({ refs: EVERY_REF, failure: null })
  expect(annotations.map(({ level, title }) => `${level}: ${title}`)).toEqual([
    'error: Connection lost',
    'error: Protected branch',
    'error: Ref changed during the run',
    'warning: Diverged',
    'warning: Ref name cannot be mirrored',
  ])
  expect(annotations[3]?.message).toBe(
    `"refs/heads/diverged" was not changed: the destination has commits of its own
What to do: bring both sides together, or decide which one is right: the report shows the commands
${DOCS}#diverged`,
  )
})

test.each([
  ['rejected', 'Ref rejected, for an unknown reason', '"r" was rejected: why'],
  ['raced', 'Ref changed during the run', '"r" was not changed: why'],
  ['failed', 'The remote answered with an error', '"r" failed: why'],
] as const)('a ref %s without a kind', (outcome, title, what) => {
  const [annotation] = annotationsOf({ refs: [refReport(outcome, { ref: 'r', reason: 'why' })], failure: null })
  expect(annotation).toMatchObject({ level: 'error', title })
  expect(annotation?.message.split('\n')[0]).toBe(what)
})

test('a failure comes first', () => {
  const annotations = annotationsOf({ refs: [refReport('rejected')], failure: failureReport('host-key-changed') })
  expect(annotations.map(({ title }) => title)).toEqual(['Host key changed', 'Ref rejected, for an unknown reason'])
  expect(annotations[0]).toMatchObject({
    level: 'error',
    message: expect.stringContaining(`the message of host-key-changed\nWhat to do: `),
  })
  expect(annotations[0]?.message).toMatch(/troubleshooting\.md#host-key-changed$/)
})

test('what failed of one and the same thing is told once, a refusal for each ref', () => {
  const lost = { code: 'connection-lost', reason: 'the connection was lost' } as const
  const refs = [
    ...many(500, ref => refReport('failed', { ref, ...lost })),
    refReport('failed', { ref: 'refs/heads/other', code: 'server-error', reason: 'Internal Server Error' }),
    ...many(2, ref => refReport('rejected', { ref: `${ref}r`, code: 'protected-branch', reason: 'protected' })),
  ]
  const annotations = annotationsOf({ refs, failure: null })
  expect(annotations.map(({ title }) => title)).toEqual(['Connection lost', 'Server error', 'Protected branch', 'Protected branch'])
  expect(annotations[0]?.message.split('\n')).toEqual([
    '500 refs failed: the connection was lost',
    'refs/heads/000, refs/heads/001, refs/heads/002, refs/heads/003, refs/heads/004 and 495 more',
    expect.stringMatching(/^What to do: run again/),
    `${DOCS}#connection-lost`,
  ])
})

test.each([
  ['a few words', 'the service is being updated', 'the message of server-error\nthe service is being updated\nWhat to do: '],
  ['what the message says already', 'the message of server-error', 'the message of server-error\nWhat to do: '],
  ['many lines', 'a\nb\nc\nd', 'the message of server-error\nWhat to do: '],
  ['a long line', 'x'.repeat(301), 'the message of server-error\nWhat to do: '],
  ['commands', '::error::x\n##[group]y', 'the message of server-error\n\\::error::x\n##\\[group]y\nWhat to do: '],
])("of a failure's own words, %s", (_, detail, message) => {
  const [annotation] = annotationsOf({ refs: [], failure: failureReport('server-error', { detail }) })
  expect(annotation?.message.startsWith(message)).toBe(true)
})

describe('limits of the runner', () => {
  test('ten of a level are all shown', () => {
    const annotations = annotationsOf({
      refs: [...many(10, ref => refReport('rejected', { ref })), ...many(10, ref => divergentRef({ ref }))],
      failure: null,
    })
    expect(annotations).toHaveLength(20)
    expect(annotations.map(({ title }) => title)).not.toContain(expect.stringContaining('more'))
    expect(annotations[9]?.title).toBe('Ref rejected, for an unknown reason')
  })

  test('the tenth of a level counts and names the rest', () => {
    const annotations = annotationsOf({
      refs: [...many(11, ref => refReport('rejected', { ref })), ...many(11, ref => divergentRef({ ref }))],
      failure: null,
    })
    const errors = annotations.filter(({ level }) => level === 'error')
    const warnings = annotations.filter(({ level }) => level === 'warning')
    expect([errors.length, warnings.length]).toEqual([10, 10])
    expect(errors[9]).toEqual({
      level: 'error',
      title: '2 more',
      message: '2 more refs were not changed; the job summary has the reasons: refs/heads/009, refs/heads/010',
    })
    expect(warnings[9]?.message).toBe('2 more refs were not changed; the job summary has the reasons: refs/heads/009, refs/heads/010')
  })

  test('a failure counts as one of the ten', () => {
    const annotations = annotationsOf({ refs: many(10, ref => refReport('rejected', { ref })), failure: failureReport('timed-out') })
    expect(annotations).toHaveLength(10)
    expect(annotations[9]?.title).toBe('2 more')
  })

  test('a message has 4096 UTF-16 units at most, and keeps what to do and the link', () => {
    const long = '😀'.repeat(10_000)
    const refs = [refReport('rejected', { reason: long, hint: 'this' }), refReport('rejected', { reason: 'x', hint: long })]
    const annotations = annotationsOf({
      refs: [...refs, ...many(20_000, ref => refReport('failed', { ref })), ...many(20_000, ref => refReport('rejected', { ref }))],
      failure: failureReport('internal', { message: long }),
    })
    for (const { message } of annotations) expect(message.length).toBeLessThanOrEqual(4096)
    const [first, second] = annotationsOf({ refs, failure: null })
    expect(first?.message).toMatch(/…\nWhat to do: this\nhttps:\S+#ref-rejected$/)
    expect(second?.message).toMatch(/^"refs\/heads\/rejected" was rejected: x\nWhat to do: 😀.*…\nhttps:\S+#ref-rejected$/u)
  })
})

test('a server cannot write controls or commands into a message', () => {
  const hostile = '::error::x\n::error::y\u001b[31m\u202e ##[error]z'
  const refs = [
    refReport('rejected', { ref: hostile, reason: hostile, hint: hostile }),
    ...many(11, () => divergentRef({ ref: hostile, reason: hostile })),
  ]
  for (const { message } of annotationsOf({ refs, failure: failureReport('remote-error', { message: hostile, hint: hostile }) })) {
    expect(message).not.toMatch(/^\s*::|##\[|[^\n\P{Cc}]|\u202e/mu)
  }
})
