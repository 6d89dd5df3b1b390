import { Failure } from '../errors/failure.ts'
import { type ForgeSettings, type Purpose, withForgeApi } from '../forge/api.ts'
import { type Issue, Issues } from '../forge/issues.ts'
import { type ForgeLocation, locateForge } from '../forge/location.ts'
import type { Host } from '../host/host.ts'
import { debugTo } from '../host/server-text.ts'
import { changeComment, type IssueContext, issueBody, issueTitle, parseMarker, reasonOf, recoveryComment } from '../report/issue.ts'
import type { Report } from '../report/report.ts'
import type { FailureIssue } from '../settings/schedule.ts'
import type { State } from './state.ts'

/** After this an issue is left for the next run: a run is about the mirror. */
const LIMIT_MS = 20_000
const TIMEOUTS = { idleTimeoutMs: LIMIT_MS, connectTimeoutMs: LIMIT_MS }

export interface Episode {
  /** Free of secrets. */
  readonly report: Report
  readonly failed: boolean
  /** What is known of earlier runs; null = nothing. */
  readonly before: State | null
  readonly story: IssueContext
  readonly wanted: FailureIssue
}

/** What became of the issue. */
export interface Told {
  /** Its number, where it is still to be looked after. */
  readonly issue: number | null
  /** What could not be done, in words. */
  readonly notices: readonly string[]
}

/**
 * Opens the issue of a mirror that has begun to fail, writes it anew while it fails, closes it when it works again. Never throws: a forge that refuses does not
 * change what the run came to.
 */
export async function tellInIssue(
  episode: Episode,
  settings: ForgeSettings,
  { environment, host }: { readonly environment: NodeJS.ProcessEnv; readonly host: Host },
): Promise<Told> {
  const { before, failed } = episode
  const known = before?.issue ?? null
  // A mirror that is known to have no issue costs no request.
  if (!failed && before !== null && known === null) return { issue: null, notices: [] }
  const location = locateForge(settings.here.url, settings.apiUrl)
  if (location === null || location.kind === 'gitlab') {
    return { issue: null, notices: ['no issue was opened: `failure-issue` knows the forges GitHub, Gitea and Forgejo'] }
  }
  const ending = new AbortController()
  const timer = setTimeout(() => ending.abort(tooSlow()), LIMIT_MS)
  const debug = debugTo(host)
  try {
    const context = { environment, location, purpose: purposeFor(location), hide: host.hide, debug, signal: ending.signal, ...TIMEOUTS }
    return await withForgeApi(settings, context, api => {
      const issues = new Issues(api, location)
      return failed ? tellFailure(issues, episode) : tellRecovery(issues, episode)
    })
  } catch (error) {
    const failure = Failure.from(error)
    debug(`${failure.message}: ${failure.detail ?? ''}`)
    return { issue: known, notices: [`${failure.message}: ${failure.hint}`] }
  } finally {
    clearTimeout(timer)
  }
}

const tooSlow = (): Failure =>
  new Failure('timed-out', `the forge did not answer within ${LIMIT_MS / 1000} s about the issue of the failing mirror`, {
    hint: 'the next run tries again; the report of this one is complete',
  })

const purposeFor = ({ kind }: ForgeLocation): Purpose => ({
  kind: 'issue-refused',
  problem: 'the issue about the failing mirror cannot be written',
  hint:
    kind === 'github'
      ? 'put `permissions: issues: write` into the workflow, or give a token that may write issues as `token`'
      : 'give `token` the scope `write:issue`',
})

/** By its number, else by the marker in it: what is kept between runs can be lost, and a number can be another issue's by now. */
async function findIssue(issues: Issues, { before, story }: Episode): Promise<Issue | null> {
  const isOurs = ({ body }: Issue) => parseMarker(body)?.id === story.id
  const known = before?.issue ? await issues.read(before.issue) : null
  return known !== null && isOurs(known) ? known : await issues.find(isOurs)
}

async function tellFailure(issues: Issues, episode: Episode): Promise<Told> {
  const { report, story, wanted } = episode
  const found = await findIssue(issues, episode)
  const body = issueBody(report, story)
  if (found === null) {
    const { number, without } = await issues.open({ title: issueTitle(report), body, ...wanted })
    const notices = without === null ? [] : [`the issue #${number} was opened without ${without}`]
    return {
      issue: number,
      notices: [...notices, ...(number === null ? [] : [`issue #${number} was opened and will be closed when the mirror works again`])],
    }
  }
  // Whoever closed it by hand wants to hear no more of this episode.
  if (!found.isOpen) return { issue: found.number, notices: [] }
  await issues.edit(found.number, body)
  const last = parseMarker(found.body)?.reason ?? null
  if (last !== null && last !== reasonOf(report)) await issues.comment(found.number, changeComment(report, story))
  return { issue: found.number, notices: [`issue #${found.number} reports this failure`] }
}

async function tellRecovery(issues: Issues, episode: Episode): Promise<Told> {
  const { before, story } = episode
  const found = await findIssue(issues, episode)
  if (found === null || !found.isOpen) return { issue: null, notices: [] }
  // In this order, a run that is cut off between the two comments once at the most.
  await issues.close(found.number)
  await issues.comment(found.number, recoveryComment(before?.consecutiveFailures ?? null, story.runUrl))
  return { issue: null, notices: [`issue #${found.number} was closed: the mirror works again`] }
}
