import type { RemoteUrl } from '../../remote/url.ts'
import { type CommandLine, environmentName, parseFlags } from '../../settings/flags.ts'
import { settingsFailure } from '../../settings/problems.ts'
import { type Paths, parseUrl } from '../../settings/url.ts'
import { parseChoice, quoted } from '../../settings/values.ts'
import { GENERATED_TYPES, type GeneratedType } from '../../ssh/key-generation.ts'

const PASSPHRASE_VARIABLE = environmentName('ssh-key-passphrase')

export const KEYGEN_HELP = `Make a key pair for one mirror, and say where each half goes. The private half is never shown unless you ask for it.

Usage:
  repository-mirroring keygen [URL] --out PATH                        into two files, PATH (0600) and PATH.pub (0644)
  repository-mirroring keygen [URL] --secret NAME --repo OWNER/NAME   into a secret of a GitHub repository, with \`gh\`
  repository-mirroring keygen [URL] --print                           to stdout

URL is that of the mirror. With it, the output names the page to register the public half on.

Flags:
  --out PATH
      file for the private half; no file is ever overwritten
  --secret NAME, --repo OWNER/NAME
      store the private half as the secret NAME of this repository; gh reads it from its stdin, and no file is written
  --print
      print the private half, and nothing else, to stdout; the public half goes to stderr
  --type ed25519|rsa
      rsa makes 4096 bits, for servers that accept nothing else. Default: ed25519
  --comment TEXT
      name of the public half at the server. Default: repository-mirroring

${PASSPHRASE_VARIABLE}, --ssh-key-passphrase-file PATH
      encrypt the private half with this passphrase

The public half goes to stdout, everything else to stderr.

Exit codes:
  0 success · 2 invalid settings, or a file or secret that could not be written · 70 a bug in this program
`

/** The place of the private half. */
export type PrivateKeyTarget =
  | { readonly to: 'file'; readonly path: string }
  | { readonly to: 'secret'; readonly name: string; readonly repository: string }
  | { readonly to: 'stdout' }

export interface KeyRequest {
  readonly type: GeneratedType
  readonly comment: string
  readonly passphrase: string | null
  readonly target: PrivateKeyTarget
  /** URL of the mirror; null = not given. */
  readonly url: RemoteUrl | null
}

export const parseKeygenCommand = (args: readonly string[]): CommandLine =>
  parseFlags(args, {
    inputs: ['ssh-key-passphrase'],
    values: ['type', 'out', 'comment', 'secret', 'repo'],
    switches: ['print'],
    positional: 1,
  })

/**
 * The key to make. Pure.
 * @param line with the contents of files
 * @throws Failure `settings-invalid` with every problem at once
 */
export function readKeyRequest(line: CommandLine, context: Paths): KeyRequest {
  const { raw, values } = line
  const problems = [...line.problems]
  const type = parseChoice(values.get('type') ?? 'ed25519', GENERATED_TYPES)
  if ('problem' in type) problems.push(`--type ${type.problem}`)
  const comment = values.get('comment')?.trim() ?? 'repository-mirroring'
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(comment)) problems.push('--comment must be one line, without control characters')
  const text = line.positional[0]?.trim() ?? ''
  const url = text === '' ? null : parseUrl(text, context)
  if (url !== null && 'problem' in url) problems.push(`URL: ${url.problem}`)
  const passphrase = raw['ssh-key-passphrase']?.replace(/\r?\n$/, '')
  if (passphrase === '') problems.push(`${PASSPHRASE_VARIABLE} (or --ssh-key-passphrase-file) is empty`)
  const target = readTarget(line, problems)
  if (target === null || 'problem' in type || problems.length > 0) throw settingsFailure(problems, HELP)
  return { type: type.value, comment, passphrase: passphrase ?? null, target, url: url === null || 'problem' in url ? null : url }
}

const HELP = { hint: 'see `keygen --help`' }

function readTarget({ values, switches }: CommandLine, problems: string[]): PrivateKeyTarget | null {
  const [path, name, repository] = ['out', 'secret', 'repo'].map(flag => values.get(flag))
  const given = [path, name].filter(value => value !== undefined).length + (switches.has('print') ? 1 : 0)
  if (given === 0) problems.push('say where to put the private key: --out PATH, --secret NAME with --repo OWNER/NAME, or --print')
  if (given > 1) problems.push('--out, --secret and --print exclude each other')
  if (repository !== undefined && name === undefined) problems.push('--repo has no effect without --secret')
  if (name !== undefined && !/^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/i.test(name))
    problems.push(`--secret must be letters, digits and underscores, not begin with a digit or GITHUB_, not ${quoted(name)}`)
  if (name !== undefined && repository === undefined) problems.push('--repo is missing; give the repository of the secret as OWNER/NAME')
  if (repository !== undefined && !/^(?:[\w.-]+(?::\d+)?\/)?\w[\w.-]*\/[\w.-]+$/.test(repository))
    problems.push(`--repo must be OWNER/NAME, or HOST/OWNER/NAME, not ${quoted(repository)}`)
  if (name !== undefined && repository !== undefined) return { to: 'secret', name, repository }
  if (path !== undefined) return { to: 'file', path }
  return switches.has('print') ? { to: 'stdout' } : null
}
