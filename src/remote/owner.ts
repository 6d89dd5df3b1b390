import type { RemoteUrl } from './url.ts'

/** Public forges, under each name of theirs, at which every repository is somebody's. */
const WITH_OWNER: ReadonlySet<string> = new Set([
  ...[
    'github.com',
    'ssh.github.com',
    'gitlab.com',
    'altssh.gitlab.com',
    'bitbucket.org',
    'altssh.bitbucket.org',
    'codeberg.org',
    'gitea.com',
  ],
])

/** What is wrong with a URL that names a repository without its owner, which the forge would answer with a question for a password; null for any other. */
export function missingOwner({ protocol, host, path }: RemoteUrl): string | null {
  if (protocol === 'file' || !WITH_OWNER.has(host)) return null
  if (path.split('/').filter(part => part !== '').length >= 2) return null
  return `the URL names no owner: at "${host}" a repository is at OWNER/REPOSITORY`
}
