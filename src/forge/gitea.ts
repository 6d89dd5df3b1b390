import { fieldsOf, textIn } from '../text/json.ts'
import type { ForgeApi } from './api.ts'
import { compileGlob } from './glob.ts'
import { exactly, type ProtectedBranches, type ProtectedRule } from './rules.ts'

/**
 * The protected branches of a repository at Gitea or Forgejo. Only its administrators may read the rules; other users learn which existing branches are
 * protected (API, "List branch protections", "List branches"; routers/api/v1/api.go). @param repository `owner/name` @throws Failure
 */
export async function protectedAtGitea(api: ForgeApi, repository: string): Promise<ProtectedBranches> {
  let refused = false
  // All at once: this answer has no pages.
  const rules = await api.list(`/repos/${repository}/branch_protections`, status => {
    refused = [401, 403, 404].includes(status)
    return refused
  })
  if (!refused) {
    const patterns = rules.flatMap(rule => textIn(rule, 'rule_name') ?? textIn(rule, 'branch_name') ?? [])
    return { rules: await Promise.all(patterns.map(ruleOf)), notices: [] }
  }
  const branches = await api.list(`/repos/${repository}/branches?limit=50`)
  const names = branches.filter(branch => fieldsOf(branch)['protected'] === true).flatMap(branch => textIn(branch, 'name') ?? [])
  return {
    rules: names.map(exactly),
    notices: [
      '`token` may not read the rules for protected branches, only which branches are protected: a protected branch that was deleted stays at the mirror',
    ],
  }
}

/** A rule by its pattern: a plain name in any case, otherwise a glob (models/git/protected_branch.go). */
async function ruleOf(name: string): Promise<ProtectedRule> {
  const glob = /[\\*?[\]{}]/.test(name) ? await compileGlob(name, 'gobwas') : null
  const lower = name.toLowerCase()
  return { name, matches: glob ?? (branch => branch.toLowerCase() === lower) }
}
