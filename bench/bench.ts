// Measures the built bundle against git's own clone and push, on this machine: `npm run bench -- --help`.
import { writeFileSync } from 'node:fs'
import { ours } from './commands.ts'
import type { Context, Group } from './context.ts'
import { firstBlobs, firstHistory } from './groups/first.ts'
import { farIncremental, incremental } from './groups/incremental.ts'
import { lfs } from './groups/lfs.ts'
import { noChange } from './groups/no-change.ts'
import { manyRefs } from './groups/refs.ts'
import { startUp } from './groups/start-up.ts'
import { describeMachine } from './machine.ts'
import { measure } from './measure.ts'
import { type Options, readOptions, usage } from './options.ts'
import { profile } from './profile.ts'
import { openCache, type Sizes } from './repositories/cache.ts'
import { type Row, ratioOf, verdictOf } from './row.ts'
import { startServers } from './servers.ts'
import { renderTable } from './table.ts'

const GROUPS: Readonly<Record<string, Group>> = {
  incremental,
  'round-trips': farIncremental,
  'no-change': noChange,
  'first-history': firstHistory,
  'first-blobs': firstBlobs,
  refs: manyRefs,
  lfs,
  'start-up': startUp,
}

const FULL: Sizes = {
  history: { commits: 20_000, files: 300, branches: 24 },
  increment: { branches: 20, commits: 200 },
  blobs: { blobs: 64, bytes: 16 << 20 },
}
const QUICK: Sizes = {
  history: { commits: 1_000, files: 60, branches: 24 },
  increment: { branches: 20, commits: 200 },
  blobs: { blobs: 4, bytes: 8 << 20 },
}
const RUNS = 5

const HOW = `Ratios are ours divided by theirs within this run, medians, the compared commands in turn; servers are nginx with git http-backend, and sshd.
Far routes take 25 ms each way. Round trips are counted at 200 ms each way, where the time of servers and processes does not matter: how many fit
one after the other, something sent and what came back on the same connection no sooner than an answer can, opening a connection being one;
those of one connection's handshake, measured by itself, are taken off.`

const say = (text: string): void => void process.stderr.write(`${text}\n`)

async function main(options: Options): Promise<number> {
  const machine = await describeMachine()
  const repositories = openCache(options.cache, options.quick ? QUICK : FULL, say)
  const servers = await startServers()
  const stop = (code: number) => () => void servers.stop().finally(() => process.exit(code))
  process.once('SIGINT', stop(130)).once('SIGTERM', stop(143))
  try {
    const flags = await transferFlags(options.transfer)
    const context: Context = { servers, repositories, quick: options.quick, runs: options.runs ?? (options.quick ? 1 : RUNS), flags, say }
    if (options.profile) {
      process.stdout.write(await profile(context))
      return 0
    }
    const { rows, failed } = await runGroups(context, options.groups)
    const about = {
      ...machine,
      transfer: flags[1] ?? 'git (the bundle knows no other)',
      runs: String(context.runs),
      size: options.quick ? 'quick' : 'full',
    }
    for (const [name, value] of Object.entries(about)) process.stdout.write(`${name}: ${value}\n`)
    process.stdout.write(`\n${HOW}\n\n${renderTable(rows)}`)
    if (options.json !== null) writeFileSync(options.json, `${JSON.stringify({ about, failed, rows: rows.map(withVerdict) }, null, 2)}\n`)
    for (const name of failed) process.stdout.write(`failed: ${name}\n`)
    return failed.length === 0 ? 0 : 1
  } finally {
    await servers.stop()
  }
}

/** If one group fails, the others still run. */
async function runGroups(context: Context, names: readonly string[]): Promise<{ rows: Row[]; failed: string[] }> {
  const rows: Row[] = []
  const failed: string[] = []
  for (const [name, group] of Object.entries(GROUPS)) {
    if (names.length > 0 && !names.includes(name)) continue
    const started = performance.now()
    try {
      rows.push(...(await group(context)))
      say(`${name}: measured in ${((performance.now() - started) / 1_000).toFixed(0)} s`)
    } catch (error) {
      failed.push(name)
      say(`${name}: failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { rows, failed }
}

/** A bundle without a choice of transfer is measured as it is. */
async function transferFlags(transfer: string): Promise<string[]> {
  const { stdout } = await measure(ours(['mirror', '--help']))
  if (stdout.includes('--transfer')) return ['--transfer', transfer]
  if (transfer !== 'git') say(`the bundle has no --transfer: its only transfer, git, is measured instead of ${transfer}`)
  return []
}

const withVerdict = (row: Row) => ({ ...row, ratio: ratioOf(row), verdict: verdictOf(row) })

try {
  const names = Object.keys(GROUPS)
  const options = readOptions(process.argv.slice(2), names)
  if (options === null) process.stdout.write(usage(names))
  else process.exitCode = await main(options)
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 2
}
