import { Failure } from '../errors/failure.ts'
import { FORGE_IDLE_MS, FORGE_MS, FORGE_TOTAL_BYTES } from '../limits/limits.ts'
import { type ApiAccess, type ForgeApi, type ForgeSettings, withForgeApi } from './api.ts'
import { type ApiKind, locateForge } from './location.ts'
import { type ProtectedBranches, protectedAtGitea, protectedAtGitHub, protectedAtGitLab } from './protection-rules.ts'

const LIMITS = { idleTimeoutMs: FORGE_IDLE_MS, limitMs: FORGE_MS, limitBytes: FORGE_TOTAL_BYTES }

const HINTS: Readonly<Record<ApiKind, string>> = {
  github: 'give `token` the permission to read the contents and metadata of the repository, or name the branches in `protected-branches`',
  gitlab: 'give `token` the scope `read_api` in a project where its user may read the code, or name the branches in `protected-branches`',
  gitea: 'give `token` the scope `read:repository`, or name the branches in `protected-branches`',
}

const READERS = { github: protectedAtGitHub, gitlab: protectedAtGitLab, gitea: protectedAtGitea }

/** Asks the forge of the run's repository for its protected branches. @throws Failure; `no-protected-branches` where there are none */
export async function readProtectedBranches(settings: ForgeSettings, context: ApiAccess): Promise<ProtectedBranches> {
  const { url } = settings.here
  const location = locateForge(url, settings.apiUrl)
  if (location === null) {
    const hint = 'name the branches in `protected-branches`'
    throw new Failure('protected-branches-unreadable', `${UNREADABLE}: it is not known which forge "${url}" is at`, { hint })
  }
  const { kind, repository } = location
  const purpose = { kind: 'protected-branches-unreadable', problem: UNREADABLE, hint: HINTS[kind] } as const
  const read = (api: ForgeApi) => READERS[kind](api, repository)
  const found = await withForgeApi(settings, { ...context, ...LIMITS, location, purpose, token: settings.here.secret }, read)
  if (found.names.length > 0) return found
  throw new Failure('no-protected-branches', `no branch of "${repository}" is protected`)
}

const UNREADABLE = 'the protected branches cannot be read'
