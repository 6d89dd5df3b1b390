import { Failure } from '../errors/failure.ts'

/** GIT_CONFIG_GLOBAL, without which the user's configuration would leak in, came with git 2.32. */
export const MINIMUM_GIT = [2, 32] as const

/** @param text what `git version` prints. @throws Failure `git-too-old` */
export function checkGitVersion(text: string): void {
  const [, major, minor] = /git version (\d+)\.(\d+)/.exec(text) ?? []
  const [wantedMajor, wantedMinor] = MINIMUM_GIT
  if (major !== undefined && (Number(major) > wantedMajor || (Number(major) === wantedMajor && Number(minor) >= wantedMinor))) return
  throw new Failure('git-too-old', `git ${wantedMajor}.${wantedMinor} or newer is needed, found "${text.trim()}"`)
}
