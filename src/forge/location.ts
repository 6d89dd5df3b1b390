import { type ForgeKind, forgeKindOf, repositoryOf } from '../remote/forge.ts'
import { isWeb } from '../remote/server.ts'
import type { RemoteUrl } from '../remote/url.ts'

/** Forges whose API is used here. */
export type ApiKind = Exclude<ForgeKind, 'bitbucket'>

/** The address of a forge's API, and its name for a repository. */
export interface ForgeLocation {
  readonly kind: ApiKind
  /** Without a slash at its end, e.g. https://api.github.com. */
  readonly base: string
  /** `owner/name`, or with groups. */
  readonly repository: string
}

/**
 * The API of a repository's forge, for an http(s) URL; null where the forge is not known.
 * @param apiUrl as the runner names it (GITHUB_API_URL, CI_API_V4_URL): `/api/v1` is Gitea or Forgejo, `/api/v4` GitLab, everything else GitHub. It counts
 * only for the same host, or `api.` before it, so that the token goes nowhere else.
 */
export function locateForge(url: RemoteUrl, apiUrl: string | null): ForgeLocation | null {
  if (!isWeb(url)) return null
  const web = new URL(url.toGit())
  const api = apiOfHost(web, apiUrl)
  if (api === null) return null
  const { kind, base, folder } = api
  const path = `/${url.path}`
  if (folder !== '' && !path.startsWith(`${folder}/`)) return null
  const repository = repositoryOf(path.slice(folder.length), kind)
  return repository === null ? null : { kind, base, repository }
}

interface Api extends Pick<ForgeLocation, 'kind' | 'base'> {
  /** Path of the host below which the forge lives; empty for none. */
  readonly folder: string
}

function apiOfHost(web: URL, apiUrl: string | null): Api | null {
  const given = apiUrl !== null && URL.canParse(apiUrl) ? new URL(apiUrl) : null
  if (given !== null && given.protocol === web.protocol && (given.host === web.host || given.host === `api.${web.host}`)) {
    const path = given.pathname.replace(/(?<!\/)\/+$/, '')
    const version = /\/api\/v([134])$/.exec(path)?.[1]
    const kind = version === '1' ? 'gitea' : version === '4' ? 'gitlab' : 'github'
    return { kind, base: `${given.origin}${path}`, folder: version === undefined ? '' : path.replace(/\/api\/v\d$/, '') }
  }
  const kind = forgeKindOf(web.hostname)
  if (kind === null || kind === 'bitbucket') return null
  return { kind, base: kind === 'github' ? `https://api.${web.hostname}` : `${web.origin}${API_PATHS[kind]}`, folder: '' }
}

const API_PATHS = { gitlab: '/api/v4', gitea: '/api/v1' }
