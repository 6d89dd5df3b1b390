import { Failure } from '../errors/failure.ts'
import { type ForgeSettings, type Purpose, withForgeApi } from '../forge/api.ts'
import { type Issue, type Issues, issuesOf } from '../forge/issues.ts'
import { type ForgeLocation, locateForge } from '../forge/location.ts'
import type { Host } from '../host/host.ts'
import { debugTo } from '../host/server-text.ts'
import { FORGE_BYTES, ISSUE_MS, ISSUE_PAGES } from '../limits/limits.ts'
import { changeComment, type IssueContext, issueBody, issueTitle, parseMarker, reasonOf, recoveryComment } from '../report/issue.ts'
import type { Report } from '../report/report.ts'
import type { FailureIssue } from '../settings/schedule.ts'
import type { State } from './state.ts'

export interface Episode {
  /** Free of secrets. */
  readonly report: Report
  readonly failed: boolean
  /** The state that earlier runs left; null = unknown. */
  readonly before: State | null
  readonly context: IssueContext
  readonly wanted: FailureIssue
}

export interface IssueResult {
  /** The number of the issue; null = none needs an update later. */
  readonly issue: number | null
  /** For the report. */
  readonly notices: readonly string[]
}

/**
 * Opens an issue when a mirror begins to fail, rewrites it while it fails, and closes it when it works again. Never throws: an error of the forge does not
 * change the result of the run.
 */
export async function updateIssue(episode: Episode, settings: ForgeSettings, env: NodeJS.ProcessEnv, host: Host): Promise<IssueResult> {
  const { before, failed } = episode
  const known = before?.issue ?? null
  // If there is certainly no issue, no request is needed.
  if (!failed && before !== null && known === null) return { issue: null, notices: [] }
  const location = locateForge(settings.here.url, settings.apiUrl)
  if (location === null || location.kind === 'gitlab') {
    return { issue: null, notices: ['no issue was opened: `failure-issue` knows the forges GitHub, Gitea and Forgejo'] }
  }
  const debug = debugTo(host)
  try {
    const limits = { idleTimeoutMs: ISSUE_MS, limitMs: ISSUE_MS, limitBytes: 2 * ISSUE_PAGES * FORGE_BYTES, signal: undefined }
    const context = {
      environment: env,
      location,
      purpose: purposeFor(location),
      token: settings.here.secret,
      hide: host.hide,
      debug,
      ...limits,
    }
    return await withForgeApi(settings, context, api => {
      const issues = issuesOf(api, location)
      return failed ? reportFailure(issues, episode) : reportRecovery(issues, episode)
    })
  } catch (error) {
    const failure = Failure.from(error)
    debug(`${failure.message}: ${failure.detail ?? ''}`)
    return { issue: known, notices: [`${failure.message}: ${failure.hint}`] }
  }
}

const purposeFor = ({ kind }: ForgeLocation): Purpose => ({
  kind: 'issue-refused',
  problem: 'the issue about the failing mirror cannot be written',
  lateHint: 'the next run tries again; the report of this one is complete',
  hint:
    kind === 'github'
      ? 'put `permissions: issues: write` into the workflow, or give a token that may write issues as `token`'
      : 'give `token` the scope `write:issue`',
})

/** Finds the issue by its number, otherwise by its marker: the state between runs can be lost, or written by others, and a deleted issue's number can be reused. */
async function findIssue(issues: Issues, { before, context }: Episode): Promise<Issue | null> {
  const isOfMirror = ({ body }: Issue) => parseMarker(body)?.id === context.id
  const known = before?.issue ? await issues.read(before.issue, isOfMirror) : null
  return known ?? (await issues.find(isOfMirror))
}

async function reportFailure(issues: Issues, episode: Episode): Promise<IssueResult> {
  const { report, context, wanted } = episode
  const found = await findIssue(issues, episode)
  const body = issueBody(report, context)
  if (found === null) {
    const { number, without } = await issues.open(issueTitle(report), body, wanted)
    const notices = without === null ? [] : [`the issue #${number} was opened without ${without}`]
    if (number !== null) notices.push(`issue #${number} was opened and will be closed when the mirror works again`)
    return { issue: number, notices }
  }
  // A user closed it, so it is not reopened for this series of failures.
  if (!found.isOpen) return { issue: found.number, notices: [] }
  await issues.edit(found.number, body)
  const last = parseMarker(found.body)?.reason ?? null
  if (last !== null && last !== reasonOf(report)) await issues.comment(found.number, changeComment(report, context))
  return { issue: found.number, notices: [`issue #${found.number} reports this failure`] }
}

async function reportRecovery(issues: Issues, episode: Episode): Promise<IssueResult> {
  const { before, context } = episode
  const found = await findIssue(issues, episode)
  if (found === null || !found.isOpen) return { issue: null, notices: [] }
  // In this order, a run that is interrupted between the two does not comment again.
  await issues.close(found.number)
  await issues.comment(found.number, recoveryComment(before?.consecutiveFailures ?? null, context.runUrl))
  return { issue: null, notices: [`issue #${found.number} was closed: the mirror works again`] }
}
