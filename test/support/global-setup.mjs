import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Packages that are CommonJS ask for node's modules by `require`. Compiled code is kept, which saves a fifth of each start; a node of version 20 cannot. */
const BANNER = `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);
require('node:module').enableCompileCache?.(import.meta.dirname + '/compiled');`

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
    banner: { js: BANNER },
    logLevel: 'error',
  })
  writeFileSync(join(process.env.TEST_PROGRAM, 'package.json'), '{"type":"module"}')
}
