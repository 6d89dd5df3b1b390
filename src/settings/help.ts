import { MIRROR_SYNTAX } from './command-line.ts'
import { environmentName } from './flags.ts'
import type { InputDescription } from './input-traits.ts'
import { findInput, hasTrait, inputsWith } from './inputs.ts'

const WIDTH = 100

const EXIT_CODES = `Exit codes:
  0 success · 1 refs rejected or diverged, or an error at the remote · 2 invalid settings
  3 host not trusted, or credentials refused · 4 network error · 70 a bug in this program`

export const overview = (version: string): string => `repository-mirroring ${version}
Keep a git repository and its mirror in sync.

Usage:
  repository-mirroring mirror FROM TO [flags]   make TO equal to FROM: branches and tags
  repository-mirroring mirror --config FILE     the same for every mirror of a file
  repository-mirroring plan FROM TO [flags]     show what mirror would do; change nothing
  repository-mirroring verify FROM TO [flags]   check that both are equal; change nothing
  repository-mirroring purge-backups FROM TO    list the backups at TO; with --no-dry-run, remove them
  repository-mirroring host-keys HOST[:PORT]    show the host keys of an SSH server, for you to verify
  repository-mirroring keygen [URL] [flags]     make a key pair for one mirror
  repository-mirroring public-key [URL]         show the public half of a private key, and where to register it
  repository-mirroring demo                     see it at work on a temporary server
  repository-mirroring COMMAND --help           all flags of a command

FROM and TO are ssh://, git@host:path, https:// or file:// URLs, or paths. FROM is always the source.
${EXIT_CODES}
`

/** The commands with two repositories, FROM and TO. */
export type RepositoryCommand = 'mirror' | 'plan' | 'verify' | 'purge-backups'

const SUMMARIES: Readonly<Record<RepositoryCommand, string>> = {
  mirror: 'Make the branches and tags of TO equal to those of FROM. A ref is changed only if it is still as the run read it.',
  plan: 'Show what `mirror` would do. Reads both sides, changes neither.',
  verify: `Check that the branches and tags of TO are equal to those of FROM, and report each difference.
Reads both sides, changes neither. Exits with 1 if they differ, unless --fail-on never.
Flags of \`mirror\` that are only about changes are accepted, but have no effect.`,
  'purge-backups': `List the backups at TO of the branches and tags that --branches and --tags select. With --no-dry-run, remove them.
Nothing else is changed. To select no tag, write --tags '!*'. If a secret was pushed, revoke it first (docs/backups.md).`,
}

const hasEffect = (command: RepositoryCommand, name: string): boolean =>
  command === 'mirror' ||
  (command === 'plan' ? name !== 'dry-run' : !hasTrait(name, 'changes') || (command === 'purge-backups' && name === 'dry-run'))

/** The help of such a command, made from the descriptions of the inputs. */
export function commandHelp(command: RepositoryCommand): string {
  const inputs = MIRROR_SYNTAX.inputs.map(name => findInput(name)).filter(input => input !== undefined)
  const flags = inputs.filter(({ name }) => !hasTrait(name, 'secret') && hasEffect(command, name))
  const secrets = inputs.filter(({ name }) => hasTrait(name, 'secret'))
  return `${SUMMARIES[command]}

Usage:
  repository-mirroring ${command} FROM TO [flags]
  repository-mirroring ${command} --config FILE [--only NAMES] [--jobs N] [--json] [--verbose]

FROM is always the source. By default FROM is your own repository and TO is the remote one.
With --direction pull, FROM is the remote one and TO is your own.
With --direction bidirectional, changes are copied in both directions, and FROM is your own.
"auth-secret" and "--username" are for the remote one, "token" is for your own.

--config names a YAML file with many mirrors (docs/many-mirrors.md). --only selects some of them.
--jobs (4) run at a time. If one fails, the others still run. The exit code is the worst of all.

Flags:
${flags.map(flag => entry(hasTrait(flag.name, 'boolean') ? `--[no-]${flag.name}` : `--${flag.name} VALUE`, describe(flag))).join('\n')}
${inputsWith('file')
  .map(name => entry(`--${name}-file PATH`, `--${name} from a file`))
  .join('\n')}
${entry('--json', 'print the report as JSON')}
${entry('--verbose', 'print more on stderr')}

Secrets are never flags. Set each in a variable, or in a file:
${secrets
  .map(({ name, description }) =>
    entry(`${environmentName(name)}, --${name}-file PATH`, description.replace('the repository of the run', 'your own repository')),
  )
  .join('\n')}

${EXIT_CODES}
`
}

const describe = ({ description, default: value = '' }: InputDescription): string =>
  value === '' || value === 'false' || description.includes('Default:') ? description : `${description}. Default: ${value}`

/** A flag on its own line, its description wrapped and indented below. */
function entry(flag: string, description: string): string {
  const lines: string[] = ['']
  for (const word of description.replaceAll('`', '').split(' ')) {
    const current = lines.at(-1) ?? ''
    if (current.length + word.length + 7 > WIDTH) lines.push(word)
    else lines[lines.length - 1] = current === '' ? word : `${current} ${word}`
  }
  return [`  ${flag}`, ...lines.map(line => `      ${line}`)].join('\n')
}
