/** A rule of a forge that protects branches. */
export interface ProtectedRule {
  /** As the forge spells it, for people. */
  readonly name: string
  matches(branch: string): boolean
}

/** The protected branches of a repository, as its forge reports them. */
export interface ProtectedBranches {
  readonly rules: readonly ProtectedRule[]
  /** Sentences about what the forge did not report. */
  readonly notices: readonly string[]
}

/** A rule for one branch. */
export const exactly = (name: string): ProtectedRule => ({ name, matches: branch => branch === name })
