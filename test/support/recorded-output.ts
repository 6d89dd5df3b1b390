import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** All output of one run of the bundle, and the secrets that it was given. */
export interface Recorded {
  readonly run: string
  readonly text: string
  readonly secrets: readonly string[]
}

/** Keeps a run for the search at the end of the tests, across jest's workers: a file for each, where global-setup.mjs says. */
export function record(recorded: Recorded): void {
  const directory = recordDirectory()
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  writeFileSync(join(directory, `${randomUUID()}.json`), JSON.stringify(recorded), { mode: 0o600 })
}

/** Every run recorded so far, by any worker. */
export function recordedOutput(): Recorded[] {
  const files = readdirSync(recordDirectory())
  return files.map(file => JSON.parse(readFileSync(join(recordDirectory(), file), 'utf8')) as Recorded)
}

function recordDirectory(): string {
  const directory = process.env['RECORDED_OUTPUT']
  if (directory === undefined) throw new Error('RECORDED_OUTPUT is not set: jest.config.mjs must name test/support/global-setup.mjs')
  return directory
}
