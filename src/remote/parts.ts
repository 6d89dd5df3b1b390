export type Protocol = 'ssh' | 'https' | 'http' | 'git' | 'file'

/** Why a text is no URL for us, in the user's words; quotes nothing of the text that could be a secret. */
export interface UrlProblem {
  readonly problem: string
}

/** The parts of a parsed URL, decoded; its spelling is `before`, the user, `after`. */
export interface Parts {
  readonly protocol: Protocol
  readonly host: string
  readonly port: number | null
  readonly user: string | null
  readonly password: string | null
  readonly path: string
  readonly before: string
  /** The user with its `@`, as git shall see it. */
  readonly userForGit: string
  readonly after: string
}

export const problemWith = (problem: string): UrlProblem => ({ problem })

export const NOT_UTF8 = problemWith('the percent-encoding of the URL does not give UTF-8')
export const NO_PATH = problemWith('the URL has no path')
