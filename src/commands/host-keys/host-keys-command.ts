import type { HostKeyQuestion } from '../../host-keys/detection.ts'
import { parseKnownHostKeys } from '../../host-keys/known-hosts.ts'
import { parseSshAuthority } from '../../remote/authority.ts'
import { problemWith, type UrlProblem } from '../../remote/parts.ts'
import type { SettingsContext } from '../../settings/context.ts'
import { type CommandLine, parseFlags } from '../../settings/flags.ts'
import type { RawInputs } from '../../settings/inputs.ts'
import { settingsFailure } from '../../settings/problems.ts'
import { parseUrl } from '../../settings/url.ts'
import { quoted } from '../../settings/values.ts'

export const HOST_KEYS_HELP = `Show all host keys of an SSH server, and compare them with the known ones. Trusts none of them and sends no credentials.

Usage:
  repository-mirroring host-keys HOST[:PORT] [flags]

HOST is a name or an address ([ADDRESS]:PORT for IPv6), or an SSH URL.
The lines for known-host-keys go to stdout (\`> hosts\` keeps them), the fingerprints and instructions to stderr.

Flags:
  --known-host-keys VALUE
      known keys of the server: known_hosts lines, public keys or SHA256: fingerprints; may be repeated
  --known-host-keys-file PATH
      the same from a file, e.g. ~/.ssh/known_hosts
  --json
      print everything as JSON

Exit codes:
  0 no key differs from the known ones · 1 not an SSH server · 2 invalid settings
  3 a known key was changed, or one is revoked · 4 network error
`

/** Reads `HOST[:PORT] [flags]`; the host becomes the input `remote-url`. Pure. */
export function parseHostKeysCommand(args: readonly string[]): CommandLine {
  const line = parseFlags(args, { inputs: ['known-host-keys'], switches: ['json'], positional: 1 })
  return { ...line, raw: { ...line.raw, 'remote-url': line.positional[0] ?? '' } }
}

/**
 * The server to ask for its host keys, and its known keys, from `remote-url` and `known-host-keys`. Pure.
 * @param options `hostAlone`: accepts `HOST` and `HOST:PORT` besides an ssh URL; `earlier`: problems found while the inputs were read
 * @throws Failure `settings-invalid` with every problem at once
 */
export function parseHostKeyQuestion(
  raw: RawInputs,
  context: SettingsContext,
  { hostAlone, earlier = [] }: { readonly hostAlone: boolean; readonly earlier?: readonly string[] },
): HostKeyQuestion {
  const { nameOf } = context
  const problems = [...earlier]
  const text = raw['remote-url']?.trim() ?? ''
  const server = text === '' ? null : parseServer(text, hostAlone, context)
  if (server === null) problems.push(`${nameOf('remote-url')} ${MISSING}`)
  else if ('problem' in server) problems.push(`${nameOf('remote-url')}: ${server.problem}`)
  const known = parseKnownHostKeys(raw['known-host-keys'] ?? '')
  problems.push(...known.problems.map(problem => `${nameOf('known-host-keys')}: ${problem}`))
  if (problems.length > 0 || server === null || 'problem' in server) throw settingsFailure(problems)
  const warnings = known.warnings.map(warning => `${nameOf('known-host-keys')}: ${warning}`)
  return { ...server, configured: known.entries, warnings }
}

const SSH_PORT = 22
const MISSING = 'is missing; give the host, or an ssh URL, e.g. ssh://git@example.com:2222/group/project.git'

function parseServer(text: string, hostAlone: boolean, context: SettingsContext): Pick<HostKeyQuestion, 'host' | 'port'> | UrlProblem {
  const alone = text.replace(/^ssh:\/\/([^/]*)\/?$/, '$1')
  if (hostAlone && !alone.includes('/')) {
    const authority = parseSshAuthority(alone, '')
    if (!('problem' in authority)) return { host: authority.host, port: authority.port ?? SSH_PORT }
    // A colon before a path: `git@example.com:project`.
    if (!/:\D/.test(alone)) return problemWith(`${authority.problem}: ${quoted(text)}`)
  }
  if (/^https?:/i.test(text)) return noServer(text, 'a web server has a certificate instead')
  if (/^git:/i.test(text)) return noServer(text, 'nothing identifies a server of `git://`')
  const url = parseUrl(text, context)
  if ('problem' in url) return url
  return url.protocol === 'ssh' ? { host: url.host, port: url.port ?? SSH_PORT } : noServer(text, 'a path has no server')
}

const noServer = (text: string, why: string): UrlProblem =>
  problemWith(`only ssh servers have host keys, and ${quoted(text)} is no ssh URL: ${why}`)
