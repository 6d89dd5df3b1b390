import { fieldsOf, textIn, textsIn } from '../text/json.ts'
import type { ForgeApi } from './api.ts'
import { compileGlob } from './glob.ts'
import { exactly, type ProtectedBranches, type ProtectedRule } from './rules.ts'

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
  for (const ruleset of rulesets.filter(isActive)) {
    details.push(await api.get(`${at}/rulesets/${String(fieldsOf(ruleset)['id'])}?includes_parents=true`))
  }
  const asksDefault = details.some(detail => /"~DEFAULT_BRANCH"/.test(JSON.stringify(fieldsOf(detail)['conditions'] ?? null)))
  const defaultBranch = asksDefault ? textIn(await api.get(at), 'default_branch') : null
  const rules = await Promise.all(details.map(detail => ruleOf(detail, defaultBranch)))
  return { rules: [...names.map(exactly), ...rules.filter(rule => rule !== null)], notices: [] }
}

const isActive = (ruleset: unknown): boolean => {
  const { enforcement, target, id } = fieldsOf(ruleset)
  return enforcement === 'active' && target === 'branch' && Number.isSafeInteger(id)
}

/** A ruleset with its conditions as a rule; null for one that names no branches. */
async function ruleOf(ruleset: unknown, defaultBranch: string | null): Promise<ProtectedRule | null> {
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
