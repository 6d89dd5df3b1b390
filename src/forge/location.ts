import { repositoryOf } from '../remote/forge.ts'
import type { RemoteUrl } from '../remote/url.ts'

export type ForgeKind = 'github' | 'gitlab' | 'gitea'

/** Where a forge's API is, and what it calls a repository. */
export interface ForgeLocation {
  readonly kind: ForgeKind
  /** Without a slash at its end, e.g. https://api.github.com. */
  readonly base: string
  /** `owner/name`, or with groups. */
  readonly repository: string
}

const GITEA_HOSTS: ReadonlySet<string> = new Set(['codeberg.org', 'gitea.com'])

/**
 * The API of a repository's forge, for an http(s) URL; null where the forge is not known.
 * @param apiUrl as the runner names it (GITHUB_API_URL, CI_API_V4_URL): `/api/v1` is Gitea or Forgejo, `/api/v4` GitLab, everything else GitHub. It counts
 * only for the same host, or `api.` before it, so that the token goes nowhere else.
 */
export function locateForge(url: RemoteUrl, apiUrl: string | null): ForgeLocation | null {
  if (url.protocol !== 'https' && url.protocol !== 'http') return null
  const web = new URL(url.toGit())
  const api = apiOfHost(web, apiUrl)
  if (api === null) return null
  const folder = api.folder
  const path = `/${url.path}`
  if (folder !== '' && !path.startsWith(`${folder}/`)) return null
  const repository = repositoryOf(path.slice(folder.length))
  if (repository === null || (api.kind !== 'gitlab' && repository.split('/').length !== 2)) return null
  return { kind: api.kind, base: api.base, repository }
}

interface Api {
  readonly kind: ForgeKind
  readonly base: string
  /** Path of the host below which the forge lives; empty for none. */
  readonly folder: string
}

function apiOfHost(web: URL, apiUrl: string | null): Api | null {
  const given = apiUrl !== null && URL.canParse(apiUrl) ? new URL(apiUrl) : null
  if (given !== null && given.protocol === web.protocol && (given.host === web.host || given.host === `api.${web.host}`)) {
    const path = given.pathname.replace(/\/+$/, '')
    const version = /\/api\/v([134])$/.exec(path)?.[1]
    const kind = version === '1' ? 'gitea' : version === '4' ? 'gitlab' : 'github'
    return { kind, base: `${given.origin}${path}`, folder: version === undefined ? '' : path.replace(/\/api\/v\d$/, '') }
  }
  const host = web.hostname
  const at = (kind: ForgeKind, base: string): Api => ({ kind, base, folder: '' })
  if (host === 'github.com' || host.endsWith('.ghe.com')) return at('github', `https://api.${host}`)
  if (host.startsWith('gitlab.')) return at('gitlab', `${web.origin}/api/v4`)
  return GITEA_HOSTS.has(host) ? at('gitea', `${web.origin}/api/v1`) : null
}
