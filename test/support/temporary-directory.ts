import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from '@jest/globals'

const made: string[] = []

// Registered when a test file loads this one: jest allows no hook from within a test.
afterAll(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
})

/** A new empty directory, absolute and without symbolic links (macOS links its own), removed after the test file. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'mirroring-'))
  made.push(directory)
  return directory
}
