import { Failure } from '../errors/failure.ts'
import { ISSUE_PAGES } from '../limits/limits.ts'
import type { FailureIssue } from '../settings/schedule.ts'
import { once } from '../tasks/later.ts'
import { fieldsOf, textIn } from '../text/json.ts'
import type { ForgeApi } from './api.ts'
import type { ApiKind, ForgeLocation } from './location.ts'

/** An issue, as far as we need it. */
export interface Issue {
  readonly number: number
  readonly isOpen: boolean
  /** Markdown, as it was written. */
  readonly body: string
}

/** Statuses that mean: this token may not ask that. */
const REFUSED: readonly number[] = [400, 401, 403, 404]

/** Statuses that mean: there is no such issue. GitHub says 410 of one that was deleted. */
const GONE: readonly number[] = [404, 410]

export type Issues = ReturnType<typeof issuesOf>

/** The issues of a repository at GitHub, Gitea or Forgejo (REST API of GitHub, "Issues"; of Gitea, "issue"; routers/api/v1/repo/issue.go). */
export function issuesOf(api: ForgeApi, { kind, repository }: Pick<ForgeLocation, 'kind' | 'repository'>) {
  const at = `/repos/${repository}`
  const self = once(() => (kind === 'github' ? selfAtGithub(api) : selfAtGitea(api)))
  /** Only an issue that the token's own user opened is ours: the author of any other issue could change it. */
  const ownership = async (value: unknown): Promise<'ours' | 'foreign' | 'unknown'> => {
    const [user, author] = [await self(), authorIn(value, kind)]
    // No account can have this number, so an issue with it comes from a run.
    if (kind === 'gitea' && author === ACTIONS_USER) return user === null || user === ACTIONS_USER ? 'ours' : 'foreign'
    return user === null ? 'unknown' : author === user ? 'ours' : 'foreign'
  }
  const change = (number: number, fields: Readonly<Record<string, string>>) => api.change('PATCH', `${at}/issues/${number}`, fields)
  return {
    /** The wanted one of our open issues, of those that were changed last; null = none. @throws Failure */
    find: async (isWanted: (issue: Issue) => boolean): Promise<Issue | null> => {
      const query = kind === 'github' ? 'state=open&sort=updated&direction=desc&per_page=15' : 'state=open&type=issues&limit=15'
      for (let number = 1; number <= ISSUE_PAGES; number += 1) {
        const { values, hasNext } = await api.page(`${at}/issues?${query}`, number)
        for (const value of values) {
          const issue = issueIn(value)
          if (issue !== null && isWanted(issue) && (await ownership(value)) === 'ours') return issue
        }
        if (!hasNext) return null
      }
      return null
    },
    /** The issue of this number if it is wanted, and ours; null otherwise, also if there is none any more. @throws Failure also if it is not known whose it is */
    read: async (number: number, isWanted: (issue: Issue) => boolean): Promise<Issue | null> => {
      const value = await api.get(`${at}/issues/${number}`, GONE)
      const issue = issueIn(value)
      if (issue === null || !isWanted(issue)) return null
      const whose = await ownership(value)
      if (whose !== 'unknown') return whose === 'ours' ? issue : null
      const message = `issue #${number} was not updated, because the forge does not say whether this token's user opened it`
      const hint = kind === 'github' ? 'give another token as `token`' : 'give `token` the scope `read:user`, too'
      throw new Failure('issue-refused', message, { hint })
    },
    /** Opens an issue; if its labels or assignees are refused, without them. @returns its number, and a note about what is missing @throws Failure */
    open: async (title: string, body: string, { labels: names, assignees }: FailureIssue) => {
      const labels = kind === 'github' || names.length === 0 ? names : await labelsAtGitea(api, at, names)
      const some = (list: readonly (string | number)[]) => (list.length > 0 ? list : undefined)
      const whole = { title, body, labels: some(labels), assignees: some(assignees) }
      const first = await api.change('POST', `${at}/issues`, whole, assignees.length + labels.length > 0 ? [422] : [])
      if (first.status !== 422)
        return { number: numberIn(first.value), without: labels.length < names.length ? 'some of its labels, which do not exist' : null }
      const second = await api.change('POST', `${at}/issues`, { title, body })
      return { number: numberIn(second.value), without: 'its labels and assignees, which the forge does not take' }
    },
    /** @throws Failure */
    edit: (number: number, body: string) => change(number, { body }),
    /** @throws Failure */
    close: (number: number) => change(number, { state: 'closed' }),
    /** @throws Failure */
    comment: (number: number, body: string) => api.change('POST', `${at}/issues/${number}/comments`, { body }),
  }
}

/** GitHub takes names, and makes labels that do not exist; Gitea takes the numbers of those that do. */
async function labelsAtGitea(api: ForgeApi, at: string, names: readonly string[]): Promise<readonly number[]> {
  return await api.list(`${at}/labels?limit=50`, label => {
    const { id } = fieldsOf(label)
    return typeof id === 'number' && names.includes(textIn(label, 'name') ?? '') ? id : null
  })
}

const numberIn = (value: unknown): number | null => {
  const { number } = fieldsOf(value)
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : null
}

function issueIn(value: unknown): Issue | null {
  const number = numberIn(value)
  // A pull request is an issue to GitHub, too.
  if (number === null || fieldsOf(fieldsOf(value)['pull_request'])['url'] !== undefined) return null
  return { number, isOpen: fieldsOf(value)['state'] === 'open', body: textIn(value, 'body') ?? '' }
}

/** A user: GitHub's login, which is unique, or Gitea's number. */
type Author = string | number

const userIn = (user: unknown, kind: ApiKind): Author | null => {
  const { id } = fieldsOf(user)
  return kind === 'github' ? textIn(user, 'login') : typeof id === 'number' ? id : null
}

/** The user that opened an issue. Gitea shows an imported issue under the name of the user that imported it. */
const authorIn = (issue: unknown, kind: ApiKind): Author | null =>
  textIn(issue, 'original_author') === null ? userIn(fieldsOf(issue)['user'], kind) : null

/**
 * The user of the token; null = not known. A token of a run or of an app may not ask for `/user`, but for the viewer of GraphQL, which every token has
 * (`github-actions[bot]`). On a server of its own GraphQL stands next to the folder of the REST API, elsewhere there is no folder to leave
 * (GitHub docs, "Forming calls with GraphQL").
 */
async function selfAtGithub(api: ForgeApi): Promise<Author | null> {
  const answer = await api.change('POST', '/../graphql', { query: '{ viewer { login } }' }, REFUSED)
  return userIn(fieldsOf(fieldsOf(answer.value)['data'])['viewer'], 'github')
}

/** No account can have it: what the token of a run does, this user does (models/user/user_system.go of Gitea, and of Forgejo). */
const ACTIONS_USER = -2

/** The user of the token; null for the token of a run, and for a person's without the scope for this question. */
async function selfAtGitea(api: ForgeApi): Promise<Author | null> {
  const user = await api.get('/user', REFUSED)
  return user === null ? null : userIn(user, 'gitea')
}
