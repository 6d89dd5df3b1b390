import { parseJson } from '../text/json.ts'
import { readText } from './file-text.ts'

/** The payload of the event that started the run (GITHUB_EVENT_PATH); null if it cannot be read, because some runners write none. */
export const readEvent = async (env: NodeJS.ProcessEnv): Promise<unknown> =>
  parseJson(await readText(env['GITHUB_EVENT_PATH'] ?? '').catch(() => ''))
