import { matchesGlob } from '../refs/select.ts'
import { fieldsOf, textIn, textsIn } from '../text/json.ts'
import type { ForgeApi } from './api.ts'
import { compileGlob } from './glob.ts'

interface ProtectedRule {
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

const exactly = (name: string): ProtectedRule => ({ name, matches: branch => branch === name })

/**
 * The protected branches of a repository at GitHub: those that it marks as protected, and the patterns of the active rulesets. These may name branches that
 * do not exist (REST API, "List branches", "Get all repository rulesets", "Get a repository ruleset"). @param repository `owner/name` @throws Failure
 */
export async function protectedAtGitHub(api: ForgeApi, repository: string): Promise<ProtectedBranches> {
  const at = `/repos/${repository}`
  const branches = await api.list(`${at}/branches?protected=true&per_page=100`)
  const names = branches.filter(branch => fieldsOf(branch)['protected'] !== false).flatMap(branch => textIn(branch, 'name') ?? [])
  // The branches were listed, so the repository exists: this server or plan has no rulesets.
  const hasNone = (status: number, words: string) => status === 404 || (status === 403 && /^Upgrade to GitHub/.test(words))
  const rulesets = await api.list(`${at}/rulesets?includes_parents=true&per_page=100`, hasNone)
  const details: unknown[] = []
  for (const ruleset of rulesets.filter(isActive))
    details.push(await api.get(`${at}/rulesets/${String(fieldsOf(ruleset)['id'])}?includes_parents=true`))
  const asksDefault = details.some(detail => /"~DEFAULT_BRANCH"/.test(JSON.stringify(fieldsOf(detail)['conditions'] ?? null)))
  const defaultBranch = asksDefault ? textIn(await api.get(at), 'default_branch') : null
  const rules = await Promise.all(details.map(detail => rulesetRule(detail, defaultBranch)))
  return { rules: [...names.map(exactly), ...rules.filter(rule => rule !== null)], notices: [] }
}

const isActive = (ruleset: unknown): boolean => {
  const { enforcement, target, id } = fieldsOf(ruleset)
  return enforcement === 'active' && target === 'branch' && Number.isSafeInteger(id)
}

/** A ruleset with its conditions as a rule; null for one that names no branches. */
async function rulesetRule(ruleset: unknown, defaultBranch: string | null): Promise<ProtectedRule | null> {
  const refName = fieldsOf(fieldsOf(ruleset)['conditions'])['ref_name']
  const matchersOf = (field: string) => Promise.all(textsIn(refName, field).map(pattern => matcherOf(pattern, defaultBranch)))
  const [included, excluded] = [await matchersOf('include'), await matchersOf('exclude')]
  if (included.length === 0) return null
  return {
    name: `ruleset "${textIn(ruleset, 'name') ?? ''}"`,
    matches: branch => included.some(matches => matches(branch)) && !excluded.some(matches => matches(branch)),
  }
}

async function matcherOf(pattern: string, defaultBranch: string | null): Promise<(branch: string) => boolean> {
  if (pattern === '~ALL') return () => true
  if (pattern === '~DEFAULT_BRANCH') return branch => branch === defaultBranch
  return (await compileGlob(pattern.replace(/^refs\/heads\//, ''), 'fnmatch')) ?? (() => false)
}

/** The protected branches of a project (with its groups) at GitLab, inherited ones included ("Protected branches API"). @throws Failure */
export async function protectedAtGitLab(api: ForgeApi, repository: string): Promise<ProtectedBranches> {
  const rules = await api.list(`/projects/${encodeURIComponent(repository)}/protected_branches?per_page=100`)
  const names = rules.flatMap(rule => textIn(rule, 'name') ?? [])
  return { rules: names.map(name => ({ name, matches: branch => matchesGlob(name, branch) })), notices: [] }
}

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
    return { rules: await Promise.all(patterns.map(patternRule)), notices: [] }
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
async function patternRule(name: string): Promise<ProtectedRule> {
  const glob = /[\\*?[\]{}]/.test(name) ? await compileGlob(name, 'gobwas') : null
  const lower = name.toLowerCase()
  return { name, matches: glob ?? (branch => branch.toLowerCase() === lower) }
}
