import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { actionsHost } from '../../src/host/actions-host.ts'
import type { Host } from '../../src/host/host.ts'
import { terminalHost, wantsPlain } from '../../src/host/terminal-host.ts'
import { describeProgress } from '../../src/text/quantity.ts'

const START = Date.UTC(2026, 0, 1)
beforeEach(() => void jest.useFakeTimers({ now: START }))
afterEach(() => void jest.useRealTimers())

/** What is written while half a mebibyte arrives twice a second, for 25 s. */
function write(make: (write: (text: string) => unknown) => Host): string {
  let written = ''
  const host = make(text => {
    written += text
  })
  for (let tick = 1; tick <= 50; tick++) {
    jest.setSystemTime(START + tick * 500)
    host.progress(() => describeProgress(tick << 19, tick * 500))
  }
  host.progress(null)
  host.info('done')
  return written
}

const terminal =
  (isTTY: boolean, env: Record<string, string> = {}) =>
  (write: (text: string) => unknown) =>
    terminalHost({ write, isTTY }, { verbose: false, plain: wantsPlain(env), onState: () => {} })

test.each([
  [{}, false],
  [{ TERM: 'xterm-256color', NO_COLOR: '' }, false],
  [{ NO_COLOR: '0' }, true],
  [{ TERM: 'dumb' }, true],
])('plain for %j: %s', (env, expected) => expect(wantsPlain(env)).toBe(expected))

describe('long work shows', () => {
  test('on a terminal: a bar that moves, and goes when something else is said', () => {
    const frames = write(terminal(true)).split('\r\u001b[K')
    expect(frames).toHaveLength(52)
    expect(frames[1]).toMatch(/^\[ *=+ *\] 512.0 KiB received, 1.0 MiB\/s$/)
    expect(frames[2]).not.toBe(frames[1])
    expect(frames.at(-1)).toBe('done\n')
  })

  test.each([
    ['a terminal that is none', terminal(false)],
    ['a terminal that knows no sequences', terminal(true, { TERM: 'dumb' })],
    ['a terminal of somebody who wants it plain', terminal(true, { NO_COLOR: '1' })],
    ['the log of a runner', (write: (text: string) => unknown) => actionsHost({}, write)],
  ])('in %s: a line every ten seconds', (_, make) => {
    const lines = write(make).trimEnd().split('\n')
    expect(lines).toEqual(['10.0 MiB received, 1.0 MiB/s', '20.0 MiB received, 1.0 MiB/s', 'done'])
  })
})
