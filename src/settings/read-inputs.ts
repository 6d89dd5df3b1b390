import { resolve } from 'node:path'
import { secretForms } from '../credentials/secret-forms.ts'
import { USUAL_USERNAMES } from '../credentials/usernames.ts'
import { messageOf } from '../errors/failure.ts'
import { readText } from '../host/file-text.ts'
import type { Host } from '../host/host.ts'
import { decodePercent } from '../remote/percent.ts'
import { parseRemoteUrl } from '../remote/url.ts'
import { fieldsOf, parseJson } from '../text/json.ts'
import { SECRET_VARIABLE } from './config/config.ts'
import { type CommandLine, environmentName } from './flags.ts'
import { INPUTS, type InputName, inputsWith, type RawInputs } from './inputs.ts'

/** The inputs of a step, from variables named `INPUT_` and the name in capitals, with hyphens (GitHub docs, "Metadata syntax"). Masks their secrets. */
export function readActionInputs(env: NodeJS.ProcessEnv, mask: Host['mask']): RawInputs {
  const raw = Object.fromEntries(INPUTS.map(({ name }) => [name, env[`INPUT_${name.toUpperCase()}`] ?? '']))
  maskProxies(env, mask)
  maskSecrets(raw, mask)
  return raw
}

/** Adds the inputs in environment variables and files to a command line. Masks their secrets. A file that cannot be read is a problem, and its input `unread`. */
export async function readLine(line: CommandLine, env: NodeJS.ProcessEnv, mask: Host['mask']) {
  const raw = { ...line.raw }
  const problems = [...line.problems]
  const unread: InputName[] = []
  for (const input of line.secrets) {
    const value = env[environmentName(input)]
    if (value !== undefined) raw[input] = value
  }
  maskProxies(env, mask)
  // The value of a variable is a secret even if a file replaces it.
  maskSecrets(raw, mask)
  for (const { input, path } of line.files) {
    try {
      raw[input] = await readText(resolve(path))
    } catch (error) {
      unread.push(input)
      problems.push(`--${input}-file: "${path}" could not be read: ${messageOf(error)}`)
    }
  }
  maskSecrets(raw, mask)
  return { ...line, raw, problems, unread }
}

/** The row of the matrix that a job of the reusable workflow runs, as JSON, with secrets by name: only the job knows which of them are missing. */
const ROW = 'REPOSITORY_MIRRORING_ROW'

/** Whether the job runs a row of a matrix, so that a file decided about its inputs. */
export const runsRow = (env: NodeJS.ProcessEnv): boolean => (env[ROW] ?? '') !== ''

/** The names of a job's secrets by input; empty unless the job runs a row of a matrix. */
export function secretNamesIn(env: NodeJS.ProcessEnv): ReadonlyMap<InputName, string> {
  const row = fieldsOf(parseJson(env[ROW] ?? ''))
  const named = inputsWith('secret').map(input => [input, row[input]] as const)
  return new Map(named.flatMap(([input, name]) => (typeof name === 'string' && SECRET_VARIABLE.test(name) ? [[input, name]] : [])))
}

/** Masks the passwords of proxies, which are only in the environment. */
export function maskProxies(env: NodeJS.ProcessEnv, mask: Host['mask']): void {
  for (const name of ['http_proxy', 'https_proxy', 'all_proxy'])
    for (const proxy of [env[name], env[name.toUpperCase()]]) {
      // A password may have an `@` of its own: the last one counts.
      const [, user = '', password = ''] = /^(?:[a-z0-9+.-]+:\/\/)?([^:@/]*):([^/]+)@/i.exec(proxy?.trim() ?? '') ?? []
      for (const form of new Set([password, decode(password)])) mask(secretForms(form, [user, decode(user)]))
    }
}

const decode = (text: string): string => decodePercent(text) ?? text

/** An encrypted key names its cipher between the lines, with hyphens (`DEK-Info: AES-256-CBC,…`). */
const KEY_BLOCK = /-----BEGIN (?:[A-Z]+ ){0,2}PRIVATE KEY-----(?:(?!-----)[\s\S])*-----END (?:[A-Z]+ ){0,2}PRIVATE KEY-----/g

/** Masks every secret of the inputs and their URLs, in each form in which it could be printed. */
export function maskSecrets(raw: RawInputs, mask: Host['mask']): void {
  const urls = inputsWith('url').flatMap(name => {
    const url = parseRemoteUrl(raw[name]?.trim() ?? '', { allowInsecureHttp: true })
    return 'problem' in url ? [] : [url]
  })
  // A key can stand beside its certificate, or by mistake in any other input.
  const keys = Object.values(raw).flatMap(text => text?.match(KEY_BLOCK) ?? [])
  const secrets = [...inputsWith('secret').map(name => raw[name]), ...urls.map(url => url.secret()), ...keys]
  const username = raw.username?.trim() ?? ''
  // HTTP's Basic scheme encodes a secret together with the user name before it.
  const users = [...USUAL_USERNAMES, 'git', username, decodePercent(username), ...urls.map(({ user }) => user)]
  const names = [...new Set(users.filter(user => user !== null))]
  mask([...new Set(secrets.flatMap(secret => secretForms(secret ?? '', names)))])
}

/** Variables in which runners give their own tokens to a step. */
const TOKENS_OF_RUN = ['GITHUB_TOKEN', 'GITEA_TOKEN', 'FORGEJO_TOKEN', 'ACTIONS_RUNTIME_TOKEN', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN']

/**
 * Whether a token is the one that the runner made for the run. GitHub's begin with `ghs_`. Those of Gitea and Forgejo look like any other token;
 * their runners usually set it in the environment as well. If they do not, any token may be it.
 * @param own the input `token`: the token of the run, unless the step sets it
 */
export function isTokenOfRun(token: string, env: NodeJS.ProcessEnv, own = ''): 'yes' | 'maybe' | 'no' {
  const given = token.trim()
  const named = TOKENS_OF_RUN.flatMap(name => env[name]?.trim() || [])
  if (named.includes(given)) return 'yes'
  const isGitHub = env['GITEA_ACTIONS'] !== 'true' && env['FORGEJO_ACTIONS'] !== 'true'
  // Elsewhere, or beside another such token, it can be the token of an app, for a mirror at another server of GitHub.
  if (given.startsWith('ghs_')) return isGitHub && (given === own || !own.startsWith('ghs_')) ? 'yes' : 'maybe'
  return isGitHub || named.length > 0 ? 'no' : 'maybe'
}
