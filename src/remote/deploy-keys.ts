import { type ForgeKind, pathAt, publicForge, repositoryOf, serverOfRun, webAddress, webHostOf } from './forge.ts'
import type { RemoteUrl } from './url.ts'

/** The access that the mirror needs to a repository: the source is read, the destination is written to. */
export type Access = 'read' | 'write'

/** The place to register the public half of an SSH key, for one repository. */
export interface KeyPlace {
  /** The page to paste it into; null where that is not known, or no page. */
  readonly page: string | null
  /** The step to take there: one sentence, lower case, without a full stop. */
  readonly advice: string
}

/** The forges that differ in where keys are registered, and in how: some kinds do, and some that are known by other means. */
type KeyForge = ForgeKind | 'bitbucket-server' | 'azure' | 'of-the-run'

interface KeyPage {
  /** @param web address of the forge, without a slash at its end @param repository as `repositoryAt` gives it */
  readonly page: (web: string, repository: string, access: Access) => string
  readonly advice: Readonly<Record<Access, string>>
}

const READ = 'add it as a deploy key; it need not write'

const KEY_PAGES: Readonly<Record<KeyForge, KeyPage>> = {
  github: {
    page: (web, repository) => `${web}/${repository}/settings/keys/new`,
    advice: { write: 'add it as a deploy key, with “Allow write access”', read: READ },
  },
  gitea: {
    page: (web, repository) => `${web}/${repository}/settings/keys`,
    advice: { write: 'add it as a deploy key, with “Enable Write Access”', read: READ },
  },
  // GitHub Enterprise, Gitea and Forgejo have the page at the same place.
  'of-the-run': {
    page: (web, repository) => `${web}/${repository}/settings/keys`,
    advice: { write: 'add it as a deploy key with write access', read: READ },
  },
  gitlab: {
    page: (web, repository) => `${web}/${repository}/-/settings/repository#js-deploy-keys-settings`,
    advice: { write: 'add it as a deploy key, with “Grant write permissions to this key”', read: READ },
  },
  bitbucket: {
    page: (web, repository, access) =>
      access === 'read' ? `${web}/${repository}/admin/access-keys/` : `${web}/account/settings/ssh-keys/`,
    advice: {
      write: 'add it to an account that may write to the repository: the access keys of a repository can only read',
      read: 'add it as an access key of the repository',
    },
  },
  'bitbucket-server': {
    page: (web, repository) => `${web}/plugins/servlet/ssh/projects/${repository.replace('/', '/repos/')}/keys`,
    advice: {
      write: 'add it as an access key with the permission “Read / Write”',
      read: 'add it as an access key with the permission “Read”',
    },
  },
  azure: {
    page: (_web, organization) => `https://dev.azure.com/${organization}/_usersSettings/keys`,
    advice: {
      write: 'add it to an account that may contribute to the repository; it must be an RSA key, others are not taken there',
      read: 'add it to an account that may read the repository; it must be an RSA key, others are not taken there',
    },
  },
}

/** The port that Bitbucket Data Center listens on for SSH, unless it is configured otherwise. */
const BITBUCKET_PORT = 7999

/** A word of a host's name: `gitlab.example.com`, `my-gitlab.example`, `git.gitea.example`. */
const named = (word: string, host: string): boolean => host.split(/[.-]/).includes(word)

function keyForgeOf(host: string, port: number | null, isOfRun: boolean): KeyForge | null {
  const known = publicForge(host)
  if (known !== null) return known
  if (host === 'ssh.dev.azure.com' || host === 'dev.azure.com') return 'azure'
  if (isOfRun) return 'of-the-run'
  if (host.includes(':')) return null
  if (named('gitlab', host)) return 'gitlab'
  if (named('gitea', host) || named('forgejo', host)) return 'gitea'
  return port === BITBUCKET_PORT || named('bitbucket', host) ? 'bitbucket-server' : null
}

/** The repository within its forge, at Azure DevOps the organization; what stands before it in some forges' URLs is gone. */
function repositoryAt(forge: KeyForge, path: string): string | null {
  if (forge === 'azure') return /^\/?(?:v3\/)?([\w.-]+)\//.exec(path)?.[1] ?? null
  if (forge === 'of-the-run') return repositoryOf(path, 'github')
  if (forge !== 'bitbucket-server') return repositoryOf(path, forge)
  // `/scm/` is of https; projects have keys like `PROJ`, and users `~name`, which is harmless in a link.
  const [, tilde = '', rest = ''] = /^\/?(?:scm\/)?(~?)(.*)$/.exec(path) ?? []
  const repository = repositoryOf(rest, 'bitbucket')
  return repository === null ? null : `${tilde}${repository}`
}

export interface KeyPlaceOptions {
  /** Web address of the server of the run (GITHUB_SERVER_URL); null = none. */
  readonly serverUrl: string | null
  /** The user that logs in over SSH. */
  readonly username: string
}

/**
 * The place, and the right, to register the public half of an SSH key, so that the mirror can use it. The network is not used: the forge is
 * known by the host's name, by the server of the run, or by the port. Sources: GitHub docs “Managing deploy keys”; GitLab docs “Deploy keys”; Gitea's locale
 * `settings.is_writable`; Bitbucket docs “Set up access keys”; Azure DevOps docs “Use SSH key authentication”.
 */
export function keyPlace(url: RemoteUrl, access: Access, { serverUrl, username }: KeyPlaceOptions): KeyPlace {
  const server = serverOfRun(url, serverUrl)
  const forge = url.protocol === 'file' ? null : keyForgeOf(webHostOf(url), url.port, server !== null)
  if (forge === null) return { page: null, advice: adviceFor(url, access, username) }
  const repository = repositoryAt(forge, pathAt(url, server))
  const { page, advice } = KEY_PAGES[forge]
  return { page: repository === null ? null : page(webAddress(url, server), repository, access), advice: advice[access] }
}

function adviceFor({ protocol, host }: RemoteUrl, access: Access, username: string): string {
  const right = access === 'write' ? 'with write access' : 'which need not write'
  if (protocol !== 'ssh') return `add it as a deploy key, ${right}`
  return `add it to \`~/.ssh/authorized_keys\` of "${username}" at "${host}", or, where a forge runs there, as a deploy key ${right}`
}
