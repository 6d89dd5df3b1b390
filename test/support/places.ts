import type { RawInputs } from '../../src/settings/inputs.ts'
import type { Place } from './behaviour.ts'
import type { GitHttp, Prefix } from './git-http.ts'
import { createBare } from './git-repository.ts'
import type { Sshd } from './sshd.ts'

/** As forges have it; git itself is set up without. */
const WITH_FILTER = { 'uploadpack.allowFilter': 'true' }

/** Both sides behind one SSH server. */
export const sshPlace = (sshd: Sshd): Place => ({
  create: options => createBare(undefined, { ...options, config: WITH_FILTER }),
  inputs: (source, destination) => ({
    'repository-url': sshd.url(source),
    token: sshd.privateKey,
    'remote-url': sshd.url(destination),
    'auth-secret': sshd.privateKey,
    'known-host-keys': sshd.knownHosts,
  }),
})

let count = 0

/** Both sides behind one web server, below a prefix of it. */
export const httpsPlace = (http: GitHttp, prefix: Prefix): Place => {
  const url = (directory: string) => http.url(nameOf(directory), { prefix })
  return {
    create: options => http.createRepository(`mirroring${count++}`, { ...options, config: WITH_FILTER }),
    inputs: (source, destination): RawInputs => ({
      'repository-url': url(source).replace('://', `://${http.user}@`),
      token: http.token,
      'remote-url': url(destination),
      username: http.user,
      'auth-secret': http.token,
      'ca-certificate': http.caPem,
    }),
  }
}

const nameOf = (directory: string): string => directory.replace(/^.*\/(.*)\.git$/, '$1')
