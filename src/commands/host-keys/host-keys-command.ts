import { type CommandLine, nearestTo } from '../../settings/command-line.ts'
import type { InputName } from '../../settings/inputs.ts'
import { redactUrls } from '../../text/redact.ts'

const FLAGS = ['known-host-keys', 'known-host-keys-file', 'json', 'help']

export const HOST_KEYS_HELP = `Show all host keys of an SSH server, compared with what is known of it. Trusts none of them and sends no credentials.

Usage:
  repository-mirroring host-keys HOST[:PORT] [flags]

HOST is a name or an address ([ADDRESS]:PORT for IPv6), or an ssh URL. 
The lines for known-host-keys go to stdout (\`> hosts\` keeps them), the fingerprints and what to do with them to stderr.

Flags:
  --known-host-keys VALUE
      what you know of the server: known_hosts lines, public keys or SHA256: fingerprints; may be given more than once
  --known-host-keys-file PATH
      the same from a file, e.g. ~/.ssh/known_hosts
  --json
      print everything as JSON

Exit codes:
  0 no key contradicts what is known · 2 settings · 3 a known key was changed, or one is revoked · 4 network
  1 it is no SSH server
`

/** Reads `HOST[:PORT] [flags]`; the host becomes the input `remote-url`. Pure. */
export function parseHostKeysCommand(args: readonly string[]): CommandLine {
  const problems: string[] = []
  const hosts: string[] = []
  const known: string[] = []
  const files: { input: InputName; path: string }[] = []
  const switches = new Set<string>()
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    const [, name = '', , attached = null] = /^--([^=]*)(=(.*))?$/s.exec(arg) ?? []
    if (arg === '-h') switches.add('help')
    else if (!arg.startsWith('-')) hosts.push(arg)
    else if (name === 'json' || name === 'help') switches.add(name)
    else if (name === 'known-host-keys' || name === 'known-host-keys-file') {
      const value = attached ?? args[++index]
      if (value === undefined) problems.push(`--${name} needs a value`)
      else if (name === 'known-host-keys') known.push(value)
      else files.push({ input: 'known-host-keys', path: value })
    } else {
      const nearest = nearestTo(name, FLAGS)
      problems.push(`unknown flag ${redactUrls(arg.split('=', 1)[0] ?? '')}${nearest === null ? '' : `; did you mean --${nearest}?`}`)
    }
  }
  if (hosts.length > 1) problems.push(`too many arguments: ${redactUrls(hosts.slice(1).join(' '))}`)
  if (known.length > 0 && files.length > 0) problems.push('--known-host-keys and --known-host-keys-file exclude each other')
  const raw = { 'remote-url': hosts[0] ?? '', 'known-host-keys': known.join('\n') }
  return { raw, files, json: switches.has('json'), verbose: false, help: switches.has('help'), problems }
}
