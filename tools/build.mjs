// Builds dist/: tsc (types off) → ncc (one bundle, a chunk for each import()) → esbuild (minifies each chunk; ncc -m minifies the entry only).
// The result has the same bytes on every machine: no paths, no times, no native files.
import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { transformSync } from 'esbuild'

const run = (script, ...args) =>
  execFileSync(process.execPath, [`node_modules/${script}`, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })

for (const directory of ['build', 'dist']) rmSync(directory, { recursive: true, force: true })
run('typescript/bin/tsc', '-p', 'tsconfig.build.json')
run('@vercel/ncc/dist/ncc/cli.js', 'build', 'build/index.js', '-C', '-o', 'dist', '--license', 'licenses.txt')
rmSync('dist/pagent.exe', { force: true }) // ssh2's helper for PuTTY's agent on Windows, which this program does not use
for (const file of readdirSync('dist', { recursive: true })) {
  if (/\.(node|exe)$/.test(file)) throw new Error(`dist/${file} is a binary: install with scripts off`)
  if (!file.endsWith('.js')) continue
  const { code } = transformSync(readFileSync(`dist/${file}`, 'utf8'), {
    minify: true,
    format: 'esm',
    target: 'node20',
    legalComments: 'none',
  })
  writeFileSync(`dist/${file}`, code)
}
chmodSync('dist/index.js', 0o755)
