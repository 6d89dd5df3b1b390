/** A rule of a forge that protects branches. */
export interface ProtectedRule {
  /** As the forge spells it, for people. */
  readonly name: string
  matches(branch: string): boolean
}

/** What a forge says of its protected branches. */
export interface ProtectedBranches {
  readonly rules: readonly ProtectedRule[]
  /** What the forge did not say, in words. */
  readonly notices: readonly string[]
}

/** A rule for one branch. */
export const exactly = (name: string): ProtectedRule => ({ name, matches: branch => branch === name })
