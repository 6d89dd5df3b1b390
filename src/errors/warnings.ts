interface Warning {
  readonly match: RegExp
  /** What to do, if anything. */
  readonly hint: string
}

/** Lines that look like errors and are none: what they speak of was done. They never tell why something failed. */
export const SERVER_WARNINGS: readonly Warning[] = [
  {
    match: /warning: File .+ is [\d.]+ MB; this is larger than GitHub's recommended maximum/i,
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

/** The warning that a line is; null for any other line. */
export const warningIn = (line: string): Warning | null => SERVER_WARNINGS.find(({ match }) => match.test(line)) ?? null
