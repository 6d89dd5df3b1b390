import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { readEvent } from '../../src/host/event-file.ts'
import { readText } from '../../src/host/file-text.ts'
import { readLine } from '../../src/settings/read-inputs.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const file = join(temporaryDirectory(), 'file')
/** A file without an end. */
const ENDLESS = '/dev/zero'

describe('the text of a file', () => {
  test.each([0, 9, 10])('of %d bytes, as many as it may have', async length => {
    writeFileSync(file, 'x'.repeat(length))
    expect(await readText(file, 10)).toBe('x'.repeat(length))
  })

  test('that is larger, or without an end, is refused', async () => {
    writeFileSync(file, 'x'.repeat(11))
    await expect(readText(file, 10)).rejects.toThrow('it has more than 10 bytes')
    await expect(readText(ENDLESS)).rejects.toThrow('it has more than 32.0 MiB')
  })
})

test('an event without an end is none', async () => {
  expect(await readEvent({ GITHUB_EVENT_PATH: ENDLESS })).toBeNull()
})

test('a file of a secret without an end is a problem', async () => {
  const line = {
    raw: {},
    positional: [],
    values: new Map<string, string>(),
    switches: new Set<string>(),
    problems: [],
    secrets: [],
    files: [{ input: 'auth-secret' as const, path: ENDLESS }],
  }
  const { problems, unread } = await readLine(line, {}, () => {})
  expect(unread).toEqual(['auth-secret'])
  expect(problems).toEqual(['--auth-secret-file: "/dev/zero" could not be read: it has more than 32.0 MiB'])
})
