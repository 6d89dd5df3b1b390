import { readFile } from 'node:fs/promises'
import { parseJson } from '../text/json.ts'

/** The payload of the event that started the run (GITHUB_EVENT_PATH); null if it cannot be read, because some runners write none. */
export const readEvent = async (env: NodeJS.ProcessEnv): Promise<unknown> =>
  parseJson(await readFile(env['GITHUB_EVENT_PATH'] ?? '', 'utf8').catch(() => ''))
