import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from './temporary-directory.ts'

/** The payload of an event in a fork. */
export const FORK = { repository: { full_name: 'octo/widgets', fork: true } }

/** That of a pull request from a fork. */
export const FOREIGN = {
  repository: { full_name: 'octo/widgets', fork: false },
  pull_request: { head: { repo: { full_name: 'x/widgets', fork: true } } },
}

/** The variables of a run for an event, as GitHub's runner sets them. */
export function eventOf(payload: unknown, env: Record<string, string> = {}): Record<string, string> {
  const file = join(temporaryDirectory(), 'event.json')
  writeFileSync(file, JSON.stringify(payload))
  return { GITHUB_EVENT_PATH: file, GITHUB_ACTOR: 'ann', ...env }
}
