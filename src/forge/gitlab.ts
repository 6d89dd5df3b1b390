import { matchesGlob } from '../refs/select.ts'
import { textIn } from '../text/json.ts'
import type { ForgeApi } from './api.ts'
import type { ProtectedBranches } from './rules.ts'

/** The protected branches of a project (with its groups) at GitLab, inherited ones included ("Protected branches API"). @throws Failure */
export async function protectedAtGitLab(api: ForgeApi, repository: string): Promise<ProtectedBranches> {
  const rules = await api.list(`/projects/${encodeURIComponent(repository)}/protected_branches?per_page=100`)
  const names = rules.flatMap(rule => textIn(rule, 'name') ?? [])
  return { rules: names.map(name => ({ name, matches: branch => matchesGlob(name, branch) })), notices: [] }
}
