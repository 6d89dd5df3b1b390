import { cleanUp } from '../session/cleanup.ts'

/** The action's post step: runs always, never fails, and says what it did. */
export async function post(env: NodeJS.ProcessEnv): Promise<number> {
  process.stdout.write(`${await cleanUp(env['STATE_session'])}\n`)
  return 0
}
