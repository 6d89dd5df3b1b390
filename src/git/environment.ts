import { GIT_FILE_BYTES } from '../limits/limits.ts'
import { isWeb } from '../remote/server.ts'
import type { Protocol } from '../remote/url.ts'

/** How git reaches one side: settings and variables for this one remote, credentials among them. Given to a child process, never to disk or argv. */
export interface GitAccess {
  readonly protocol: Protocol
  readonly config: readonly (readonly [key: string, value: string])[]
  readonly variables: Readonly<Record<string, string>>
}

/**
 * The variables that every git gets from the surrounding environment: the places of programs and temporary files, and the authorities for TLS.
 * All else (GIT_*, SSH_*, HOME with its .netrc and .gitconfig) stays outside.
 */
const INHERITED = [
  ...['PATH', 'TMPDIR', 'TMP', 'TEMP', 'SystemRoot', 'SYSTEMROOT', 'COMSPEC', 'PATHEXT', 'GIT_EXEC_PATH'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO', 'GIT_SSL_CAPATH'],
  // At the end of a job the runner ends the processes that carry it.
  'RUNNER_TRACKING_ID',
]

/** How to reach a server over HTTP. The password of a proxy may stand in it, which is no business of a git that speaks to none. */
const PROXIES = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy', 'NO_PROXY', 'no_proxy']

/** Rules for every git process of ours. */
const CONFIG: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.askPass', ''],
  ['credential.helper', ''],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['fetch.writeCommitGraph', 'false'],
  ['fetch.recurseSubmodules', 'no'],
  // Keeps each received pack as it came: no time is lost on unpacking, and its size is what was moved.
  ['fetch.unpackLimit', '1'],
  ['core.bigFileThreshold', String(GIT_FILE_BYTES)],
  ['push.recurseSubmodules', 'no'],
  ['push.followTags', 'false'],
  ['push.gpgSign', 'false'],
  ['submodule.recurse', 'false'],
  ['advice.pushUpdateRejected', 'false'],
  ['protocol.version', '2'],
]

/**
 * The environment of a git process: closed to the user's and the machine's configuration, in English, without prompts. It
 * allows the one protocol that the remote's URL names (git-config(1), GIT_ALLOW_PROTOCOL in git(1)).
 * @param home an empty directory of ours
 */
export function gitEnvironment(inherited: NodeJS.ProcessEnv, home: string, access: GitAccess | null): Record<string, string> {
  const config = [...CONFIG, ...(access?.config ?? [])]
  const env: Record<string, string> = {}
  for (const name of access !== null && isWeb(access) ? [...INHERITED, ...PROXIES] : INHERITED) {
    const value = inherited[name]
    if (value !== undefined) env[name] = value
  }
  Object.assign(env, {
    HOME: home,
    XDG_CONFIG_HOME: home,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_ALLOW_PROTOCOL: access?.protocol ?? 'none',
    GIT_CONFIG_COUNT: String(config.length),
    ...access?.variables,
  })
  config.forEach(([key, value], index) => {
    env[`GIT_CONFIG_KEY_${index}`] = key
    env[`GIT_CONFIG_VALUE_${index}`] = value
  })
  return env
}
