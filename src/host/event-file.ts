import { readFile } from 'node:fs/promises'

/** The payload of the event that started the run (GITHUB_EVENT_PATH); null if it cannot be read, because some runners write none. */
export async function readEvent(env: NodeJS.ProcessEnv): Promise<unknown> {
  try {
    return JSON.parse(await readFile(env['GITHUB_EVENT_PATH'] ?? '', 'utf8'))
  } catch {
    return null
  }
}
