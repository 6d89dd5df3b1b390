import { tmpdir } from 'node:os'
import { endLeftBehind } from '../git/left-behind.ts'
import { cleanUp } from '../session/cleanup.ts'
import { showCount } from '../text/quantity.ts'

/** The action's post step, which always runs and never fails. */
export async function post(env: NodeJS.ProcessEnv): Promise<number> {
  const directory = env['RUNNER_TEMP'] || tmpdir()
  // First, because what still runs could create the files anew.
  const ended = await endLeftBehind(env['STATE_processes'] ?? '', directory)
  if (ended > 0) process.stdout.write(`ended ${showCount(ended, 'git')} that the run left behind, with what each had started\n`)
  process.stdout.write(`${await cleanUp(env['STATE_session'], directory)}\n`)
  return 0
}
