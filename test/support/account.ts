import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './child-process.ts'
import { gitEnvironment } from './git-repository.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** An account with a password. Only servers that are started with its `env` know it. */
export interface Account {
  readonly username: string
  readonly password: string
  /** The directory in which an SSH server looks for `.ssh/authorized_keys`. */
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  /** Removes what the libraries left behind in the system's temporary directory. Call it when the server has ended. */
  cleanUp(): void
}

interface AccountOptions {
  readonly username?: string
  readonly password?: string
  /** The password is also asked for by PAM, which sshd needs for keyboard-interactive. */
  readonly pam?: boolean
}

/**
 * Makes an account for the present user: libraries of the Samba project (nss_wrapper, pam_wrapper) show it to a server in the place of the system's.
 * Neither root nor a change of the machine is needed.
 */
export async function createAccount({ username = 'mirror', password = 's3cret pass', pam = false }: AccountOptions = {}): Promise<Account> {
  const directory = temporaryDirectory()
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text, { mode: 0o600 })
    return join(directory, name)
  }
  const home = join(directory, 'home')
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 })
  const hashed = await run('openssl', ['passwd', '-6', '-stdin'], { cwd: directory, env: gitEnvironment(), input: `${password}\n` })
  if (hashed.code !== 0) throw new Error(`openssl passwd ended with ${hashed.code}: ${hashed.stderr}`)
  const ids = `${process.getuid?.()}:${process.getgid?.()}`
  // The system's own accounts stay, because sshd wants one for itself; ours comes first for its number.
  const passwd = file('passwd', `${username}:x:${ids}::${home}:/bin/sh\n${readFileSync('/etc/passwd', 'utf8')}`)
  const shadow = file('shadow', `${username}:${hashed.stdout.trim()}:19000:0:99999:7:::\n`)
  const env: Record<string, string> = { NSS_WRAPPER_PASSWD: passwd, NSS_WRAPPER_SHADOW: shadow, NSS_WRAPPER_GROUP: '/etc/group' }
  const libraries = [library('libnss_wrapper.so', 'libnss-wrapper')]
  const passdb = file('passdb', `${username}:${password}:sshd\n`)
  if (pam) {
    libraries.push(library('libpam_wrapper.so', 'libpam-wrapper'))
    const matrix = `${library('pam_wrapper/pam_matrix.so', 'libpam-wrapper')} passdb=${passdb}`
    mkdirSync(join(directory, 'pam.d'))
    file('pam.d/sshd', ['auth', 'account', 'password', 'session'].map(type => `${type} required ${matrix}\n`).join(''))
    Object.assign(env, { PAM_WRAPPER: '1', PAM_WRAPPER_SERVICE_DIR: join(directory, 'pam.d') })
  }
  env['LD_PRELOAD'] = libraries.join(' ')
  return { username, password, home, env, cleanUp: () => removeCopies(passdb) }
}

const DIRECTORIES = ['/usr/lib', '/usr/lib64', '/usr/local/lib']

/** The path of a library; Debian has a directory for each architecture. A missing one would only be a warning of the linker. */
function library(name: string, packageName: string): string {
  const places = DIRECTORIES.flatMap(directory => [
    directory,
    ...(existsSync(directory) ? readdirSync(directory).map(one => join(directory, one)) : []),
  ])
  const found = places.map(place => join(place, name)).find(path => existsSync(path))
  if (found === undefined) throw new Error(`"${name}" is missing: install the package ${packageName}`)
  return found
}

/** pam_wrapper copies its settings to `/tmp/pam.X`, a copy for each process, and removes it only where that ends as processes of sshd do not. */
function removeCopies(passdb: string): void {
  for (const name of readdirSync('/tmp').filter(one => /^pam\..$/.test(one))) {
    const service = join('/tmp', name, 'sshd')
    if (existsSync(service) && readFileSync(service, 'utf8').includes(passdb)) rmSync(join('/tmp', name), { recursive: true, force: true })
  }
}
