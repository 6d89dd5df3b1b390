import { Failure } from '../errors/failure.ts'
import { FORGE_PATTERN_CHARACTERS } from '../limits/limits.ts'
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
  /** Branches and rules, as the forge spells them, for people. */
  readonly names: readonly string[]
  matches(branch: string): boolean
  /** Sentences about what the forge did not report. */
  readonly notices: readonly string[]
}

/** @param fold makes names equal that the forge takes for the same */
function protectedBy(exact: readonly string[], rules: readonly ProtectedRule[], fold = (name: string) => name): ProtectedBranches {
  const folded = new Set(exact.map(fold))
  return {
    names: [...exact, ...rules.map(({ name }) => name)],
    matches: branch => folded.has(fold(branch)) || rules.some(rule => rule.matches(branch)),
    notices: [],
  }
}

/** @throws Failure if they are too long: a rule that was left out would leave out branches */
function checkPatterns(patterns: readonly string[]): void {
  if (patterns.reduce((sum, { length }) => sum + length, 0) <= FORGE_PATTERN_CHARACTERS) return
  const message = `the patterns of the protected branches have more than ${FORGE_PATTERN_CHARACTERS} characters`
  throw new Failure('protected-branches-unreadable', message, { hint: 'name the branches in `protected-branches`' })
}

/**
 * The protected branches of a repository at GitHub: those that it marks as protected, and the patterns of the active rulesets. These may name branches that
 * do not exist (REST API, "List branches", "Get all repository rulesets", "Get a repository ruleset"). @param repository `owner/name` @throws Failure
 */
export async function protectedAtGitHub(api: ForgeApi, repository: string): Promise<ProtectedBranches> {
  const at = `/repos/${repository}`
  const isProtected = (branch: unknown) => fieldsOf(branch)['protected'] !== false
  const names = await api.list(`${at}/branches?protected=true&per_page=100`, branch =>
    isProtected(branch) ? textIn(branch, 'name') : null,
  )
  // The branches were listed, so the repository exists: this server or plan has no rulesets.
  const hasNone = (status: number, words: string) => status === 404 || (status === 403 && /^Upgrade to GitHub/.test(words))
  const rulesets: Ruleset[] = []
  for (const id of await api.list(`${at}/rulesets?includes_parents=true&per_page=100`, activeId, hasNone))
    rulesets.push(rulesetIn(await api.get(`${at}/rulesets/${id}?includes_parents=true`)))
  const patterns = rulesets.flatMap(({ include, exclude }) => [...include, ...exclude])
  checkPatterns(patterns)
  const defaultBranch = patterns.includes(DEFAULT_BRANCH) ? textIn(await api.get(at), 'default_branch') : null
  const rules = await Promise.all(rulesets.filter(({ include }) => include.length > 0).map(ruleset => rulesetRule(ruleset, defaultBranch)))
  return protectedBy(names, rules)
}

const DEFAULT_BRANCH = '~DEFAULT_BRANCH'

/** The number of a ruleset that counts for branches; null for any other. */
function activeId(ruleset: unknown): number | null {
  const { enforcement, target, id } = fieldsOf(ruleset)
  return enforcement === 'active' && target === 'branch' && typeof id === 'number' && Number.isSafeInteger(id) ? id : null
}

interface Ruleset {
  readonly name: string
  /** Patterns of branches; none for a ruleset that names no branches. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

function rulesetIn(value: unknown): Ruleset {
  const refName = fieldsOf(fieldsOf(value)['conditions'])['ref_name']
  return { name: textIn(value, 'name') ?? '', include: textsIn(refName, 'include'), exclude: textsIn(refName, 'exclude') }
}

async function rulesetRule({ name, ...patterns }: Ruleset, defaultBranch: string | null): Promise<ProtectedRule> {
  const matchersOf = (list: readonly string[]) => Promise.all(list.map(pattern => matcherOf(pattern, defaultBranch)))
  const [included, excluded] = [await matchersOf(patterns.include), await matchersOf(patterns.exclude)]
  return {
    name: `ruleset "${name}"`,
    matches: branch => included.some(matches => matches(branch)) && !excluded.some(matches => matches(branch)),
  }
}

async function matcherOf(pattern: string, defaultBranch: string | null): Promise<(branch: string) => boolean> {
  if (pattern === '~ALL') return () => true
  if (pattern === DEFAULT_BRANCH) return branch => branch === defaultBranch
  return (await compileGlob(pattern.replace(/^refs\/heads\//, ''), 'fnmatch')) ?? (() => false)
}

/** The protected branches of a project (with its groups) at GitLab, inherited ones included ("Protected branches API"). @throws Failure */
export async function protectedAtGitLab(api: ForgeApi, repository: string): Promise<ProtectedBranches> {
  const path = `/projects/${encodeURIComponent(repository)}/protected_branches?per_page=100`
  const names = await api.list(path, rule => textIn(rule, 'name'))
  const globs = names.filter(name => name.includes('*'))
  checkPatterns(globs)
  const rules = globs.map(name => ({ name, matches: (branch: string) => matchesGlob(name, branch) }))
  return protectedBy(
    names.filter(name => !name.includes('*')),
    rules,
  )
}

/**
 * The protected branches of a repository at Gitea or Forgejo. Only its administrators may read the rules; other users learn which existing branches are
 * protected (API, "List branch protections", "List branches"; routers/api/v1/api.go). @param repository `owner/name` @throws Failure
 */
export async function protectedAtGitea(api: ForgeApi, repository: string): Promise<ProtectedBranches> {
  let refused = false
  // All at once: this answer has no pages.
  const names = await api.list(
    `/repos/${repository}/branch_protections`,
    rule => textIn(rule, 'rule_name') ?? textIn(rule, 'branch_name'),
    status => {
      refused = [401, 403, 404].includes(status)
      return refused
    },
  )
  if (!refused) return await protectedByRules(names)
  const branches = await api.list(`/repos/${repository}/branches?limit=50`, branch =>
    fieldsOf(branch)['protected'] === true ? textIn(branch, 'name') : null,
  )
  const notice =
    '`token` may not read the rules for protected branches, only which branches are protected: a protected branch that was deleted stays at the mirror'
  return { ...protectedBy(branches, []), notices: [notice] }
}

/** Rules by their patterns: a plain name in any case, otherwise a glob, or a plain name if that is not well formed (models/git/protected_branch.go). */
async function protectedByRules(names: readonly string[]): Promise<ProtectedBranches> {
  const patterns = names.filter(name => /[\\*?[\]{}]/.test(name))
  checkPatterns(patterns)
  const globs = await Promise.all(patterns.map(async name => ({ name, matches: await compileGlob(name, 'gobwas') })))
  const rules = globs.flatMap(({ name, matches }) => (matches === null ? [] : [{ name, matches }]))
  const ofGlobs = new Set(rules.map(({ name }) => name))
  const plain = names.filter(name => !ofGlobs.has(name))
  return protectedBy(plain, rules, name => name.toLowerCase())
}
