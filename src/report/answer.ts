/** What an operation other than a mirror ends with: one text for each place where it is told. Free of secrets; server text in it is escaped. */
export interface Answer {
  /** For the log, or a terminal's stdout; ends with a newline. */
  readonly text: string
  /** Markdown, for the job summary. */
  readonly summary: string
  /** The step's outputs by name. */
  readonly outputs: Readonly<Record<string, string>>
  /** What must be seen without opening the log; null: nothing, and the step succeeds. */
  readonly problem: { readonly title: string; readonly message: string } | null
}
