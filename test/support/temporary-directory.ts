import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const made: string[] = []

function removeAll(): void {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
}

// Registered when a test file loads this one: jest allows no hook from within a test. The benchmark uses the same servers without jest,
// so the hook is taken from where jest puts it, and not imported.
const { afterAll } = globalThis as { readonly afterAll?: (hook: () => void) => void }
if (afterAll === undefined) process.once('exit', removeAll)
else afterAll(removeAll)

/** A new empty directory, absolute and without symbolic links (macOS links its own), removed after the test file, or with the process. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'mirroring-'))
  made.push(directory)
  return directory
}
