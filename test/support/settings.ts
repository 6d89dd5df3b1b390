import { posix } from 'node:path'
import type { SettingsContext } from '../../src/settings/context.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { parseSettings } from '../../src/settings/parse-settings.ts'
import { isTokenOfRun } from '../../src/settings/read-inputs.ts'
import type { Settings } from '../../src/settings/settings.ts'
import type { WorkflowRun } from '../../src/settings/workflow-run.ts'

/** The changes of a test to the context; a run need not be whole. */
export interface ContextChanges extends Partial<Omit<SettingsContext, 'run'>> {
  readonly run?: Partial<WorkflowRun>
}

/** The context of a run besides its inputs: as on a terminal, except for the changes. */
export const contextWith = ({ run, ...changes }: ContextChanges = {}): SettingsContext => ({
  nameOf: input => input,
  run: run === undefined ? null : { ...RUN, ...run },
  serverUrl: null,
  apiUrl: null,
  isTokenOfRun: () => 'no' as const,
  sharesToken: false,
  agentSocket: null,
  windows: process.platform === 'win32',
  resolvePath: path => path,
  namedSecret: () => null,
  ...changes,
})

/** The run of a workflow that belongs to no repository. */
const RUN: WorkflowRun = { repository: null, workflowRef: null, ref: null, manual: false, secretsPage: null, noSecretsBecause: null }

/** The changes for a step on GitHub. */
export const ON_GITHUB = {
  serverUrl: 'https://github.com',
  nameOf: (input: string) => `\`${input}\``,
  resolvePath: (path: string) => posix.resolve('/abs', path),
  windows: false,
  isTokenOfRun: (token: string, own?: string) => isTokenOfRun(token, {}, own),
}

/** Settings as the entries read them. */
export const settingsFrom = (inputs: RawInputs, changes: ContextChanges = {}): Settings => parseSettings(inputs, contextWith(changes))
