import { looksLikePrivateKey } from '../credentials/private-key.ts'
import type { Kind } from '../errors/kinds.ts'
import { Failure } from '../failure.ts'
import { parseKnownHostKeys } from '../host-keys/known-hosts.ts'
import { PRUNE } from '../plan/plan.ts'
import { parseRemoteUrl, type RemoteUrl } from '../remote/url.ts'
import { findInput, type InputName, type RawInputs } from './inputs.ts'
import { FAIL_ON, type Remote, type Settings } from './settings.ts'
import { type Parsed, parseBoolean, parseChoice, parseChoices, parseMaxDeletions, parsePatterns, parseWholeNumber } from './values.ts'

/** What the surroundings tell a run besides its inputs. */
export interface Surroundings {
  /** Web address of the server of the run (GITHUB_SERVER_URL); null on a command line. */
  readonly serverUrl: string | null
  /** What the user called each input: `remote-url`, or `TO` on a command line. */
  readonly nameOf: (input: InputName) => string
  /** Makes a local path absolute: git runs in another directory. */
  readonly resolvePath: (path: string) => string
  /** Whether `C:\\x` is a path. */
  readonly windows: boolean
  /** Whether a token can be the one that the runner made for this run. It belongs to the server of the run, and is the input's default everywhere. */
  readonly isTokenOfRun: (token: string) => boolean
}

interface Problem {
  readonly text: string
  readonly kind?: Kind
}

/**
 * Raw inputs → settings. Pure.
 * @throws Failure with every problem at once, each with the input's name, the value (never a secret's) and what is allowed
 */
export function parseSettings(raw: RawInputs, surroundings: Surroundings): Settings {
  const problems: Problem[] = []
  const warnings: string[] = []
  const note = (input: InputName, text: string, kind?: Kind) =>
    void problems.push({ text: `${surroundings.nameOf(input)}: ${text}`, ...(kind && { kind }) })
  const textOf = (input: InputName): string => raw[input]?.trim() || findInput(input)?.default || ''
  const read = <T>(input: InputName, parse: (text: string) => Parsed<T>, otherwise: T): T => {
    const text = textOf(input)
    if (text === '') return otherwise
    const parsed = parse(text)
    if ('value' in parsed) return parsed.value
    note(input, parsed.problem)
    return otherwise
  }
  const flag = (input: InputName) => read(input, parseBoolean, false)

  const allowInsecureHttp = flag('allow-insecure-http')
  const remote = (input: InputName, text: string, secretInput: InputName, given: string): Remote | null => {
    const options = { allowInsecureHttp, windows: surroundings.windows }
    const asGiven = parseRemoteUrl(text, options)
    const isPath = !('problem' in asGiven) && asGiven.protocol === 'file' && !text.startsWith('file://')
    const parsed = isPath ? parseRemoteUrl(surroundings.resolvePath(text), options) : asGiven
    if ('problem' in parsed) {
      note(input, parsed.problem)
      return null
    }
    const secret = given.trim() === '' ? parsed.secret() : given
    if (parsed.hasSecret)
      warnings.push(`${surroundings.nameOf(input)}: the URL holds credentials; put them in ${surroundings.nameOf(secretInput)} instead`)
    if (parsed.protocol === 'ssh') checkSshSecret(secret, problem => note(secretInput, problem.text, problem.kind))
    else if (secret !== null && looksLikePrivateKey(secret)) {
      note(secretInput, `is an SSH private key, but the URL ${parsed} is not an ssh URL; give a token or password, or an ssh URL`)
    }
    const passphrase = raw['ssh-key-passphrase'] || null
    return {
      url: parsed,
      username: parsed.user ?? usernameFor(parsed, input === 'remote-url' ? textOf('username') : ''),
      secret,
      passphrase,
    }
  }

  const thereUrl = raw['remote-url']?.trim() ?? ''
  if (thereUrl === '') note('remote-url', 'is missing; give the URL of the mirror, e.g. ssh://git@example.com/group/project.git')
  const there = thereUrl === '' ? null : remote('remote-url', thereUrl, 'auth-secret', raw['auth-secret'] ?? '')
  const hereUrl = sourceUrl(raw, surroundings, note)
  const here = hereUrl === null ? null : withoutForeignToken(remote(hereUrl.input, hereUrl.url, 'token', raw.token ?? ''), surroundings)

  const knownHostKeys = raw['known-host-keys'] ?? ''
  const keys = parseKnownHostKeys(knownHostKeys)
  for (const problem of keys.problems) note('known-host-keys', problem)
  warnings.push(...keys.warnings.map(warning => `${surroundings.nameOf('known-host-keys')}: ${warning}`))

  const settings = {
    knownHostKeys,
    selection: { branches: read('branches', parsePatterns, []), tags: read('tags', parsePatterns, []) },
    keepDivergent: flag('keep-divergent'),
    prune: read('prune', text => parseChoice(text, PRUNE), 'merged'),
    maxDeletions: read('max-deletions', parseMaxDeletions, 'default' as const),
    allowUnrelated: flag('allow-unrelated'),
    atomic: flag('atomic'),
    pushOptions: (raw['push-options'] ?? '').split(/\r?\n/).filter(line => line.trim() !== ''),
    dryRun: flag('dry-run'),
    retries: read('retries', text => parseWholeNumber(text, { from: 0, to: 10 }), 3),
    failOn: read('fail-on', text => parseChoices(text, FAIL_ON), new Set<never>()),
    caCertificate: raw['ca-certificate']?.trim() || null,
    serverUrl: surroundings.serverUrl,
    warnings,
  }
  if (settings.failOn.has('never') && settings.failOn.size > 1) note('fail-on', '`never` excludes the others')
  if (settings.keepDivergent && settings.prune === 'all') note('prune', '`all` contradicts `keep-divergent`, which deletes nothing')
  if (settings.caCertificate !== null && !settings.caCertificate.includes('-----BEGIN CERTIFICATE-----')) {
    note('ca-certificate', 'must be certificates in PEM (-----BEGIN CERTIFICATE-----)')
  }
  if (here !== null && there !== null && here.url.toString() === there.url.toString())
    note('remote-url', `is the same repository as the source: ${there.url}`)
  if (problems.length > 0 || here === null || there === null) throw settingsFailure(problems)
  return Object.freeze({ here, there, ...settings })
}

function settingsFailure(problems: readonly Problem[]): Failure {
  const [first] = problems
  if (problems.length === 1 && first) return new Failure(first.kind ?? 'settings-invalid', first.text)
  return new Failure('settings-invalid', `${problems.length} problems:\n${problems.map(({ text }) => `- ${text}`).join('\n')}`)
}

function checkSshSecret(secret: string | null, note: (problem: Problem) => void): void {
  if (secret === null) note({ text: 'is missing: an ssh URL needs a private key', kind: 'credentials-missing' })
  else if (!looksLikePrivateKey(secret)) note({ text: 'is not a private key, which an ssh URL needs', kind: 'secret-not-a-key' })
}

/** The token of the run is for the server of the run alone: another host would only learn it. */
function withoutForeignToken(remote: Remote | null, { serverUrl, isTokenOfRun }: Surroundings): Remote | null {
  if (remote === null || remote.secret === null || remote.url.protocol === 'ssh' || serverUrl === null || !isTokenOfRun(remote.secret))
    return remote
  const server = new URL(serverUrl)
  const port = server.port === '' ? null : Number(server.port)
  const isOurs =
    remote.url.host === server.hostname.replace(/^\[|\]$/g, '') && remote.url.port === port && `${remote.url.protocol}:` === server.protocol
  return isOurs ? remote : { ...remote, secret: null }
}

/** Where the repository of the run is: its URL, or `owner/name` on the server of the run. */
function sourceUrl(
  raw: RawInputs,
  { serverUrl }: Surroundings,
  note: (input: InputName, text: string) => void,
): { input: InputName; url: string } | null {
  const url = raw['repository-url']?.trim()
  if (url) return { input: 'repository-url', url }
  const repository = raw.repository?.trim()
  if (!repository || serverUrl === null) {
    note('repository', 'is missing; give owner/name, or a URL in repository-url')
    return null
  }
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    note('repository', `must be owner/name, not ${JSON.stringify(repository)}; a URL goes into repository-url`)
    return null
  }
  return { input: 'repository', url: `${serverUrl.replace(/\/+$/, '')}/${repository}.git` }
}

/** What each forge expects as the user name next to a token. */
function usernameFor({ protocol, host }: RemoteUrl, given: string): string {
  if (given !== '') return given
  if (protocol === 'ssh') return 'git'
  if (/(?:^|\.)gitlab\./.test(host)) return 'oauth2'
  return /(?:^|\.)bitbucket\.org$/.test(host) ? 'x-token-auth' : 'x-access-token'
}
