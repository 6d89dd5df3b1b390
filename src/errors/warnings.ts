interface Warning {
  readonly match: RegExp
  /** Advice. */
  readonly hint: string
}

/** Lines that look like errors although the push succeeded. They are never the reason of a failure. */
export const SERVER_WARNINGS: readonly Warning[] = [
  {
    match: /warning: File .{1,400} is [\d.]+ MB; this is larger than GitHub's recommended maximum/i,
    hint: 'nothing is required; consider LFS for such files at the source',
  },
  { match: /Bypassed rule violations for/, hint: "nothing to do: the mirror's user may pass this rule, and the update was accepted" },
  {
    match: /WARNING Repository size in Bitbucket|Above the \d+ GB size limit further commits are rejected/,
    hint: 'nothing to do yet: above the limit, the destination accepts nothing more',
  },
  {
    match: /does not support the (?:Git )?LFS locking API|git config lfs\.\S*locksverify false/,
    hint: 'nothing to do: without locks all files are accepted; set `lfs.locksverify` to `false` to avoid this line',
  },
]

/** The row that matches a line; null = the line is no such warning. */
export const warningIn = (line: string): Warning | null => SERVER_WARNINGS.find(({ match }) => match.test(line)) ?? null
