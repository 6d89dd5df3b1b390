import type { ForgeApi } from './api.ts'
import type { ForgeKind } from './location.ts'
import { fieldsOf, textIn } from './rules.ts'

/** An issue, as far as we need it. */
export interface Issue {
  readonly number: number
  readonly isOpen: boolean
  /** Markdown, as it was written. */
  readonly body: string
}

export interface NewIssue {
  readonly title: string
  readonly body: string
  readonly labels: readonly string[]
  readonly assignees: readonly string[]
}

/** Where more issues are open than this, one that has not been touched for long counts as gone. */
const MOST_PAGES = 10

/** Statuses that mean: there is no such issue. GitHub says 410 of one that was deleted. */
const GONE: readonly number[] = [404, 410]

/** The issues of a repository at GitHub, Gitea or Forgejo (REST API of GitHub, "Issues"; of Gitea, "issue"; routers/api/v1/repo/issue.go). */
export class Issues {
  readonly #api: ForgeApi
  readonly #kind: ForgeKind
  readonly #at: string

  /** @param repository `owner/name` */
  constructor(api: ForgeApi, { kind, repository }: { readonly kind: ForgeKind; readonly repository: string }) {
    this.#api = api
    this.#kind = kind
    this.#at = `/repos/${repository}`
  }

  /** The open issue for which that is true, of those that were changed last; null = none. @throws Failure */
  async find(isWanted: (issue: Issue) => boolean): Promise<Issue | null> {
    const query = this.#kind === 'github' ? 'state=open&sort=updated&direction=desc&per_page=100' : 'state=open&type=issues&limit=50'
    for (let number = 1; number <= MOST_PAGES; number += 1) {
      const { values, hasNext } = await this.#api.page(`${this.#at}/issues?${query}`, number)
      const found = values
        .filter(isTrustworthy)
        .flatMap(value => issueIn(value) ?? [])
        .find(isWanted)
      if (found !== undefined) return found
      if (!hasNext) return null
    }
    return null
  }

  /** null = there is no such issue any more. @throws Failure */
  async read(number: number): Promise<Issue | null> {
    return issueIn(await this.#api.getUnless(`${this.#at}/issues/${number}`, GONE))
  }

  /**
   * Opens one. Where its labels or assignees are not taken, it is opened without them.
   * @returns its number, and what was left out, in words
   * @throws Failure
   */
  async open({ title, body, labels, assignees }: NewIssue): Promise<{ readonly number: number | null; readonly without: string | null }> {
    const known = await this.#labels(labels)
    const whole = { title, body, ...(known.length > 0 && { labels: known }), ...(assignees.length > 0 && { assignees }) }
    const plain = { title, body }
    const missing = labels.length - known.length
    const first = await this.#api.change('POST', `${this.#at}/issues`, whole, assignees.length + known.length > 0 ? [422] : [])
    if (first.status !== 422)
      return { number: numberIn(first.value), without: missing > 0 ? 'some of its labels, which do not exist' : null }
    const second = await this.#api.change('POST', `${this.#at}/issues`, plain)
    return { number: numberIn(second.value), without: 'its labels and assignees, which the forge does not take' }
  }

  /** @throws Failure */
  async edit(number: number, body: string): Promise<void> {
    await this.#api.change('PATCH', `${this.#at}/issues/${number}`, { body })
  }

  /** @throws Failure */
  async close(number: number): Promise<void> {
    await this.#api.change('PATCH', `${this.#at}/issues/${number}`, { state: 'closed' })
  }

  /** @throws Failure */
  async comment(number: number, body: string): Promise<void> {
    await this.#api.change('POST', `${this.#at}/issues/${number}/comments`, { body })
  }

  /** GitHub takes names, and makes labels that do not exist; Gitea takes the numbers of those that do. */
  async #labels(names: readonly string[]): Promise<readonly (string | number)[]> {
    if (this.#kind === 'github' || names.length === 0) return names
    const all = await this.#api.list(`${this.#at}/labels?limit=50`)
    return all
      .filter(label => names.includes(textIn(label, 'name') ?? ''))
      .flatMap(label => {
        const { id } = fieldsOf(label)
        return typeof id === 'number' ? id : []
      })
  }
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

/**
 * Anybody may open an issue that looks like ours, and would keep the right to change it. GitHub tells who belongs to the repository; what a workflow opens is
 * a bot's.
 */
function isTrustworthy(value: unknown): boolean {
  const association = textIn(value, 'author_association')
  if (association === null || ['OWNER', 'MEMBER', 'COLLABORATOR'].includes(association)) return true
  return fieldsOf(fieldsOf(value)['user'])['type'] === 'Bot'
}
