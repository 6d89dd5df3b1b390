/** The environment of a run: an Actions runner or a terminal. All output of a run goes through it. */
export interface Host {
  readonly kind: 'actions' | 'terminal'
  /** Debug output is wanted. */
  readonly verbose?: boolean
  /** Absolute; that of the runner if there is one. */
  readonly temporaryDirectory: string
  /** From now on these values are not printed. Must be called before anything that could print them. */
  mask(secrets: readonly string[]): void
  /** The text without any masked value, for files that the runner does not mask. */
  hide(text: string): string
  /** The caller must escape text of servers (server-text.ts). */
  info(message: string): void
  debug(message: string): void
  /** Shows the progress of a long operation as a moving line, or now and then as a line of the log; null ends it. May be called at any rate. */
  progress(describe: (() => string) | null): void
  annotate(annotation: Annotation): Promise<void>
  output(name: string, value: string): Promise<void>
  /** For the post step. */
  saveState(name: string, value: string): void
  /** Markdown; written once, at the end. */
  summary(markdown: string): Promise<void>
}

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly title: string
  readonly message: string
}
