import { repositoryOf, SSH_HOSTS, webAddress } from './forge.ts'
import type { RemoteUrl } from './url.ts'

/** What the mirror does with a repository: the source is read, the destination is written to. */
export type Access = 'read' | 'write'

/** Where the public half of an SSH key is registered, for one repository. */
export interface KeyPlace {
  /** The forge's or the server's name. */
  readonly at: string
  /** The page to paste it into; null where that is not known, or no page. */
  readonly page: string | null
  /** What to do there: one sentence, lower case, without a full stop. */
  readonly advice: string
}

/** How a forge words it, and its page below the repository's own. */
interface Forge {
  readonly name: string
  readonly page: (place: Place, access: Access) => string
  readonly advice: Readonly<Record<Access, string>>
}

interface Place {
  /** Web address of the forge, without a slash at its end. */
  readonly web: string
  /** `owner/name`, or with groups `a/b/name`; at Azure DevOps the organization. */
  readonly repository: string
}

const READ = 'add it as a deploy key; it need not write'

const GITHUB: Forge = {
  name: 'GitHub',
  page: ({ web, repository }) => `${web}/${repository}/settings/keys/new`,
  advice: { write: 'add it as a deploy key, with “Allow write access”', read: READ },
}

const GITEA: Forge = {
  name: 'Gitea or Forgejo',
  page: ({ web, repository }) => `${web}/${repository}/settings/keys`,
  advice: { write: 'add it as a deploy key, with “Enable Write Access”', read: READ },
}

/** GitHub Enterprise, Gitea and Forgejo have the page at the same place, which is all that is known of the server of the run. */
const OF_THE_RUN: Omit<Forge, 'name'> = {
  page: GITEA.page,
  advice: { write: 'add it as a deploy key with write access', read: READ },
}

const GITLAB: Forge = {
  name: 'GitLab',
  page: ({ web, repository }) => `${web}/${repository}/-/settings/repository#js-deploy-keys-settings`,
  advice: { write: 'add it as a deploy key, with “Grant write permissions to this key”', read: READ },
}

const BITBUCKET_CLOUD: Forge = {
  name: 'Bitbucket',
  page: ({ web, repository }, access) =>
    access === 'read' ? `${web}/${repository}/admin/access-keys/` : `${web}/account/settings/ssh-keys/`,
  advice: {
    write: 'add it to an account that may write to the repository: the access keys of a repository can only read',
    read: 'add it as an access key of the repository',
  },
}

/** Bitbucket Data Center, where projects have keys like `PROJ`, and users `~name`. */
const BITBUCKET_SERVER: Forge = {
  name: 'Bitbucket Data Center',
  page: ({ web, repository }) => {
    const [project = '', name = ''] = repository.split('/')
    return `${web}/plugins/servlet/ssh/projects/${project}/repos/${name}/keys`
  },
  advice: {
    write: 'add it as an access key with the permission “Read / Write”',
    read: 'add it as an access key with the permission “Read”',
  },
}

const AZURE: Forge = {
  name: 'Azure DevOps',
  page: ({ repository: organization }) => `https://dev.azure.com/${organization}/_usersSettings/keys`,
  advice: {
    write: 'add it to an account that may contribute to the repository; it must be an RSA key, others are not taken there',
    read: 'add it to an account that may read the repository; it must be an RSA key, others are not taken there',
  },
}

const PUBLIC_FORGES: Readonly<Record<string, Forge>> = {
  'github.com': GITHUB,
  'gitlab.com': GITLAB,
  'bitbucket.org': BITBUCKET_CLOUD,
  'codeberg.org': { ...GITEA, name: 'Codeberg' },
  'gitea.com': { ...GITEA, name: 'Gitea' },
}

/** The port that Bitbucket Data Center listens on for SSH, unless it is told otherwise. */
const BITBUCKET_PORT = 7999

/** A word of a host's name: `gitlab.example.com`, `my-gitlab.example`, `git.gitea.example`. */
const named = (word: string, host: string): boolean => new RegExp(`(?:^|[.-])${word}(?:[.-]|$)`).test(host)

function forgeOf(host: string, port: number | null, server: URL | null): Forge | null {
  const known = PUBLIC_FORGES[host]
  if (known !== undefined) return known
  if (host === 'ssh.dev.azure.com' || host === 'dev.azure.com') return AZURE
  if (server !== null && server.hostname.toLowerCase() === host) return { ...OF_THE_RUN, name: host }
  if (host.includes(':')) return null
  if (named('gitlab', host)) return GITLAB
  if (named('gitea', host) || named('forgejo', host)) return GITEA
  if (port === BITBUCKET_PORT || named('bitbucket', host)) return BITBUCKET_SERVER
  return null
}

/** The repository within its forge: what stands before it in some forges' URLs is gone. */
function repositoryAt(forge: Forge, path: string): string | null {
  if (forge === AZURE) return /^\/?(?:v3\/)?([\w.-]+)\//.exec(path)?.[1] ?? null
  // `/scm/` is of https; the users' own repositories begin with `~`, which is harmless in a link.
  if (forge === BITBUCKET_SERVER) {
    const [, tilde = '', rest = ''] = /^\/?(?:scm\/)?(~?)(.*)$/.exec(path) ?? []
    const repository = repositoryOf(rest)
    return repository === null || repository.split('/').length !== 2 ? null : `${tilde}${repository}`
  }
  const repository = repositoryOf(path)
  return forge === GITLAB || repository?.split('/').length === 2 ? repository : null
}

export interface KeyPlaceOptions {
  /** Web address of the server of the run (GITHUB_SERVER_URL); null = none. */
  readonly serverUrl: string | null
  /** Who logs in over SSH. */
  readonly username: string
}

/**
 * Where, and with which right, the public half of an SSH key is to be registered so that the mirror can use it. Nothing is asked of the network: the forge is
 * told by the host's name, by the server of the run, or by the port. Sources: GitHub docs “Managing deploy keys”; GitLab docs “Deploy keys”; Gitea's locale
 * `settings.is_writable`; Bitbucket docs “Set up access keys”; Azure DevOps docs “Use SSH key authentication”.
 */
export function keyPlace(url: RemoteUrl, access: Access, { serverUrl, username }: KeyPlaceOptions): KeyPlace {
  const host = SSH_HOSTS.get(url.host) ?? url.host
  const server = serverUrl !== null && URL.canParse(serverUrl) && /^https?:/.test(serverUrl) ? new URL(serverUrl) : null
  const forge = url.protocol === 'file' ? null : forgeOf(host, url.port, server)
  if (forge === null) return { at: host, page: null, advice: adviceFor(url, access, username) }
  const isOurs = server !== null && server.hostname.toLowerCase() === host
  const web = isOurs ? `${server.origin}${server.pathname.replace(/\/$/, '')}` : webAddress(url, host)
  const repository = repositoryAt(forge, url.path)
  return { at: forge.name, page: repository === null ? null : forge.page({ web, repository }, access), advice: forge.advice[access] }
}

function adviceFor({ protocol, host }: RemoteUrl, access: Access, username: string): string {
  const right = access === 'write' ? 'with write access' : 'which need not write'
  if (protocol !== 'ssh') return `add it as a deploy key, ${right}`
  return `add it to \`~/.ssh/authorized_keys\` of "${username}" at "${host}", or, where a forge runs there, as a deploy key ${right}`
}
