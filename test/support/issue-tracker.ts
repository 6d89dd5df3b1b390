import type { Answered } from './forge-server.ts'

export interface TrackedIssue {
  readonly number: number
  title: string
  body: string
  state: 'open' | 'closed'
  readonly labels: readonly unknown[]
  readonly assignees: readonly string[]
  readonly comments: string[]
  readonly author: User
  /** Gitea: who wrote it where it was brought from. */
  readonly originalAuthor: string
  readonly isPullRequest: boolean
}

interface User {
  readonly login: string
  readonly id: number
}

/** The user of a run's token. */
export const RUN: Readonly<Record<'github' | 'gitea', User>> = {
  github: { login: 'github-actions[bot]', id: 41_898_282 },
  gitea: { login: 'gitea-actions', id: -2 },
}
export const STRANGER: User = { login: 'somebody', id: 12 }

interface Sent {
  readonly title?: string
  readonly body?: string
  readonly state?: 'open' | 'closed'
  readonly labels?: readonly unknown[]
  readonly assignees?: readonly string[]
}

const PAGE = 15

/** The issues of a repository, as the API of GitHub, or that of Gitea and Forgejo, tells and changes them. */
export class IssueTracker {
  readonly issues: TrackedIssue[] = []
  /** Gitea: the labels that exist, by name. */
  readonly labels: Record<string, number> = {}
  /** Users to whom an issue can be assigned. */
  readonly users: string[] = []
  /** Each change, e.g. `POST /issues`. */
  readonly changes: string[] = []
  /** Answers every change, or everything, instead. */
  refusal: { readonly answered: Answered; readonly alsoReading?: boolean } | null = null
  /** The user of the token. */
  self: User
  /** Whether the token may ask for it. */
  tellsSelf = true
  readonly #kind: 'github' | 'gitea'
  readonly #base: string
  readonly #repository: string

  /** @param base path of the API, e.g. `/api/v3` */
  constructor(kind: 'github' | 'gitea', base: string, repository = 'o/r') {
    this.#kind = kind
    this.#base = base
    this.#repository = repository
    this.self = RUN[kind]
  }

  add(given: Partial<TrackedIssue> = {}): TrackedIssue {
    const number = this.issues.length + 1
    const issue: TrackedIssue = {
      ...{
        number,
        title: 'other',
        body: 'other',
        state: 'open',
        labels: [],
        assignees: [],
        comments: [],
        author: STRANGER,
        originalAuthor: '',
        isPullRequest: false,
      },
      ...given,
    }
    this.issues.push(issue)
    return issue
  }

  /** For a server's `respond`. */
  readonly respond = (method: string, whole: string, sent: unknown): Answered | null => {
    const url = new URL(whole, 'http://forge.example')
    const at = `${this.#base}/repos/${this.#repository}`
    if (!url.pathname.startsWith(at)) return this.#who(method, url.pathname, sent)
    const path = url.pathname.slice(at.length)
    if (method !== 'GET') this.changes.push(`${method} ${path}`)
    if (this.refusal !== null && (method !== 'GET' || this.refusal.alsoReading)) return this.refusal.answered
    if (path === '/labels') return { body: Object.entries(this.labels).map(([name, id]) => ({ id, name })) }
    if (path === '/issues') return method === 'GET' ? this.#list(url) : this.#open(sent as Sent)
    const [, number, comments] = /^\/issues\/(\d+)(\/comments)?$/.exec(path) ?? []
    const issue = this.issues.find(one => one.number === Number(number))
    if (issue === undefined) return { status: 404, body: { message: 'Not Found' } }
    const { title, body, state } = sent === null ? ({} as Sent) : (sent as Sent)
    if (comments !== undefined) {
      issue.comments.push(body ?? '')
      return { status: 201, body: { id: 1 } }
    }
    if (method === 'PATCH') Object.assign(issue, { ...(title && { title }), ...(body && { body }), ...(state && { state }) })
    return { status: method === 'PATCH' && this.#kind === 'gitea' ? 201 : 200, body: this.#told(issue) }
  }

  /** A token of a run or of an app may ask GitHub's GraphQL alone. */
  #who(method: string, path: string, sent: unknown): Answered | null {
    const isAsked =
      this.#kind === 'github'
        ? method === 'POST' && path === this.#base.replace(/\/v3$/, '/graphql').replace(/^$/, '/graphql')
        : method === 'GET' && path === `${this.#base}/user`
    if (!isAsked) return null
    if (!this.tellsSelf) return { status: 403, body: { message: 'Resource not accessible' } }
    const { login } = this.self
    if (this.#kind === 'gitea') return { body: this.self }
    return (sent as { readonly query?: string }).query === '{ viewer { login } }' ? { body: { data: { viewer: { login } } } } : null
  }

  #list(url: URL): Answered {
    const size = Number(url.searchParams.get(this.#kind === 'github' ? 'per_page' : 'limit'))
    if (size !== PAGE || url.searchParams.get('state') !== 'open') return { status: 400, body: { message: 'unexpected' } }
    const open = this.issues.filter(({ state, isPullRequest }) => state === 'open' && (this.#kind === 'github' || !isPullRequest)).reverse()
    const page = Number(url.searchParams.get('page') ?? 1)
    const hasNext = open.length > page * size
    return {
      body: open.slice((page - 1) * size, page * size).map(issue => this.#told(issue)),
      ...(hasNext && { headers: { Link: `<http://forge.example/?page=${page + 1}>; rel="next"` } }),
    }
  }

  #open({ title = '', body = '', labels = [], assignees = [] }: Sent): Answered {
    // As the two forges say it.
    if (assignees.some(name => !this.users.includes(name))) {
      const message = this.#kind === 'github' ? 'Validation Failed' : 'Assignee does not exist: [name: nobody]'
      return { status: 422, body: { message } }
    }
    if (this.#kind === 'gitea' && labels.some(label => typeof label !== 'number')) {
      return { status: 422, body: { message: 'json: cannot unmarshal string into Go struct field CreateIssueOption.labels of type int64' } }
    }
    return { status: 201, body: this.#told(this.add({ title, body, labels, assignees, author: this.self })) }
  }

  #told({ number, title, body, state, author, originalAuthor, isPullRequest }: TrackedIssue): unknown {
    return {
      ...{ number, title, body, state, user: author },
      ...(isPullRequest && { pull_request: { url: 'https://forge.example' } }),
      ...(this.#kind === 'gitea' && { original_author: originalAuthor }),
    }
  }
}
