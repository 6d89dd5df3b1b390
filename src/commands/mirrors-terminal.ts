import { resolve } from 'node:path'
import type { Host } from '../host/host.ts'
import { labelledHost } from '../host/labelled-host.ts'
import { worstExitCode } from '../report/many.ts'
import type { TextOptions } from '../report/text.ts'
import { type MirrorSurroundings, mirror } from '../run/mirror.ts'
import type { ManyCommand } from '../settings/many-command.ts'
import { flagsFailure } from '../settings/problems.ts'
import { needsState } from '../settings/schedule.ts'
import { type MirrorWork, mirrorMany } from './mirrors.ts'

/** A file may be for a workflow as well, so these are no mistake in it. */
const NOTHING_KEPT =
  '`min-interval`, `pause-after` and `failure-issue` count only in a workflow: on a terminal nothing is kept between runs'

/** What the command line lends to the command of many mirrors. */
interface Terminal {
  readonly environment: NodeJS.ProcessEnv
  readonly host: Host
  readonly surroundings: MirrorSurroundings
  readonly look: TextOptions
  readonly say: (text: string) => void
}

/** `mirror --config FILE`. Resolves with the worst exit code of all mirrors. @throws Failure for the flags and for the file itself */
export async function mirrorConfigured(command: ManyCommand, terminal: Terminal): Promise<number> {
  const { environment, host, surroundings, look, say } = terminal
  if (command.problems.length > 0) throw flagsFailure(command.problems)
  const request = {
    ...command,
    path: resolve(command.file),
    environment,
    serverUrl: null,
    resolvePath: (path: string) => resolve(path),
    windows: process.platform === 'win32',
    isTokenOfRun: () => false,
    agentSocket: environment['SSH_AUTH_SOCK'] ?? null,
    apiUrl: environment['GITHUB_API_URL'] ?? environment['CI_API_V4_URL'] ?? null,
  }
  const work: MirrorWork = {
    expect: async () => {},
    run: async (settings, its) => {
      const report = await mirror(settings, its, surroundings)
      return needsState(settings.schedule) ? { ...report, notices: [...report.notices, NOTHING_KEPT] } : report
    },
    tell: async report => report,
  }
  const many = await mirrorMany(request, host, surroundings, name => labelledHost(host, name), work)
  if (command.switches.has('json')) say((await import('../report/many-outputs.ts')).manyJson(many))
  else say((await import('../report/many-text.ts')).renderManyText(many, look))
  return worstExitCode(many)
}
