import { matchesGlob } from '../refs/select.ts'
import { textIn } from '../text/json.ts'
import type { ForgeApi } from './api.ts'
import type { ProtectedBranches } from './rules.ts'

/**
 * The protected branches of a project at GitLab, with those that it inherits from its groups: names and wildcards ("Protected branches API").
 * @param repository path of the project, with its groups
 * @throws Failure where the API refuses
 */
export async function protectedAtGitLab(api: ForgeApi, repository: string): Promise<ProtectedBranches> {
  const rules = await api.list(`/projects/${encodeURIComponent(repository)}/protected_branches?per_page=100`)
  const names = rules.flatMap(rule => textIn(rule, 'name') ?? [])
  return { rules: names.map(name => ({ name, matches: branch => matchesGlob(name, branch) })), notices: [] }
}
