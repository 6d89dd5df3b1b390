import { resolve } from 'node:path'
import type { InputName } from './inputs.ts'
import { isTokenOfRun, runsRow, secretNamesIn } from './read-inputs.ts'
import type { WorkflowRun } from './workflow-run.ts'

/** Facts about the run besides its inputs. */
export interface SettingsContext {
  /** The user's name for each input: `remote-url`, or `TO` on a command line. */
  readonly nameOf: (input: InputName) => string
  /** The run of the workflow; null on a command line. */
  readonly run: WorkflowRun | null
  /** Web address of the server of the run (GITHUB_SERVER_URL), e.g. https://github.com; null on a command line. */
  readonly serverUrl: string | null
  /** Address of the forge's API (GITHUB_API_URL, CI_API_V4_URL); null if the runner does not name it. */
  readonly apiUrl: string | null
  /** Whether a token is the one that the runner made for this run, which is only for the server of the run. */
  readonly isTokenOfRun: (token: string, own?: string) => ReturnType<typeof isTokenOfRun>
  /** `token` is that of the step, and a file names the repositories: it is only for the server of the run, too. */
  readonly sharesToken: boolean
  /** Path of the socket of an SSH agent (SSH_AUTH_SOCK). */
  readonly agentSocket: string | null
  readonly windows: boolean
  /** Makes a local path absolute, because git runs in another directory. */
  readonly resolvePath: (path: string) => string
  /** The place that a file names for the secret of an input, in words that follow "is missing: "; null if no file names it, or the run gets no secrets. */
  readonly namedSecret: (input: InputName) => string | null
}

/** The context of a step, or of a command on a terminal. @param run null on a terminal */
export function settingsContext(env: NodeJS.ProcessEnv, run: WorkflowRun | null, nameOf: SettingsContext['nameOf']): SettingsContext {
  const names = run === null || run.noSecretsBecause !== null ? new Map<InputName, string>() : secretNamesIn(env)
  return {
    nameOf,
    run,
    serverUrl: run === null ? null : env['GITHUB_SERVER_URL'] || null,
    apiUrl: env['GITHUB_API_URL'] || env['CI_API_V4_URL'] || null,
    isTokenOfRun: (token, own) => (run === null ? 'no' : isTokenOfRun(token, env, own)),
    sharesToken: runsRow(env) && !secretNamesIn(env).has('token'),
    agentSocket: env['SSH_AUTH_SOCK'] || null,
    windows: process.platform === 'win32',
    resolvePath: path => resolve(path),
    namedSecret: input => (names.has(input) ? notHandedOver(names.get(input)) : null),
  }
}

const notHandedOver = (name = ''): string =>
  `the secret ${name} that the file names is not stored, or the workflow was called without \`secrets: inherit\``
