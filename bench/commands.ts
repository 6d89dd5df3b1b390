import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '../test/support/temporary-directory.ts'
import { type Command, type Measured, measure } from './measure.ts'
import { clientEnvironment, type Route, type Servers, type Side } from './servers.ts'

const BUNDLE = join(import.meta.dirname, '../dist/index.js')

/** From one repository to another, by their names at the servers. */
export interface Journey {
  readonly servers: Servers
  readonly route: Route
  readonly from: string
  readonly to: string
}

/** Our program, started as on a terminal. */
export const ours = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Command => ({
  program: process.execPath,
  args: [BUNDLE, ...args],
  env: { PATH: clientEnvironment()['PATH'] ?? '', HOME: temporaryDirectory(), LC_ALL: 'C', ...env },
})

/** Starting node, and nothing else. */
export const nodeStart = (): Command => ({ ...ours([]), args: ['-e', '0'] })

/** @param flags for `mirror` and `plan` alike, such as `--transfer relay` */
export function mirrorCommand(command: 'mirror' | 'plan', journey: Journey, flags: readonly string[]): Command {
  const { servers, route, from, to } = journey
  const isSsh = route.protocol === 'ssh'
  const trust = isSsh ? ['--known-host-keys-file', servers.knownHostsFile] : ['--ca-certificate-file', servers.caFile]
  const secret = isSsh ? servers.ssh.privateKey : servers.http.token
  return ours([command, servers.url(route, 'source', from), servers.url(route, 'destination', to), ...trust, ...flags], {
    REPOSITORY_MIRRORING_TOKEN: secret,
    REPOSITORY_MIRRORING_AUTH_SECRET: secret,
  })
}

/** The commands to use without our program. Their memory is not measured. */
export async function cloneAndPush({ servers, route, from, to }: Journey): Promise<Measured> {
  const clone = join(temporaryDirectory(), 'clone.git')
  try {
    const cloned = await measure(git(servers, route, ['clone', '-q', '--mirror', servers.url(route, 'source', from), clone]))
    const pushed = await measure(git(servers, route, ['-C', clone, 'push', '-q', '--mirror', servers.url(route, 'destination', to)]))
    return { ms: cloned.ms + pushed.ms, peakBytes: null, stdout: '' }
  } finally {
    rmSync(clone, { recursive: true, force: true })
  }
}

export const lsRemote = ({ servers, route, from, to }: Journey, side: Side): Command =>
  git(servers, route, ['ls-remote', servers.url(route, side, side === 'source' ? from : to)])

/** Git's own client with the same credentials, and without an extra round trip to find out that it needs them. */
function git(servers: Servers, route: Route, args: readonly string[]): Command {
  const environment = clientEnvironment()
  if (route.protocol === 'ssh') {
    const options = ['IdentitiesOnly=yes', 'BatchMode=yes', `UserKnownHostsFile=${servers.knownHostsFile}`].flatMap(option => [
      '-o',
      option,
    ])
    environment['GIT_SSH_COMMAND'] = ['ssh', '-F', 'none', '-i', servers.keyFile, ...options].join(' ')
  } else {
    const basic = Buffer.from(`${servers.http.user}:${servers.http.token}`).toString('base64')
    const count = Number(environment['GIT_CONFIG_COUNT'])
    environment['GIT_SSL_CAINFO'] = servers.caFile
    environment['GIT_CONFIG_COUNT'] = String(count + 1)
    environment[`GIT_CONFIG_KEY_${count}`] = 'http.extraHeader'
    environment[`GIT_CONFIG_VALUE_${count}`] = `Authorization: Basic ${basic}`
  }
  return { program: 'git', args, env: environment }
}
