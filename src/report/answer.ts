/** The result of an operation other than a mirror, as text for each place that shows it. Free of secrets; server text in it is escaped. */
export interface Answer {
  /** For the log, or a terminal's stdout; ends with a newline. */
  readonly text: string
  /** Markdown, for the job summary. */
  readonly summary: string
  /** The step's outputs by name. */
  readonly outputs: Readonly<Record<string, string>>
  /** An annotation, which makes the step fail; null = none, and the step succeeds. */
  readonly problem: { readonly title: string; readonly message: string } | null
}
