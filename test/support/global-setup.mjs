import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Before all tests: where every run of the bundle is recorded, and the program for git to start. Workers inherit the variables. */
export default async function setup() {
  process.env.RECORDED_OUTPUT = mkdtempSync(join(tmpdir(), 'mirroring-recorded-'))
  process.env.TEST_PROGRAM = mkdtempSync(join(tmpdir(), 'mirroring-program-'))
  await build({
    entryPoints: [fileURLToPath(new URL('../../src/index.ts', import.meta.url))],
    outdir: process.env.TEST_PROGRAM,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['*.node', 'cpu-features'],
    // Packages that are CommonJS ask for node's modules by `require`.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  })
  writeFileSync(join(process.env.TEST_PROGRAM, 'package.json'), '{"type":"module"}')
}
