import { Failure } from '../../errors/failure.ts'
import { parseRemoteUrl, type RemoteUrl } from '../../remote/url.ts'
import { type CommandLine, environmentName } from '../../settings/command-line.ts'
import { parseFlags } from '../../settings/flags.ts'
import type { RawInputs } from '../../settings/inputs.ts'
import { parseChoice, quoted } from '../../settings/values.ts'

const TYPES = ['ed25519', 'rsa'] as const
const PASSPHRASE_VARIABLE = environmentName('ssh-key-passphrase')

export const KEYGEN_HELP = `Make a key pair for one mirror, and say where each half goes. The private half is never shown unless you ask for it.

Usage:
  repository-mirroring keygen [URL] --out PATH                        into two files, PATH (0600) and PATH.pub (0644)
  repository-mirroring keygen [URL] --secret NAME --repo OWNER/NAME   into a secret of a GitHub repository, with \`gh\`
  repository-mirroring keygen [URL] --print                           to stdout

URL is that of the mirror; with it, the page where the public half is registered can be named.

Flags:
  --out PATH
      file for the private half; no file is ever overwritten
  --secret NAME, --repo OWNER/NAME
      store the private half as the secret NAME of this repository; gh reads it from its stdin, and no file is written
  --print
      print the private half, and nothing else, to stdout; the public half goes to stderr
  --type ed25519|rsa
      rsa makes 4096 bits, for servers that take nothing else. Default: ed25519
  --comment TEXT
      what the public half is called at the server. Default: repository-mirroring

${PASSPHRASE_VARIABLE}, --ssh-key-passphrase-file PATH
      encrypt the private half with this passphrase

The public half goes to stdout, all else to stderr.

Exit codes:
  0 made · 2 settings, or a file or secret that could not be written · 70 a bug of ours
`

export interface KeygenCommand extends CommandLine {
  readonly flags: ReturnType<typeof parseFlags>
}

/** Where the private half goes. */
export type PrivateKeyTarget =
  | { readonly to: 'file'; readonly path: string }
  | { readonly to: 'secret'; readonly name: string; readonly repository: string }
  | { readonly to: 'stdout' }

export interface KeyRequest {
  readonly type: (typeof TYPES)[number]
  readonly comment: string
  readonly passphrase: string | null
  readonly target: PrivateKeyTarget
  /** Of the mirror; null where it is not given. */
  readonly url: RemoteUrl | null
}

/** Reads the flags of `keygen`; files and their contents are for the caller. Pure. */
export function parseKeygenCommand(args: readonly string[], env: NodeJS.ProcessEnv): KeygenCommand {
  const values = ['type', 'out', 'comment', 'secret', 'repo', 'ssh-key-passphrase-file']
  const flags = parseFlags(args, { values, switches: ['print'], positional: 1 })
  const file = flags.values.get('ssh-key-passphrase-file')
  const passphrase = env[PASSPHRASE_VARIABLE]
  return {
    raw: { 'remote-url': flags.positional[0] ?? '', ...(passphrase !== undefined && { 'ssh-key-passphrase': passphrase }) },
    files: file === undefined ? [] : [{ input: 'ssh-key-passphrase', path: file }],
    ...{ json: false, verbose: false, help: flags.switches.has('help'), problems: flags.problems, flags },
  }
}

/**
 * What is asked for. Pure.
 * @param raw the inputs, contents of files included
 * @throws Failure `settings-invalid` with every problem at once
 */
export function readKeyRequest({ flags, problems: earlier }: KeygenCommand, raw: RawInputs): KeyRequest {
  const problems = [...earlier]
  const type = parseChoice(flags.values.get('type') ?? 'ed25519', TYPES)
  if ('problem' in type) problems.push(`--type: ${type.problem}`)
  const comment = flags.values.get('comment')?.trim() ?? 'repository-mirroring'
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(comment)) problems.push('--comment: must be one line, without control characters')
  const text = raw['remote-url']?.trim() ?? ''
  const url = text === '' ? null : parseRemoteUrl(text, { allowInsecureHttp: true })
  if (url !== null && 'problem' in url) problems.push(`URL: ${url.problem}`)
  const passphrase = raw['ssh-key-passphrase']?.replace(/\r?\n$/, '')
  if (passphrase === '') problems.push(`${PASSPHRASE_VARIABLE} (or --ssh-key-passphrase-file): is empty`)
  const target = readTarget(flags, problems)
  const [only] = problems
  if (problems.length === 1 && only !== undefined) throw new Failure('settings-invalid', only, HELP)
  if (target === null || 'problem' in type || problems.length > 0)
    throw new Failure('settings-invalid', `${problems.length} problems:\n${problems.map(problem => `- ${problem}`).join('\n')}`, HELP)
  return { type: type.value, comment, passphrase: passphrase ?? null, target, url: url === null || 'problem' in url ? null : url }
}

const HELP = { hint: 'see `keygen --help`' }

function readTarget({ values, switches }: KeygenCommand['flags'], problems: string[]): PrivateKeyTarget | null {
  const [path, name, repository] = ['out', 'secret', 'repo'].map(flag => values.get(flag))
  const given = [path, name].filter(value => value !== undefined).length + (switches.has('print') ? 1 : 0)
  if (given === 0)
    problems.push('where the private half goes is missing: give --out PATH, --secret NAME with --repo OWNER/NAME, or --print')
  if (given > 1) problems.push('--out, --secret and --print exclude each other')
  if (repository !== undefined && name === undefined) problems.push('--repo is of no use without --secret')
  if (name !== undefined && !/^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/i.test(name))
    problems.push(`--secret: must be letters, digits and underscores, not begin with a digit or GITHUB_, not ${quoted(name)}`)
  if (name !== undefined && repository === undefined) problems.push('--repo is missing: give the repository of the secret as OWNER/NAME')
  if (repository !== undefined && !/^(?:[\w.-]+(?::\d+)?\/)?\w[\w.-]*\/[\w.-]+$/.test(repository))
    problems.push(`--repo: must be OWNER/NAME, or HOST/OWNER/NAME, not ${quoted(repository)}`)
  if (name !== undefined && repository !== undefined) return { to: 'secret', name, repository }
  if (path !== undefined) return { to: 'file', path }
  return switches.has('print') ? { to: 'stdout' } : null
}
