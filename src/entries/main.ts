import { resolve } from 'node:path'
import { STEPS } from '../commands/commands.ts'
import { failStep } from '../commands/mirrors-step.ts'
import { actionsHost } from '../host/actions-host.ts'
import { readEvent } from '../host/event-file.ts'
import { runtimeOf } from '../run/runtime.ts'
import { secretNamesIn } from '../settings/config/named-secrets.ts'
import type { InputName } from '../settings/inputs.ts'
import { type Occasion, occasionOf } from '../settings/occasion.ts'
import { operationOf } from '../settings/operation.ts'
import { isTokenOfRun, readActionInputs, secretFormsOf } from '../settings/read.ts'
import type { SettingsContext } from '../settings/remotes.ts'
import { VERSION } from '../text/version.ts'

/** The action's main step. Resolves with the exit code. */
export async function main(env: NodeJS.ProcessEnv, program: readonly string[]): Promise<number> {
  const host = actionsHost(env, text => process.stdout.write(text))
  const raw = readActionInputs(env)
  host.mask(secretFormsOf(raw))
  host.debug(`version ${VERSION}, node ${process.version}, ${process.platform} ${process.arch}`)
  const names = secretNamesIn(env)
  const hasSecrets = ['auth-secret' as const, ...names.keys()].every(input => raw[input])
  const occasion = occasionOf(env, hasSecrets ? null : await readEvent(env))
  const step = { raw, host, occasion, context: contextOf(env, occasion, names), surroundings: runtimeOf(env, program) }
  try {
    return await STEPS[operationOf(raw)](step)
  } catch (error) {
    return await failStep(error, step)
  }
}

const notHandedOver = (name = ''): string =>
  `the secret ${name} that the file names is not stored, or the workflow was called without \`secrets: inherit\``

/** What a run is told besides its inputs. */
const contextOf = (env: NodeJS.ProcessEnv, { secretsPage, bereft }: Occasion, names: ReadonlyMap<InputName, string>): SettingsContext => ({
  serverUrl: env['GITHUB_SERVER_URL'] ?? null,
  nameOf: input => `\`${input}\``,
  resolvePath: path => resolve(path),
  windows: process.platform === 'win32',
  isTokenOfRun: token => isTokenOfRun(token, env),
  agentSocket: env['SSH_AUTH_SOCK'] ?? null,
  apiUrl: env['GITHUB_API_URL'] ?? null,
  secretsPage,
  run: {
    repository: env['GITHUB_REPOSITORY'] ?? null,
    workflowRef: env['GITHUB_WORKFLOW_REF'] ?? null,
    ref: env['GITHUB_REF'] ?? null,
  },
  namedSecret: input => (bereft === null && names.has(input) ? notHandedOver(names.get(input)) : null),
  // Who has it run again wants it to run.
  manual: env['GITHUB_EVENT_NAME'] === 'workflow_dispatch' || Number(env['GITHUB_RUN_ATTEMPT']) > 1,
})
