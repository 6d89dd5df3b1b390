/** Where a run takes place: an Actions runner or a terminal. Everything that a run says or leaves behind goes through here. */
export interface Host {
  readonly kind: 'actions' | 'terminal'
  /** Somebody asked for everything, however long. */
  readonly verbose?: boolean
  /** Directory for temporary files, absolute: the runner's own where there is one. */
  readonly temporaryDirectory: string
  /** From now on nothing prints these values. Must come before anything that could. */
  mask(secrets: readonly string[]): void
  /** The text without any masked value, for files that nobody else masks. */
  hide(text: string): string
  /** For everybody. Text of servers must be escaped by the caller (report/escape.ts). */
  info(message: string): void
  /** For those who asked for debug logging. */
  debug(message: string): void
  /**
   * How far something long is; null = it is over. May be called at any rate, and shows as much as the place can bear: a moving line,
   * or now and then a line of the log.
   */
  progress(describe: (() => string) | null): void
  annotate(annotation: Annotation): Promise<void>
  output(name: string, value: string): Promise<void>
  /** Something that the post step must know, saved before it is needed. */
  saveState(name: string, value: string): void
  /** Markdown; written once, at the end. */
  summary(markdown: string): Promise<void>
}

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly title: string
  readonly message: string
}
