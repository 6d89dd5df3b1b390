import { rmSync } from 'node:fs'
import { STEPS } from '../commands/commands.ts'
import { failStep } from '../commands/mirrors-step.ts'
import { listProcesses } from '../git/left-behind.ts'
import { actionsHost } from '../host/actions-host.ts'
import { readEvent } from '../host/event-file.ts'
import { listenForInterruption } from '../host/interruption.ts'
import { runtimeOf } from '../host/runtime.ts'
import { settingsContext } from '../settings/context.ts'
import { operationOf } from '../settings/operation.ts'
import { readActionInputs, secretNamesIn } from '../settings/read-inputs.ts'
import { workflowRunOf } from '../settings/workflow-run.ts'
import { VERSION } from '../text/version.ts'

/** The action's main step. Resolves with the exit code. */
export async function main(env: NodeJS.ProcessEnv, program: readonly string[]): Promise<number> {
  const interrupted = listenForInterruption()
  const host = actionsHost(env, text => process.stdout.write(text))
  const raw = readActionInputs(env, host.mask)
  host.debug(`version ${VERSION}, node ${process.version}, ${process.platform} ${process.arch}`)
  // The event says why a secret may be missing.
  const hasSecrets = ['auth-secret' as const, ...secretNamesIn(env).keys()].every(input => raw[input])
  const run = workflowRunOf(env, hasSecrets ? null : await readEvent(env))
  const processes = listProcesses(host.temporaryDirectory)
  host.saveState('processes', processes)
  const step = { raw, host, context: settingsContext(env, run, input => `\`${input}\``), runtime: runtimeOf(env, program, interrupted) }
  try {
    return await STEPS[operationOf(raw)](step)
  } catch (error) {
    return await failStep(error, step)
  } finally {
    rmSync(processes, { force: true })
  }
}
