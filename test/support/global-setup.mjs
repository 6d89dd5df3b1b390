import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Before all tests: where every run of the bundle is recorded. Workers inherit the variable. */
export default function setup() {
  process.env.RECORDED_OUTPUT = mkdtempSync(join(tmpdir(), 'mirroring-recorded-'))
}
