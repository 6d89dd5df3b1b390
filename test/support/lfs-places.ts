import type { RawInputs } from '../../src/settings/inputs.ts'
import type { Place } from './behaviour.ts'
import { fsck } from './git-repository.ts'
import type { Intervention, LfsAnswered, LfsRequest } from './lfs-gate.ts'
import { compareObjects, type Login, webLogin } from './lfs-repository.ts'
import type { LfsServer } from './lfs-server.ts'
import type { LfsSshd } from './lfs-ssh.ts'
import { type Mirrored, type MirrorOptions, runMirror } from './mirror.ts'
import { httpsPlace, sshPlace } from './places.ts'

/** A place for repositories with LFS objects, and how git-lfs itself reaches them. */
export interface LfsPlace extends Place {
  /** The address of a directory, for git. */
  url(directory: string): string
  readonly login: Login
}

/** The name by which a server over https knows a repository. */
export const nameOf = (directory: string): string => directory.replace(/^.*\/(.*)\.git$/, '$1')

export const httpsLfs = (server: LfsServer): LfsPlace => ({
  ...httpsPlace(server, 'git'),
  url: directory => server.url(nameOf(directory)),
  login: webLogin(server),
})

export const sshLfs = (sshd: LfsSshd): LfsPlace => ({ ...sshPlace(sshd), url: sshd.url, login: sshd.login })

/** git over ssh, and LFS where `git-lfs-authenticate` sends to: repositories lie where that server finds their objects. */
export const authenticatedLfs = (sshd: LfsSshd, server: LfsServer): LfsPlace => ({
  create: httpsPlace(server, 'git').create,
  inputs: (source, destination) => ({ ...sshPlace(sshd).inputs(source, destination), 'ca-certificate': server.caPem }),
  url: sshd.url,
  login: sshd.login,
})

/** A pair of repositories of one place. */
export interface LfsPair {
  readonly source: string
  readonly destination: string
  /** Mirrors from one to the other. */
  run(inputs?: RawInputs, options?: MirrorOptions): Promise<Mirrored>
  /** The differences of the destination, in all branches that the source has, or in those named. It must be whole. */
  check(branches?: readonly string[]): Promise<string[]>
}

export async function createPair(place: LfsPlace, transfer: string): Promise<LfsPair> {
  const [source, destination] = [await place.create(), await place.create()]
  return {
    source,
    destination,
    run: (inputs = {}, options = {}) => runMirror({ ...place.inputs(source, destination), transfer, ...inputs }, options),
    check: async branches => {
      await fsck(destination)
      return await compareObjects(source, destination, branches)
    },
  }
}

/** Does something to all requests of one kind for one repository of a server, from now on. */
export function interveneAt(server: LfsServer, directory: string, kind: LfsRequest['kind'], what: Intervention): void {
  server.intervene = request => (request.kind === kind && request.repository === nameOf(directory) ? what : null)
}

/** The requests that a server got for one repository. */
export const requestsAt = (server: LfsServer, directory: string): LfsAnswered[] =>
  server.answered.filter(({ repository }) => repository === nameOf(directory))
