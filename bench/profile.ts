import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '../test/support/temporary-directory.ts'
import { mirrorCommand } from './commands.ts'
import type { Context } from './context.ts'
import { measure } from './measure.ts'
import { FAR_MS, PROTOCOLS } from './servers.ts'

const HOOK = join(import.meta.dirname, 'profile-hook.mjs')
// During the first run, the system's caches are empty.
const WARM_UPS = 2

/** The steps of a run without changes, with their times: a list for each protocol, on direct and on far routes. */
export async function profile(context: Context): Promise<string> {
  const { servers, flags } = context
  const { now } = await context.repositories.history()
  const [from, to] = [servers.put('history', now), servers.put('history-mirror', now)]
  const file = join(temporaryDirectory(), 'notes')
  const parts: string[] = []
  for (const protocol of PROTOCOLS) {
    for (const way of ['direct', 'far'] as const) {
      const command = mirrorCommand('mirror', { servers, route: servers.route(protocol, way), from, to }, flags)
      for (let i = 0; i < WARM_UPS; i++) await measure(command)
      const plain = await measure(command)
      const env = { ...command.env, BENCH_PROFILE: file }
      const watched = await measure({ ...command, args: ['--import', HOOK, ...command.args], env })
      const notes = readFileSync(file, 'utf8').trimEnd().split('\n')
      const title = `no change over ${protocol}${way === 'far' ? ` at ${FAR_MS} ms` : ''}`
      parts.push(`${title}: ${plain.ms.toFixed(0)} ms, ${watched.ms.toFixed(0)} ms while watched\n${renderNotes(notes, watched.ms)}`)
    }
  }
  return parts.join('\n')
}

/** One line per step: time, time since the previous step, name. Times count from the start of the process, which its parent sees slightly earlier. */
function renderNotes(lines: readonly string[], totalMs: number): string {
  const notes = lines.map(line => JSON.parse(line) as [number, string]).sort(([a], [b]) => a - b)
  let before = 0
  const text = [...notes, [totalMs, 'process gone (as its parent sees it)'] as const].map(([at, what]) => {
    const line = `${at.toFixed(1).padStart(9)} ${`+${(at - before).toFixed(1)}`.padStart(8)}  ${what}\n`
    before = at
    return line
  })
  return text.join('')
}
