import { cleanUp } from '../session/cleanup.ts'

/** The action's post step, which always runs and never fails. */
export async function post(env: NodeJS.ProcessEnv): Promise<number> {
  process.stdout.write(`${await cleanUp(env['STATE_session'])}\n`)
  return 0
}
