import { appendFileSync } from 'node:fs'

/**
 * Saves state for the post step at once and without the toolkit, because the run may be killed a moment later.
 * The value must be one line; the runner reads `name=value` (GitHub docs, "Workflow commands").
 */
export function saveStateNow(env: NodeJS.ProcessEnv, name: string, value: string): void {
  const file = env['GITHUB_STATE']
  if (file) appendFileSync(file, `${name}=${value}\n`)
}
