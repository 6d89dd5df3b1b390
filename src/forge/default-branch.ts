import { Failure } from '../errors/failure.ts'
import { FORGE_BYTES, ISSUE_MS } from '../limits/limits.ts'
import { type RefName, shortName } from '../refs/ref.ts'
import type { Side } from '../remote/side.ts'
import type { Settings } from '../settings/settings.ts'
import { textIn } from '../text/json.ts'
import { type ApiAccess, withForgeApi } from './api.ts'
import { type ApiKind, locateForge } from './location.ts'

/** The request that changes a repository (GitHub, "Update a repository"; GitLab, "Edit a project"; Gitea and Forgejo, "Edit a repository"). */
const REQUESTS: Readonly<Record<ApiKind, (repository: string) => readonly ['PATCH' | 'PUT', string]>> = {
  github: repository => ['PATCH', `/repos/${repository}`],
  gitlab: repository => ['PUT', `/projects/${encodeURIComponent(repository)}`],
  gitea: repository => ['PATCH', `/repos/${repository}`],
}

const RIGHTS: Readonly<Record<ApiKind, string>> = {
  github: '*Administration* read and write (classic: the scope `repo`); the token of a run never has it',
  gitlab: 'the scope `api` and the role Maintainer',
  gitea: 'the scope `write:repository`, of a user who administers the repository',
}

const PROBLEM = 'the default branch of the destination was not changed'

/**
 * Makes a branch the default branch of a side, through the API of its forge, with the token of that side. If the forge's git did not report the default
 * branch, the API is asked first: otherwise every run would change it, and say so.
 * @param known the default branch before; null = not reported
 * @returns the default branch before
 * @throws Failure
 */
export async function setDefaultBranch(
  side: Side,
  branch: RefName,
  known: string | null,
  settings: Settings,
  access: ApiAccess,
): Promise<string | null> {
  const { url, secret } = settings[side]
  const input = side === 'here' ? '`token`' : '`auth-secret`'
  const refuse = (why: string, hint: string): never => {
    throw new Failure('default-branch-refused', `${PROBLEM}: ${why}`, { side, hint })
  }
  if (url.protocol === 'ssh')
    return refuse(`an API needs a token, and "${url}" is an SSH URL`, `use the https URL with a token in ${input}, or ${BY_HAND}`)
  const location = locateForge(url, settings.apiUrl)
  if (location === null) return refuse(`it is not known which forge is at "${url.host}", and so which API it has`, UNKNOWN)
  if (secret === null) return refuse(`${input} is empty, and the API needs a token`, `give a token in ${input}, or ${BY_HAND}`)
  const hint = `give the token in ${input} ${RIGHTS[location.kind]}`
  const purpose = { kind: 'default-branch-refused', problem: PROBLEM, hint, lateHint: 'the next run tries again' } as const
  const limits = { idleTimeoutMs: ISSUE_MS, limitMs: ISSUE_MS, limitBytes: FORGE_BYTES }
  const [method, path] = REQUESTS[location.kind](location.repository)
  return await withForgeApi(settings, { ...access, ...limits, location, purpose, token: secret }, async api => {
    const before = known ?? textIn(await api.get(path), 'default_branch')
    if (before !== shortName(branch)) await api.change(method, path, { default_branch: shortName(branch) })
    return before
  })
}

const BY_HAND = 'set the default branch by hand in the settings of the repository'

/** location.ts */
const UNKNOWN = `${BY_HAND}; known are the public forges, hosts that begin with "gitlab.", and the forge that runs the workflow`
