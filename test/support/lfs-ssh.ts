import { appendFileSync, chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Login } from './lfs-repository.ts'
import type { LfsServer } from './lfs-server.ts'
import { type Sshd, startSshd } from './sshd.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const TRANSFER = fileURLToPath(new URL('../../.tools/git-lfs-transfer/git-lfs-transfer', import.meta.url))

/** The output of `git-lfs-authenticate`. `NAME` in it stands for the repository's name, without `.git`. */
export interface Authentication {
  readonly href?: string
  readonly header?: Readonly<Record<string, string>>
  /** Seconds. */
  readonly expires_in?: number
}

export interface LfsSshd extends Sshd {
  /** The login with the key that may do everything. */
  readonly login: Login
  /** The login with the key that may only read. */
  readonly readOnlyLogin: Login
  /** The commands that were run for LFS so far: `git-lfs-transfer <path> upload`. */
  commands(): string[]
  /** Lets `git-lfs-authenticate` print something else from now on. @param answer a text: it fails with these words */
  authenticate(answer: Authentication | string): void
}

/**
 * Starts an OpenSSH server for bare repositories, with one way for LFS objects. `transfer` moves them itself, by `git-lfs-transfer`, from and to a
 * repository's own store. `authenticate` sends to a server over https, with a token. `none` knows nothing of LFS. Stop it at the end of the test file.
 * @param lfs where `authenticate` sends to, for the repositories there
 */
export async function startLfsSshd(kind: 'transfer' | 'authenticate' | 'none', lfs: LfsServer | null = null): Promise<LfsSshd> {
  const programs = temporaryDirectory()
  const file = (name: string): string => join(programs, name)
  appendFileSync(file('log'), '')
  if (kind === 'transfer') writeProgram(file('git-lfs-transfer'), transferer(programs))
  if (kind === 'authenticate') writeProgram(file('git-lfs-authenticate'), authenticator(programs))
  const sshd = await startSshd({ programs })
  const authenticate = (answer: Authentication | string): void => {
    rmSync(file('refusal'), { force: true })
    if (typeof answer === 'string') writeFileSync(file('refusal'), `${answer}\n`)
    else writeFileSync(file('answer'), JSON.stringify(answer))
  }
  if (lfs !== null) authenticate(authenticationFor(lfs))
  const login = (name: string, key: string): Login =>
    sshLogin(sshd, { key, directory: temporaryDirectory(), name, caFile: lfs?.caFile ?? null })
  return {
    ...sshd,
    login: login('user', sshd.privateKey),
    readOnlyLogin: login('reader', sshd.readOnlyKey),
    commands: () => readFileSync(file('log'), 'utf8').split('\n').slice(0, -1),
    authenticate,
  }
}

/** The address and the token of a server's LFS objects. */
export function authenticationFor({ origin, lfsToken }: Pick<LfsServer, 'origin' | 'lfsToken'>): Authentication {
  return { href: `${origin}/git/NAME.git/info/lfs`, header: { Authorization: `RemoteAuth ${lfsToken}` }, expires_in: 3600 }
}

/** A repository may have a hook that comes first, `lfs-upload` or `lfs-download`. */
function transferer(directory: string): string {
  return `echo "git-lfs-transfer $*" >>'${directory}/log'
if [ -x "$1/hooks/lfs-$2" ]; then "$1/hooks/lfs-$2"; fi
exec '${TRANSFER}' "$@"`
}

function authenticator(directory: string): string {
  return `echo "git-lfs-authenticate $*" >>'${directory}/log'
if [ -e '${directory}/refusal' ]; then cat '${directory}/refusal' >&2; exit 1; fi
sed "s|NAME|$(basename "$1" .git)|" '${directory}/answer'`
}

function writeProgram(file: string, script: string): void {
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
}

interface KeyFiles {
  readonly key: string
  readonly directory: string
  readonly name: string
  readonly caFile: string | null
}

// By the system's own ssh, with nothing of the user's. git-lfs logs in once for each transfer at a time.
function sshLogin({ knownHosts }: Sshd, { key, directory, name, caFile }: KeyFiles): Login {
  const file = join(directory, name)
  writeFileSync(file, key, { mode: 0o600 })
  writeFileSync(`${file}_known_hosts`, knownHosts)
  const options = [`UserKnownHostsFile='${file}_known_hosts'`, 'IdentitiesOnly=yes', 'IdentityAgent=none', 'BatchMode=yes']
  const command = `ssh -F /dev/null -i '${file}' ${options.map(option => `-o ${option}`).join(' ')}`
  return {
    env: { GIT_SSH_COMMAND: command, ...(caFile === null ? {} : { GIT_SSL_CAINFO: caFile }) },
    config: ['-c', 'lfs.concurrentTransfers=1'],
  }
}
