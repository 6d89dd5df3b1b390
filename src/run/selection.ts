import { Failure } from '../errors/failure.ts'
import type { ApiAccess } from '../forge/api.ts'
import { compileRegex } from '../refs/regex.ts'
import { type BranchCondition, matchesGlob } from '../refs/select.ts'
import type { Settings } from '../settings/settings.ts'
import { shortened } from '../text/names.ts'
import { ofSide } from '../transport/of-side.ts'

/** A complete selection, and the notices that belong to it. */
export type NarrowedSelection = Awaited<ReturnType<typeof narrowSelection>>

/** Adds `branch-regex` and the protected branches to the patterns. @throws Failure; then nothing may be mirrored */
export async function narrowSelection(settings: Settings, api: ApiAccess) {
  const { selection, branchRegex, protectedOnly, protectedBranches } = settings
  const conditions: BranchCondition[] = []
  const notices: string[] = []
  if (branchRegex !== null) {
    const compiled = await compileRegex(branchRegex)
    if ('problem' in compiled) throw new Failure('settings-invalid', `\`branch-regex\` ${compiled.problem}`)
    conditions.push({ name: `the regular expression "${branchRegex}" of \`branch-regex\``, matches: compiled.matches })
  }
  if (protectedOnly && protectedBranches.length > 0) {
    const matches = (branch: string) => protectedBranches.some(glob => matchesGlob(glob, branch))
    conditions.push({ name: `the names in \`protected-branches\` (${shortened(protectedBranches)})`, matches })
  } else if (protectedOnly) {
    const { readProtectedBranches } = await import('../forge/protected-branches.ts')
    const { names, matches, notices: more } = await ofSide('here', () => readProtectedBranches(settings, api))
    conditions.push({ name: `the protected branches (${shortened(names)})`, matches })
    notices.push(...more)
  }
  return { selection: conditions.length === 0 ? selection : { ...selection, conditions }, notices }
}
